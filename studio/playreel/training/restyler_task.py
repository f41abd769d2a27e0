"""Training of the restyler: scenes in their old look to the look that words ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.painter import Page
from playreel.training.pictures import (
    as_lines,
    as_pictures,
    draw_pairs,
    read_or_silent,
    save_rows,
)
from playreel.training.stills_task import StillsTask, paints_error
from playreel.training.task import to_device

LINES_SHARE = 0.5
PLAIN_SHARE = 0.6  # of the scenes that are pixel style, and change nothing but their style
ALONE_WEIGHT = 0.5  # of the error of pixels that do not see each other, as in films


class RestylerTask(StillsTask):
    """Restyles procedural footage."""

    name = "restyler"
    batch_size = 12

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Scenes in two looks, with sketches and texts."""
        rng = np.random.default_rng(rng_seed)
        return draw_pairs(self.stills, rng, self.batch_size, per_episode=2, plain=PLAIN_SHARE)

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Negative log likelihood of the pixels, each by those before it and each by itself."""
        frames = as_pictures(batch["frames"])
        known = torch.rand(len(frames), device=frames.device) < LINES_SHARE
        page, said = self._told(batch, known)
        return paints_error(self.network, page, said, frames, alone_weight=ALONE_WEIGHT)

    def _told(self, batch: dict[str, Any], lines_known: Tensor) -> tuple[Page, Tensor]:
        old, lines = as_pictures(batch["sources"]), as_lines(batch["sketch"])
        said = read_or_silent(self.text, batch["texts"], self.network.silence)
        return Page(picture=old, lines=lines, lines_known=lines_known), said

    def sample(self, dir: Path, step: int) -> None:
        """Old looks, true new ones, painted ones."""
        device = next(self.network.parameters()).device
        torch.manual_seed(0)
        host = draw_pairs(self.stills, np.random.default_rng(5), 8, plain=PLAIN_SHARE)
        known = torch.ones(8, dtype=torch.bool, device=device)
        painted = self.network(*self._told(to_device(host, device), known)).likeliest()
        rows = [host["sources"], host["frames"], to_frames(painted)]
        save_rows(dir / "looks.png", rows)
