"""Measuring: the figures of `playreel.film.measure` for a result that comes frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.film.figures import (
    MAX_REACH,
    drift_between,
    drift_span,
    luma_steps,
    reach_of,
    timing,
)
from playreel.film.measure import changes_of, joints_of, told_drift, told_seams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.uint8]


class Measuring:
    """Takes a result's frames in the order of time, and holds but a second or two of them.

    Args:
        lengths: frames of each part, in order.
        kept: whether each part is a source's own.
        fps: frames per second.
        schedule: rows [start_s, end_s, text] over what was made, as a recipe keeps them.
        wraps: whether the last frame leads back to the first.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        kept: Sequence[bool],
        *,
        fps: float,
        schedule: object = (),
        wraps: bool = False,
    ) -> None:
        self._lengths, self._kept, self._fps = lengths, kept, fps
        self._total, self._wraps = sum(lengths), wraps
        self._steps: list[NDArray[np.float32]] = []
        self._last: Frames | None = None
        self._span = drift_span(self._total, fps)
        self._head: list[Frames] = []
        self._recent: Frames | None = None
        self._count = 0
        offset, changes, length = changes_of(lengths, kept, schedule, fps)
        bounds = [0, *changes, length]
        self._waiting = [
            (offset + at, reach_of(before, at, after), offset, offset + length)
            for before, at, after in zip(bounds, bounds[1:], bounds[2:], strict=False)
        ]
        self._errors: list[int] = []
        self._window = max(self._span, 2 * MAX_REACH + 2)

    def add(self, frames: Frames) -> None:
        """The next frames, (T, H, W, 3), already as they are given out."""
        beside = frames if self._last is None else np.concatenate([self._last, frames])
        if len(beside) > 1:
            self._steps.append(luma_steps(beside))
        self._last = frames[-1:].copy()
        missing = self._span - self._count
        if missing > 0:
            self._head.append(frames[:missing].copy())
        self._count += len(frames)
        recent = frames if self._recent is None else np.concatenate([self._recent, frames])
        self._time(recent)
        self._recent = recent[-self._window :].copy()

    def figures(self) -> dict[str, Any]:
        """All of them, once every frame was added."""
        assert self._count == self._total and self._recent is not None
        out: dict[str, Any] = {}
        joints = joints_of(self._lengths, wraps=self._wraps)
        if joints:
            assert self._last is not None
            back = [np.concatenate([self._last, self._head[0][:1]])] if self._wraps else []
            steps = np.concatenate([*self._steps, *map(luma_steps, back)])
            out |= told_seams(steps, joints)
        kept = sum(n for n, is_kept in zip(self._lengths, self._kept, strict=True) if is_kept)
        if kept:
            out |= {"kept_exact": 1.0, "kept_frames": kept}  # written as they were given
        if self._total > 1:
            change = drift_between(
                np.concatenate(self._head), self._recent[-self._span :], self._total, self._fps
            )
            out |= told_drift(change)
        return out | ({"timing": self._errors} if self._errors else {})

    def _time(self, recent: Frames) -> None:
        """Looks at changes around which enough has been seen."""
        first = self._count - len(recent)  # index of the first of the recent frames
        while self._waiting:
            at, reach, start, stop = self._waiting[0]
            end = min(stop, at + 2 * reach)
            if self._count < end:
                return
            begin = max(start, at - 2 * reach)
            self._errors += timing(recent[begin - first : end - first], [at - begin])
            self._waiting.pop(0)
