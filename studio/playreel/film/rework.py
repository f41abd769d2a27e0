"""Rework: a clip in another look.

Up to strength 1 every frame is painted over: its composition and its motion stay, what it is made of
changes. (SDEdit, arXiv 2108.01073, adds noise up to a level and denoises with a new text. This is the same
wish met by a network that was shown the same scenes in two looks.) At strength 1 nothing of the pictures is
kept: the first frame is drawn from the words alone, and the clip's own actions play it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from playreel.core.watch import show
from playreel.film.drawing import draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling

Progress = Callable[[int, int], None]  # (frames done, frames in all); may raise to stop
FULL_STRENGTH = 0.5  # from here on the old look is gone; below, the two are mixed
MOST_KEPT = 0.94  # of old light and shade, at that strength; with more an old style shows
_BATCH = 4


def rework(
    model: FilmModel,
    frames: NDArray[np.uint8],
    texts: list[str],
    *,
    strength: float,
    sampling: Sampling,
    lines: NDArray[np.uint8] | None = None,
    callback: Progress | None = None,
) -> NDArray[np.uint8]:
    """``frames`` in the look that the texts ask for.

    Args:
        model: the network.
        frames: uint8 (T, H, W, 3).
        texts: a text per frame.
        strength: over 0 up to 1.
        sampling: seed and sampling options, of use at strength 1.
        lines: uint8 (T, H, W), ink 255 on 0; shapes to hold on to.
        callback: told of frames done and frames in all.
    """
    if callback is not None:
        callback(0, len(frames))
    if strength == 1:
        return _shot_again(model, frames, texts, sampling, callback)

    def tell(done: int, frame: NDArray[np.uint8]) -> None:
        show(frame)
        if callback is not None:
            callback(done, len(frames))

    kept = MOST_KEPT * min(1.0, (1 - strength) / (1 - FULL_STRENGTH))
    painted = painted_over(model, frames, texts, lines=lines, keep_relief=kept, tell=tell)
    share = min(1.0, strength / FULL_STRENGTH)
    if share == 1:
        return painted
    mixed = frames + (painted.astype(np.float32) - frames) * share
    return np.rint(mixed).astype(np.uint8)


def painted_over(
    model: FilmModel,
    frames: NDArray[np.uint8],
    texts: list[str],
    *,
    lines: NDArray[np.uint8] | None = None,
    keep_relief: float = 0.0,
    tell: Callable[[int, NDArray[np.uint8]], None] | None = None,
) -> NDArray[np.uint8]:
    """Frames wholly in the look that the texts ask for, a few at a time.

    Args:
        model: the network.
        frames: uint8 (T, H, W, 3), at least one.
        texts: a text per frame.
        lines: uint8 (T, H, W), ink 255 on 0; shapes to hold on to.
        keep_relief: share of the old frames' fine light and shade that is kept.
        tell: told of the frames done so far and the last of them.
    """
    parts = []
    for start in range(0, len(frames), _BATCH):
        part = slice(start, start + _BATCH)
        ink = None if lines is None else lines[part]
        parts.append(model.restyle(frames[part], texts[part], lines=ink, keep_relief=keep_relief))
        if tell is not None:
            tell(min(start + _BATCH, len(frames)), parts[-1][-1])
    return np.concatenate(parts)


def _shot_again(
    model: FilmModel,
    frames: NDArray[np.uint8],
    texts: list[str],
    sampling: Sampling,
    callback: Progress | None,
) -> NDArray[np.uint8]:
    total = len(frames)
    size = frames.shape[1:3]
    first = draw(model, texts[0], size=size, sampling=sampling, seed=sampling.seed)[None]
    if callback is not None:
        callback(1, total)
    if total == 1:
        return first
    actions = model.world.lam.infer_frames(np.ascontiguousarray(frames)).tolist()
    tell = None if callback is None else lambda done, _: callback(1 + done, total)
    rest = model.roll(first, actions, texts=texts[1:], seed=sampling.seed, callback=tell)
    return np.concatenate([first, rest])
