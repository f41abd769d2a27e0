"""Painter: a crisp still from lines, words and the coarse colours that the transformer chose.

The transformer decides what a still shows, a token at a time; its fine digits are the last thing that it
learns. The painter renders: it is given the colour of each token and the line drawing, and gives every pixel
(a cascade, after arXiv 2106.15282, with a regression in place of the second diffusion model).

Shape legend: B batch, H x W pixels, h = H/8, w = W/8.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.text import TextEncoder, TextEncoderConfig

PATCH = 8


@dataclass(frozen=True, kw_only=True)
class PainterConfig:
    """Architecture of a `Painter`; widths at full, 1/2, 1/4 and 1/8 resolution."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 160)
    num_blocks: int = 3
    text_width: int = 64


class _Styled(nn.Module):
    """x + conv(silu(norm(x) * scale + shift)), scale and shift told by the words."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.affine = nn.Linear(condition, 2 * width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.affine(condition)[..., None, None].chunk(2, dim=1)
        return x + self.conv(F.silu(self.norm(x) * (1 + scale) + shift))


class Painter(nn.Module):
    """Lines, words and coarse colours to pixels."""

    config_class = PainterConfig
    kind = "painter"

    def __init__(self, config: PainterConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or PainterConfig()
        full, half, quarter, eighth = config.widths
        text = TextEncoderConfig(out_width=config.text_width)
        self.text = TextEncoder(text)
        condition = config.text_width * text.num_slots
        self.enter = nn.Conv2d(4, full, 3, padding=1)  # lines, whether there are any, row, column
        self.to_half = nn.Conv2d(full, half, 4, stride=2, padding=1)
        self.half_in = _Styled(half, condition)
        self.to_quarter = nn.Conv2d(half, quarter, 4, stride=2, padding=1)
        self.quarter_in = _Styled(quarter, condition)
        self.to_eighth = nn.Conv2d(quarter, eighth, 4, stride=2, padding=1)
        self.colours = nn.Conv2d(4, eighth, 3, padding=1)
        self.blocks = nn.ModuleList(_Styled(eighth, condition) for _ in range(config.num_blocks))
        self.whole = nn.Linear(eighth, eighth)
        self.up_quarter = nn.Sequential(nn.Conv2d(eighth, quarter * 4, 1), nn.PixelShuffle(2))
        self.quarter_out = _Styled(quarter, condition)
        self.up_half = nn.Sequential(nn.Conv2d(quarter, half * 4, 1), nn.PixelShuffle(2))
        self.half_out = _Styled(half, condition)
        self.up_full = nn.Sequential(nn.Conv2d(half, full * 4, 1), nn.PixelShuffle(2))
        self.full_out = _Styled(full, condition)
        self.out = nn.Conv2d(full, 3, 3, padding=1)
        nn.init.zeros_(self.out.weight)  # to begin with, the coarse colours themselves
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        texts: list[str],
        sketch: Tensor,
        sketch_known: Tensor,
        colours: Tensor,
        colours_known: Tensor,
    ) -> Tensor:
        """Pictures (B, 3, H, W) in about [-1, 1].

        Args:
            texts: B prompts, "" for none.
            sketch: (B, H, W) in [0, 1], ink 1.
            sketch_known: bool (B,).
            colours: (B, 3, h, w) in [-1, 1], the mean colour of each token.
            colours_known: bool (B,).
        """
        batch, height, width = sketch.shape
        words = self.text(texts).flatten(1).float()
        known = sketch_known.float()[:, None, None]
        lines = sketch * known
        rows = torch.linspace(-1, 1, height, device=sketch.device)[:, None].expand(height, width)
        columns = torch.linspace(-1, 1, width, device=sketch.device).expand(height, width)
        place = torch.stack([rows, columns]).expand(batch, -1, -1, -1)
        page = torch.cat([lines[:, None], known[:, None].expand(-1, 1, height, width), place], 1)
        full = self.enter(page)
        half = self.half_in(self.to_half(F.silu(full)), words)
        quarter = self.quarter_in(self.to_quarter(F.silu(half)), words)
        told = colours_known.float()[:, None, None, None]
        tint = torch.cat([colours * told, told.expand(-1, 1, *colours.shape[2:])], 1)
        x = self.to_eighth(F.silu(quarter)) + self.colours(tint)
        for block in self.blocks:
            x = block(x, words)
            x = x + self.whole(x.mean((2, 3)))[..., None, None]
        quarter = self.quarter_out(quarter + self.up_quarter(F.silu(x)), words)
        half = self.half_out(half + self.up_half(F.silu(quarter)), words)
        full = self.full_out(full + self.up_full(F.silu(half)), words)
        base = F.interpolate(colours * told, size=(height, width), mode="bilinear")
        return base + self.out(F.silu(full)).float()


def token_colours(picture: Tensor) -> Tensor:
    """Mean colour of each token: (B, 3, H, W) -> (B, 3, H/8, W/8)."""
    return F.avg_pool2d(picture, PATCH)
