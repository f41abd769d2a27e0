"""Training of the still painter: from layout, lines and words to every pixel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.frames import to_frames
from playreel.core.layout import SHRINK, enlarged, shrunk
from playreel.core.painter import Page
from playreel.core.still_painter import StillPainter, paint_stills, with_known
from playreel.training.pictures import (
    PictureTask,
    as_lines,
    as_pictures,
    draw_pictures,
    read,
    read_or_silent,
    rounded_error,
    save_rows,
)

SKETCH_SHARE = 0.6
MOST_NOISE = 0.2  # of a layout, as a sampler's may be wrong
ALONE_WEIGHT = 0.2  # of the error of pixels that do not see each other, as in a draft
MEAN_WEIGHT, MEAN_REACH = 15.0, 0.1  # of the mean's error
SETTLED_SHARE = 0.2  # of the stills that come with some pixels settled
WRONG_SHARE = 0.1  # of the settled pixels


class StillsTask(PictureTask[StillPainter]):
    """Paints procedural stills."""

    name = "stills"
    network_class = StillPainter
    batch_size = 16
    lr = 1.5e-3
    ema_decay = 0.998
    silent = 0.1
    per_episode = 4
    # A drawn layout is too coarse to say where every drop is: words are to be enough.
    dry = 0.6
    by_hand = 0.3

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """All filters but the last layer's."""
        if ".pixels." in name:
            return weight.ndim == 2 and min(weight.shape) >= 64
        return weight.ndim == 4 and min(weight.shape[:2]) >= 32 and ".point." not in name

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Negative log likelihood of the pixels, each by those before it."""
        frames = as_pictures(batch["frames"])
        known = torch.rand(len(frames), device=frames.device) < SKETCH_SHARE
        page = _page(as_pictures(batch["scenes"]), as_lines(batch["sketch"]), known)
        page = _settled(page, frames)
        said = read_or_silent(self.text, batch["texts"], self.network.silence)
        alone = self.network(page, said)
        with torch.no_grad():
            choice = alone.nearest(frames)
        paints = self.network.informed(alone, choice)
        with torch.no_grad():
            wrong = (paints.likeliest() - frames).abs().mean()
        mean = rounded_error(paints.mean, frames, MEAN_REACH)
        by_itself = alone.error(frames).mean()
        loss = paints.error(frames).mean() + ALONE_WEIGHT * by_itself + MEAN_WEIGHT * mean
        figures = {"wrong": wrong, "mean": mean.detach(), "alone": by_itself.detach()}
        return loss, {name: float(value) for name, value in figures.items()}

    def sample(self, dir: Path, step: int) -> None:
        """True stills, and painted ones by lines and layout, and by layout alone."""
        device = next(self.network.parameters()).device
        torch.manual_seed(0)
        host = draw_pictures(self.stills, np.random.default_rng(5), 8, silent=0)
        frames = as_pictures(torch.from_numpy(host["frames"]).to(device))
        lines = as_lines(torch.from_numpy(host["sketch"]).to(device))
        said, _ = read(self.text, host["texts"])
        rows = [host["frames"]]
        generator = torch.Generator(device).manual_seed(0)
        for share in (1.0, 0.0):
            known = torch.full((len(frames),), share, device=device) > 0
            painted = paint_stills(
                self.network,
                _page(frames, lines, known),
                said,
                num_steps=2,
                temperature=1.0,
                generator=generator,
            )
            rows.append(to_frames(painted))
        save_rows(dir / "stills.png", rows)


def _page(frames: Tensor, lines: Tensor, lines_known: Tensor) -> Page:
    """The layout, as wrong as a drawn one may be, how wrong that is, and the lines."""
    small = shrunk(frames)
    count, device = len(frames), frames.device
    amount = torch.rand(count, 1, 1, 1, device=device).square() * MOST_NOISE
    small = small + amount * torch.randn_like(small)
    blur = F.avg_pool2d(F.pad(small, (1, 1, 1, 1), mode="replicate"), 3, 1)
    vague = torch.rand(count, 1, *small.shape[2:], device=device) < 1.5 * amount
    picture = enlarged(torch.where(vague, blur, small)).clamp(-1, 1)
    page = Page(picture=picture, lines=lines, lines_known=lines_known)
    return replace(page, rough=(amount / MOST_NOISE).expand_as(lines))


def _settled(page: Page, frames: Tensor) -> Page:
    """The page with some true pixels, and some that belong elsewhere."""
    count, _, height, width = frames.shape
    device = frames.device
    share = 0.5 * torch.rand(count, 1, 1, 1, device=device) ** 3
    share = share * (torch.rand_like(share) < SETTLED_SHARE)
    known = torch.rand(count, 1, height, width, device=device) < share
    wrong = torch.rand(count, 1, height, width, device=device) < WRONG_SHARE
    down, right = (int(torch.randint(-2 * SHRINK, 2 * SHRINK, ())) for _ in range(2))
    return with_known(page, torch.where(wrong, frames.roll((down, right), (2, 3)), frames), known)
