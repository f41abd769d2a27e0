"""Line sketches of frames, and hand drawings brought to the same form."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from playreel.errors import InputError
from playreel.footage.arm import render_arm_episode
from playreel.footage.school import render_episode
from playreel.footage.sketch import from_user_sketch, line_sketch
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


def drawing(size=(640, 360), pen=6, ink=20, paper=240):
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.line([(0, height * 0.8), (width, height * 0.7)], fill=ink, width=pen)
    draw.ellipse([width * 0.3, height * 0.2, width * 0.5, height * 0.55], outline=ink, width=pen)
    return np.asarray(image)


@pytest.mark.parametrize(("ink", "paper"), [(20, 240), (235, 15), (110, 180)])
@pytest.mark.parametrize("pen", [2, 6, 14])
def test_a_hand_drawing_becomes_thin_lines(ink, paper, pen):
    sketch = from_user_sketch(drawing(pen=pen, ink=ink, paper=paper), (72, 128))
    assert sketch.shape == (72, 128)
    assert sketch.dtype == np.uint8
    assert set(np.unique(sketch)) == {0, 255}
    lines = sketch > 0
    assert 150 < lines.sum() < 320  # about 128 of the ground and 80 of the ellipse
    assert share_of_thick(lines) < 0.05


def test_light_on_dark_and_dark_on_light_agree():
    dark = from_user_sketch(drawing(), (72, 128))
    light = from_user_sketch(255 - drawing(), (72, 128))
    assert (dark == light).mean() > 0.995


def test_uneven_light_on_the_paper_is_taken_out():
    page = drawing().astype(np.float32)
    falloff = np.linspace(1.0, 0.5, page.shape[1])[None]
    sketch = from_user_sketch((page * falloff).astype(np.uint8), (72, 128))
    plain = from_user_sketch(drawing(), (72, 128))
    assert (sketch == plain).mean() > 0.98


def test_a_filled_area_becomes_its_outline():
    page = np.full((360, 640), 255, np.uint8)
    page[100:260, 200:440] = 0
    ink = from_user_sketch(page, (72, 128)) > 0
    assert not ink[28:44, 48:80].any()
    assert ink.sum() == pytest.approx(2 * (32 + 48), rel=0.15)


def test_other_proportions_are_centred_whole():
    ink = from_user_sketch(drawing((400, 400)), (72, 128)) > 0
    columns = np.nonzero(ink.any(axis=0))[0]
    assert columns.min() >= 27
    assert columns.max() <= 100


def test_a_small_drawing_is_enlarged_and_its_own_size_is_the_default():
    assert from_user_sketch(drawing((64, 36), pen=1), (72, 128)).any()
    assert from_user_sketch(drawing((320, 180))).shape == (180, 320)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_page_is_no_ink(value):
    assert not from_user_sketch(np.full((90, 160), value, np.uint8), (72, 128)).any()
    assert not from_user_sketch(np.full((1, 1), value, np.uint8), (72, 128)).any()


def test_a_sketch_of_a_frame_passes_through_almost_unchanged():
    sketch = line_sketch(render_arm_episode(2, 1).frames)[0]
    again = from_user_sketch(sketch, sketch.shape)
    both = (sketch > 0) & (again > 0)
    assert both.sum() > 0.85 * (sketch > 0).sum()
    assert np.array_equal(from_user_sketch(255 - sketch, sketch.shape), again)


def test_bad_drawings_are_refused():
    with pytest.raises(InputError, match="float64"):
        from_user_sketch(np.zeros((10, 10)))
    with pytest.raises(InputError, match="9000"):
        from_user_sketch(np.zeros((2, 9000), np.uint8))
    with pytest.raises(InputError):
        from_user_sketch(np.zeros((0, 5), np.uint8))


def test_sketching_is_fast():
    frames = np.concatenate([render_arm_episode(5, 16).frames] * 8)
    line_sketch(frames[:8])
    start = time.process_time()
    line_sketch(frames)
    assert len(frames) / (time.process_time() - start) > 1000  # 2,000 and more on an idle core
