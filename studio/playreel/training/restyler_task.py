"""Training of the restyler: scenes in their old look to the look that words ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.painter import Page
from playreel.core.still_painter import StillPainter
from playreel.core.text import TextEncoder
from playreel.training.pictures import (
    as_lines,
    as_pictures,
    draw_pairs,
    read_or_silent,
    rounded_error,
    save_rows,
)
from playreel.training.stills_task import MEAN_REACH, MEAN_WEIGHT, StillsTask
from playreel.training.task import to_device

LINES_SHARE = 0.5
PLAIN_SHARE = 0.75  # of the scenes that are pixel style, and change nothing but their style


class RestylerTask(StillsTask):
    """Restyles procedural footage: every pixel by itself, for what it shows is in the old picture already.

    Args:
        text: trained, frozen; reads the captions.
        painter: paints stills; its weights are begun with.
        options: see `PictureTask`.
    """

    name = "restyler"
    batch_size = 12

    def __init__(
        self, text: TextEncoder, *, painter: StillPainter | None = None, **options: Any
    ) -> None:
        if painter is not None:
            options["start"] = alone(painter)
        super().__init__(text, **options)

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Scenes in two looks, with sketches and texts."""
        rng = np.random.default_rng(rng_seed)
        return draw_pairs(self.stills, rng, self.batch_size, per_episode=2, plain=PLAIN_SHARE)

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Negative log likelihood of the pixels, and the error of the mean that the palette is found in."""
        frames = as_pictures(batch["frames"])
        known = torch.rand(len(frames), device=frames.device) < LINES_SHARE
        paints = self.network(*self._told(batch, known))
        mean = rounded_error(paints.mean, frames, MEAN_REACH)
        with torch.no_grad():
            wrong = (paints.likeliest() - frames).abs().mean()
        loss = paints.error(frames).mean() + MEAN_WEIGHT * mean
        return loss, {"wrong": float(wrong), "mean": float(mean.detach())}

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


def alone(painter: StillPainter) -> StillPainter:
    """A painter of pixels that do not see each other, with the weights of one whose pixels may."""
    restyler = StillPainter(replace(painter.config, num_block_layers=0))
    weights = {k: v for k, v in painter.state_dict().items() if not k.startswith("pixels.")}
    restyler.load_state_dict(weights)
    return restyler
