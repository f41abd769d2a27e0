"""Watching frames as they are made, before the clip that they belong to is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

Watcher = Callable[[np.ndarray], None]  # uint8 (H, W, 3)

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Shows ``watcher`` every frame that is made in this block, by this thread.

    Frames come in the order of making, which backward is not the order of time.
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def show(frame: np.ndarray) -> None:
    """Called by what makes frames, uint8 (H, W, 3), with each."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(frame)


def is_watched() -> bool:
    """Whether anybody watches; what is dear to show is made only then."""
    return _watcher.get() is not None
