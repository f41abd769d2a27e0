"""Region: the part of a picture that is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import InputError
from playreel.media import Clip, fit_frame, load_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Region = Sequence[float]  # (left, top, right, bottom), shares of the width and height
_LIGHT = 128


def region_clip(region: Any, size: tuple[int, int]) -> Clip:
    """A region as a clip of one frame, 255 where the picture is made anew and 0 elsewhere.

    Args:
        region: (left, top, right, bottom) as shares of the width and height, or a mask: a picture that is
            light where something new is wanted (path, PIL image, array or Clip).
        size: (height, width) in pixels.

    Raises:
        InputError: it is none, leaves nothing to be made, or leaves nothing of the picture.
        MediaError: a mask that cannot be read.
    """
    if isinstance(region, Sequence) and not isinstance(region, str | bytes):
        mask = _box(region, size)
    else:
        frame = region.frames[0] if isinstance(region, Clip) else load_image(region)
        if frame.shape[:2] != size:
            frame = fit_frame(frame, size=size)
        mask = frame.mean(axis=-1) >= _LIGHT
    share = float(mask.mean())
    if share in (0.0, 1.0):
        what = "none of the picture" if share == 0 else "all of it"
        raise InputError(
            f"The region takes in {what}. Mark a part: light where something new is wanted, or "
            "(left, top, right, bottom) as shares such as (0.5, 0.2, 0.9, 0.8)."
        )
    return Clip(np.repeat(np.where(mask, np.uint8(255), np.uint8(0))[None, ..., None], 3, axis=-1))


def mask_of(clip: Clip) -> NDArray[np.bool_]:
    """Bool (H, W): where a clip of `region_clip` is light."""
    return clip.frames[0, :, :, 0] >= _LIGHT


def kept_outside(
    source: NDArray[np.uint8], result: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> float:
    """Share of frames (T, H, W, 3) that are bit-identical outside a region."""
    return float(
        np.mean([np.array_equal(a[~mask], b[~mask]) for a, b in zip(source, result, strict=True)])
    )


def _box(region: Sequence[Any], size: tuple[int, int]) -> NDArray[np.bool_]:
    numbers = [n for n in region if isinstance(n, Real) and not isinstance(n, bool)]
    if len(region) != 4 or len(numbers) != 4 or not all(0 <= n <= 1 for n in numbers):
        raise InputError(
            f"A region is (left, top, right, bottom), each from 0 to 1, not {str(region)[:60]}."
        )
    left, top, right, bottom = (float(n) for n in numbers)
    if left >= right or top >= bottom:
        raise InputError(
            f"The region {str(tuple(region))[:60]} is empty: left must be less than right, and top less "
            "than bottom."
        )
    height, width = size
    mask = np.zeros(size, bool)
    rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
    columns = slice(int(left * width), max(int(left * width) + 1, round(right * width)))
    mask[rows, columns] = True
    return mask
