"""Training of the restyler: scenes in their old look to the look that words ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.frames import to_frames
from playreel.core.layout import enlarged, shrunk
from playreel.core.painter import Page
from playreel.core.restyler import Restyler, relief
from playreel.core.still_painter import StillPainter
from playreel.core.text import TextEncoder
from playreel.training.pictures import (
    Looks,
    PictureTask,
    as_lines,
    as_pictures,
    draw_looks,
    read_or_silent,
    save_rows,
)
from playreel.training.stills_task import StillsTask
from playreel.training.task import to_device

LINES_SHARE = 0.4
PLAIN_SHARE = 0.75  # of the scenes that are in pixel style
MADE_SHARE = 0.25  # of the scenes that are painted by the still painter, as imperfect as it paints
FINE_WEIGHT = (
    3.0  # more than the others count pixels of lines and drops, which else are too few to matter
)
THIN_WEIGHT = 4.0  # beyond that, what is a single pixel across: a drop, a flake, an outline
FINE = 0.15  # distance from the mean of what is around, from which on a pixel stands out


class RestylerTask(PictureTask[Restyler]):
    """Restyles procedural footage.

    Args:
        text: trained, frozen; reads the captions.
        painter: trained, frozen; makes stills of some scenes, for those are restyled as well. Where nothing
            else is given, what it knows of pictures is begun with.
        options: see `PictureTask`; `batch_size` counts scenes.
    """

    name = "restyler"
    network_class = Restyler
    batch_size = 6
    num_looks = 4
    lr = 1.5e-3
    ema_decay = 0.998

    def __init__(
        self, text: TextEncoder, *, painter: StillPainter | None = None, **options: Any
    ) -> None:
        super().__init__(text, **options)
        self.painter = painter
        if painter is not None:
            self.frozen["stills"] = painter
            if options.get("start") is None:
                begin_with(self.network, painter)

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The filters between features."""
        return StillsTask.muon(name, weight)

    def batch(self, rng_seed: int) -> Looks:
        """Scenes, each in several looks."""
        return draw_looks(
            self.stills,
            np.random.default_rng(rng_seed),
            self.batch_size,
            num_looks=self.num_looks,
            per_episode=2,
            plain=PLAIN_SHARE,
        )

    def loss(
        self, batch: Looks, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Negative log likelihood of the pixels, above all of those that stand out."""
        sources, lines = as_pictures(batch.sources), as_lines(batch.sketch)
        known = torch.rand(len(sources), 1, 1, 1, device=sources.device) < LINES_SHARE
        if self.painter is not None:
            sources = self._partly_made(self.painter, sources)
        pixels, traces = self.network.scene(sources, torch.where(known, lines, -1.0))
        said = read_or_silent(self.text, batch.texts, self.network.silence)
        painted = self.network.paint((pixels[batch.scene], traces.taken(batch.scene)), said)
        truth = as_pictures(batch.frames)
        with torch.no_grad():
            wrong = (painted.likeliest() - truth).abs().mean()
        fine = (relief(truth).abs().mean(1) / FINE).clamp(max=1)
        thin = (thinness(truth) / FINE).clamp(max=1)
        weight = 1 + FINE_WEIGHT * fine + THIN_WEIGHT * thin
        loss = (painted.error(truth) * weight).sum() / weight.sum()
        return loss, {"wrong": float(wrong)}

    @torch.no_grad()
    def _partly_made(self, painter: StillPainter, sources: Tensor) -> Tensor:
        """The sources (B, 3, H, W), some as the still painter makes them of their layouts."""
        some = torch.rand(len(sources)) < MADE_SHARE
        if not some.any():
            return sources
        made = sources.clone()
        page = Page(picture=enlarged(shrunk(sources[some])))
        made[some] = painter(page, None).likeliest().to(made.dtype)
        return made

    def sample(self, dir: Path, step: int) -> None:
        """Old looks, true new ones, painted ones."""
        device = next(self.network.parameters()).device
        host = draw_looks(self.stills, np.random.default_rng(5), 8, num_looks=1, plain=PLAIN_SHARE)
        batch = to_device(host, device)
        said = read_or_silent(self.text, host.texts, self.network.silence)
        painted = self.network(as_pictures(batch.sources)[batch.scene], said).likeliest()
        save_rows(dir / "looks.png", [host.sources[host.scene], host.frames, to_frames(painted)])


@torch.no_grad()
def begin_with(restyler: Restyler, painter: StillPainter) -> None:
    """Take over what a painter of stills knows of pictures, as far as the two are built alike."""
    own = restyler.state_dict()
    shared = {
        name: weight
        for name, weight in painter.state_dict().items()
        if name in own and weight.shape == own[name].shape
    }
    restyler.load_state_dict(shared, strict=False)


def thinness(picture: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H, W): by how much a pixel differs from both neighbours on a line through it."""
    wide = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    left, right = wide[..., 1:-1, :-2], wide[..., 1:-1, 2:]
    above, below = wide[..., :-2, 1:-1], wide[..., 2:, 1:-1]
    across, down = (
        torch.minimum((picture - one).abs().mean(1), (picture - other).abs().mean(1))
        for one, other in ((left, right), (above, below))
    )
    return torch.maximum(across, down)
