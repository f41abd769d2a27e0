"""Windows: how a result of any length is cut into pieces that the model can fill at once.

The model sees at most ``max_frames`` frames. A plan is a list of such windows in the order in which
they are to be filled, each holding frames that are done by then, so that motion carries over.
Frames that are known ahead (a last frame, key frames) are planned for before anything is sampled:
a gap between two of them is closed by a window that sees both of its ends.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Window:
    """One call of the model.

    Attributes:
        start: first frame the model sees.
        stop: end of the frames the model sees, exclusive.
        fill_start: first frame that it has to make.
        fill_stop: end of the frames that it has to make, exclusive.
    """

    start: int
    stop: int
    fill_start: int
    fill_stop: int

    def __len__(self) -> int:
        return self.stop - self.start


def plan_windows(
    done: NDArray[np.bool_], *, max_frames: int, context_frames: int | None = None
) -> tuple[Window, ...]:
    """Windows that fill every frame that is not done, in order.

    A gap that is known on one side is filled from that side on. A gap known on both sides is filled
    from both in turn until what is left fits into one window that sees both ends; as little as
    possible is peeled off, so that this last window has the most room to join them. With nothing
    known the first window starts from nothing and the rest follows forward.

    Args:
        done: bool (T,), true for frames that need nothing.
        max_frames: the most frames a window may hold.
        context_frames: frames of overlap with what is done, 1 to ``max_frames - 1``; where fewer
            are done, fewer are used. None takes `default_context`.

    Raises:
        InputError: the context is out of range.
    """
    context = check_context(context_frames, max_frames)
    state = np.array(done, dtype=bool)
    windows: list[Window] = []
    if state.size and not state.any():
        stop = min(max_frames, state.size)
        windows.append(Window(start=0, stop=stop, fill_start=0, fill_stop=stop))
        state[:stop] = True
    for a, b in _gaps(state):
        windows += _fill_gap(a, b, state, max_frames, context)
    return tuple(windows)


def default_context(max_frames: int) -> int:
    """Overlap that is enough to carry motion: a third of the window, at least one frame."""
    return max(1, min(max_frames - 1, max_frames // 3))


def check_context(context_frames: int | None, max_frames: int) -> int:
    """The context to use with windows of ``max_frames``.

    Raises:
        InputError: not a whole number from 1 to ``max_frames - 1``.
    """
    if context_frames is None:
        return default_context(max_frames)
    is_whole = isinstance(context_frames, int | np.integer) and not isinstance(context_frames, bool)
    if not is_whole or not 1 <= context_frames < max_frames:
        raise InputError(
            f"context_frames must be a whole number from 1 to {max_frames - 1} for this model, "
            f"got {context_frames!r}. Leave it out for {default_context(max_frames)}."
        )
    return int(context_frames)


def window_seed(seed: int, index: int) -> int:
    """Seed of window ``index``: depends on the seed and its number alone, 0 to 2**31 - 1."""
    digest = hashlib.sha256(f"playreel-window:{seed}:{index}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _gaps(done: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Maximal runs [a, b) of frames that are not done."""
    edges = np.diff(np.concatenate([[1], done.astype(np.int8), [1]]))
    starts, stops = np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def _fill_gap(
    a: int, b: int, done: NDArray[np.bool_], max_frames: int, context: int
) -> list[Window]:
    """Windows that fill [a, b), marking what they fill as done."""
    windows: list[Window] = []
    two_sided = a > 0 and b < len(done) and max_frames > 2
    if two_sided:
        context = min(context, (max_frames - 1) // 2)
    from_left = True
    while a < b:
        left = _done_before(done, a, context)
        right = _done_after(done, b, context) if two_sided or not left else 0
        size, room = b - a, max_frames - left - right
        if size <= room:  # the rest at once
            start, stop = a, b
        elif two_sided:  # peel evenly, from both ends in turn
            excess = size - (max_frames - 2 * context)
            take = math.ceil(excess / math.ceil(excess / (max_frames - context)))
            start, stop = (a, a + take) if from_left else (b - take, b)
            from_left = not from_left
        else:
            start, stop = (a, a + room) if left else (b - room, b)
        windows.append(_with_context(start, stop, done, max_frames, context))
        done[start:stop] = True
        a, b = (stop, b) if start == a else (a, start)
    return windows


def _done_before(done: NDArray[np.bool_], a: int, context: int) -> int:
    """How many frames just before ``a`` are done, at most ``context``."""
    count = 0
    while count < context and a - count > 0 and done[a - count - 1]:
        count += 1
    return count


def _done_after(done: NDArray[np.bool_], b: int, context: int) -> int:
    """How many frames from ``b`` on are done, at most ``context``."""
    count = 0
    while count < context and b + count < len(done) and done[b + count]:
        count += 1
    return count


def _with_context(
    fill_start: int, fill_stop: int, done: NDArray[np.bool_], max_frames: int, context: int
) -> Window:
    """The window that fills [fill_start, fill_stop), with as much around it as it has room for."""
    start = fill_start - _done_before(done, fill_start, context)
    stop = fill_stop
    if fill_stop < len(done) and max_frames > stop - start:
        stop += min(_done_after(done, fill_stop, context), max_frames - (stop - start))
    grew = True
    while grew and stop - start < max_frames:
        grew = False
        if start > 0 and done[start - 1]:
            start, grew = start - 1, True
        if stop - start < max_frames and stop < len(done) and done[stop]:
            stop, grew = stop + 1, True
    return Window(start=start, stop=stop, fill_start=fill_start, fill_stop=fill_stop)
