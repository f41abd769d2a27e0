"""Block matching: how each cell of a frame moved to the next, as probabilities of small shifts.

Shape legend: B batch, C colours, H x W pixels, S shifts, h x w cells of 8 px.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

CELL = 8  # pixels a side
RADIUS = 4  # largest shift looked for, in half-resolution pixels
NUM_SHIFTS = (2 * RADIUS + 1) ** 2
_MATCH_TEMPERATURE = 0.02


def shift_lengths(device: torch.device) -> Tensor:
    """(S,): how many pixels each shift goes, down and to the side together."""
    way = 2.0 * torch.arange(-RADIUS, RADIUS + 1, device=device).abs()
    return (way[:, None] + way).flatten()


@torch.no_grad()
def block_motion(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Match every cell of a frame with its surroundings in the next one.

    Args:
        first: (B, C, H, W) in [-1, 1].
        second: the frame after it.

    Returns:
        Probabilities of each shift (B, S, h, w), in rows of 2 px steps from (-8, -8) to (8, 8), and how
        much each cell tells (B, h, w): flat and unmatched cells tell nothing, cells that move unlike
        most tell more.
    """
    first, second = F.avg_pool2d(first.float(), 2), F.avg_pool2d(second.float(), 2)
    height, width = first.shape[-2:]
    padded = F.pad(second, (RADIUS,) * 4, mode="replicate")
    costs = [
        F.avg_pool2d(
            (padded[..., y : y + height, x : x + width] - first).abs().mean(1, keepdim=True),
            CELL // 2,
        )
        for y in range(2 * RADIUS + 1)
        for x in range(2 * RADIUS + 1)
    ]
    cost = torch.cat(costs, 1)
    probs = F.softmax(-cost / _MATCH_TEMPERATURE, dim=1)
    entropy = -(probs * (probs + 1e-9).log()).sum(1) / np.log(NUM_SHIFTS)
    weight = (1 - entropy).clamp(0, 1) * torch.exp(-cost.amin(1) / 0.06)
    # A small thing that moves by itself tells as much as wide scenery that moves as one.
    common = (probs * weight[:, None]).sum((2, 3)) / weight.sum((1, 2)).clamp(min=1e-6)[:, None]
    company = (probs * common[..., None, None]).sum(1)
    weight = weight * (company + 0.02) ** -0.9 * 0.2
    weight[..., :1] *= 0.2  # what scrolls in at the sides could not be foreseen
    weight[..., -1:] *= 0.2
    return probs, weight
