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
    height, width = picture.shape[2:]
    rows, columns = height - PATCH + 1, width - PATCH + 1
    patches = [F.unfold(frame, PATCH).view(-1, rows, columns) for frame in seen]
    for row, column in torch.nonzero(tokens[0]).tolist():
        top, left = row * PATCH, column * PATCH
        place = (0, slice(None), slice(top, top + PATCH), slice(left, left + PATCH))
        guessed = bare.expand_as(picture)[place]
        weight = torch.where(guessed, GIST, 1.0).reshape(-1, 1)
        band = slice(max(0, top - BAND), min(rows, top + BAND + 1))
        choice = torch.cat([frame[:, band].flatten(1) for frame in patches], 1)
        unlike = ((choice - picture[place].reshape(-1, 1)).square() * weight).sum(0)
        best = choice[:, unlike.argmin()].view_as(picture[place])
        picture[place] = torch.where(guessed, best, picture[place])
    return picture
