"""Training of the restyler: scenes in their old look to the look that words ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.critic import StillCritic
from playreel.core.frames import to_frames
from playreel.core.layout import LayoutModel, enlarged, shrunk
from playreel.core.painter import Page
from playreel.core.restyler import Repainted, Restyler, relief
from playreel.core.still_painter import StillPainter
from playreel.core.text import TextEncoder
from playreel.training.adversary import Adversary
from playreel.training.drafts import MADE, DraftPool, look_caption
from playreel.training.pictures import (
    Looks,
    PictureTask,
    as_lines,
    as_pictures,
    draw_looks,
    grained,
    read,
    read_or_silent,
    save_rows,
)
from playreel.training.reading import firm, misread, seen_apart
from playreel.training.stills_task import StillsTask
from playreel.training.task import to_device

LINES_SHARE = 0.4
PLAIN_SHARE = 0.4  # of the scenes that are in pixel style
MADE_SHARE = 0.25  # of the scenes that are painted by the still painter, as imperfect as it paints
FINE_WEIGHT = (
    3.0  # more than the others count pixels of lines and drops, which else are too few to matter
)
THIN_WEIGHT = 4.0  # beyond that, what is a single pixel across: a drop, a flake, an outline
FINE = 0.15  # distance from the mean of what is around, from which on a pixel stands out
DRAFTS = 6  # stills of captions alone, of which nobody knows how they would be in another look, at each step
#: Next to the likelihood of pixels: what the critic sees apart, what it misreads, the adversary's objection.
APART_WEIGHT, MISREAD_WEIGHT, OBJECTION_WEIGHT = 1.0, 0.05, 0.3
_HEARD_AFTER, _IN_FULL_AFTER = 25, 50  # steps of the adversary's own learning


class Lesson(NamedTuple):
    """What a step learns from.

    Attributes:
        looks: scenes, each in several looks.
        captions: of what drafts are made; none where there is no critic.
    """

    looks: Looks
    captions: list[str]


class RestylerTask(PictureTask[Restyler]):
    """Restyles procedural footage.

    Args:
        text: trained, frozen; reads the captions.
        painter: trained, frozen; makes stills of some scenes, for those are restyled as well. Where nothing
            else is given, what it knows of pictures is begun with.
        layout: trained, frozen; lays out drafts, which are restyled as well.
        critic: trained, frozen; with it, and the other two, paintings are also judged by what can be read
            off them, and by an adversary that begins with what the critic sees, anew when a run is resumed.
        options: see `PictureTask`; `batch_size` counts scenes.
    """

    name = "restyler"
    network_class = Restyler
    batch_size = 6
    num_looks = 4
    lr = 1.5e-3
    ema_decay = 0.998

    def __init__(
        self,
        text: TextEncoder,
        *,
        painter: StillPainter | None = None,
        layout: LayoutModel | None = None,
        critic: StillCritic | None = None,
        **options: Any,
    ) -> None:
        super().__init__(text, **options)
        self.painter = painter
        self.critic, self.drafts = None, None
        if critic is not None and layout is not None and painter is not None:
            self.critic, self.drafts = critic, DraftPool(text, layout, painter)
            self.frozen |= {"critic": critic, "layout": layout}
        self.adversary: Adversary | None = None
        self.num_heard = 0
        if painter is not None:
            self.frozen["stills"] = painter
            if options.get("start") is None:
                begin_with(self.network, painter)

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The filters between features."""
        return StillsTask.muon(name, weight)

    def batch(self, rng_seed: int) -> Lesson:
        """Scenes, each in several looks, and captions for drafts."""
        rng = np.random.default_rng(rng_seed)
        looks = draw_looks(
            self.stills,
            rng,
            self.batch_size,
            num_looks=self.num_looks,
            per_episode=2,
            plain=PLAIN_SHARE,
        )
        return Lesson(looks, [look_caption(rng) for _ in range(MADE if self.critic else 0)])

    def loss(
        self, batch: Lesson, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Negative log likelihood of the pixels, above all of those that stand out; see `_looked_at`."""
        looks = batch.looks
        sources, lines = as_pictures(looks.sources), as_lines(looks.sketch)
        known = torch.rand(len(sources), 1, 1, 1, device=sources.device) < LINES_SHARE
        if self.painter is not None:
            sources = self._partly_made(self.painter, sources)
        pixels, traces = self.network.scene(sources, torch.where(known, lines, -1.0))
        said = read_or_silent(self.text, looks.texts, self.network.silence)
        painted = self.network.paint((pixels[looks.scene], traces.taken(looks.scene)), said)
        truth = as_pictures(looks.frames)
        with torch.no_grad():
            wrong = (painted.likeliest() - truth).abs().mean()
        fine = (relief(truth).abs().mean(1) / FINE).clamp(max=1)
        thin = (thinness(truth) / FINE).clamp(max=1)
        weight = 1 + FINE_WEIGHT * fine + THIN_WEIGHT * thin
        loss = (painted.error(truth) * weight).sum() / weight.sum()
        figures = {"wrong": float(wrong)}
        if self.critic is not None:
            more, seen = self._looked_at(painted, truth, said.detach(), batch, step)
            loss, figures = loss + more, figures | seen
        return loss, figures

    def _looked_at(
        self, painted: Repainted, truth: Tensor, said: Tensor, batch: Lesson, step: int
    ) -> tuple[Tensor, dict[str, float]]:
        """What critic and adversary have against the paintings, and the critic against painted drafts."""
        assert self.critic is not None and self.drafts is not None
        size = (truth.shape[2], truth.shape[3])
        captions, drafts = self.drafts.draw(batch.captions, size, DRAFTS, step)
        told, _ = read(self.text, captions)
        made, over = firm(painted), firm(self.network(drafts, told))
        apart = seen_apart(self.critic, made, truth)
        wrong = misread(self.critic, self.text, grained(over), captions)
        wrong_looks = misread(self.critic, self.text, grained(made), batch.looks.texts)
        if self.adversary is None:
            self.adversary = Adversary(self.critic)
        # Of paintings alone whose truth is known: true scenes are fuller than drafts, and it would have the
        # restyler fill those with specks.
        with torch.enable_grad():
            fooled = self.adversary.learn(grained(truth), grained(made.detach()), said)
        self.num_heard += 1
        heard = (self.num_heard - _HEARD_AFTER) / (_IN_FULL_AFTER - _HEARD_AFTER)
        objection = OBJECTION_WEIGHT * min(max(heard, 0.0), 1.0)
        more = (
            APART_WEIGHT * apart
            + MISREAD_WEIGHT * (wrong + 0.5 * wrong_looks)
            + objection * self.adversary.objection(grained(made), said)
        )
        seen = {"apart": float(apart.detach()), "misread": float(wrong.detach())}
        return more, seen | {"fooled": fooled}

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
