"""Figures and durations: numbers with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from playreel.errors import InputError
from playreel.film.duration import frame_at, resolve_seconds
from playreel.film.figures import KeptRange, drift, kept_exact, seam, timing


def ramp(num_frames: int, step: int = 4) -> np.ndarray:
    """Frames that brighten evenly: every luma step is `step`."""
    levels = (np.arange(num_frames) * step).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (num_frames, 8, 8, 3)).copy()


def test_an_invisible_seam_is_one():
    assert seam(ramp(20), 10) == pytest.approx(1.0)


def test_a_jump_is_its_multiple():
    frames = ramp(20)
    frames[10:] += 8
    assert seam(frames, 10) == pytest.approx(3.0)
    frames[15:] += 40
    assert seam(frames, 10, joints=[15]) == pytest.approx(3.0)


def test_the_seam_of_a_loop_wraps():
    there_and_back = np.concatenate([ramp(10), ramp(11)[:0:-1]])
    assert seam(there_and_back, len(there_and_back)) == pytest.approx(1.0)
    assert seam(ramp(10), 10) == pytest.approx(9.0)


def test_a_still_clip_has_no_endless_seam():
    frames = np.zeros((6, 8, 8, 3), np.uint8)
    assert seam(frames, 3) == 0.0
    frames[3:] = 1
    assert seam(frames, 3) == pytest.approx(2.0)


@pytest.mark.parametrize("joint", [0, 7, -1])
def test_no_such_joint(joint):
    with pytest.raises(InputError, match=str(joint)):
        seam(ramp(6), joint)


def test_kept_exact_counts_frames_outside_the_blend():
    source = ramp(10)
    result = np.concatenate([ramp(4, 9), source])
    result[5] += 1
    mapping = [KeptRange(source_start=0, result_start=4, num_frames=10)]
    assert kept_exact(source, result, mapping) == pytest.approx(0.9)
    assert kept_exact(source, result, mapping, blended={5}) == 1.0
    assert kept_exact(source, result[:8], mapping) == pytest.approx(0.3)


def test_drift_is_scaled_to_ten_seconds():
    frames = np.random.default_rng(0).integers(60, 180, (1, 16, 16, 3)).repeat(121, 0)
    assert drift(frames.astype(np.uint8), fps=12).colour == 0
    brighter = frames + np.linspace(0, 20, 121)[:, None, None, None]
    change = drift(np.rint(brighter).astype(np.uint8), fps=12)
    assert change.colour == pytest.approx(20, rel=0.1)
    assert change.sharpness == pytest.approx(0, abs=0.05)
    softer = frames.copy()
    softer[-6:] = softer[-6:].mean(axis=(1, 2), keepdims=True)
    assert drift(softer.astype(np.uint8), fps=12).sharpness < -0.9


@pytest.mark.parametrize(
    ("seconds", "frames"), [(1, 12), (2.0, 24), (0.3, 4), (0.01, 1), (1.04, 12)]
)
def test_seconds_become_whole_frames_and_say_so(seconds, frames):
    length = resolve_seconds(seconds)
    assert length.num_frames == frames
    assert bool(length.snapped) == (seconds not in (1, 2.0))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e9, "2", None, True])
def test_bad_seconds(seconds):
    with pytest.raises(InputError, match="seconds"):
        resolve_seconds(seconds)


def test_frame_at_a_time():
    assert frame_at(0, 24) == 0
    assert frame_at(1.0, 24) == 12
    assert frame_at(2.0, 24) == 23
    with pytest.raises(InputError, match="outside"):
        frame_at(2.2, 24)


def changing(at: int, num_frames: int = 24) -> np.ndarray:
    """A picture that becomes another one at a frame."""
    rng = np.random.default_rng(0)
    first, last = rng.integers(0, 256, (2, 16, 16, 3))
    return np.stack([first if i < at else last for i in range(num_frames)]).astype(np.uint8)


@pytest.mark.parametrize("late", [-3, 0, 1, 4])
def test_timing_counts_the_frames_by_which_a_change_is_late(late):
    assert timing(changing(12 + late), [12]) == [abs(late)]


def test_a_change_that_never_comes_is_missed_by_all_of_its_way():
    assert timing(np.zeros((24, 8, 8, 3), np.uint8), [12]) == [6]
    assert timing(changing(12), []) == []
