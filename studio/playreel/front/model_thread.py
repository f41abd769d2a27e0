"""The one thread that the model works on, for all visitors.

A web server answers on dozens of threads. Were frames made on them, each would get a heap of its own from
the C library, and in each of these heaps what a world keeps would lie scattered among the holes that
working memory left: memory that is free, and is not given back. On one thread there is one such heap.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from playreel.front.errors import ShareError
from playreel.front.memory import give_back

Result = TypeVar("Result")

TIDY_S = 10.0  # of making frames, between two times that memory is given back
LATE_S = 60.0  # after which visitors wait for it, a few hundredths of a second


class ModelThread:
    """Does one thing at a time, in the order asked. Idle, it sleeps."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Future, Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(self, work: Callable[..., Result], *given: Any) -> Result:
        """What ``work(*given)`` returns or raises, done there.

        Raises:
            ShareError: the share is being closed.
        """
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                raise ShareError("This share is being closed. What was played is kept.")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="playreel-model", daemon=True
                )
                self._thread.start()
            self._asked.put((future, lambda: work(*given)))
        return future.result()

    def close(self) -> None:
        """Ends the thread when what was asked is done."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._asked.put(None)
        if thread is not None:
            thread.join(30)

    def _work(self) -> None:
        tidied = time.monotonic()
        while (asked := self._asked.get()) is not None:
            _do(*asked)
            del asked  # and with it what was made, before this waits for the next
            since = time.monotonic() - tidied
            if since > LATE_S or (since > TIDY_S and self._asked.empty()):
                give_back()
                tidied = time.monotonic()


def _do(future: Future, work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
