"""Palettes: the few colours that a picture is made of.

Shape legend: B batch, H x W pixels, K colours.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_ROUNDS = 2  # of k-means


@torch.no_grad()
def found_colors(picture: Tensor, count: int) -> Tensor:
    """(B, count, 3), the colours of a picture (B, 3, H, W): k-means, begun with those farthest apart."""
    pixels = picture.float().flatten(2).transpose(1, 2)
    batch = torch.arange(len(pixels), device=pixels.device)
    colors = pixels.mean(1, keepdim=True)
    apart = (pixels - colors).abs().sum(2)
    for index in range(count):
        next_one = pixels[batch, apart.argmax(1)][:, None]
        colors = next_one if index == 0 else torch.cat([colors, next_one], 1)
        distance = (pixels - next_one).abs().sum(2)
        apart = distance if index == 0 else torch.minimum(apart, distance)
    for _ in range(_ROUNDS):
        nearest = torch.cdist(pixels, colors, p=1.0).argmin(2)
        own = F.one_hot(nearest, count).to(pixels.dtype)
        total = own.sum(1)[..., None]
        colors = torch.where(total > 0, own.transpose(1, 2) @ pixels / total.clamp(min=1), colors)
    return colors


def distances(picture: Tensor, colors: Tensor) -> Tensor:
    """(B, K, H, W): how far each pixel of (B, 3, H, W) is from each of the colours (B, K, 3)."""
    flat = torch.cdist(picture.flatten(2).transpose(1, 2), colors, p=1.0)
    return flat.transpose(1, 2).unflatten(2, picture.shape[2:])
