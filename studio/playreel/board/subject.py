"""Where the hero is: what moves otherwise than what lies around it.

No network. Between two frames each band of rows scrolls by one or two common amounts (a pan, layers of
parallax, or nothing at all). What these do not explain and what stands together is somebody: a runner
before a still wall, or one whom the camera keeps in the middle while the wall runs by.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image

from playreel.media.clip import Clip

_SIDE = 128  # px of the longer side that is looked at
_SHIFTS = np.arange(-9, 10)
_BANDS = 12
_CLIP = 40.0  # of 255; a great difference counts as no more
_SECOND = 0.2  # share of a band that a second layer explains
_FLAT = 4.0  # times the mean: a peak below that stands for nobody
_STEP = 7  # px that somebody moves by in a frame, at most, of `_SIDE`
_PULL, _BLIND_PULL = 0.35, 2.0  # towards the middle, where somebody stands out and where nobody can
_BLIND, _SEEING = 0.3, 0.5  # how clear a stretch of frames is
_TALL, _WIDE = 5, 6  # parts of the shorter side that somebody measures
_JOLT = 5  # px that a shaking camera jumps up or down by, at most, of `_SIDE`


@dataclass(frozen=True)
class Subject:
    """Somebody's way through a take.

    Attributes:
        centers: float [time, 2], column and row as shares of width and height.
        sure: share of the frames in which something stood out.
    """

    centers: np.ndarray
    sure: float


def find_subject(take: Clip) -> Subject:
    """The way of what moves by itself; the middle where nothing does."""
    frames = _small(take)
    count, height, width = frames.shape[:3]
    if count < 2:
        return Subject(np.full((count, 2), 0.5), 0.0)
    tall, wide = (max(3, round(min(height, width) / part)) for part in (_TALL, _WIDE))
    scores = np.stack([_standing_out(a, _steadied(a, b), tall, wide) for a, b in pairwise(frames)])
    scores = np.concatenate([scores[:1], (scores[:-1] + scores[1:]) / 2, scores[-1:]])
    peaks = scores.max(axis=(1, 2))
    level = np.median(peaks)
    if peaks.max() < 2.0:  # of 255: noise
        return Subject(np.full((count, 2), 0.5), 0.0)
    # where a zoom leaves everything unexplained, nothing stands out, and the middle is likeliest
    means = scores.mean(axis=(1, 2), keepdims=True)
    clear = np.clip(
        (scores.max(axis=(1, 2), keepdims=True) / np.maximum(means, 0.05) - _FLAT) / 6, 0, 1
    )
    scores = np.maximum(scores - 2 * means, 0) / max(level, 2.0) * clear
    sure = float((peaks > 4.0).mean())
    seen = np.convolve(np.pad(clear[:, 0, 0], 4, mode="edge"), np.full(9, 1 / 9), "valid")
    blind = np.clip((_SEEING - seen) / (_SEEING - _BLIND), 0, 1)
    pull = _PULL + (_BLIND_PULL - _PULL) * blind
    columns = _way(scores.max(axis=1), width, pull)
    around = np.abs(np.arange(width)[None] - columns[:, None]) <= wide
    rows = _way(np.where(around[:, None, :], scores, 0).max(axis=2), height, pull)
    centers = np.stack([(columns + 0.5) / width, (rows + 0.5) / height], axis=1)
    return Subject(_calm(centers), sure)


def _small(take: Clip) -> np.ndarray:
    """float32 [time, height, width, 3], at most `_SIDE` px."""
    ratio = _SIDE / max(take.size)
    if ratio >= 1:
        return take.frames.astype(np.float32)
    size = (max(8, round(take.width * ratio)), max(8, round(take.height * ratio)))
    return np.stack(
        [
            np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BOX), np.float32)
            for frame in take.frames
        ]
    )


def _steadied(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The second frame moved up or down to where the first has its rows, if the camera jumped.

    The mean colours of rows hardly change while a picture scrolls sideways, and tell how far it jumped.
    """
    a, b = first.mean(axis=1), second.mean(axis=1)
    last = len(a) - _JOLT
    if last <= _JOLT:
        return second
    jumps = range(-_JOLT, _JOLT + 1)
    gaps = [np.abs(a[_JOLT:last] - b[_JOLT + jump : last + jump]).mean() for jump in jumps]
    jump = jumps[int(np.argmin(gaps))]
    if min(gaps) >= 0.6 * gaps[_JOLT]:  # hardly better than as it is
        return second
    return second[np.clip(np.arange(len(second)) + jump, 0, len(second) - 1)]


