"""Training of the critic: what stills show, which of them a text is about, and which are true."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.critic import StillCritic
from playreel.core.frames import to_frames
from playreel.core.layout import LayoutModel
from playreel.core.restyler import Restyler
from playreel.core.still_painter import StillPainter
from playreel.core.text import TextEncoder
from playreel.film.look import drawn_by
from playreel.training.drafts import paint_drafts
from playreel.training.pictures import (
    PictureTask,
    as_pictures,
    grained,
    read,
    read_or_silent,
    save_rows,
)
from playreel.training.questions import PER_EPISODE, QUESTIONED, EpisodeShelf, Questions, ask

#: Steps between stills made anew, how many at a time, how many are kept, and how many a step looks at.
EVERY, MADE, KEPT, SHOWN = 64, 6, 512, 3
#: Of true scenes painted over, how many are new at each step, and how many it looks at.
PAINTED, PAINTED_SHOWN = 3, 16
DRAFT_SHARE = 0.4  # of the stills that are made
FOUND_WEIGHT = 0.1  # of whose a caption is, next to what a picture shows
SURE = 5.0  # logit beyond which a true picture has nothing to gain


@dataclass(frozen=True)
class _Made:
    """A true still (3, H, W), its caption, and a still that the film model made.

    Attributes:
        labels: attribute to what the made one shows, (); None where it was made of the caption alone, so that
            nobody knows.
    """

    text: str
    true: Tensor
    made: Tensor
    labels: dict[str, Tensor] | None = None


class CriticTask(PictureTask[StillCritic]):
    """Learns to tell which still a text is about, and true stills from made ones.

    Args:
        text: trained, frozen; reads the captions.
        layout: trained, frozen; with
        painter: makes the pictures that true ones are compared with.
        restyler: trained, frozen; paints them over as `playreel.film.drawing` does. None leaves that out.
        options: see `PictureTask`; `batch_size` counts episodes.
    """

    name = "critic"
    network_class = StillCritic
    batch_size = 16
    lr = 3e-3
    ema_decay = 0.995
    weight_decay = 0.05
    silent = 0.08

    def __init__(
        self,
        text: TextEncoder,
        layout: LayoutModel,
        painter: StillPainter,
        restyler: Restyler | None = None,
        **options: Any,
    ) -> None:
        super().__init__(text, **{"stills": QUESTIONED} | options)
        self.layout, self.painter, self.restyler = layout, painter, restyler
        self.frozen |= {"layout": layout, "stills": painter}
        if restyler is not None:
            self.frozen["restyler"] = restyler
        self.shelf = EpisodeShelf(self.stills)
        self.made: dict[tuple[int, ...], deque[_Made]] = {}
        self.painted: dict[tuple[int, ...], deque[_Made]] = {}

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The filters between features."""
        return weight.ndim == 4 and name.startswith("critic.look") and weight.shape[1] > 12

    def batch(self, rng_seed: int) -> Questions:
        """Stills, and texts to choose from."""
        rng = np.random.default_rng(rng_seed)
        num_twins = PAINTED if self.restyler is not None else 0
        return ask(self.shelf.draw(rng, self.batch_size), rng, num_twins=num_twins)

    def loss(
        self, batch: Questions, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy of what a picture shows, whose a caption is, and which of a pair is the true one."""
        pictures = as_pictures(batch.frames)
        firsts = torch.arange(0, len(pictures), PER_EPISODE, device=pictures.device)
        painted = self._painted(batch)
        pairs = [*painted, *self._pairs(pictures[firsts], batch.captions, step)]
        beside = torch.stack([*(pair.true for pair in pairs), *(pair.made for pair in pairs)])
        # All at once, so that they are normalised alike.
        features = self.network.features(grained(torch.cat([pictures, beside])))
        shown, compared = features.split([len(pictures), len(beside)])
        # What is chosen among is made: it is asked about as true pictures are.
        labels = {
            name: torch.cat([truth, *(pair.labels[name][None] for pair in painted if pair.labels)])
            for name, truth in batch.labels.items()
        }
        known = torch.cat([shown, compared[len(pairs) :][: len(painted)]])
        named, figures = self._named(known, batch.words, labels)
        said = read_or_silent(self.text, batch.captions, self.network.silence)
        whose = self.network.compared(shown[firsts], said)
        order = torch.arange(len(said), device=whose.device)
        found = F.cross_entropy(whose.T, order) + F.cross_entropy(whose, order)
        told, apart = self._told(compared, pairs)
        return named + FOUND_WEIGHT * found + told, figures | {"told": apart}

    def _named(
        self, features: Tensor, words: dict[str, list[str]], labels: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy of the words for what pictures show, and the shares that are right."""
        said, _ = read(self.text, [word for ways in words.values() for word in ways])
        logits = self.network.compared(features, said)
        losses, right = [], {}
        asked = logits.split([len(ways) for ways in words.values()], dim=1)
        for (name, truth), about in zip(labels.items(), asked, strict=True):
            if (truth >= 0).any():
                losses.append(F.cross_entropy(about, truth, ignore_index=-1))
                hits = about.argmax(1)[truth >= 0] == truth[truth >= 0]
                right[name] = float(hits.float().mean())
        return torch.stack(losses).mean(), right

    @torch.no_grad()
    def _painted(self, batch: Questions) -> list[_Made]:
        """Some of the kept true scenes that were painted over, to which those of the batch come."""
        kept = self.painted.setdefault(tuple(batch.frames.shape[1:3]), deque(maxlen=KEPT))
        if self.restyler is not None and len(batch.twins):
            texts = [batch.captions[int(place)] for place in batch.twin_of]
            looks, _ = read(self.text, texts)
            made = self.restyler(as_pictures(batch.twins), looks).likeliest()
            firsts = batch.twin_of * PER_EPISODE
            true = as_pictures(batch.frames[firsts])
            for place, first in enumerate(firsts.tolist()):
                labels = {name: truth[first] for name, truth in batch.labels.items()}
                kept.append(_Made(texts[place], true[place], made[place], labels))
        return [kept[int(i)] for i in torch.randperm(len(kept))[:PAINTED_SHOWN]]

    def _pairs(self, true: Tensor, texts: list[str], step: int) -> list[_Made]:
        """Some of the kept pairs of a true picture and a made one, to which now and then new ones come."""
        kept = self.made.setdefault(tuple(true.shape[2:]), deque(maxlen=KEPT))
        if step % EVERY == 0 or not kept:
            said = ["" if float(torch.rand(())) < self.silent else text for text in texts]
            kept.extend(self._made(true, said))
        return [kept[int(i)] for i in torch.randperm(len(kept))[:SHOWN]]

    def _told(self, features: Tensor, pairs: list[_Made]) -> tuple[Tensor, float]:
        """How badly the true of pairs, then the made ones, are told apart, and the share that are."""
        said = read_or_silent(self.text, [pair.text for pair in pairs], self.network.silence)
        both = self.network.compared(features, said)
        real, made = both[: len(pairs)].diagonal(), both[len(pairs) :].diagonal()
        told = F.softplus(made - real) + 0.5 * (F.softplus(SURE - real) + F.softplus(made - SURE))
        return told.mean(), float((real > made).float().mean())

    @torch.no_grad()
    def _made(self, true: Tensor, texts: list[str]) -> list[_Made]:
        """Some of the pictures with what the film model makes of their texts."""
        picked = torch.randperm(len(texts))[:MADE].tolist()
        some = [texts[i] for i in picked]
        drawn = [drawn_by(text) if text and self.restyler else (text, False) for text in some]
        steps = 1 if float(torch.rand(())) < DRAFT_SHARE else 2
        size = (true.shape[2], true.shape[3])
        words = [words for words, _ in drawn]
        made = paint_drafts(self.text, self.layout, self.painter, words, size, num_steps=steps)
        over = [place for place, (_, is_over) in enumerate(drawn) if is_over]
        if over and self.restyler is not None:
            looks, _ = read(self.text, [some[place] for place in over])
            made = made.clone()
            made[over] = self.restyler(made[over], looks).likeliest()
        return [_Made(some[index], true[where], made[index]) for index, where in enumerate(picked)]

    def sample(self, dir: Path, step: int) -> None:
        """Made stills of one caption, from the one that pleases most to the one that pleases least."""
        torch.manual_seed(0)
        device = next(self.network.parameters()).device
        rng = np.random.default_rng(5)
        host = ask(EpisodeShelf(self.stills).draw(rng, 4), rng)
        true, rows = as_pictures(torch.from_numpy(host.frames[::PER_EPISODE]).to(device)), []
        for index, text in enumerate(host.captions):
            made = torch.stack(
                [p.made for p in self._made(true[index].expand(8, -1, -1, -1), [text] * 8)]
            )
            said, _ = read(self.text, [text])
            order = self.network(made, said)[:, 0].argsort(descending=True)
            rows.append(to_frames(torch.cat([true[index : index + 1], made[order]])))
        save_rows(dir / "choices.png", rows)
