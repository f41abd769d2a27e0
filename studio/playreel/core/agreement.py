"""Agreement: whether a picture's edges run where a drawing's lines do."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def agreement(pictures: Tensor, lines: Tensor) -> Tensor:
    """(B,): edges and lines in common, over both, a pixel off still counted.

    The edges of a picture are its steepest pixels, as many as the drawing has inked.

    Args:
        pictures: (B, 3, H, W).
        lines: (1, 1, H, W) in [0, 1], ink 1.
    """
    wide = F.pad(pictures.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across = wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]
    down = wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]
    steep = (across.square() + down.square()).flatten(1)
    least = steep.quantile(1 - float(lines.mean()), dim=1, keepdim=True)
    edges = ((steep >= least) & (steep > 0)).float().view(-1, 1, *pictures.shape[2:])
    near = [F.max_pool2d(ink, 3, 1, 1).flatten(1) > 0 for ink in (edges, lines.float())]
    return (near[0] & near[1]).sum(1) / (near[0] | near[1]).sum(1).clamp(min=1)
