"""Training of latent actions on anybody's footage, of which nothing is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.pixel_lam import PixelActionModel, PixelActionModelConfig, pixel_lam_loss

IDLE = 0.01  # a code used less often than this is no button


class PixelLamTask:
    """Finds the latent actions of unlabelled videos.

    Args:
        source: anything with `sample_window(rng, length)`.
        config: architecture.
        batch_size: windows of 3 frames a step.
    """

    name = "lam"
    lr = 3e-3
    ema_decay = 0.98  # runs are short

    def __init__(
        self,
        source: Any,
        *,
        config: PixelActionModelConfig | None = None,
        batch_size: int = 32,
    ) -> None:
        self.source, self.batch_size = source, batch_size
        self.model = PixelActionModel(config)
        self.modules = {"lam": self.model}

    def batch(self, rng_seed: int) -> np.ndarray:
        """uint8 (B, 3, H, W, 3)."""
        rng = np.random.default_rng(rng_seed)
        return np.stack([self.source.sample_window(rng, 3) for _ in range(self.batch_size)])

    def loss(
        self, batch: Tensor, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per changed pixel.

        Windows belong to all codes a little at first and to one each from half-way on. The past comes in
        once the codes have begun to differ: it takes over what goes on by itself, such as enemies.
        """
        fraction = step / max(num_steps_estimate, 1)
        video = batch.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        return pixel_lam_loss(
            self.model,
            video,
            sharpness=0.5 * 40 ** min(1.0, 2 * fraction),
            keep_past=float(np.interp(fraction, (0.15, 0.5), (0.0, 0.6))),
        )

    def sample(self, dir: Path, step: int) -> None:
        """How often each code is used, as a bar chart in text."""
        windows = torch.from_numpy(self.batch(7)).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        device = next(self.model.parameters()).device
        codes = self.model.infer(windows.to(device))[:, 1].cpu().numpy()
        counts = np.bincount(codes, minlength=self.model.config.num_actions)
        lines = [f"action {code}: {'#' * int(count)}" for code, count in enumerate(counts)]
        (dir / "usage.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def export(self, dir: Path) -> None:
        """`dir/lam`."""
        from playreel.core.checkpoint import save_pretrained

        self.model.drop_idle(IDLE)
        save_pretrained(self.model, dir / "lam")
