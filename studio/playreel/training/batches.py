"""Batches made in the background, in an order that depends on nothing but their index."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from playreel.errors import PlayreelError, TrainingError

MakeBatch = Callable[[int], Any]


def batch_seed(seed: int, index: int) -> int:
    """The data seed of batch `index` of a run: a 63-bit integer, independent between indices."""
    words = np.random.SeedSequence((seed, index)).generate_state(2, np.uint64)
    return int(words[0] >> np.uint64(1))


class BatchFeeder:
    """Iterates over (index, batch) from `start` on, made ahead by workers.

    Worker w makes the batches w, w + n, w + 2n, ... and they are handed out in the order of their
    index, so that a resumed run sees the batches that an unbroken one would have seen.

    Args:
        make: Called with a data seed; runs in the workers, so it must stay on the host and
            return (nested) numpy arrays, strings and numbers.
        seed: Seed of the run.
        start: First index.
        stride: Distance between indices (number of ranks).
        num_workers: Worker processes; 0 makes each batch when it is asked for. Where processes
            cannot be forked (Windows, macOS) one background thread stands in.
    """

    def __init__(
        self, make: MakeBatch, *, seed: int, start: int, stride: int = 1, num_workers: int = 0
    ) -> None:
        self._make, self._seed, self._stride = make, seed, stride
        self._next = start
        self._ready: queue.Queue[tuple[int, Any]] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._connections: list[Connection] = []
        self._processes: list[Any] = []
        self._thread: threading.Thread | None = None
        if num_workers <= 0:
            return
        if sys.platform == "linux":
            self._start_processes(num_workers)
        self._thread = threading.Thread(target=self._read_ahead, daemon=True, args=(start,))
        self._thread.start()

    def __enter__(self) -> BatchFeeder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def next(self, should_stop: Callable[[], bool] = lambda: False) -> tuple[int, Any] | None:
        """The next (index, batch); None as soon as `should_stop` says so.

        Raises:
            TrainingError: A worker failed or was killed.
        """
        if self._thread is None:
            index = self._next
            self._next += self._stride
            return index, self._make(batch_seed(self._seed, index))
        while not should_stop():
            try:
                index, batch = self._ready.get(timeout=0.2)
            except queue.Empty:
                continue
            if isinstance(batch, BaseException):
                raise batch
            return index, batch
        return None

    def close(self) -> None:
        """Ends the workers."""
        self._closed.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()
        with contextlib.suppress(queue.Empty):
            while True:
                self._ready.get_nowait()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)
        for connection in self._connections:
            connection.close()
        self._processes, self._connections = [], []

    def _start_processes(self, num_workers: int) -> None:
        context = multiprocessing.get_context("fork")
        for worker in range(num_workers):
            receive, send = context.Pipe(duplex=False)
            process = context.Process(
                target=_work,
                args=(self._make, self._seed, send, os.getpid()),
                kwargs={
                    "start": self._next + worker * self._stride,
                    "stride": num_workers * self._stride,
                },
                daemon=True,
            )
            process.start()
            send.close()
            self._connections.append(receive)
            self._processes.append(process)

    def _read_ahead(self, start: int) -> None:
        turn, index = 0, start
        while not self._closed.is_set():
            item: Any
            try:
                item = self._receive(turn, index)
            except PlayreelError as error:
                item = error
            except Exception as error:  # handed to the loop, which raises it
                item = error
            while not self._closed.is_set():
                try:
                    self._ready.put((index, item), timeout=0.2)
                    break
                except queue.Full:
                    continue
            if isinstance(item, BaseException):
                return
            turn, index = turn + 1, index + self._stride

    def _receive(self, turn: int, index: int) -> Any:
        if not self._connections:
            return self._make(batch_seed(self._seed, index))
        worker = turn % len(self._connections)
        try:
            kind, value = self._connections[worker].recv()
        except (EOFError, OSError) as error:
            raise TrainingError(
                f"Data worker {worker} was ended from outside (out of memory?) at batch {index}; "
                "go on with --resume and --num-workers 0."
            ) from error
        if kind == "error":
            if isinstance(value, PlayreelError):
                raise value
            raise TrainingError(f"Data worker {worker} failed at batch {index}:\n{value}")
        return value


def _work(
    make: MakeBatch, seed: int, send: Connection, parent: int, *, start: int, stride: int
) -> None:
    """Body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["OMP_NUM_THREADS"] = "1"
    torch = sys.modules.get("torch")
    if torch is not None:  # the parent's thread pool does not survive a fork
        torch.set_num_threads(1)
    with contextlib.suppress(OSError):
        os.nice(5)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    index = start
    try:
        while True:
            try:
                message = ("batch", make(batch_seed(seed, index)))
            except PlayreelError as error:
                message = ("error", error)
            except Exception:
                message = ("error", traceback.format_exc(limit=-6))
            send.send(message)
            if message[0] == "error":
                return
            index += stride
    except (BrokenPipeError, OSError):
        return


def _end_with_parent(parent: int) -> None:
    """A killed parent closes no pipes that its other workers hold: watch for it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
