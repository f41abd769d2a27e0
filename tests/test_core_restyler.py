"""The restyler: one look at a scene serves any number of styles."""

from __future__ import annotations

import pytest
import torch

from playreel.core.restyler import Repainted, Restyler, RestylerConfig


@pytest.fixture(scope="module")
def restyler() -> Restyler:
    torch.manual_seed(0)
    config = RestylerConfig(widths=(16, 16, 16), num_blocks=1, text_width=8, num_text_slots=2)
    return Restyler(config).eval().requires_grad_(False)


def test_one_look_at_a_scene_serves_any_number_of_styles(restyler):
    pictures, said = torch.rand(2, 3, 16, 24) * 2 - 1, torch.randn(3, 2, 8)
    scene = torch.tensor([0, 0, 1])
    pixels, traces = restyler.scene(pictures)
    shared = restyler.paint((pixels[scene], traces.taken(scene)), said)
    alone = restyler(pictures[scene], said)
    assert shared.colors.shape == (3, 4, 3, 16, 24) and shared.logits.shape == (3, 4, 16, 24)
    assert torch.allclose(shared.colors, alone.colors, atol=1e-4)
    assert not torch.allclose(alone.logits[0], alone.logits[1], atol=1e-3)  # by the words


def test_lines_are_heeded_and_an_empty_drawing_is_not_none(restyler):
    picture, said = torch.zeros(1, 3, 16, 24), torch.zeros(1, 2, 8)
    blank = torch.zeros(1, 1, 16, 24)
    crossed = blank.clone()
    crossed[..., 8, :] = 1
    none, empty, drawn = (restyler(picture, said, lines).colors for lines in (None, blank, crossed))
    assert not torch.allclose(none, empty, atol=1e-4)
    changed = (drawn - empty).abs().amax((0, 1, 2))
    assert changed[8].mean() > changed[0].mean()


def test_faint_things_are_told_from_their_neighbours(restyler):
    picture = torch.full((1, 3, 16, 24), -0.5)
    picture[..., 4:9, 6:12] += 0.04  # five of 255
    pixels, _ = restyler.scene(picture)
    above, below, left, right = pixels[0, 3:, 4, 6].split(3)  # the patch's upper left corner
    assert min(above.min(), left.min()) > 0.1
    assert max(below.abs().max(), right.abs().max()) < 1e-5
    assert pixels[0, 3:, 12, 20].abs().max() < 1e-5


def test_the_likeliest_colour_is_painted_not_a_mean():
    colors = torch.zeros(1, 2, 3, 1, 2)
    colors[:, 0], colors[:, 1] = -1.0, 1.5
    logits = torch.tensor([[[[0.0, 0.0]], [[0.1, -0.1]]]])
    made = Repainted(colors, logits)
    assert made.likeliest()[0, :, 0].T.tolist() == [[1, 1, 1], [-1, -1, -1]]
    dark, grey = -torch.ones(1, 3, 1, 2), torch.zeros(1, 3, 1, 2)
    assert (made.error(dark) < made.error(grey)).all()
