"""How unlike two pixels are, whatever the grid they were sampled on.

What moves by half a pixel is never a copy of itself. So a pixel is compared not with a colour but with all
those that lie between it and half-way to its neighbours. (Birchfield and Tomasi, A pixel dissimilarity
measure that is insensitive to image sampling, 1998, in two dimensions.)
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def half_way(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Least and greatest value of a picture (B, C, H, W) within half a pixel of each pixel."""
    around = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    rows, columns = around[:, :, :, 1:-1], around[:, :, 1:-1]
    sides = (rows[:, :, :-2], rows[:, :, 2:], columns[..., :-2], columns[..., 2:])
    least = torch.stack(sides).amin(0)
    greatest = torch.stack(sides).amax(0)
    return (
        torch.minimum(picture, (picture + least) / 2),
        torch.maximum(picture, (picture + greatest) / 2),
    )


def unlike(target: Tensor, least: Tensor, greatest: Tensor) -> Tensor:
    """By how much a target lies outside of a range, elementwise."""
    return F.relu(target - greatest) + F.relu(least - target)
