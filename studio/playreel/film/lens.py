"""Lens: camera moves that no button plays. They are cut out of the made frames, as a rostrum camera would.

Pans and tracking are played (see `playreel.film.director`); a zoom or a shaking hand moves the frame over
the picture. Next to kept frames the lens has to be where it was, so that nothing jumps at the joint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.camera import CAMERA_MOVES

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_ZOOM = 2.0
ZOOM_FRAMES = 16  # in which a zoom is over
_JOLT = (2, 4)  # rows and columns in pixels that a hand shakes by
_CENTER = (0.6, 0.5)  # of the height and width: about where the hero is
_PATTERNS = {
    move.name: re.compile(move.pattern)
    for move in CAMERA_MOVES
    if move.name in ("zoom in", "zoom out", "shake")
}


def look_through(
    frames: NDArray[np.uint8], texts: list[str], *, joined: tuple[bool, bool], seed: int
) -> NDArray[np.uint8]:
    """Made frames (T, H, W, 3) as the moves that the texts name show them.

    Args:
        frames: uint8 (T, H, W, 3).
        texts: a text per frame.
        joined: whether kept frames come right before, and right after.
        seed: decides how a hand shakes.
    """
    moves = [_lens_moves(text) for text in texts]
    if not any(moves):
        return frames
    zooms = _zooms(moves, joined)
    rng = np.random.default_rng((seed, 17))
    out = frames.copy()
    for index, zoom in enumerate(zooms):
        jolt = rng.integers(-1, 2, 2) * _JOLT if "shake" in moves[index] else (0, 0)
        out[index] = _cut(frames[index], zoom, (int(jolt[0]), int(jolt[1])))
    return out


def _lens_moves(text: str) -> set[str]:
    plain = text.casefold()
    return {name for name, pattern in _PATTERNS.items() if pattern.search(plain)}


def _zooms(moves: list[set[str]], joined: tuple[bool, bool]) -> NDArray[np.float64]:
    """Zoom of each frame, 1 or more."""
    count, (before, after) = len(moves), joined
    step = (FULL_ZOOM - 1) / (min(max(count, 2), ZOOM_FRAMES) - 1)
    first_out = next((m for m in moves if m & {"zoom in", "zoom out"}), set())
    zoom = FULL_ZOOM if "zoom out" in first_out and not before else 1.0
    zooms = np.ones(count)
    for index, named in enumerate(moves):
        if index or before:
            zoom += step * (("zoom in" in named) - ("zoom out" in named))
        zoom = min(max(zoom, 1.0), FULL_ZOOM)
        zooms[index] = zoom
    if after:  # arrive as the kept frames are
        zooms = np.minimum(zooms, 1 + step * np.arange(count, 0, -1))
    return zooms


def _cut(frame: NDArray[np.uint8], zoom: float, jolt: tuple[int, int]) -> NDArray[np.uint8]:
    """A part of the frame enlarged by the nearest pixel."""
    index = []
    for size, center, offset in zip(frame.shape[:2], _CENTER, jolt, strict=True):
        seen = size / zoom
        start = min(max(center * size - seen / 2, 0), size - seen)
        place = (start + (np.arange(size) + 0.5) / zoom).astype(int) + offset
        index.append(np.clip(place, 0, size - 1))
    return frame[index[0]][:, index[1]]