def _standing_out(first: np.ndarray, second: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """float32 [height, width]: how much around each pixel the common scrolling leaves unexplained."""
    height, width = first.shape[:2]
    costs = np.full((len(_SHIFTS), height, width), _CLIP, np.float32)
    for index, shift in enumerate(_SHIFTS):
        a = first[:, max(0, shift) : width + min(0, shift)]
        b = second[:, max(0, -shift) : width + min(0, -shift)]
        gap = np.abs(a - b).mean(-1)
        costs[index, :, max(0, -shift) : width + min(0, -shift)] = np.minimum(gap, _CLIP)
    left = np.empty((height, width), np.float32)
    edge = int(np.abs(_SHIFTS).max())
    inside = slice(edge, width - edge)
    for rows in np.array_split(np.arange(height), _BANDS):
        if not len(rows):
            continue
        band = costs[:, rows]
        totals = band[:, :, inside].mean(axis=(1, 2))
        best = int(totals.argmin())
        rest = band[best]
        gains = np.maximum(rest[None] - band - 4.0, 0)[:, :, inside]
        other = int(gains.mean(axis=(1, 2)).argmax())
        if (gains[other] > 0).mean() > _SECOND:
            rest = np.minimum(rest, band[other])
        shift = _SHIFTS[best]
        rest = rest.copy()
        if shift > 0:  # what came in over the edge could not be known
            rest[:, width - shift :] = 0
        elif shift < 0:
            rest[:, :-shift] = 0
        left[rows] = np.maximum(rest - np.median(rest, axis=1, keepdims=True), 0)
    return _box(left, (tall, wide))


def _box(values: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """The mean over a box of that (height, width) around each pixel."""
    for axis, size in enumerate(sides):
        padded = np.concatenate(
            [
                np.repeat(np.take(values, [0], axis), size // 2 + 1, axis) * 0,
                values,
                np.repeat(np.take(values, [-1], axis), size - size // 2 - 1, axis) * 0,
            ],
            axis,
        )
        total = padded.cumsum(axis)
        length = values.shape[axis]
        values = (
            np.take(total, range(size, size + length), axis) - np.take(total, range(length), axis)
        ) / size
    return values


def _way(scores: np.ndarray, length: int, pull: np.ndarray) -> np.ndarray:
    """The best way through [time, place], a few places a frame at most; float [time].

    Args:
        scores: float [time, place].
        length: number of places.
        pull: float [time], towards the middle.
    """
    count = len(scores)
    middle = np.abs(np.arange(length) - (length - 1) / 2) / length
    gains = scores - pull[:, None] * middle[None]
    total = gains[0].copy()
    came = np.zeros((count, length), np.int64)
    steps = np.arange(-_STEP, _STEP + 1)
    padded = np.empty(length + 2 * _STEP)
    for index in range(1, count):
        padded[:] = -np.inf
        padded[_STEP : _STEP + length] = total
        options = np.stack([padded[_STEP + s : _STEP + s + length] - 0.02 * abs(s) for s in steps])
        chosen = options.argmax(axis=0)
        came[index] = np.clip(np.arange(length) + steps[chosen], 0, length - 1)
        total = options[chosen, np.arange(length)] + gains[index]
    way = np.empty(count, np.int64)
    way[-1] = int(total.argmax())
    for index in range(count - 1, 0, -1):
        way[index - 1] = came[index, way[index]]
    return way.astype(float)


def _calm(centers: np.ndarray) -> np.ndarray:
    """Without the trembling of a pixel or two."""
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    kernel /= kernel.sum()
    padded = np.pad(centers, ((2, 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
