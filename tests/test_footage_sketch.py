"""Line sketches of frames."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from playreel.errors import InputError
from playreel.footage.arm import render_arm_episode
from playreel.footage.school import render_episode
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import STYLES, EpisodeSpec


def square_frame(inside=(200, 60, 60), outside=(90, 120, 90)):
    frame = np.empty((1, 72, 128, 3), np.uint8)
    frame[:] = outside
    frame[:, 20:50, 40:90] = inside
    return frame


def neighbours(ink):
    padded = np.pad(ink.astype(int), 1)
    height, width = ink.shape
    return sum(
        padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
        if dy or dx
    )


def share_of_thick(ink):
    blocks = ink[:-1, :-1] & ink[1:, :-1] & ink[:-1, 1:] & ink[1:, 1:]
    return blocks.sum() / max(ink.sum(), 1)


def test_a_square_becomes_one_closed_thin_outline():
    sketch = line_sketch(square_frame())
    assert sketch.shape == (1, 72, 128)
    assert set(np.unique(sketch)) == {0, 255}
    ink = sketch[0] > 0
    rows, columns = np.nonzero(ink)
    assert (rows.min(), rows.max()) in {(19, 50), (20, 49)}
    assert (columns.min(), columns.max()) in {(39, 90), (40, 89)}
    assert share_of_thick(ink) < 0.02
    assert (neighbours(ink)[ink] >= 2).mean() > 0.97  # no gaps, no loose ends


def test_areas_of_equal_brightness_are_parted_by_colour():
    red, green = (180, 60, 60), (60, 121, 60)  # the same luma
    assert (line_sketch(square_frame(red, green)) > 0).sum() > 100


def test_a_dark_or_a_bright_stroke_is_one_line():
    for stroke, ground in ((30, 200), (220, 30)):
        frame = np.full((1, 72, 128, 3), ground, np.uint8)
        frame[0, 10:60, 64] = stroke
        ink = line_sketch(frame)[0] > 0
        assert ink[20:50].sum(axis=1).max() == 1
        assert ink[20:50, 64].all()


def test_noise_and_a_smooth_gradient_are_left_out():
    noise = np.random.default_rng(0).integers(100, 112, (1, 72, 128, 3)).astype(np.uint8)
    assert (line_sketch(noise) > 0).mean() < 0.01
    ramp = np.broadcast_to(np.arange(128, dtype=np.uint8)[None, None, :, None], (1, 72, 128, 3))
    assert (line_sketch(np.ascontiguousarray(ramp)) > 0).mean() < 0.01


@pytest.mark.parametrize("style", STYLES)
def test_every_style_gives_a_drawing(style):
    spec = EpisodeSpec(seed=3, theme="ruins", style=style)
    sketches = line_sketch(render_episode(spec, 4).frames)
    for sketch in sketches:
        ink = sketch > 0
        assert 0.01 < ink.mean() < 0.2
        assert share_of_thick(ink) < 0.12
    dim = dataclasses.replace(spec, time_of_day="night", weather="fog")
    assert (line_sketch(render_episode(dim, 1).frames) > 0).mean() > 0.005


def test_frames_do_not_influence_each_other():
    frames = np.concatenate([render_arm_episode(seed, 5).frames for seed in (1, 2)])
    together = line_sketch(frames)
    alone = np.concatenate([line_sketch(frame[None]) for frame in frames])
    assert np.array_equal(together, alone)


def test_no_frames_and_tiny_frames_give_blank_sketches():
    assert line_sketch(np.zeros((0, 72, 128, 3), np.uint8)).shape == (0, 72, 128)
    assert not line_sketch(np.zeros((2, 1, 1, 3), np.uint8)).any()


def test_wrong_frames_are_refused():
    with pytest.raises(InputError, match="float32"):
        line_sketch(np.zeros((1, 72, 128, 3), np.float32))
    with pytest.raises(InputError, match="72, 128"):
        line_sketch(np.zeros((72, 128), np.uint8))


def test_sketching_is_fast():
    frames = np.concatenate([render_arm_episode(5, 16).frames] * 8)
    line_sketch(frames[:8])
    start = time.process_time()
    line_sketch(frames)
    assert len(frames) / (time.process_time() - start) > 1000  # 2,000 and more on an idle core
