"""Training of the critic: which stills are true, and which of them a text is about."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.critic import StillCritic
from playreel.core.frames import to_frames
from playreel.core.layout import LayoutAsk, LayoutModel, draw_layouts
from playreel.core.restyler import Restyler
from playreel.core.still_painter import StillPainter, paint_layouts
from playreel.core.text import TextEncoder
from playreel.film.look import drawn_by
from playreel.footage import EpisodeSpec, render_episode
from playreel.footage.spec import COLOURLESS_STYLES, HEROES
from playreel.training.evaluation.prompts import ATTRIBUTES, HIDDEN_BY_STYLE
from playreel.training.pictures import PictureTask, as_pictures, read, read_or_silent, save_rows
from playreel.training.schooling import Curriculum

#: Attributes of which one is another in pictures that are otherwise alike.
VARIED = {name: ATTRIBUTES[name] for name in ("theme", "weather", "style")} | {
    "hero": HEROES,
    **{name: ATTRIBUTES[name] for name in reversed(HIDDEN_BY_STYLE)},
}
NAMED_SHARE = 0.6  # of the captions that leave none of them out
WIDE_SHARE = 0.6  # of the episodes whose cuts are left out
_MOST_FRAMES = 12  # of an episode before the one that is looked at
#: Steps between stills made anew, how many at a time, how many are kept, and how many a step looks at.
EVERY, MADE, KEPT, SHOWN = 8, 8, 1024, 20
DRAFT_SHARE = 0.4  # of the stills that are made
MOST_GRAIN = 0.02  # on true and made pictures alike, so that nothing is told by its last bits
SURE = 5.0  # logit beyond which a true picture has nothing to gain


def family(spec: EpisodeSpec, rng: np.random.Generator) -> list[EpisodeSpec]:
    """An episode and others that differ from it in a single attribute, one for each that it shows."""
    specs = [spec]
    for name, values in VARIED.items():
        if spec.style in COLOURLESS_STYLES and name in HIDDEN_BY_STYLE:
            continue
        others = [value for value in values if value != getattr(spec, name)]
        specs.append(replace(spec, **{name: str(rng.choice(others))}))
    return specs


def draw_families(
    curriculum: Curriculum, rng: np.random.Generator, count: int, *, silent: float
) -> dict[str, Any]:
    """Stills of one aspect, those of a family alike but for one attribute.

    Args:
        curriculum: what is drawn.
        rng: the only source of randomness.
        count: how many families.
        silent: share of captions that are left out.

    Returns:
        `frames` uint8 (N, H, W, 3) and `texts`, a list of N.
    """
    aspect = curriculum.draw_aspect(rng)
    frames, texts = [], []
    for _ in range(count):
        index = int(rng.integers(_MOST_FRAMES))
        own = curriculum.draw_episode(rng, aspect, index + 1).spec
        if rng.random() < WIDE_SHARE:
            own = replace(own, shots=())
        for spec in family(own, rng):
            episode = render_episode(spec, index + 1)
            another = [name for name in VARIED if getattr(spec, name) != getattr(own, name)]
            named = VARIED if rng.random() < NAMED_SHARE else another
            caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng, named=named)
            frames.append(episode.frames[index])
            texts.append("" if rng.random() < silent else caption.text_at(index))
    return {"frames": np.stack(frames), "texts": texts}


@dataclass(frozen=True)
class _Made:
    """A true still, its caption and what the film model makes of the caption, each (3, H, W)."""

    text: str
    true: Tensor
    made: Tensor


class CriticTask(PictureTask[StillCritic]):
    """Learns to tell which still a text is about, and true stills from made ones.

    Args:
        text: trained, frozen; reads the captions.
        layout: trained, frozen; with
        painter: makes the pictures that true ones are compared with.
        restyler: trained, frozen; paints them over as `playreel.film.drawing` does. None leaves that out.
        options: see `PictureTask`; `batch_size` counts families.
    """

    name = "critic"
    network_class = StillCritic
    batch_size = 5
    lr = 1.5e-3
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
        super().__init__(text, **options)
        self.layout, self.painter, self.restyler = layout, painter, restyler
        self.frozen |= {"layout": layout, "stills": painter}
        if restyler is not None:
            self.frozen["restyler"] = restyler
        self.made: dict[tuple[int, ...], deque[_Made]] = {}

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Families of stills and their texts."""
        rng = np.random.default_rng(rng_seed)
        return draw_families(self.stills, rng, self.batch_size, silent=self.silent)

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy of which picture is whose, and of which of a pair is the true one."""
        true, texts = as_pictures(batch["frames"]), list(batch["texts"])
        kept = self.made.setdefault(tuple(true.shape[2:]), deque(maxlen=KEPT))
        if step % EVERY == 0 or not kept:
            kept.extend(self._made(true, texts))
        shown = [kept[int(i)] for i in torch.randperm(len(kept))[:SHOWN]]
        texts += [pair.text for pair in shown]
        true = torch.cat([true, *(pair.true[None] for pair in shown)])
        pictures = torch.cat([true, *(pair.made[None] for pair in shown)])
        said = read_or_silent(self.text, texts, self.network.silence)
        logits = self.network(_grained(pictures), said)
        return self._compared(logits, texts, len(shown))

    @staticmethod
    def _compared(
        logits: Tensor, texts: list[str], num_made: int
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of logits (pictures, texts): true pictures, then those made of the last texts."""
        count, own = len(texts), torch.arange(len(texts), device=logits.device)
        speaks = torch.tensor([bool(text) for text in texts], device=logits.device)
        found = F.cross_entropy(logits.T[speaks], own[speaks])
        # Of a picture's texts, only those that say something are another's.
        of_true = logits[:count].masked_fill(
            ~speaks & ~torch.eye(count, device=own.device).bool(), -1e4
        )
        named = F.cross_entropy(of_true[speaks], own[speaks])
        pairs = own[count - num_made :]
        real, made = logits[pairs, pairs], logits[pairs + num_made, pairs]
        told = F.softplus(made - real) + 0.5 * (F.softplus(SURE - real) + F.softplus(made - SURE))
        figures = {
            "found": (logits.T[speaks].argmax(1) == own[speaks]).float().mean(),
            "named": (of_true[speaks].argmax(1) == own[speaks]).float().mean(),
            "told": (real > made).float().mean(),
        }
        loss = found + named + told.mean()
        return loss, {name: float(value) for name, value in figures.items()}

    @torch.no_grad()
    def _made(self, true: Tensor, texts: list[str]) -> list[_Made]:
        """Some of the pictures with what the film model makes of their texts."""
        picked = torch.randperm(len(texts))[:MADE].tolist()
        some = [texts[i] for i in picked]
        drawn = [drawn_by(text) if text and self.restyler else (text, False) for text in some]
        said, speaks = read(self.text, [words for words, _ in drawn])
        heard = torch.where(speaks[:, None, None], said, self.layout.silence)
        generator = torch.Generator(true.device).manual_seed(int(torch.randint(2**31, ())))
        options: dict[str, Any] = {"temperature": 1.0, "generator": generator}
        small = draw_layouts(
            self.layout, LayoutAsk(said=heard), count=len(some), size=tuple(true.shape[2:]),
            guidance_scale=2.0, **options,
        )  # fmt: skip
        heard = torch.where(speaks[:, None, None], said, self.painter.silence)
        steps = 1 if float(torch.rand(())) < DRAFT_SHARE else 2
        made = paint_layouts(self.painter, small, heard, num_steps=steps, **options)
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
        host = draw_families(self.stills, np.random.default_rng(5), 1, silent=0)
        true, rows = as_pictures(torch.from_numpy(host["frames"]).to(device)), []
        for index, text in enumerate(host["texts"][:4]):
            made = torch.stack(
                [p.made for p in self._made(true[index].expand(8, -1, -1, -1), [text] * 8)]
            )
            said, _ = read(self.text, [text])
            order = self.network(made, said)[:, 0].argsort(descending=True)
            rows.append(to_frames(torch.cat([true[index : index + 1], made[order]])))
        save_rows(dir / "choices.png", rows)


def _grained(pictures: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) a little brighter or darker, and with grain."""
    some = [torch.rand(len(pictures), 1, 1, 1, device=pictures.device) for _ in range(2)]
    grain = some[0] * torch.randn_like(pictures) + 2 * some[1] - 1
    return (pictures + MOST_GRAIN * grain).clamp(-1, 1)
