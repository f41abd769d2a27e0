"""Quilting: what comes into view, in patches of what was seen.

The transformer and the painter say roughly what comes next; a patch of the world's own frames that goes on
from the known pixels and looks like that gives it back its grain. Without it, edges painted frame by frame
leave nothing but fog behind them within seconds. (Image quilting, Efros and Freeman 2001; exemplar-based
inpainting, Criminisi et al. 2004. Here a model gives the gist to be matched.)

Shape legend: H x W pixels, h = H/8, w = W/8 tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.painter import PATCH

BAND = 4  # rows up and down that a patch may come from: ground stays ground, sky stays sky
GIST = 0.2  # weight of a guessed pixel beside a known one's


def quilt(picture: Tensor, bare: Tensor, tokens: Tensor, seen: Sequence[Tensor]) -> Tensor:
    """`picture` with the bare pixels of `tokens` taken from the best matching patches.

    Args:
        picture: (1, 3, H, W); where bare, a guess.
        bare: bool (1, 1, H, W).
        tokens: bool (1, h, w), which to fill.
        seen: frames (1, 3, H, W) to take patches from.
    """
    picture = picture.clone()
    rows = picture.shape[2] - PATCH + 1
    frames = torch.cat(list(seen))
    for row, column in torch.nonzero(tokens[0]).tolist():
        top, left = row * PATCH, column * PATCH
        place = (slice(None), slice(None), slice(top, top + PATCH), slice(left, left + PATCH))
        wanted, guessed = picture[place], bare[place].expand(1, 3, -1, -1)
        weight = torch.where(guessed, GIST, 1.0)
        above = max(0, top - BAND)
        band = frames[:, :, above : min(rows, top + BAND + 1) + PATCH - 1]
        # The squared difference, but for what is the same of all patches.
        unlike = F.conv2d(band.square(), weight) - 2 * F.conv2d(band, weight * wanted)
        frame, down, right = _place(unlike[:, 0])
        found = band[frame, :, down : down + PATCH, right : right + PATCH]
        picture[place] = torch.where(guessed, found[None], wanted)
    return picture


def _place(unlike: Tensor) -> tuple[int, int, int]:
    """Where in (N, rows, columns) the least value stands."""
    columns = unlike.shape[2]
    frame, rest = divmod(int(unlike.argmin()), unlike[0].numel())
    return frame, *divmod(rest, columns)
