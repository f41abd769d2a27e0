"""Colour: made frames brought to the colours of the frames that they go on from.

A model that goes on from frames repeats them in its own colours, a little off; over several goings-on
that adds up. What it made of the frames it was given tells how far off it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playreel.film.engines.request import Frames

MAX_GAIN = 1.25
MAX_SHIFT = 24.0  # of 255: more than that is no drift but another picture


@dataclass(frozen=True)
class Correction:
    """Per channel ``out = gain * in + shift``, levels of 255."""

    gain: NDArray[np.float32]
    shift: NDArray[np.float32]

    def apply(self, frames: Frames) -> Frames:
        """Corrected frames."""
        out = np.empty_like(frames)
        for frame, made in zip(frames, out, strict=True):  # one float frame at a time
            made[:] = np.clip(frame * self.gain + self.shift + 0.5, 0, 255)
        return out


def correction(true: Frames, made: Frames) -> Correction:
    """What brings ``made`` to the means and spreads of ``true``; both (k, H, W, 3)."""
    axes = (0, 1, 2)
    before, after = made.astype(np.float32), true.astype(np.float32)
    spread = before.std(axis=axes)
    gain = np.where(spread > 1, after.std(axis=axes) / np.maximum(spread, 1), 1.0)
    gain = np.clip(gain, 1 / MAX_GAIN, MAX_GAIN).astype(np.float32)
    centre = before.mean(axis=axes)
    shift = np.clip(after.mean(axis=axes) - centre, -MAX_SHIFT, MAX_SHIFT)
    return Correction(gain=gain, shift=(centre * (1 - gain) + shift).astype(np.float32))


def corrected(frames: Frames, first: Correction | None, last: Correction | None) -> Frames:
    """``frames`` under ``first`` at their start and ``last`` at their end, passing over between."""
    if first is None and last is None:
        return frames
    if first is None or last is None:
        only = first or last
        assert only is not None
        return only.apply(frames)
    share = ((np.arange(len(frames)) + 1) / (len(frames) + 1)).astype(np.float32)
    return np.concatenate(
        [
            Correction(
                gain=(1 - s) * first.gain + s * last.gain,
                shift=(1 - s) * first.shift + s * last.shift,
            ).apply(frame[None])
            for s, frame in zip(share, frames, strict=True)
        ]
    )
