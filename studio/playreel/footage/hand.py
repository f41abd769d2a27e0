"""Sketches by hand: lines as people draw them, wider and less steady than those of `line_sketch`."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from playreel.footage.sketch import line_sketch

PLAIN_SHARE = (
    0.7  # of the drawings leave out what is a pixel or two across: the mark on a coin, grass
)
WIDE_SHARE = (
    0.8  # of them are in lines two pixels wide, as a pen's are once a page is brought to size
)
UNSTEADY = 0.7  # pixels, the standard deviation of how far a hand strays
_STRAY = 9  # pixels along which it strays one way


def hand_sketch(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws the lines of each frame by hand.

    Args:
        frames: uint8 [T, H, W, 3].
        rng: the only source of randomness; each frame is drawn by another hand.

    Returns:
        uint8 [T, H, W], ink 255 on 0.
    """
    seen = np.stack([_plain(frame) if rng.random() < PLAIN_SHARE else frame for frame in frames])
    pages = line_sketch(seen)
    for page in pages:
        if rng.random() < WIDE_SHARE:
            page[1:] |= page[:-1]
            page[:, 1:] |= page[:, :-1]
        page[:] = _strayed(page, rng)
    return pages


def _plain(frame: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(frame).filter(ImageFilter.MedianFilter(3)))


def _strayed(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The page (H, W), each pixel from a little beside."""
    height, width = page.shape
    coarse = (max(2, height // _STRAY), max(2, width // _STRAY))
    down, right = (
        np.asarray(
            Image.fromarray(rng.normal(0, UNSTEADY, coarse).astype(np.float32)).resize(
                (width, height), Image.Resampling.BICUBIC
            )
        )
        for _ in range(2)
    )
    rows, columns = np.indices(page.shape)
    rows = np.clip(np.rint(rows + down), 0, height - 1).astype(int)
    columns = np.clip(np.rint(columns + right), 0, width - 1).astype(int)
    return page[rows, columns]
