"""Restyler: a picture in another look, as words say it.

A regression by a U-Net: where things are is told by the picture itself, which colours they get by the words,
so they modulate every block. Every frame is treated alike, so nothing flickers that did not.

Shape legend: B batch, H x W pixels, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.painter import NUM_PLANES, Page
from playreel.core.unet import UNet, UNetConfig


@dataclass(frozen=True, kw_only=True)
class RestylerConfig(UNetConfig):
    """Architecture of a `Restyler`."""


class Restyler(UNet):
    """A `Page` that shows the old look, and words, to the new look."""

    config_class = RestylerConfig
    kind = "restyler"

    def __init__(self, config: RestylerConfig | None = None) -> None:
        config = config or RestylerConfig()
        super().__init__(config, NUM_PLANES, levelled=True)
        half = config.widths[0]
        self.always = nn.Parameter(torch.zeros(self.silence.numel()))
        self.out = nn.Sequential(
            nn.GroupNorm(8, half),
            nn.SiLU(),
            nn.Conv2d(half, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )
        nn.init.normal_(self.out[2].weight, 0, 0.01)
        self.to(memory_format=torch.channels_last)

    def forward(self, page: Page, said: Tensor | None) -> Tensor:
        """Paint.

        Args:
            page: the picture in its old look, and lines to hold on to.
            said: (B, S, text_width), the prompts as a `TextEncoder` gives them; None for none.

        Returns:
            Pictures (B, 3, H, W) in about [-1, 1].
        """
        planes = page.planes()
        condition = F.silu(self.words(said, len(planes)) + self.always)
        return page.picture + self.out(self.features(planes, condition).half).float()
