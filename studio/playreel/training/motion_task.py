"""Training of the motion model, with the actions that the latent action model reads from the frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playreel.core.action_reader import ActionReader
from playreel.core.frames import to_frames
from playreel.core.matching import RADIUS, block_motion
from playreel.core.motion import (
    MotionModel,
    MotionModelConfig,
    agreed,
    likely_shifts,
    motion_loss,
    splat,
)
from playreel.training.close_up import close_up
from playreel.training.schooling import Curriculum

CURRICULUM = Curriculum(schools={"narrow": 0.4, "world": 0.6})
CLOSE, CLOSE_SHARE = (
    72,
    0.75,
)  # side in pixels of what is looked at in videos, and how often not all is
REST_WEIGHT = 0.5  # more than usual: close-ups show less that rests


class MotionTask:
    """Learns where pixels go, forward and backward in time.

    Args:
        lam: trained, reads the actions, frozen.
        curriculum: procedural footage to learn from, or
        source: anything with `sample_window(rng, length)` instead.
        start: weights to go on from; they know how things move, but not under which action.
        batch_size: windows of 3 frames a step.
    """

    name = "motion"
    lr = 2e-3
    ema_decay = 0.995

    def __init__(
        self,
        lam: ActionReader,
        *,
        curriculum: Curriculum = CURRICULUM,
        source: Any = None,
        config: MotionModelConfig | None = None,
        start: MotionModel | None = None,
        batch_size: int = 12,
    ) -> None:
        self.curriculum, self.source, self.batch_size = curriculum, source, batch_size
        self.lam = lam
        self.model = start or MotionModel(config)
        if start is not None:
            start.forget_actions()
        self.modules = {"motion": self.model}
        self.frozen = {"lam": lam}

    def batch(self, rng_seed: int) -> np.ndarray:
        """uint8 (B, 4, H, W, 3)."""
        rng = np.random.default_rng(rng_seed)
        if self.source is not None:
            return np.stack([self.source.sample_window(rng, 4) for _ in range(self.batch_size)])
        return self.curriculum.windows(
            rng, num_episodes=self.batch_size // 2, per_episode=2, length=4
        )

    def _inputs(self, batch: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, bool]:
        video = batch.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        # Leads from frame 1 to frame 2.
        actions = self.lam.read(video[:, 0], video[:, 1], video[:, 2]).clone()
        if self.source is not None and torch.rand(()) < CLOSE_SHARE:
            video = close_up(video, CLOSE)
        backward = bool(torch.rand(()) < 0.25)
        if backward:  # from 2 to 1, having seen 3
            return video[:, 3], video[:, 2], video[:, 1], actions, True
        return video[:, 0], video[:, 1], video[:, 2], actions, False

    def loss(
        self, batch: Tensor, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per pixel."""
        before, now, after, actions, backward = self._inputs(batch)
        # An occasional still past, so that a world can start from a single frame.
        alone = torch.rand(len(now), 1, 1, 1, device=now.device) < 0.1
        field = self.model(torch.where(alone, now, before), now, actions, backward=backward)
        shifts = sorted({*likely_shifts(field, 12), *_true_shifts(now, after, 12), (0, 0)})
        options = {} if self.source is None else {"resampled": True, "rest_weight": REST_WEIGHT}
        return motion_loss(before, now, after, field, shifts, **options)

    def sample(self, dir: Path, step: int) -> None:
        """Now, the true next frame, the predicted one, and where it is new."""
        torch.manual_seed(0)
        device = next(self.model.parameters()).device
        batch = torch.from_numpy(self.batch(7)[:5]).to(device)
        before, now, after, actions, backward = self._inputs(batch)
        field = self.model(before, now, actions, backward=backward)
        moved, trust, _ = splat(now, agreed(field, now))
        rows = [np.concatenate(list(to_frames(v)), 1) for v in (now, after, moved)]
        holes = ((1 - trust[:, 0]) * 255).byte().cpu().numpy()[..., None].repeat(3, -1)
        rows.append(np.concatenate(list(holes), 1))
        Image.fromarray(np.concatenate(rows).repeat(2, 0).repeat(2, 1)).save(dir / "motion.png")

    def export(self, dir: Path) -> None:
        """`dir/motion`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.model, dir / "motion")


def _true_shifts(now: Tensor, after: Tensor, count: int) -> list[tuple[int, int]]:
    """The shifts (down, right) that block matching finds most often, and half-way ones between."""
    probs, weight = block_motion(now, after)
    common = (probs * weight[:, None]).sum((0, 2, 3))
    side = 2 * RADIUS + 1
    found = common.topk(count).indices.tolist()
    shifts = [(2 * (index // side - RADIUS), 2 * (index % side - RADIUS)) for index in found]
    return [*shifts, (0, 1), (0, -1), (1, 0), (-1, 0)]
