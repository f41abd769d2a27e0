"""Latent actions: what they are inferred from, and how twins are merged."""

from __future__ import annotations

import numpy as np
import torch

from playreel.core.lam import LatentActionModel, LatentActionModelConfig, lam_loss
from playreel.core.matching import NUM_SHIFTS, RADIUS


def tiny() -> LatentActionModel:
    torch.manual_seed(0)
    return LatentActionModel(LatentActionModelConfig(width=16)).eval()


def test_infer_frames_gives_one_action_per_transition():
    frames = np.random.default_rng(0).integers(0, 256, (70, 72, 128, 3), np.uint8)
    actions = tiny().infer_frames(frames)
    assert actions.shape == (69,)
    assert set(actions) <= set(range(8))
    assert len(tiny().infer_frames(frames[:1])) == 0


def test_batches_do_not_change_what_is_inferred():
    frames = np.random.default_rng(0).integers(0, 256, (9, 72, 128, 3), np.uint8)
    model = tiny()
    assert (model.infer_frames(frames) == model.infer_frames(frames, batch_size=3)).all()


def test_training_lowers_the_surprise_of_what_moves():
    model = tiny().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    wide = torch.nn.functional.interpolate(torch.rand(4, 3, 36, 80) * 2 - 1, scale_factor=2)
    batch = torch.stack([wide[..., s : s + 128] for s in (16, 20, 24)], 1)
    losses = []
    for _ in range(12):
        loss, _ = lam_loss(model, batch, sharpness=0.1, keep_past=0.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


def test_twins_are_merged_and_the_free_code_splits_the_busiest():
    model = tiny()
    model.apart.fill_(40.0)
    model.apart[2, 5] = model.apart[5, 2] = 0.5
    model.usage.copy_(torch.tensor([0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert model.merge_twins(split=True)
    assert bool(model.enabled.all())
    assert float(model.usage[0]) < 0.2  # shared with the code that was set free


def test_at_the_end_a_twin_is_switched_off_and_never_inferred():
    model = tiny()
    model.apart.fill_(40.0)
    model.apart[2, 5] = model.apart[5, 2] = 0.5
    assert model.merge_twins(split=False)
    (off,) = (model.enabled == 0).nonzero()[:, 0].tolist()
    assert off in (2, 5)
    frames = np.random.default_rng(3).integers(0, 256, (30, 72, 128, 3), np.uint8)
    assert off not in set(model.infer_frames(frames))


def test_codes_that_differ_are_left_alone():
    model = tiny()
    model.apart.fill_(40.0)
    assert not model.merge_twins(split=False)


class WalksOrRests(LatentActionModel):
    """Two codes that are known: by the first all on the right half goes down, by the second nothing moves."""

    def predict(self, context, action):
        rows, columns = context[0].shape[2:]
        chance = torch.full((len(action), NUM_SHIFTS, rows, columns), 1e-4)
        rest, down = NUM_SHIFTS // 2, NUM_SHIFTS // 2 + 2 * (2 * RADIUS + 1)
        chance[:, rest] = 1.0
        chance[action == 0, rest, :, columns // 2 :] = 1e-4
        chance[action == 0, down, :, columns // 2 :] = 1.0
        return chance.log()


def test_a_motion_that_two_codes_explain_alike_counts_for_the_calmer_one():
    torch.manual_seed(0)
    model = WalksOrRests(LatentActionModelConfig(num_actions=2, width=16)).eval()
    picture = torch.nn.functional.interpolate(torch.rand(1, 3, 36, 64) * 2 - 1, scale_factor=2)[0]
    left, right = picture.clone(), picture.clone()
    left[..., 64:] = right[..., :64] = 0.0  # flat: tells nothing
    walks = torch.stack([right, right, right.roll(4, 1)])
    rests = torch.stack([left, left, left])
    model.settle_usage(torch.stack([walks, rests, rests, rests]))
    assert model.usage.tolist() == [0.25, 0.75]
    assert model.read(*torch.stack([walks, rests]).unbind(1)).tolist() == [0, 1]
