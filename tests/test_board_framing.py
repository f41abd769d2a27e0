"""One take in every shape: the window keeps who moves, squares stay squares, nothing is made anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel.board import Board
from playreel.board.framing import (
    FramingKey,
    ReframedClip,
    centers_of,
    find_keys,
    keys_from,
    keys_since,
    keys_text,
    window_of,
)
from playreel.board.subject import find_subject
from playreel.errors import InputError
from playreel.footage import render_episode, sample_spec, school
from playreel.media import Clip, probe, read_recipe
from playreel.media.fit import enlarge
from playreel.recipe import Recipe

HERO = np.array([(250, 40, 40), (40, 250, 40), (40, 40, 250), (250, 250, 40)], np.uint8)


def _walk(scroll: int, way: np.ndarray, seed: int = 0) -> Clip:
    """Somebody at column `way[t]` before a textured wall that scrolls by `scroll` px a frame."""
    rng = np.random.default_rng(seed)
    wall = rng.integers(90, 150, (9, 80, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    frames = []
    for index, column in enumerate(way):
        frame = wall[:, 100 + scroll * index : 228 + scroll * index].copy()
        body = HERO[(np.arange(14)[:, None] + index) // 4 % 4].repeat(10, 1)
        frame[40:54, int(column) - 5 : int(column) + 5] = body
        frames.append(frame)
    return Clip(np.stack(frames), 12, Recipe(operation="play", seed=seed))


WAYS = {
    "runs to the right": np.linspace(20, 110, 36),
    "runs to the left": np.linspace(105, 15, 36),
    "goes and comes back": 64 + 40 * np.sin(np.linspace(0, 6, 36)),
}


@pytest.mark.parametrize("scroll", [0, 3, -2])
@pytest.mark.parametrize("name", WAYS)
def test_who_moves_stays_in_the_window(name: str, scroll: int) -> None:
    way = WAYS[name]
    take = _walk(scroll if scroll > -3 else 0, way) if scroll >= 0 else _walk(2, way)
    centers = centers_of(find_keys(take, 9 / 16), len(take))
    half = 72 * 9 / 16 / 2
    middle = np.clip(centers[:, 0] * 128, half, 128 - half)
    inside = np.abs(middle - way) <= half - 5
    assert inside.mean() >= 0.95, (name, scroll, inside.mean())
    in_the_middle = np.abs(64 - way) <= half - 5
    assert in_the_middle.mean() < 0.75  # a fixed crop would lose it


def test_a_player_is_kept_in_a_played_session() -> None:
    """The world's own footage, whose camera keeps the hero in the middle column."""
    kept = []
    for seed in range(6):
        spec = sample_spec(np.random.default_rng((77, seed)), "narrow")
        take = Clip(render_episode(spec, 24).frames, 12)
        centers = centers_of(find_keys(take, 9 / 16), len(take))
        middle = np.clip(centers[:, 0] * 128, 20.25, 128 - 20.25)
        kept.append((np.abs(middle - 64) <= 20.25 - 5).mean())
    assert np.mean(kept) >= 0.9, kept


@pytest.mark.parametrize(("camera", "share"), [("shake", 0.9), ("pan right", 0.8)])
def test_a_hero_is_kept_while_the_camera_moves(camera: str, share: float, monkeypatch) -> None:
    """Footage whose hero walks before a camera that jolts or pans; where it is, the footage knows."""
    kept, fixed = [], []
    for seed in range(4):
        spec = sample_spec(np.random.default_rng((91, seed)), "film")
        spec = replace(spec, camera=camera, shots=(), aspect="16:9")
        centers: list[float] = []
        draw = school.crop

        def crop(frame, center, zoom, lift, draw=draw, centers=centers):
            centers.append(center[1])
            return draw(frame, center, zoom, lift)

        with monkeypatch.context() as patch:
            patch.setattr(school, "crop", crop)
            take = Clip(render_episode(spec, 32).frames, 12)
        hero = np.array(centers)
        way = centers_of(find_keys(take, 9 / 16), len(take))[:, 0] * 128
        there = (hero >= 6) & (hero <= 122)
        inside = np.abs(np.clip(way, 20.25, 128 - 20.25) - hero) <= 20.25 - 6
        kept.append(inside[there].mean())
        fixed.append((np.abs(64 - hero) <= 20.25 - 6)[there].mean())
    assert np.mean(kept) >= share, kept
    assert np.mean(kept) > np.mean(fixed) + 0.2


