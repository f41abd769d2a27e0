"""A lane: one background thread that does things in order, so that the kernel stays free."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger("playreel_widgets")


class Lane:
    """Runs calls one after another on a thread of its own; an idle lane costs nothing."""

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._name = name
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, call: Callable[[], object]) -> None:
        """Adds a call to the end of the line."""
        self._calls.put(call)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            call = self._calls.get()
            try:
                call()
            except Exception:
                log.exception("A call in lane %s failed", self._name)
