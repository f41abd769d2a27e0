"""Looks that timed words change: read in both languages, painted over at the very frame."""

from __future__ import annotations

import numpy as np
import pytest

from playreel import film
from playreel.core import Bundle, load_bundle
from playreel.film.look import changes_look, drawn_by, look
from playreel.film.looks import in_their_looks
from playreel.footage.vocabulary import VOCABULARY

ASPECTS = {"place": "theme", "hour": "time_of_day", "weather": "weather", "style": "style"}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_word_that_the_model_was_taught_is_read(aspect: str) -> None:
    for value, ways in VOCABULARY[ASPECTS[aspect]].items():
        for words in (*ways["en"], *ways["zh"]):
            assert value in look(f"a fox, {words}").get(aspect, ()), (value, words)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a fox in a meadow by day", "a fox in a meadow at night", True),
        ("a fox in a meadow", "a fox in a meadow, snowing", True),
        ("a cave at night, torch light", "a cave at night, the torch goes out", False),
        ("a cave, torch light", "a cave, the torch goes out", True),
        ("草地上的狐狸，白天", "草地上的狐狸，夜晚", True),
        ("a fox runs right in a city", "a fox jumps left in a city", False),
        ("a fox in a city at night", "a fox runs", False),  # says nothing of the look
        ("a red fox", "a snow-white fox, pan left", False),
        ("a fox in a cave", "a dark green fox in a dark cavern", False),
        ("一只猫", "一只黑色的猫", False),
    ],
)
def test_what_changes_a_look(before: str, after: str, expected: bool) -> None:
    assert changes_look(before, after) is expected


@pytest.mark.parametrize("style", sorted(set(VOCABULARY["style"]) - {"pixel"}))
def test_a_style_is_exchanged_as_a_whole(style: str) -> None:
    hours = ("by day", "白天") if style == "neon" else ("at night", "夜晚")
    for words in VOCABULARY["style"][style]["en"]:
        asked = f"a white fox, {words}, at night, wide shot"
        assert drawn_by(asked) == (f"a white fox, pixel art, {hours[0]}, wide shot", True)
    for words in VOCABULARY["style"][style]["zh"]:
        assert drawn_by(f"白色的狐狸，{words}，夜晚，远景") == (
            f"白色的狐狸，像素，{hours[1]}，远景",
            True,
        )


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a white fox, pixel art, wide shot", "a white fox, pixel art, wide shot"),
        ("a fox", "a fox, pixel art, wide shot"),
        ("狐狸", "狐狸，像素画，远景"),
        ("a fox, close-up, 8-bit", "a fox, close-up, 8-bit"),
        ("a fox, neon, medium shot", "a fox, pixel art, medium shot, by day"),
        ("雨夜，霓虹，狐狸，远景", "雨白天，像素，狐狸，远景"),
        ("a fox, watercolour, tight shot", "a fox, pixel art, tight shot"),
        ("a fox, blueprint", "a fox, pixel art, wide shot, by day"),
        ("狐狸，水墨，特写", "狐狸，像素，特写，白天"),
        ("", "pixel art, wide shot"),
    ],
)
def test_what_a_text_leaves_open_is_the_model_s_own(text: str, drawn: str) -> None:
    assert drawn_by(text)[0] == drawn


def test_a_sketch_shows_the_size_of_the_shot_and_is_by_day_where_no_hour_is_named() -> None:
    assert drawn_by("a fox", by_sketch=True) == ("a fox, pixel art, by day", False)
    assert drawn_by("a fox at night", by_sketch=True) == ("a fox at night, pixel art", False)
    assert drawn_by("", by_sketch=True) == ("pixel art, by day", False)


class Painter:
    """Paints every frame black, and counts them."""

    def __init__(self) -> None:
        self.painted: list[str] = []

    def restyle(self, frames: np.ndarray, texts: list[str], **_: object) -> np.ndarray:
        self.painted += texts
        return np.zeros_like(frames)


def test_only_frames_of_another_look_are_painted() -> None:
    frames = np.full((9, 8, 8, 3), 200, np.uint8)
    texts = ["by day"] * 3 + ["at night"] * 5 + ["by day, it jumps"]
    painter = Painter()
    made = in_their_looks(painter, frames, texts, begun="by day")
    assert [bool(frame.any()) for frame in made] == [True] * 3 + [False] * 5 + [True]
    assert painter.painted == ["at night"] * 5
    assert frames.all()


FEW = {"num_steps": 1, "seed": 3}
TOLD = "a fox in a meadow [0s-0.25s: by day] [0.25s-0.5s: {}]"


def test_what_is_played_on_is_painted_over_from_the_very_frame(bundle: Bundle) -> None:
    model = bundle.film
    changed = film.shoot(model, TOLD.format("at night"), seconds=0.5, **FEW)
    same = film.shoot(model, TOLD.format("by day"), seconds=0.5, **FEW)
    assert np.array_equal(changed.frames[:3], same.frames[:3])
    assert not np.array_equal(changed.frames[3:], same.frames[3:])
    assert film.replay(model, changed.recipe, {}.__getitem__) == changed
    back = film.extend(
        model, same, seconds=0.5, direction="backward", prompt=TOLD.format("at night"), **FEW
    )
    assert np.array_equal(back.frames[6:], same.frames)  # what is kept is kept


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.weights
def test_a_change_lands_on_its_frame() -> None:
    changed = film.shoot(
        load_bundle("bundled").film, TOLD.format("at night"), seconds=0.5, num_steps=2, seed=3
    )
    assert changed.recipe.options["measured"]["timing"][0] <= 1
    dark, light = changed.frames[3:].mean(), changed.frames[:3].mean()
    assert dark < 0.85 * light, (dark, light)
