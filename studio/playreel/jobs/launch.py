"""One worker for a project: finding it, starting it, and telling whether it lives."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playreel.errors import WorkerError
from playreel.jobs.store import FOLDER
from playreel.jobs.wire import Address, ask
from playreel.media.lock import try_lock

LOCK = "worker.lock"
LOG = "worker.log"
START_S = 30.0
MAX_LOG_BYTES = 1 << 20


@contextlib.contextmanager
def worker_lock(project: Path, *, patience_s: float = 0.0) -> Iterator[bool]:
    """Holds the lock that a worker holds while it lives; gives whether it was free.

    The operating system frees it when its holder dies, whatever it dies of.
    """
    path = project / FOLDER / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience_s
    try:
        free = try_lock(handle)
        while not free and time.monotonic() < deadline:
            time.sleep(0.02)
            free = try_lock(handle)
        yield free
    finally:
        os.close(handle)


def worker_alive(project: Path) -> bool:
    """Whether a worker holds the project now."""
    with worker_lock(project) as free:
        return not free


def call_worker(project: Path, request: dict[str, Any], *, timeout_s: float = 5.0) -> Any | None:
    """Asks the worker something; None where none answers."""
    address = Address.load(project / FOLDER)
    if address is None:
        return None
    try:
        return ask(address, request, timeout_s=timeout_s)
    except (OSError, KeyError):
        return None


def ensure_worker(project: Path, operations: str, *, idle_s: float | None = None) -> dict[str, Any]:
    """Wakes the project's worker, or starts one; returns what it says of itself.

    Raises:
        WorkerError: it does not come up; its log tells why.
    """
    deadline = time.monotonic() + START_S
    started: subprocess.Popen[bytes] | None = None
    while True:
        status = call_worker(project, {"ask": "wake"})
        if status is not None and not status.get("closing"):
            return dict(status)
        if (started is None or started.poll() is not None) and not worker_alive(project):
            started = _start(project, operations, idle_s)
        if time.monotonic() > deadline:
            raise WorkerError(
                f"The worker of {project} did not start within {START_S:g} s. The job is queued; see "
                f"{project / FOLDER / LOG} and try again."
            )
        time.sleep(0.03)


def _start(project: Path, operations: str, idle_s: float | None) -> subprocess.Popen[bytes]:
    log = project / FOLDER / LOG
    with contextlib.suppress(OSError):
        if log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
    # -P: a file called torch.py in the folder of whoever starts it is not what is to be imported.
    command = [sys.executable, "-P", "-m", "playreel.jobs.worker", str(project), operations]
    if idle_s is not None:
        command.append(str(idle_s))
    with _open_log(log) as file:
        return subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # Ctrl-C in a shell or a notebook is not meant for it
        )


def _open_log(path: Path) -> Any:
    try:
        return path.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")
