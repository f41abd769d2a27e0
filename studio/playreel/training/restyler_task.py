"""Training of the restyler: scenes in their old look to the look that words ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.critic import StillCritic, unlike
from playreel.core.frames import to_frames
from playreel.core.painter import Page
from playreel.core.restyler import Restyler
from playreel.core.text import TextEncoder
from playreel.training.pictures import (
    PictureTask,
    as_lines,
    as_pictures,
    draw_pairs,
    read_or_silent,
    rounded_error,
    save_rows,
)
from playreel.training.task import to_device

LINES_SHARE = 0.8
LOOK_WEIGHT = 0.5  # of what the critic sees
MOST_REACH, LEAST_REACH = 0.5, 0.05  # of `rounded_error`, from first to last


class RestylerTask(PictureTask[Restyler]):
    """Restyles procedural footage.

    Args:
        text: trained, frozen; reads the captions.
        critic: trained, frozen; what it sees of pictures counts beside their pixels.
        options: see `PictureTask`.
    """

    name = "restyler"
    network_class = Restyler
    batch_size = 8
    lr = 1.5e-3
    ema_decay = 0.995

    def __init__(self, text: TextEncoder, critic: StillCritic, **options: Any) -> None:
        super().__init__(text, **options)
        self.critic = critic
        self.frozen |= {"critic": critic}

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """All filters but the last layer's, and what makes of the words a modulation."""
        inner = weight.ndim == 4 and min(weight.shape[:2]) >= 32
        return inner or name.endswith(".affine.weight")

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Scenes in two looks, with sketches and texts."""
        rng = np.random.default_rng(rng_seed)
        return draw_pairs(self.stills, rng, self.batch_size, per_episode=2)

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Error of pixels, first squared, in the end almost absolute, which leaves no fog."""
        truth = as_pictures(batch["frames"])
        known = torch.rand(len(truth), device=truth.device) < LINES_SHARE
        painted = self._painted(batch, known)
        left = 1 - min(1.0, step / max(1, num_steps_estimate))
        error = rounded_error(painted, truth, LEAST_REACH + left * (MOST_REACH - LEAST_REACH))
        seen = unlike(self.critic, painted, truth)
        with torch.no_grad():
            wrong = (painted.clamp(-1, 1) - truth).abs().mean()
        return error + LOOK_WEIGHT * seen, {"wrong": float(wrong), "unlike": float(seen.detach())}

    def _painted(self, batch: dict[str, Any], lines_known: Tensor) -> Tensor:
        old, lines = as_pictures(batch["sources"]), as_lines(batch["sketch"])
        said = read_or_silent(self.text, batch["texts"], self.network.silence)
        return self.network(Page(picture=old, lines=lines, lines_known=lines_known), said)

    def sample(self, dir: Path, step: int) -> None:
        """Old looks, true new ones, painted ones."""
        device = next(self.network.parameters()).device
        torch.manual_seed(0)
        host = draw_pairs(self.stills, np.random.default_rng(5), 8)
        painted = self._painted(
            to_device(host, device), torch.ones(8, dtype=torch.bool, device=device)
        )
        rows = [host["sources"], host["frames"], to_frames(painted.clamp(-1, 1))]
        save_rows(dir / "looks.png", rows)
