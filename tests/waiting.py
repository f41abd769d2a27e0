"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 240.0  # a machine may be busy with other things; only what hangs takes so long


def until(true: Callable[[], object], timeout_s: float = PATIENCE_S) -> float:
    """Waits until something is true; how many seconds that took."""
    since = time.monotonic()
    while not true():
        assert time.monotonic() - since < timeout_s, "it never came true"
        time.sleep(0.01)
    return time.monotonic() - since
