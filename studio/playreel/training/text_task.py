"""Training of the text encoder: captions in two languages, read for what they were written of.

Learned from pictures alone, words come last: a text that is not understood is ignored, and so never
understood. Reading attributes out of captions takes minutes and gives every later stage words to go by.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.text import TextEncoder, TextEncoderConfig
from playreel.footage.captions import caption
from playreel.footage.spec import (
    CAMERAS,
    HERO_COLORS,
    HEROES,
    SHOT_SIZES,
    STYLES,
    THEMES,
    TIMES,
    WEATHERS,
    EpisodeSpec,
    sample_spec,
)

ATTRIBUTES = {
    "theme": THEMES,
    "time_of_day": TIMES,
    "weather": WEATHERS,
    "style": STYLES,
    "hero": HEROES,
    "hero_color": HERO_COLORS,
    "camera": CAMERAS,
    "shot_size": SHOT_SIZES,
}
OUT_WIDTH = 128


class TextTask:
    """Reads the attributes of footage out of its captions.

    Args:
        batch_size: captions a step.
    """

    name = "text"
    lr = 2e-3
    ema_decay = 0.99

    def __init__(self, *, batch_size: int = 64) -> None:
        self.batch_size = batch_size
        self.text = TextEncoder(TextEncoderConfig(out_width=OUT_WIDTH))
        width = OUT_WIDTH * self.text.config.num_slots
        self.heads = nn.ModuleDict(
            {name: nn.Linear(width, len(values)) for name, values in ATTRIBUTES.items()}
        )
        self.modules = {"text": self.text, "heads": self.heads}

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Texts and int64 (B, attributes)."""
        rng = np.random.default_rng(rng_seed)
        texts, labels = [], []
        for index in range(self.batch_size):
            spec = sample_spec(rng, "film")
            said = caption(spec, rng, ("en", "zh")[index % 2], num_frames=12)
            at = int(rng.integers(0, 12))
            texts.append(said.text_at(at))
            values = {**vars(spec), "shot_size": _shot_size(spec, at)}
            labels.append([ATTRIBUTES[name].index(values[name]) for name in ATTRIBUTES])
        return {"texts": texts, "labels": np.array(labels)}

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per attribute; captions leave some out, so it cannot reach 0."""
        read = self.text(batch["texts"]).float().flatten(1)
        labels = batch["labels"]
        losses = [
            F.cross_entropy(head(read).float(), labels[:, index])
            for index, head in enumerate(self.heads.values())
        ]
        with torch.no_grad():
            right = [
                (head(read).argmax(1) == labels[:, index]).float().mean()
                for index, head in enumerate(self.heads.values())
            ]
        loss = torch.stack(losses).mean()
        return loss, {"accuracy": float(torch.stack(right).mean())}

    def sample(self, dir: Path, step: int) -> None:
        """Captions and what is read of them."""
        batch = self.batch(3)
        read = self.text(batch["texts"][:12]).float().flatten(1)
        lines = []
        for row, text in enumerate(batch["texts"][:12]):
            found = [
                ATTRIBUTES[name][int(head(read[row]).argmax())] for name, head in self.heads.items()
            ]
            lines.append(f"{text}\n  {', '.join(found)}")
        (dir / "read.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def export(self, dir: Path) -> None:
        """`dir/text`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.text, dir / "text")


def _shot_size(spec: EpisodeSpec, frame: int) -> str:
    """The size of the shot that a frame belongs to."""
    for length, size in spec.shots:
        frame -= length
        if frame < 0:
            return size
    return spec.shots[0][1] if spec.shots else "wide"
