"""Latent actions of anybody's footage: a small sprite before a textured wall that never moves."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playreel.core.bundle import action_reader_class
from playreel.core.checkpoint import from_pretrained, save_pretrained
from playreel.core.lam import LatentActionModel, LatentActionModelConfig
from playreel.core.pixel_lam import (
    CELL,
    STEPS,
    PixelActionModel,
    PixelActionModelConfig,
    changes,
    matches,
    pixel_lam_loss,
)

SIDE, SPRITE = 32, 5


def walks(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows (B, 3, C, H, W) of a sprite that takes two steps, and which way (B,) it took the second."""
    rng = np.random.default_rng(seed)
    wall = np.random.default_rng(1).uniform(-0.6, 0.2, (3, SIDE, SIDE)).astype(np.float32)
    ways = rng.integers(0, 2, (count, 2))
    windows = np.broadcast_to(wall, (count, 3, 3, SIDE, SIDE)).copy()
    for window, (first, second) in zip(windows, ways, strict=True):
        y, x = int(rng.integers(2, SIDE - 8)), int(rng.integers(8, SIDE - 14))
        for frame in range(3):
            x += 0 if frame == 0 else (-3, 3)[(first, second)[frame - 1]]
            window[frame, :, y : y + SPRITE, x : x + SPRITE] = 1.0
            window[frame, 2, y : y + SPRITE, x : x + 2] = -1.0  # it has a left and a right
    return torch.from_numpy(windows), torch.from_numpy(ways[:, 1])


def small() -> PixelActionModel:
    torch.manual_seed(0)
    return PixelActionModel(PixelActionModelConfig(num_actions=4, width=16, num_cells=12))


def test_a_pixel_that_moved_matches_its_shift():
    windows, way = walks(6, 0)
    now, after = windows[:, 1], windows[:, 2]
    weight = changes(now, after)
    cells = weight.sum(2).topk(4).indices
    found = matches(now, after, cells)
    assert found.shape == (6, 4, CELL * CELL, len(STEPS), len(STEPS))
    assert found.min() >= 0 and found.max() <= 1
    still = STEPS.index(0)
    for index in range(6):
        right = STEPS.index(3 if way[index] else -3)
        true, false = (
            found[index, ..., still, right],
            found[index, ..., still, len(STEPS) - 1 - right],
        )
        assert true.mean() > 2 * false.mean()


def test_finds_which_way_a_small_sprite_was_sent():
    model, step = small(), 0
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(75):
        windows, _ = walks(16, step)
        sharpness = 0.5 * 40 ** min(1.0, step / 30)
        loss, figures = pixel_lam_loss(model, windows, sharpness=sharpness, keep_past=0.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert figures["best"] < figures["mean"]
    windows, way = walks(64, 999)
    codes = model.eval().infer(windows)[:, 1]
    counts = torch.zeros(4, 2)
    for code, true in zip(codes.tolist(), way.tolist(), strict=True):
        counts[code, true] += 1
    assert counts.amax(1).sum() / 64 > 0.9  # each code stands for one way


def test_reads_frames_as_it_reads_windows():
    model = small().eval()
    frames = np.random.default_rng(0).integers(0, 255, (9, SIDE, SIDE, 3)).astype(np.uint8)
    whole = model.infer_frames(frames)
    assert whole.shape == (8,) and whole.dtype == np.int64
    assert np.array_equal(whole, model.infer_frames(frames, batch_size=3))


def test_what_is_held_on_to_is_read_from_the_step_alone():
    model = small()
    torch.nn.init.normal_(model.go_on.weight)  # momentum says a lot
    before, now, after = walks(5, 8)[0].unbind(1)
    seen = model.surprise(before, now, after)[0]
    assert not torch.allclose(seen, model.surprise(after, now, after)[0])
    assert torch.equal(model.score(before, now, after), model.score(after, now, after))


def test_codes_that_nobody_uses_are_switched_off():
    model = small()
    model.usage.copy_(torch.tensor([0.6, 0.395, 0.005, 0.0]))
    model.drop_idle(0.01)
    assert model.enabled.tolist() == [1, 1, 0, 0]
    windows, _ = walks(16, 3)
    assert set(model.eval().infer(windows).flatten().tolist()) <= {0, 1}


@pytest.mark.parametrize(
    "model", [small(), LatentActionModel(LatentActionModelConfig(width=16))], ids=lambda m: m.kind
)
def test_a_folder_says_which_kind_it_holds(model, tmp_path):
    save_pretrained(model, tmp_path / "lam")
    assert action_reader_class(tmp_path / "lam") is type(model)
    again = from_pretrained(type(model), tmp_path / "lam")
    assert again.config == model.config
