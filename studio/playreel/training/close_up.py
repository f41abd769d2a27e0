"""Close-ups: the parts of windows where something happens, for learning more from each second of training."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_GRID = (
    8  # close-ups begin at multiples of this, as what works at an eighth of the resolution wants
)
_LEAST = 0.02  # chance of the quietest place, next to that of the liveliest


def close_up(video: Tensor, side: int) -> Tensor:
    """A square of each window, chosen by chance, and the more often the more changes in it.

    Args:
        video: (B, T, C, H, W).
        side: in pixels, a multiple of 8; windows that are no larger stay whole along that axis.

    Returns:
        (B, T, C, min(H, side), min(W, side)).
    """
    height, width = (min(size, side) for size in video.shape[-2:])
    change = video.diff(dim=1).abs().mean((1, 2))[:, None]
    lively = F.avg_pool2d(change, (height, width), _GRID)
    weight = lively.flatten(1)
    weight = weight / weight.amax(1, keepdim=True).clamp(min=1e-6) + _LEAST
    place = torch.multinomial(weight, 1)[:, 0].tolist()
    corners = [divmod(index, lively.shape[3]) for index in place]
    return torch.stack(
        [
            window[..., _GRID * row :, _GRID * column :][..., :height, :width]
            for window, (row, column) in zip(video, corners, strict=True)
        ]
    )
