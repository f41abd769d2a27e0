"""Clips: immutable, exact at every rate, and the same after a file."""

from __future__ import annotations

import copy
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from playreel.errors import MediaError, PlayreelWarning
from playreel.media import Clip, as_fps, probe, read_recipe, sidecar_of
from playreel.recipe import Recipe

RATES = (12, 15, 16, Fraction(24000, 1001), 24, 25, 30, 60)
RECIPE = Recipe(operation="play", options={"prompt": "雪 fox"}, seed=3, actions=("right",) * 5)


def numbered(count: int, height: int = 32, width: int = 48) -> np.ndarray:
    """Frames that can be told apart after lossy coding: 8 bits as black and white blocks."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    for index in range(count):
        for bit in range(8):
            frames[index, :, bit * width // 8 : (bit + 1) * width // 8] = 235 * (index >> bit & 1)
    return frames


def numbers(frames: np.ndarray) -> list[int]:
    height, width = frames.shape[1:3]
    columns = (np.arange(8) * 2 + 1) * width // 16
    bits = frames[:, height // 2, columns, 1] > 117
    return [int((row << np.arange(8)).sum()) for row in bits]


def textured(count: int = 9, height: int = 24, width: int = 40) -> np.ndarray:
    wide = np.random.default_rng(0).integers(0, 256, (height, width + 3 * count, 3), np.uint8)
    return np.stack([wide[:, 3 * k : 3 * k + width] for k in range(count)])


def test_a_clip_never_changes() -> None:
    pixels = textured()
    clip = Clip(pixels, 12, RECIPE)
    before = clip.frames.copy()
    pixels[:] = 0
    assert np.array_equal(clip.frames, before)
    with pytest.raises(ValueError, match="read-only"):
        clip.frames[0, 0, 0, 0] = 1
    with pytest.raises(AttributeError):
        clip.fps = Fraction(24)
    again = copy.deepcopy(clip)
    assert again == clip
    assert not again.frames.flags.writeable


def test_slices_share_pixels_and_name_their_parent() -> None:
    clip = Clip(textured(), "12", RECIPE)
    part = clip[2:5]
    assert len(part) == 3
    assert np.shares_memory(part.frames, clip.frames)
    assert part.recipe is not None
    assert part.recipe.parents == (clip.content_hash,)
    assert clip.duration_s == pytest.approx(0.75)
    with pytest.raises(MediaError, match="9"):
        clip[9:12]


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 4, 4, 3), np.uint8),
        np.zeros((1, 0, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.float32),
        [],
        [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)],
    ],
)
def test_other_arrays_are_refused(bad: object) -> None:
    with pytest.raises(MediaError):
        Clip(bad, 12)


def test_rates_are_read_exactly() -> None:
    assert as_fps(23.976) == as_fps(23.98) == as_fps("24000/1001") == Fraction(24000, 1001)
    assert as_fps(29.97) == Fraction(30000, 1001)
    assert as_fps(12.5) == Fraction(25, 2)
    for bad in (0, -1, 1000, "x", "1/0", float("nan"), None, True):
        with pytest.raises(MediaError):
            as_fps(bad)


def test_twelve_to_twenty_four_holds_each_frame_twice() -> None:
    clip = Clip(numbered(7), 12).at_fps(24)
    assert numbers(clip.frames) == [k for k in range(7) for _ in (0, 1)]
    assert numbers(clip.at_fps(12).frames) == list(range(7))


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_films_are_frame_exact(fps: Fraction, tmp_path: Path) -> None:
    path = Clip(numbered(53), fps, RECIPE).save(tmp_path / "film.mp4")
    info = probe(path)
    assert (info.num_frames, info.fps) == (53, fps)
    back = Clip.open(path)
    assert numbers(back.frames) == list(range(53))
    assert (back.fps, back.recipe) == (fps, RECIPE)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert times == [k / Fraction(fps) for k in range(53)]


def test_films_are_tagged_playable_and_start_at_once(tmp_path: Path) -> None:
    path = Clip(numbered(5), 24).save(tmp_path / "film.mp4", scale=2)
    info = probe(path)
    assert (info.codec, info.pixel_format) == ("h264", "yuv420p")
    assert (info.width, info.height) == (96, 64)
    assert (info.color_matrix, info.color_primaries, info.color_transfer) == (1, 1, 1)
    assert not info.full_range
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"colr" in data[: data.index(b"mdat")]


def test_colours_survive_within_two(tmp_path: Path) -> None:
    colors = np.array(
        [
            (200, 30, 30),
            (30, 200, 30),
            (30, 30, 200),
            (250, 200, 20),
            (20, 200, 250),
            (255, 255, 255),
            (0, 0, 0),
            (128, 128, 128),
            (90, 20, 120),
            (240, 140, 90),
        ],
        np.uint8,
    )
    frame = np.repeat(np.repeat(colors[None], 16, axis=0), 16, axis=1)
    path = Clip(np.stack([frame] * 4), 12).save(tmp_path / "patches.mp4", scale=2)
    back = Clip.open(path).frames[:, 16, 16::32].astype(int)
    assert np.abs(back - colors).max() <= 2


@pytest.mark.parametrize("fps", [*RATES, Fraction(7, 3)], ids=str)
@pytest.mark.parametrize("suffix", [".mkv", ".png"])
def test_takes_come_back_identical(suffix: str, fps: Fraction, tmp_path: Path) -> None:
    frames = textured()
    frames[4] = frames[3]  # writers like to merge these
    clip = Clip(frames, fps, RECIPE)
    back = Clip.open(clip.save(tmp_path / f"take{suffix}"))
    assert back == clip
    assert back.content_hash == clip.content_hash


def test_odd_sizes(tmp_path: Path) -> None:
    clip = Clip(textured(3, 15, 7), 12)
    assert Clip.open(clip.save(tmp_path / "odd.mkv")) == clip
    assert Clip.open(clip.save(tmp_path / "odd.mp4")).size == (16, 8)
    dot = Clip(np.full((1, 1, 1, 3), 77, np.uint8), 12)
    assert Clip.open(dot.save(tmp_path / "dot.png")) == dot
    assert Clip.open(dot.save(tmp_path / "dot.mp4", scale=4)).size == (4, 4)


@pytest.mark.parametrize("fps", [8, 12, Fraction(24000, 1001), 24, 30, 50], ids=str)
def test_gif_keeps_rate_recipe_and_few_colours(fps: Fraction, tmp_path: Path) -> None:
    frames = (textured(12) >> 7) * np.uint8(255)
    frames[7] = frames[6]
    clip = Clip(frames, fps, RECIPE)
    path = clip.save(tmp_path / "loop.gif", scale=3)
    back = Clip.open(path)
    assert (len(back), back.fps, back.recipe) == (12, fps, RECIPE)
    assert np.array_equal(back.frames[:, 1::3, 1::3], frames)
    with Image.open(path) as image:
        assert Recipe.from_json(image.info["comment"]) == RECIPE
        assert image.info["loop"] == 0


def test_gif_of_many_colours_stays_close(tmp_path: Path) -> None:
    y, x = np.mgrid[:48, :64]
    frames = np.stack([np.stack([x * 4, y * 5, x + y + 9 * k], axis=2) for k in range(6)])
    clip = Clip(frames.astype(np.uint8), 12)
    back = Clip.open(clip.save(tmp_path / "soft.gif"))
    assert np.abs(back.frames.astype(int) - clip.frames).mean() < 8


def test_gif_faster_than_viewers_says_so(tmp_path: Path) -> None:
    with pytest.warns(PlayreelWarning, match="30"):
        Clip(numbered(10), 60).save(tmp_path / "fast.gif")
    assert Clip.open(tmp_path / "fast.gif").fps == 30


@pytest.mark.parametrize("suffix", [".png", ".apng", ".gif"])
@pytest.mark.parametrize("recipe", [None, RECIPE])
def test_frames_that_are_all_the_same_are_as_many_as_before(
    tmp_path: Path, suffix: str, recipe: Recipe | None
) -> None:
    for count in (1, 5):
        clip = Clip(textured(1).repeat(count, axis=0) // 64 * 64, 25, recipe)
        assert Clip.open(clip.save(tmp_path / f"still{suffix}")) == clip


def test_the_recipe_stands_in_png_and_beside_the_file(tmp_path: Path) -> None:
    path = Clip(textured(1), 12, RECIPE).save(tmp_path / "still.png")
    with Image.open(path) as image:
        assert Recipe.from_json(image.text["playreel:recipe"]) == RECIPE
    assert sidecar_of(path).name == "still.png.recipe.json"
    assert read_recipe(path) == RECIPE
    with Image.open(path) as image:
        image.save(tmp_path / "bare.png")
    assert Clip.open(tmp_path / "bare.png").recipe is None
    sidecar_of(path).rename(sidecar_of(tmp_path / "bare.png"))
    assert Clip.open(tmp_path / "bare.png").recipe == RECIPE
    Clip(textured(1), 12).save(path)
    assert not sidecar_of(path).exists()


def test_a_broken_sidecar_is_passed_over(tmp_path: Path) -> None:
    path = Clip(textured(2), 12).save(tmp_path / "take.mkv")
    sidecar_of(path).write_text("{broken")
    with pytest.warns(PlayreelWarning, match="passed over"):
        assert Clip.open(path).recipe is None


def test_save_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    clip = Clip(textured(2), 12)
    with pytest.raises(MediaError, match=r"\.mkv"):
        clip.save(tmp_path / "take.webm")
    for scale in (0, -1, 1.5, "x", True):
        with pytest.raises(MediaError, match="whole"):
            clip.save(tmp_path / "take.mp4", scale=scale)
    assert list(tmp_path.iterdir()) == []