def test_nobody_leaves_the_window_in_the_middle() -> None:
    still = Clip(np.random.default_rng(0).integers(0, 255, (1, 72, 128, 3), np.uint8).repeat(9, 0))
    assert np.allclose(find_subject(still).centers, 0.5)
    assert find_subject(still).sure == 0
    assert keys_text(find_keys(still, 1.0)) == "0:0.500,0.500 8:0.500,0.500"
    assert np.allclose(find_subject(still[:1]).centers, 0.5)


def test_squares_stay_squares_at_every_place() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (72, 128, 3), np.uint8)
    big = enlarge(frame, 27)
    for x in (0.0, 0.31, 0.5, 0.77, 1.0):
        shown = window_of(frame, (1920, 1080), np.array([x, 0.5]))
        left = min(max(round(x * 128 * 27 - 540), 0), 128 * 27 - 1080)
        assert np.array_equal(shown, big[12 : 12 + 1920, left : left + 1080])
    large = np.zeros((720, 1280, 3), np.uint8)
    large[:, 900:] = 255
    shown = window_of(large, (1920, 1080), np.array([0.9, 0.5]))
    assert shown.shape == (1920, 1080, 3)
    assert (shown[:, 80:] > 250).all()
    assert (shown[:, :50] < 5).all()


def test_keys_are_read_kept_and_eased(tmp_path: Path) -> None:
    keys = keys_from("0:0.2,0.5 24:0.8,0.5")
    assert keys == (FramingKey(0, 0.2, 0.5), FramingKey(24, 0.8, 0.5))
    way = centers_of(keys, 40)[:, 0]
    assert way[0] == 0.2
    assert way[12] == pytest.approx(0.5)
    assert (way[24:] == 0.8).all()
    assert (np.diff(way) >= 0).all()
    assert np.diff(way)[0] < np.diff(way)[12] / 3  # eased
    assert keys_since("0:0.2,0.5 24:0.8,0.5", 12) == "0:0.500,0.500 12:0.800,0.500"
    board = Board(tmp_path)
    board.add(_walk(0, WAYS["runs to the right"]), framing="0:0.2,0.5 24:0.8,0.5")
    assert Board(tmp_path)[1].framing == "0:0.2,0.5 24:0.8,0.5"
    for text in ("0:2,0.5", "a", "0:0.1", "5:0.1,0.1 5:0.2,0.2", "9:0.1,0.1 5:0.2,0.2", "0:nan,0"):
        with pytest.raises(InputError):
            board.update(1, framing=text)


def test_one_session_in_three_shapes(tmp_path: Path) -> None:
    board = Board(tmp_path / "b")
    way = WAYS["runs to the right"][::3]
    shot = board.add(_walk(0, way), dialogue="Run!")
    takes = sorted((tmp_path / "b" / "takes").iterdir())
    wide = board.export(tmp_path / "wide.mp4", preset="landscape-1080p", reframe=True, sign=False)
    tall = board.export(
        tmp_path / "tall.mp4", preset="vertical-1080p", reframe=True, label=False, sign=False
    )
    loop = board.export(tmp_path / "loop.gif", preset="gif", reframe=True, label=False)
    assert [(probe(p).width, probe(p).height) for p in (wide, tall)] == [(1920, 1080), (1080, 1920)]
    with Image.open(loop) as image:
        assert image.size == (504, 504)
    assert sorted((tmp_path / "b" / "takes").iterdir()) == takes  # nothing was made anew
    frames = Clip.open(tall).frames
    assert len(frames) == 24
    for frame in frames:
        loud = (frame.max(-1).astype(int) - frame.min(-1) > 120).sum()
        assert loud > 0.5 * 14 * 10 * 27 * 27  # the hero is in the picture
    recipe = read_recipe(tall)
    assert recipe is not None
    assert recipe.parents == (shot.take.content_hash,)
    assert "1920x1080 " in recipe.options["reframe"][0]
    board.update(1, framing="0:0.0,0.5")
    moved = board.export(
        tmp_path / "moved.mp4", preset="vertical-1080p", reframe=True, label=False, sign=False
    )
    expected = enlarge(shot.take.frames[-1][:, :40], 27)[12:1932].astype(int)
    shown = Clip.open(moved).frames[-1].astype(int)
    assert (
        np.abs(shown - expected).mean() < 4
    )  # by the user's key, from the cache's point of view too


def test_a_window_is_a_clip() -> None:
    take = _walk(0, WAYS["runs to the left"][:6])
    window = ReframedClip(take, (96, 96), keys_from("0:0.5,0.5"))
    assert (len(window), window.size, window.fps) == (6, (96, 96), 12)
    assert window.frames[2].shape == (96, 96, 3)
    assert window.frames[1:3].shape == (2, 96, 96, 3)
    assert window.content_hash == take.content_hash
