"""Hand sketches, brought to clean ink."""

from __future__ import annotations

import warnings

import numpy as np
from PIL import Image, ImageFilter

from playreel.errors import PlayreelWarning
from playreel.media.fit import size_of
from playreel.media.image import ImageSource, _eight_bit, _loaded, has_alpha, to_rgb, upright

_FAINTEST = 24  # grey levels between paper and ink
_REACH = 3  # ink that holds a square of 2 * _REACH + 1 pixels is an area, not a line


def load_sketch(source: ImageSource, *, size: str | tuple[int, int] | None = None) -> np.ndarray:
    """Reads a line drawing: pen on paper, chalk on a board, strokes on a transparent layer.

    Transparency is laid on white, or is itself the drawing where that leaves nothing to see. Uneven
    light on photographed paper is removed; whichever of dark and light is rarer is the ink.

    Args:
        source: as for `load_image`.
        size: (height, width) or an aspect to bring it to; thin lines survive the reduction.

    Returns:
        uint8 [height, width], 255 where there is ink, 0 elsewhere. A blank page gives all 0 and a
        warning.

    Raises:
        MediaError: see `load_image`.
    """
    ink = _ink(_loaded(source))
    if not ink.any():
        warnings.warn(
            "The sketch is blank: no line stands out from its paper. Draw with more contrast.",
            PlayreelWarning,
            stacklevel=2,
        )
    return ink if size is None else fit_sketch(ink, size)


def fit_sketch(ink: np.ndarray, size: str | tuple[int, int]) -> np.ndarray:
    """Brings ink to an exact size, whole drawing kept, padded with paper.

    Args:
        ink: uint8 [height, width], 255 on 0.
        size: (height, width), or an aspect.

    Returns:
        uint8 of that size, 255 on 0; a cell is ink when a line of its own width would cross it.
    """
    height, width = size_of(size)
    tall, wide = ink.shape
    if (tall, wide) == (height, width):
        return ink
    ratio = min(height / tall, width / wide)
    inner = (min(width, max(1, round(wide * ratio))), min(height, max(1, round(tall * ratio))))
    if ratio >= 1:
        small = np.asarray(Image.fromarray(ink).resize(inner, Image.Resampling.NEAREST))
    else:
        share = np.asarray(Image.fromarray(ink).resize(inner, Image.Resampling.BOX))
        # a one-pixel line covers about `ratio` of a cell
        small = np.where(share >= 255 * min(0.4, 0.6 * ratio + 0.02), 255, 0).astype(np.uint8)
    canvas = np.zeros((height, width), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def outlined(ink: np.ndarray) -> np.ndarray:
    """Ink with filled areas turned into their outlines; lines of up to six pixels stay as they are.

    Nothing is drawn along the edge of the page: an area that runs off it goes on beyond.

    Args:
        ink: uint8 [height, width], 255 on 0.
    """
    page = ink > 0
    core = page
    for _ in range(_REACH):
        core = _spread(core, shrink=True)
    if not core.any():
        return ink
    for _ in range(_REACH + 1):
        core = _spread(core, shrink=False)
    inside = _spread(page, shrink=True) & core
    return np.where(inside, 0, ink).astype(np.uint8)


def _spread(page: np.ndarray, *, shrink: bool) -> np.ndarray:
    """Grows ink by one pixel, or lets it shrink by one."""
    height, width = page.shape
    padded = np.pad(page, 1, mode="edge")
    near = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.logical_and.reduce(near) if shrink else np.logical_or.reduce(near)


def _ink(image: Image.Image) -> np.ndarray:
    image = _eight_bit(upright(image))
    if has_alpha(image):
        layers = np.asarray(image.convert("RGBA"), dtype=np.float32)
        alpha = layers[..., 3]
        flat = layers[..., :3].mean(axis=2) * alpha / 255 + 255 - alpha
        ink = _stands_out(flat)
        return ink if ink.any() else _stands_out(255 - alpha)
    return _stands_out(np.asarray(to_rgb(image).convert("L"), dtype=np.float32))


def _stands_out(gray: np.ndarray) -> np.ndarray:
    """Ink of a grey picture: difference from the local paper, cut by Otsu's threshold."""
    paper = _paper(gray)
    dark, light = np.clip(paper - gray, 0, None), np.clip(gray - paper, 0, None)
    strength = dark if float((dark**2).sum()) >= float((light**2).sum()) else light
    top = float(np.percentile(strength, 99.9)) if strength.size > 2000 else float(strength.max())
    top = max(top, float(strength.max()) * 0.5)
    if top < _FAINTEST:
        return np.zeros(gray.shape, np.uint8)
    cut = max(_FAINTEST / 2, min(_otsu(strength, top), 0.6 * top))
    return np.where(strength >= cut, 255, 0).astype(np.uint8)


def _paper(gray: np.ndarray) -> np.ndarray:
    """The page without its lines: a median over a window far wider than any line."""
    height, width = gray.shape
    step = max(1, round(max(height, width) / 128))
    small = Image.fromarray(np.rint(gray).astype(np.uint8)).resize(
        (max(1, width // step), max(1, height // step)), Image.Resampling.BOX
    )
    side = max(3, (min(31, max(small.size)) // 2) * 2 + 1)
    local = np.asarray(small.filter(ImageFilter.MedianFilter(side)), dtype=np.float32)
    whole = float(np.median(gray))
    if float(np.abs(local - whole).max()) > 90:  # a filled shape, not a shadow
        return np.full(gray.shape, whole, np.float32)
    page = Image.fromarray(local).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(page)


def _otsu(values: np.ndarray, top: float) -> float:
    """The threshold that separates two classes best (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=128, range=(0, max(top, 1.0)))
    centers = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = counts.sum() - below
    weighted = np.cumsum(counts * centers)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = weighted / below - (weighted[-1] - weighted) / above
    spread = np.nan_to_num(below * above * gap**2)
    return float(edges[int(spread.argmax()) + 1])
