"""The motion model's splatting, and block matching, against shifts planted by hand."""

from __future__ import annotations

import pytest
import torch

from playreel.core.matching import RADIUS, block_motion
from playreel.core.motion import (
    MotionField,
    MotionModel,
    MotionModelConfig,
    agreed,
    motion_loss,
    moved,
    splat,
)

REACH = 8


def planted(shift: tuple[int, int], mask: torch.Tensor, rest: tuple[int, int] = (0, 0)):
    """A field that moves the pixels in `mask` by `shift`, in front of all others that move by `rest`."""
    height, width = mask.shape
    axes = []
    for own, other in zip(shift, rest, strict=True):
        logits = torch.full((1, 2 * REACH + 1, height, width), -20.0)
        logits[0, own + REACH][mask] = 0.0
        logits[0, other + REACH][~mask] = 0.0
        axes.append(logits)
    front = torch.where(mask, 3.0, 0.0)[None, None]
    hole = torch.full((1, 1, height, width), -5.0)
    features = torch.zeros(1, 16, height // 2, width // 2)
    return MotionField(down=axes[0], right=axes[1], front=front, hole=hole, features=features)


@pytest.mark.parametrize("shift", [(0, 4), (-4, 0), (3, -5), (0, 0)])
def test_moved_shifts_pixels_exactly(shift):
    picture = torch.rand(2, 3, 24, 32)
    out = moved(picture, shift)
    down, right = shift
    assert out[..., 12 + down, 16 + right].equal(picture[..., 12, 16])
    assert out.shape == picture.shape


def test_a_sprite_moves_in_front_of_scrolling_scenery_without_losing_a_pixel():
    now = torch.rand(1, 3, 24, 32)
    mask = torch.zeros(24, 32, dtype=torch.bool)
    mask[8:14, 10:16] = True
    picture, trust, _ = splat(now, planted((-4, 0), mask, rest=(0, 2)))
    assert picture[0, :, 4:10, 10:16].equal(now[0, :, 8:14, 10:16])
    assert picture[0, :, 20, 12].equal(now[0, :, 20, 10])
    assert float(trust[0, 0, 4:10, 10:16].min()) > 0.5


def test_where_nothing_comes_to_lie_nothing_is_trusted():
    now = torch.rand(1, 3, 24, 32)
    picture, trust, _ = splat(now, planted((0, 4), torch.ones(24, 32, dtype=torch.bool)))
    assert float(trust[0, 0, :, :4].max()) == 0
    assert float(trust[0, 0, :, 4:].min()) > 0.5
    assert picture[0, :, 12, 0].equal(now[0, :, 12, 0])  # what is beside it goes on


def test_a_pixel_goes_to_one_place_only():
    """Undecided between two places, a sprite must not appear in both."""
    now = torch.zeros(1, 3, 24, 32)
    mask = torch.zeros(24, 32, dtype=torch.bool)
    mask[8:14, 10:16] = True
    now[:, :, mask] = 1.0
    field = planted((0, 4), mask)
    field.right[0, REACH, mask] = -0.1
    picture, trust, _ = splat(now, field)
    assert int(((picture[:, :1] == 1) & (trust > 0)).sum()) == int(mask.sum())


def test_neighbours_of_one_colour_agree():
    now = torch.zeros(1, 3, 24, 32)
    mask = torch.zeros(24, 32, dtype=torch.bool)
    mask[8:14, 10:16] = True
    now[:, :, mask] = 1.0
    stray = mask.clone()
    stray[11, 12] = False  # one pixel of the sprite would stay behind
    alone = planted((0, 4), stray)
    for votes in (alone.down, alone.right):
        votes.clamp_(min=-4)
    together = agreed(alone, now)
    assert int(alone.right[0, :, 11, 12].argmax()) == REACH
    assert int(together.right[0, :, 11, 12].argmax()) == REACH + 4
    assert int(together.right[0, :, 3, 3].argmax()) == REACH


def test_block_motion_finds_the_shift_of_scenery_and_of_a_sprite():
    torch.manual_seed(0)
    wide = torch.nn.functional.interpolate(torch.rand(1, 3, 36, 72) * 2 - 1, scale_factor=2)
    first, second = wide[..., :128], wide[..., 4:132]
    probs, weight = block_motion(first, second)
    best = probs[0, :, 2:-2, 2:-2].argmax(0)
    side = 2 * RADIUS + 1
    assert bool((best == RADIUS * side + RADIUS - 2).all())  # 4 px to the left, in steps of 2
    assert float(weight.min()) >= 0


def test_flat_frames_tell_nothing():
    _, weight = block_motion(torch.zeros(1, 3, 72, 128), torch.zeros(1, 3, 72, 128))
    assert float(weight.max()) < 1e-3


def test_to_slide_on_where_a_picture_comes_to_rest_is_as_wrong_as_to_stop_one_that_moves():
    now = torch.rand(1, 3, 24, 32)
    right_half = torch.zeros(24, 32, dtype=torch.bool)
    right_half[:, 16:] = True
    slides = planted((0, 2), right_half)

    def loss(before: torch.Tensor) -> float:
        return float(motion_loss(before, now, now, slides, [(0, 0), (0, 2)])[0])

    came_from = now.clone()
    came_from[..., 16:] = moved(now, (0, -2))[..., 16:]  # the right half moved until now
    assert loss(came_from) > 1.5 * loss(now)


@pytest.mark.parametrize("size", [(72, 128), (128, 72), (96, 96)])
def test_the_model_takes_all_aspects_and_runs_both_ways(size):
    torch.manual_seed(0)
    model = MotionModel(MotionModelConfig(widths=(8, 16, 16), num_blocks=1)).eval()
    before, now = torch.rand(2, 2, 3, *size) * 2 - 1
    action = torch.tensor([0, 7])
    ahead = model(before, now, action)
    back = model(before, now, action, backward=True)
    assert ahead.down.shape == (2, 17, *size)
    assert not ahead.down.equal(back.down)
    assert torch.allclose(ahead.right.exp().sum(1), torch.ones(2, *size), atol=1e-4)
