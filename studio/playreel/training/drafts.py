"""Drafts: stills as the film model draws them of captions, before they are painted over."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from playreel.core.layout import LayoutAsk, LayoutModel, draw_layouts
from playreel.core.still_painter import StillPainter, paint_layouts
from playreel.core.text import TextEncoder
from playreel.film.look import PLAIN, drawn_by
from playreel.footage import render_episode
from playreel.footage.captions import LANGUAGES
from playreel.footage.spec import COLOURLESS_STYLES, STYLES, WEATHERS, sample_spec
from playreel.training.pictures import read

EVERY, MADE, KEPT = 8, 4, 512  # steps between drafts made anew, how many, and how many are kept
GUIDANCE_SCALE = 2.0


class DraftPool:
    """Drafts to be painted over, by size, with the captions that they were made of.

    Args:
        text: reads the captions.
        layout: lays them out, and
        painter: paints them.
    """

    def __init__(self, text: TextEncoder, layout: LayoutModel, painter: StillPainter) -> None:
        self.text, self.layout, self.painter = text, layout, painter
        self.kept: dict[tuple[int, int], deque[tuple[str, Tensor]]] = {}

    def draw(
        self, captions: list[str], size: tuple[int, int], count: int, step: int
    ) -> tuple[list[str], Tensor]:
        """Captions and drafts (N, 3, H, W), of those that are kept, to which now and then new ones come.

        Args:
            captions: of what new ones are made.
            size: (height, width).
            count: N at the most.
            step: of the training.
        """
        kept = self.kept.setdefault(size, deque(maxlen=KEPT))
        if step % EVERY == 0 or not kept:
            some = captions[:MADE]
            words = [drawn_by(caption)[0] for caption in some]
            made = paint_drafts(self.text, self.layout, self.painter, words, size, num_steps=2)
            kept.extend(zip(some, made, strict=True))
        picked = [kept[int(i)] for i in torch.randperm(len(kept))[:count]]
        return [caption for caption, _ in picked], torch.stack([draft for _, draft in picked])


@torch.no_grad()
def paint_drafts(
    text: TextEncoder,
    layout: LayoutModel,
    painter: StillPainter,
    words: list[str],
    size: tuple[int, int],
    *,
    num_steps: int,
) -> Tensor:
    """A still (B, 3, H, W) of each text, "" for none, as `FilmModel.draw` paints it at first."""
    said, speaks = read(text, words)
    generator = torch.Generator(said.device).manual_seed(int(torch.randint(2**31, ())))
    small = draw_layouts(
        layout,
        LayoutAsk(said=torch.where(speaks[:, None, None], said, layout.silence)),
        count=len(words),
        size=size,
        guidance_scale=GUIDANCE_SCALE,
        temperature=1.0,
        generator=generator,
    )
    heard = torch.where(speaks[:, None, None], said, painter.silence)
    return paint_layouts(
        painter, small, heard, num_steps=num_steps, temperature=1.0, generator=generator
    )


def look_caption(rng: np.random.Generator) -> str:
    """A caption that names place, weather and a style other than the plain one, and the hour if it shows."""
    others = [style for style in STYLES if style != PLAIN]
    spec = replace(
        sample_spec(rng, "film", held_out=False),
        shots=((10_000, "wide"),),
        style=str(rng.choice(others)),
        weather=str(rng.choice(WEATHERS)),
    )
    named = {name: str(getattr(spec, name)) for name in ("theme", "weather", "style")}
    if spec.style not in COLOURLESS_STYLES:
        named["time_of_day"] = spec.time_of_day
    lang = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    return render_episode(spec, 2).captions(lang, rng, named=named).text_at(0)
