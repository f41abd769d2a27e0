"""Own grid: the size at which footage is seen pixel by pixel.

A sprite of ten pixels that moves by two is a blur of changing shape on any grid but its own, and what
changes its shape cannot be learned as moving.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from playreel.errors import MediaError
from playreel.media.fit import nearest_shape
from playreel.training.video_files import Header, Source, decode_small

MOST_PIXELS = 24_000  # of a frame; a step of training takes as long as it has pixels
STEP, LEAST_SIDE = 8, 48  # of a side
_LEAST_DRAWN = 64  # pixels of a side as it was drawn: plain tiles look like large pixels
_LEAST_SURE, _AS_SURE = 0.7, 0.05  # share of what changes at the edges of pixels; of a tie
_LOOKED_AT = 5  # files


def own_size(headers: Mapping[Source, Header]) -> tuple[int, int]:
    """(height, width) for footage: what most of its time has, a whole number of pixels made one.

    Enlarged pixel art comes back as it was drawn. Sides are multiples of 8, what is left over is cut off;
    very small footage is enlarged to one of the model's own sizes.
    """
    votes: dict[tuple[int, int], float] = {}
    for header in headers.values():
        shape = header.height, header.width
        votes[shape] = votes.get(shape, 0.0) + (header.duration_s or 1.0)
    shape = max(votes, key=lambda shape: votes[shape])
    alike = [source for source, h in headers.items() if (h.height, h.width) == shape]
    found = [
        enlarged_by(frame) for source in alike[:_LOOKED_AT] for frame in _a_frame(source, shape)
    ]
    enlarged = min(found, default=1)
    height, width = (side / enlarged for side in shape)
    factor = enlarged * max(1, math.ceil(math.sqrt(height * width / MOST_PIXELS)))
    own = shape[0] // factor // STEP * STEP, shape[1] // factor // STEP * STEP
    return own if min(own) >= LEAST_SIDE else nearest_shape(shape)


def enlarged_by(frame: np.ndarray) -> int:
    """The whole factor by which a picture, uint8 (H, W, 3), has been enlarged; 1 if it has not.

    Lossy video smears what it stores: most of what changes must do so at the pixels' edges.
    """
    grey = frame.astype(np.float32).mean(2)
    down, right = np.abs(np.diff(grey, axis=0)).sum(1), np.abs(np.diff(grey, axis=1)).sum(0)
    if not (down.sum() and right.sum()):
        return 1
    best, sure = 1, _LEAST_SURE
    for factor in range(2, min(grey.shape) // _LEAST_DRAWN + 1):
        on_grid = min(line[factor - 1 :: factor].sum() / line.sum() for line in (down, right))
        beyond_chance = (on_grid - 1 / factor) / (1 - 1 / factor)
        if beyond_chance >= sure:
            best, sure = factor, max(sure, beyond_chance - _AS_SURE)
    return best


def _a_frame(source: Source, shape: tuple[int, int]) -> list[np.ndarray]:
    """One frame in its full size, or none where it cannot be read."""
    try:
        return [next(decode_small(source, shape, stride=1, method="crop"))[0]]
    except (MediaError, OSError, StopIteration):
        return []
