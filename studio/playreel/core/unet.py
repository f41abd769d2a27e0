"""U-Net told by words, which never works at full resolution, for CPUs.

Shape legend: B batch, H x W pixels, P planes, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Features(NamedTuple):
    """What a `UNet` makes of a page.

    Attributes:
        half: (B, widths[0], H/2, W/2).
        quarter: (B, widths[1], H/4, W/4).
        eighth: (B, widths[2], H/8, W/8).
    """

    half: Tensor
    quarter: Tensor
    eighth: Tensor


class Traces(NamedTuple):
    """What is found on the way down, before anything is decided.

    Attributes:
        half: (B, widths[0], H/2, W/2).
        quarter: (B, widths[1], H/4, W/4).
        eighth: (B, widths[2], H/8, W/8).
    """

    half: Tensor
    quarter: Tensor
    eighth: Tensor

    def taken(self, index: Tensor) -> Traces:
        """Those of some of the pages, int64 (N,); one may be taken several times."""
        return Traces(*(of[index] for of in self))


class _Styled(nn.Module):
    """x + conv(silu(norm(x) * scale + shift)), scale and shift told by the condition."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.affine = nn.Linear(condition, 2 * width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.affine(condition)[..., None, None].chunk(2, dim=1)
        return x + self.conv(F.silu(self.norm(x) * (1 + scale) + shift))


@dataclass(frozen=True, kw_only=True)
class UNetConfig:
    """Architecture of a `UNet`; widths at 1/2, 1/4 and 1/8 resolution."""

    widths: tuple[int, int, int] = (48, 96, 192)
    num_blocks: int = 4
    text_width: int = 128
    num_text_slots: int = 4


class UNet(nn.Module):
    """Planes and a condition to features at 1/2, 1/4 and 1/8 resolution.

    Args:
        config: architecture; there are `num_blocks` at 1/8 resolution, each followed by a look at the whole
            picture.
        planes: P.
        levelled: whether features are normalised wherever they change resolution; without, a fast optimiser
            may drive them to where SiLU is 0, and nothing is learned any more.
    """

    def __init__(self, config: UNetConfig, planes: int, *, levelled: bool = False) -> None:
        super().__init__()
        self.config, self.levelled = config, levelled
        half, quarter, eighth = config.widths
        num_blocks, condition = config.num_blocks, config.text_width * config.num_text_slots
        self.silence = nn.Parameter(torch.zeros(config.num_text_slots, config.text_width))
        self.enter = nn.Conv2d(4 * planes, half, 3, padding=1)
        self.half_in = _Styled(half, condition)
        self.to_quarter = nn.Conv2d(half, quarter, 4, stride=2, padding=1)
        self.quarter_in = nn.ModuleList(_Styled(quarter, condition) for _ in range(2))
        self.to_eighth = nn.Conv2d(quarter, eighth, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList(_Styled(eighth, condition) for _ in range(num_blocks))
        self.whole = nn.Linear(eighth, eighth)
        self.up_quarter = nn.Sequential(nn.Conv2d(eighth, quarter * 4, 1), nn.PixelShuffle(2))
        self.quarter_out = nn.ModuleList(_Styled(quarter, condition) for _ in range(2))
        self.up_half = nn.Sequential(nn.Conv2d(quarter, half * 4, 1), nn.PixelShuffle(2))
        self.half_out = nn.ModuleList(_Styled(half, condition) for _ in range(3))

    def words(self, said: Tensor | None, count: int) -> Tensor:
        """(count, S * text_width): prompts as a `TextEncoder` gives them, or what stands for none."""
        words = self.silence.expand(count, -1, -1) if said is None else said
        return words.flatten(1).float()

    def features(self, planes: Tensor, condition: Tensor) -> Features:
        """Of planes (B, P, H, W), H and W multiples of 8, under conditions (B, width)."""
        return self.decoded(self.encoded(planes, condition), condition)

    def encoded(self, planes: Tensor, condition: Tensor) -> Traces:
        """The way down, of planes (B, P, H, W) under conditions (B, width)."""
        paper = F.pixel_unshuffle(planes, 2).contiguous(memory_format=torch.channels_last)
        half = self.half_in(self.enter(paper), condition)
        quarter = self.to_quarter(self._active(half))
        for block in self.quarter_in:
            quarter = block(quarter, condition)
        x = self.to_eighth(self._active(quarter))
        for block in self.blocks:
            x = block(x, condition)
            x = x + self.whole(x.mean((2, 3)))[..., None, None]
        return Traces(half, quarter, x)

    def decoded(self, traces: Traces, condition: Tensor) -> Features:
        """The way up, under conditions (B, width), which may be others than on the way down."""
        half, quarter, x = traces
        quarter = quarter + self.up_quarter(self._active(x))
        for block in self.quarter_out:
            quarter = block(quarter, condition)
        half = half + self.up_half(self._active(quarter))
        for block in self.half_out:
            half = block(half, condition)
        return Features(half, quarter, x)

    def _active(self, x: Tensor) -> Tensor:
        return F.silu(F.group_norm(x, 8) if self.levelled else x)
