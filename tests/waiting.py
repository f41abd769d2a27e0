"""Waiting for what other processes do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

_Given = TypeVar("_Given")

PATIENCE_S = 240.0  # a machine may be busy with other things; only what hangs takes so long


def until(true: Callable[[], object], timeout_s: float = PATIENCE_S) -> float:
    """Waits until something is true; how many seconds that took."""
    since = time.monotonic()
    while not true():
        assert time.monotonic() - since < timeout_s, "it never came true"
        time.sleep(0.01)
    return time.monotonic() - since


async def with_ticks(awaited: Awaitable[_Given]) -> tuple[_Given, float]:
    """Awaits something, and tells by how many seconds at most the event loop was late meanwhile.

    On a busy machine it may be late once, whoever holds it up: try a few times and take the best.
    """
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        while True:
            since = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - since)

    ticking = asyncio.create_task(tick())
    try:
        return await awaited, worst
    finally:
        ticking.cancel()
