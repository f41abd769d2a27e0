"""Fitting pictures into sizes: whole-factor enlargement, cropping and padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from PIL import Image

from playreel.errors import MediaError

SIZES: dict[str, tuple[int, int]] = {"16:9": (72, 128), "9:16": (128, 72), "1:1": (96, 96)}
"""The bundled model's (height, width) for each aspect."""

FitMethod = Literal["cover", "contain", "stretch"]


def size_of(size: str | tuple[int, int]) -> tuple[int, int]:
    """(height, width) from ``"16:9"``, ``"9:16"``, ``"1:1"`` or a pair.

    Raises:
        MediaError: an aspect that is not known, or a pair that is not two positive numbers.
    """
    if isinstance(size, str):
        if size not in SIZES:
            raise MediaError(f"Unknown size {size!r}. Use one of: {', '.join(SIZES)}.")
        return SIZES[size]
    try:
        height, width = (int(side) for side in size)
    except (TypeError, ValueError):
        raise MediaError(f"A size is (height, width) or an aspect, not {size!r}.") from None
    if not (1 <= height <= 8192 and 1 <= width <= 8192):
        raise MediaError(f"A size must lie within 1-8192 px; seen {height}x{width}.")
    return height, width


def nearest_shape(
    size: tuple[int, int], among: Iterable[tuple[int, int]] = SIZES.values()
) -> tuple[int, int]:
    """Of some (height, width), the one whose aspect ratio is nearest to that of ``size``."""
    ratio = np.log(size[1] / size[0])
    return min(among, key=lambda hw: abs(np.log(hw[1] / hw[0]) - ratio))


def whole_factor(scale: float) -> int:
    """``scale`` as a whole factor of at least 1.

    Raises:
        MediaError: not a whole number, or below 1.
    """
    try:
        factor = int(scale)
    except (TypeError, ValueError, OverflowError):
        factor = 0
    if isinstance(scale, bool) or factor != scale or factor < 1:
        raise MediaError(f"scale must be a whole factor of at least 1, not {scale!r}.")
    return factor


def enlarge(frame: np.ndarray, factor: int) -> np.ndarray:
    """Nearest-neighbour enlargement by a whole factor.

    Args:
        frame: [height, width] or [height, width, channels].
        factor: 15 takes 128x72 to 1920x1080.

    Returns:
        A new array, or ``frame`` itself for factor 1.
    """
    factor = whole_factor(factor)
    if factor == 1:
        return frame
    height, width = frame.shape[:2]
    rest = frame.shape[2:]
    grid = np.broadcast_to(
        frame[:, None, :, None], (height, factor, width, factor, *rest)
    )  # one copy, made by reshape
    return grid.reshape(height * factor, width * factor, *rest)


def best_factor(size: tuple[int, int], room: tuple[int, int]) -> int:
    """The largest whole factor at which ``size`` fits ``room`` ((height, width) both), or 0."""
    return min(room[0] // size[0], room[1] // size[1])


def fit_frame(
    image: np.ndarray, size: str | tuple[int, int], method: FitMethod = "cover"
) -> np.ndarray:
    """Brings a picture to an exact size.

    Args:
        image: uint8 [height, width, 3] or [height, width].
        size: (height, width), or an aspect of `SIZES`.
        method: ``cover`` fills and crops the middle, ``contain`` keeps everything and pads black,
            ``stretch`` ignores the aspect.

    Returns:
        uint8 of that size. A picture whose size is a whole multiple, made of equal blocks, is
        reduced exactly, so enlarged pixel art comes back as it was.
    """
    height, width = size_of(size)
    if method not in ("cover", "contain", "stretch"):
        raise MediaError(f"Unknown method {method!r}. Use cover, contain or stretch.")
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or 0 in image.shape:
        raise MediaError(f"fit_frame takes uint8 pixels, not {image.dtype} {list(image.shape)}.")
    tall, wide = image.shape[:2]
    if (tall, wide) == (height, width):
        return image
    if tall % height == 0 and wide % width == 0 and tall // height == wide // width:
        factor = tall // height
        small = image[factor // 2 :: factor, factor // 2 :: factor]
        if np.array_equal(enlarge(small, factor), image):
            return np.ascontiguousarray(small)
    picture = Image.fromarray(image)
    if method == "stretch":
        return np.asarray(picture.resize((width, height), _filter(image, height, width)))
    ratios = (height / tall, width / wide)
    ratio = max(ratios) if method == "cover" else min(ratios)
    if method == "cover":
        keep_h, keep_w = min(tall, height / ratio), min(wide, width / ratio)
        top, left = (tall - keep_h) / 2, (wide - keep_w) / 2
        box = (left, top, left + keep_w, top + keep_h)
        return np.asarray(picture.resize((width, height), _filter(image, height, width), box=box))
    inner_h = min(height, max(1, round(tall * ratio)))
    inner_w = min(width, max(1, round(wide * ratio)))
    inner = np.asarray(picture.resize((inner_w, inner_h), _filter(image, inner_h, inner_w)))
    canvas = np.zeros((height, width, *image.shape[2:]), np.uint8)
    top, left = (height - inner_h) // 2, (width - inner_w) // 2
    canvas[top : top + inner_h, left : left + inner_w] = inner
    return canvas


def _filter(image: np.ndarray, height: int, width: int) -> Image.Resampling:
    shrinking = image.shape[0] > height or image.shape[1] > width
    return Image.Resampling.BOX if shrinking else Image.Resampling.NEAREST
