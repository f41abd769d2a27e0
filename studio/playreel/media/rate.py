"""Frame rates as exact fractions, and what changing one does to the frames."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational, Real

import numpy as np

from playreel.errors import MediaError

MAX_FPS = 240
MAX_PART = 10**9  # numerators and denominators below it fit into every kind of file
_NTSC = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))


def as_fps(value: Fraction | float | str) -> Fraction:
    """Reads a frame rate exactly.

    Args:
        value: a whole number, a fraction, a text such as ``"24000/1001"``, or a decimal. The
            decimals people write for the broadcast rates (23.976, 23.98, 29.97, 59.94) mean
            n*1000/1001.

    Raises:
        MediaError: not a number, outside 0 < fps <= 240, or a fraction of ten digits and more.
    """
    fps: Fraction | None = None
    try:
        if isinstance(value, bool):
            fps = None
        elif isinstance(value, Rational):
            fps = Fraction(value)
        elif isinstance(value, str) and "/" in value:
            fps = Fraction(value.replace(" ", ""))
        elif isinstance(value, str | Real) and math.isfinite(float(value)):
            fps = _from_decimal(float(value))
    except (ValueError, ZeroDivisionError, OverflowError):
        fps = None
    if fps is None or not 0 < fps <= MAX_FPS or max(fps.as_integer_ratio()) >= MAX_PART:
        raise MediaError(
            f"A frame rate must be a number above 0 and at most {MAX_FPS}, as a fraction of less "
            f"than ten digits, not {str(value)[:40]!r}. Give for example 12, 23.976 or '24000/1001'."
        )
    return fps


def _from_decimal(value: float) -> Fraction:
    if value == round(value):
        return Fraction(round(value))
    near = min(_NTSC, key=lambda rate: abs(float(rate) - value))
    if abs(float(near) - value) < 0.006:
        return near
    return Fraction(value).limit_denominator(1001)


def retimed_indices(num_frames: int, source: Fraction, target: Fraction) -> np.ndarray:
    """Which source frame each frame at another rate shows.

    Every frame is held, none is blended: 12 to 24 fps shows each frame exactly twice.

    Args:
        num_frames: frames at the source rate.
        source: frames per second now.
        target: frames per second wanted.

    Returns:
        int64 [round(num_frames * target / source), at least 1].
    """
    ratio = source / target
    count = max(1, round(num_frames / ratio))
    index = np.arange(count, dtype=np.int64) * ratio.numerator // ratio.denominator
    return np.minimum(index, num_frames - 1)
