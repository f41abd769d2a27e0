"""Colour matching: pull generated frames to the colours of the frames that were kept beside them.

On the overlap both sides are known: the kept frames as they are, and the same frames as the network
draws them. Per channel, what turns the mean and spread of the second into those of the first is the
network's colour error there; it is taken out of the generated frames too, held to gentle limits, so
that a real change of light is not undone. Between two kept ends the correction turns from one into
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_GAIN = 0.08  # contrast is changed by at most 8 %
MAX_SHIFT = 10.0  # and brightness by at most 10 levels of 255


@dataclass(frozen=True, kw_only=True)
class ColourMap:
    """``gain * pixel + bias`` per channel, each float (3,)."""

    gain: NDArray[np.float32]
    bias: NDArray[np.float32]


def colour_map(drawn: NDArray[np.uint8], kept: NDArray[np.uint8]) -> ColourMap:
    """The map from the overlap as ``drawn`` by the network to the overlap as ``kept``.

    Both are uint8 (k, H, W, 3) of the same moments.
    """
    d, k = drawn.reshape(-1, 3).astype(np.float32), kept.reshape(-1, 3).astype(np.float32)
    spread = k.std(axis=0) / np.maximum(d.std(axis=0), 1.0)
    gain = np.clip(spread, 1 - MAX_GAIN, 1 + MAX_GAIN)
    shift = np.clip(k.mean(axis=0) - d.mean(axis=0), -MAX_SHIFT, MAX_SHIFT)
    return ColourMap(gain=gain, bias=d.mean(axis=0) + shift - gain * d.mean(axis=0))


def match_colours(
    made: NDArray[np.uint8], left: ColourMap | None, right: ColourMap | None, *, amount: float
) -> NDArray[np.uint8]:
    """``made`` (N, H, W, 3) after its maps, mixed in by ``amount`` from 0 (off) to 1."""
    if amount == 0 or (left is None and right is None) or len(made) == 0:
        return made
    left, right = left or right, right or left
    towards_right = (np.arange(len(made), dtype=np.float32) + 1) / (len(made) + 1)
    out = np.empty_like(made)
    for i, (frame, w) in enumerate(zip(made, towards_right, strict=True)):
        gain = 1 + amount * ((1 - w) * left.gain + w * right.gain - 1)
        bias = amount * ((1 - w) * left.bias + w * right.bias)
        out[i] = np.clip(np.rint(frame * gain + bias), 0, 255).astype(np.uint8)
    return out


def colour_gap(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean absolute difference of the channel means of two stacks of frames, levels of 255."""
    return float(np.abs(a.mean(axis=(0, 1, 2)) - b.mean(axis=(0, 1, 2))).mean())
