"""StillCritic: which of several stills shows best what words ask for, and looks most like true ones.

A picture and a text are turned into vectors that lie near each other where they belong together (contrastive
learning, arXiv 2103.00020). Among the pictures that a text is compared with are made ones, so that what sets
true pictures apart from made ones counts as well (discriminator rejection sampling, arXiv 1810.06758).

Shape legend: B pictures, N texts, H x W pixels, F features, S text slots, E width of the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MOST_SHARP = 4.6  # log of the largest factor between likeness and logits


@dataclass(frozen=True, kw_only=True)
class StillCriticConfig:
    """Architecture of a `StillCritic`; widths at 1/2, 1/4, 1/8 and 1/16 resolution."""

    widths: tuple[int, int, int, int] = (40, 80, 120, 160)
    out_width: int = 192
    text_width: int = 128
    num_text_slots: int = 4


def _step(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.SiLU()]


class StillCritic(nn.Module):
    """Pictures and words to how well they go together."""

    config_class = StillCriticConfig
    kind = "still_critic"

    def __init__(self, config: StillCriticConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or StillCriticConfig()
        half, quarter, eighth, last = config.widths
        self.look = nn.ModuleList(
            [
                nn.Sequential(nn.PixelUnshuffle(2), *_step(12, half)),
                nn.Sequential(*_step(half, quarter, 2)),
                nn.Sequential(*_step(quarter, eighth, 2)),
                nn.Sequential(*_step(eighth, last, 2), *_step(last, last)),
            ]
        )
        out, told = config.out_width, config.text_width * config.num_text_slots
        self.silence = nn.Parameter(torch.zeros(config.num_text_slots, config.text_width))
        self.seen = nn.Sequential(
            nn.Linear(self.num_features, 2 * out), nn.SiLU(), nn.Linear(2 * out, out)
        )
        self.heard = nn.Sequential(nn.Linear(told, 2 * out), nn.SiLU(), nn.Linear(2 * out, out))
        self.sharpness = nn.Parameter(torch.tensor(2.3))
        self.to(memory_format=torch.channels_last)

    @property
    def num_features(self) -> int:
        """F, of `features`."""
        return 2 * sum(self.config.widths)

    def features(self, frames: Tensor) -> Tensor:
        """What is found in pictures (B, 3, H, W) in [-1, 1], on the whole and at its strongest: (B, F)."""
        x, found = frames.contiguous(memory_format=torch.channels_last), []
        for stage in self.look:  # a drop of rain is seen by the first, a forest by the last
            x = stage(x)
            found += [x.mean((2, 3)), x.amax((2, 3))]
        return torch.cat(found, 1)

    def words(self, said: Tensor) -> Tensor:
        """Vectors (N, E) of prompts (N, S, text_width) as a `TextEncoder` gives them, of length 1."""
        return F.normalize(self.heard(said.float().flatten(1)).float(), dim=1)

    def compared(self, features: Tensor, said: Tensor | None) -> Tensor:
        """How well pictures of these features go with each text, logits (B, N); None is no text, N = 1."""
        said = self.silence[None] if said is None else said
        seen = F.normalize(self.seen(features).float(), dim=1)
        return self.sharpness.clamp(max=MOST_SHARP).exp() * seen @ self.words(said).T

    def forward(self, frames: Tensor, said: Tensor | None) -> Tensor:
        """How well each of the pictures (B, 3, H, W) goes with each text; see `compared`."""
        return self.compared(self.features(frames), said)
