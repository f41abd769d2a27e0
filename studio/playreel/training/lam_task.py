"""Training of the latent action model: expectation maximisation over unlabelled windows of 3 frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_video
from playreel.core.lam import LatentActionModel, LatentActionModelConfig, lam_loss
from playreel.training.schooling import Curriculum

_SETTLED_BY = 12  # batches
CURRICULUM = Curriculum(schools={"narrow": 0.7, "world": 0.3}, aspects={"16:9": 1.0})


class LamTask:
    """Finds the latent actions.

    Args:
        curriculum: procedural footage to learn from, or
        source: anything with `sample_window(rng, length)` instead.
        batch_size: windows a step.
        past: shares of the run between which the past is brought in. What moves little beside a still
            background takes longer to find without it.
    """

    name = "lam"
    lr = 2e-3
    ema_decay = 0.99

    def __init__(
        self,
        *,
        curriculum: Curriculum = CURRICULUM,
        source: Any = None,
        config: LatentActionModelConfig | None = None,
        batch_size: int = 32,
        past: tuple[float, float] = (0.2, 0.5),
    ) -> None:
        self.past = past
        self.curriculum, self.source, self.batch_size = curriculum, source, batch_size
        self.model = LatentActionModel(config)
        self.modules = {"lam": self.model}

    def batch(self, rng_seed: int) -> np.ndarray:
        """uint8 (B, 3, H, W, 3)."""
        rng = np.random.default_rng(rng_seed)
        if self.source is not None:
            return np.stack([self.source.sample_window(rng, 3) for _ in range(self.batch_size)])
        return self.curriculum.windows(
            rng, num_episodes=self.batch_size // 4, per_episode=4, length=3
        )

    def loss(
        self, batch: Tensor, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per cell.

        Responsibilities are soft at first and nearly hard from two fifths on. The past is hidden until
        the codes stand for what moves where, then it takes over what it can foretell.
        """
        fraction = step / max(num_steps_estimate, 1)
        video = batch.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        loss, figures = lam_loss(
            self.model,
            video,
            sharpness=0.05 * 30 ** min(1.0, 2.5 * fraction),
            keep_past=float(np.interp(fraction, self.past, (0.0, 0.9))),
        )
        if self.past[1] - 0.15 < fraction < 0.8 and step % 25 == 0:
            self.model.merge_twins(split=True)
        elif fraction > 0.85 and step % 10 == 0:
            self.model.merge_twins(split=False)
        return loss, figures

    def sample(self, dir: Path, step: int) -> None:
        """How often each code is used, as a bar chart in text."""
        windows = torch.from_numpy(self.batch(7)).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        device = next(self.model.parameters()).device
        codes = self.model.infer(windows.to(device))[:, 1].cpu().numpy()
        counts = np.bincount(codes, minlength=self.model.config.num_actions)
        lines = [f"action {code}: {'#' * int(count)}" for code, count in enumerate(counts)]
        (dir / "usage.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def settle(self) -> None:
        """See `LatentActionModel.settle_usage`."""
        windows = np.concatenate([self.batch(seed) for seed in range(_SETTLED_BY)])
        self.model.settle_usage(to_video(windows, next(self.model.parameters()).device))

    def export(self, dir: Path) -> None:
        """`dir/lam`."""
        from playreel.core.checkpoint import save_pretrained

        self.settle()
        save_pretrained(self.model, dir / "lam")
