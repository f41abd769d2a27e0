"""The thing task: what it takes from procedural footage."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playreel.core import LatentActionModel, LatentActionModelConfig, MotionModel, MotionModelConfig
from playreel.core.things import AROUND, SIDE, ThingModelConfig, surroundings
from playreel.training.things_task import ThingTask, _dropped


@pytest.fixture(scope="module")
def task() -> ThingTask:
    torch.manual_seed(0)
    lam = LatentActionModel(LatentActionModelConfig(width=16)).eval()
    motion = MotionModel(MotionModelConfig(widths=(8, 8, 16), num_blocks=1)).eval()
    config = ThingModelConfig(features=16, width=16, coarse_width=16)
    return ThingTask(lam, motion, config=config, num_episodes=2)


def test_crops_show_the_thing_where_the_frame_has_it(task):
    batch = task.batch(1)
    for index, window in enumerate(batch["window"]):
        for way, at in ((0, 1), (1, 2)):
            top, left = batch["place"][index, way]
            crop = batch["crops"][index, 1 + at]
            frame = np.pad(batch["windows"][window, at], ((24, 24), (24, 24), (0, 0)))
            seen = frame[top + 24 : top + 48, left + 24 : left + 48]
            there = crop[..., 3] > 0
            assert there.sum() > 10
            assert (seen[there] == crop[..., :3][there]).all()
            mask = np.pad(batch["mask"][window, way], 24)
            assert mask[top + 24 : top + 48, left + 24 : left + 48][there].all()


def test_shifts_lead_from_one_place_to_the_next_and_back(task):
    batch = task.batch(2)
    place, shift = batch["place"], batch["shift"]
    assert (place[:, 0] + shift[:, 0] == place[:, 1]).all()
    assert (shift[:, 0] == -shift[:, 1]).all()
    assert np.abs(batch["trail"][..., :2]).max() <= 8


def test_a_step_changes_every_part_of_the_model(task):
    host = task.batch(3)
    batch = {key: torch.from_numpy(value) for key, value in host.items()}
    loss, figures = task.loss(batch, 0, 10)
    loss.backward()
    assert torch.isfinite(loss) and set(figures) >= {"found", "moved", "outline", "colour"}
    silent = [name for name, p in task.model.named_parameters() if p.grad is None]
    assert not silent


def test_the_same_seed_gives_the_same_batch(task):
    one, two = task.batch(4), task.batch(4)
    assert all((one[key] == two[key]).all() for key in one)


def test_a_thing_put_too_low_sees_the_scenery_higher_up():
    torch.manual_seed(5)
    frame = torch.rand(3, 72, 128)
    pose = torch.zeros(4, SIDE, SIDE)
    pose[:, 8:16, 8:16] = 1
    frame[:, 28:36, 58:66] = 1
    seen = surroundings(frame, pose[3], 20, 50)
    low = _dropped(frame, pose, 20, 50, 3)
    middle = (AROUND - SIDE) // 2
    own = slice(middle + 8, middle + 16)
    assert low[:, own, own].equal(seen[:, own, own])  # itself, where it thinks it is
    assert low[:3, 2 : middle - 3].equal(seen[:3, 5:middle])
