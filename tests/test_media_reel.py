"""Clips that are encoded while they are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playreel.errors import StorageError
from playreel.media import Clip
from playreel.media.reel import Reel, ReelClip
from playreel.recipe import Recipe
from small_disk import small_disk

RECIPE = Recipe(operation="shoot", options={"prompt": "a fox"}, seed=1)


def drawn(num_frames: int = 20) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (num_frames, 36, 64, 3), dtype=np.uint8)


def reeled(frames: np.ndarray, folder: Path, fps: str = "24000/1001") -> ReelClip:
    reel = Reel(folder, frames.shape[:3], fps)
    for start in range(0, len(frames), 7):
        reel.add(frames[start : start + 7])
    return reel.clip(RECIPE)


def test_a_reel_is_the_clip_of_its_frames(tmp_path: Path) -> None:
    frames = drawn()
    clip, plain = reeled(frames, tmp_path), Clip(frames, "24000/1001", RECIPE)
    assert clip == plain and len(clip) == 20 and clip.size == (36, 64)
    assert "frames" not in clip.__dict__  # nothing of that had to look at all of them
    assert np.array_equal(clip.poster, plain.poster)
    first, second = iter(clip), iter(clip)  # each at its own place
    assert np.array_equal(next(first), frames[0]) and np.array_equal(next(first), frames[1])
    assert np.array_equal(next(second), frames[0])
    assert all(np.array_equal(a, b) for a, b in zip(clip, frames, strict=True))
    assert np.array_equal(clip.frames, frames) and not clip.frames.flags.writeable
    assert clip[3:5].content_hash == plain[3:5].content_hash
    assert (
        clip.with_recipe(None).recipe is None
        and clip.with_recipe(None).content_hash == clip.content_hash
    )


def test_what_was_encoded_is_saved_as_it_is_with_its_recipe(tmp_path: Path) -> None:
    frames = drawn()
    clip = reeled(frames, tmp_path / "cache")
    path = clip.save(tmp_path / "take.mkv")
    assert "frames" not in clip.__dict__
    again = Clip.open(path)
    assert again == Clip(frames, "24000/1001", RECIPE)
    assert Clip.open(clip.save(tmp_path / "twice.mkv", scale=2)).size == (72, 128)
    assert len(Clip.open(clip.save(tmp_path / "take.mp4"))) == 20
    assert clip.save(tmp_path / "take.mkv") == path  # and again over it


def test_a_reel_leaves_nothing_behind(tmp_path: Path) -> None:
    frames = drawn()
    reel = Reel(tmp_path, frames.shape[:3], 24)
    reel.add(frames[:9])
    assert list(tmp_path.iterdir()) == []  # it has no name, and goes with its process
    reel.close()
    clip = reeled(frames, tmp_path)
    assert list(tmp_path.iterdir()) == [] and len(clip.frames) == 20


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (80, 144, 256, 3), dtype=np.uint8)
    with (
        small_disk(tmp_path / "disk", 2) as folder,
        pytest.raises(StorageError, match=r"what was denoised is kept"),
    ):
        reeled(noise, folder)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"XDG_CACHE_HOME"):
        Reel(tmp_path / "file" / "reels", (1, 2, 2), 24)
