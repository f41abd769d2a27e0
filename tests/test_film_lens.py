"""Zooms and shaking hands, cut out of made frames."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from playreel.film.director import direct
from playreel.film.lens import look_through
from playreel.footage.vocabulary import VOCABULARY


def pictures(count: int = 16) -> np.ndarray:
    """A pixel grid that tells every place from every other, the same in all frames."""
    y, x = np.mgrid[:72, :128]
    return np.repeat(np.stack([x, y, x ^ y], -1).astype(np.uint8)[None], count, 0)


def widths(frames: np.ndarray) -> list[int]:
    """How many source columns each frame shows."""
    return [len(np.unique(frame[..., 0])) for frame in frames]


def test_without_a_lens_move_nothing_changes():
    frames = pictures()
    texts = ["a fox runs right, tracking shot"] * 16
    assert look_through(frames, texts, joined=(False, False), seed=0) is frames


@pytest.mark.parametrize("words", ["zoom in", "镜头推近", "slow push in on the door"])
def test_a_zoom_in_starts_wide_and_ends_close(words):
    seen = widths(look_through(pictures(), [words] * 16, joined=(False, False), seed=0))
    assert seen[0] == 128
    assert seen[-1] == 64
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("words", ["zoom out", "镜头拉远"])
def test_a_zoom_out_starts_close_and_ends_wide(words):
    seen = widths(look_through(pictures(), [words] * 16, joined=(False, False), seed=0))
    assert seen[0] == 64
    assert seen[-1] == 128


def test_the_lens_is_where_it_was_next_to_kept_frames():
    for joined in ((True, False), (False, True), (True, True)):
        out = look_through(pictures(), ["zoom in"] * 16, joined=joined, seed=0)
        seen = widths(out)
        if joined[0]:
            assert seen[0] > 115
        if joined[1]:
            assert seen[-1] > 115
        assert min(seen) < 100


def test_a_shake_jolts_and_comes_back():
    out = look_through(pictures(12), ["handheld camera"] * 12, joined=(False, False), seed=3)
    centers = {tuple(frame[36, 64]) for frame in out}
    assert len(centers) > 4
    again = look_through(pictures(12), ["handheld camera"] * 12, joined=(False, False), seed=3)
    assert np.array_equal(out, again)


def test_moves_hold_for_the_frames_that_name_them():
    texts = ["a cave"] * 8 + ["a cave, zoom in"] * 8
    seen = widths(look_through(pictures(), texts, joined=(False, False), seed=0))
    assert seen[:8] == [128] * 8
    assert seen[-1] < 100


@pytest.mark.parametrize("move", VOCABULARY["camera"])
@pytest.mark.parametrize("prompt", ["little fox, town, {}", "狐狸，林间，{}"])
def test_every_way_to_say_a_move_is_understood_among_other_words(prompt, move):
    buttons = {"left": 1, "right": 2, "stay": 3}
    played = {
        "static": ("left", "right"),
        "pan left": ("left",),
        "tracking": ("stay", "right"),
    }.get(move, ("right",))
    model = SimpleNamespace(world=SimpleNamespace(buttons=buttons))
    for words in VOCABULARY["camera"][move]["en" if "fox" in prompt else "zh"]:
        texts = [prompt.format(words)] * 16
        assert set(direct(model, texts * 4, neighbours=None)) == {
            buttons[name] for name in played
        }, words
        seen = widths(look_through(pictures(), texts, joined=(False, False), seed=0))
        ends = {"zoom in": (128, 64), "zoom out": (64, 128)}.get(move)
        if ends:
            assert (seen[0], seen[-1]) == ends, words
        else:
            assert (min(seen) < 128) == (move == "shake"), words


@pytest.mark.parametrize("words", ["拉面店", "推门而入的狐狸", "一辆手推车"])
def test_a_word_that_holds_a_move_by_chance_is_none(words):
    frames = pictures()
    assert look_through(frames, [words] * 16, joined=(False, False), seed=0) is frames
