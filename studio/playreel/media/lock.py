"""Writers taking turns: a lock between processes and threads that dies with its holder."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from playreel.errors import LockedError, StorageError

TIMEOUT_S = 60.0
_POLL_S = (0.0005, 0.01)  # the first wait for another process, and the longest
_threads: dict[str, threading.RLock] = {}
_depths: dict[str, int] = {}
_guard = threading.Lock()


def _forget_after_fork() -> None:
    """A forked child shares no lock with its parent; only the parent lets go of the file."""
    global _guard
    _guard = threading.Lock()
    _threads.clear()
    _depths.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


class FileLock:
    """One writer at a time, over all processes and threads that name the same file.

    The operating system holds the lock, so that a process that is killed lets go of it, and no
    clock is asked. It may be taken again by the thread that holds it.

        with FileLock(folder / ".playreel" / "lock"):
            ...

    Args:
        path: the lock file; it is made, stays empty and stays.
        timeout_s: how long to wait for another holder.
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout_s: float = TIMEOUT_S) -> None:
        self.path = Path(path)
        self.timeout_s = timeout_s
        self._key = os.path.realpath(self.path)
        self._entered = threading.local()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Holds the lock for a block.

        Raises:
            LockedError: another holder did not let go in time.
            StorageError: the lock file cannot be made.
        """
        with _guard:
            thread_lock = _threads.setdefault(self._key, threading.RLock())
        if not thread_lock.acquire(timeout=self.timeout_s):
            raise LockedError(self._busy())
        try:
            if _depths.get(self._key, 0):
                yield from self._counted()
            else:
                handle = self._take()
                try:
                    yield from self._counted()
                finally:
                    os.close(handle)  # lets go of it
        finally:
            thread_lock.release()

    def __enter__(self) -> None:
        stack = self._entered.__dict__.setdefault("stack", [])
        block = self()
        block.__enter__()
        stack.append(block)

    def __exit__(self, *exception: object) -> None:
        self._entered.stack.pop().__exit__(*exception)

    def _counted(self) -> Iterator[None]:
        _depths[self._key] = _depths.get(self._key, 0) + 1
        try:
            yield
        finally:
            _depths[self._key] -= 1

    def _take(self) -> int:
        """Waits for the lock behind a gate, so that a busy writer cannot take it twice in a row."""
        deadline = time.monotonic() + self.timeout_s
        gate = self._open(self.path.with_name(self.path.name + ".next"))
        try:
            self._wait(gate, deadline)
            handle = self._open(self.path)
            try:
                self._wait(handle, deadline)
            except BaseException:
                os.close(handle)
                raise
        finally:
            os.close(gate)
        return handle

    def _open(self, path: Path) -> int:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StorageError(
                f"Cannot make the lock file {path}: {error.strerror}. Check that the folder "
                "can be written."
            ) from error

    def _wait(self, handle: int, deadline: float) -> None:
        pause, longest = _POLL_S
        while not try_lock(handle):
            if time.monotonic() > deadline:
                raise LockedError(self._busy())
            time.sleep(pause)
            pause = min(longest, 2 * pause)

    def _busy(self) -> str:
        return (
            f"Another writer has held {self.path} for over {self.timeout_s:g} s. Wait for it or "
            "close it, then try again; nothing was changed."
        )


if os.name == "nt":
    import msvcrt

    def try_lock(handle: int) -> bool:
        """Takes the lock of an open file if nobody has it; it ends when the file is closed."""
        try:
            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(handle: int) -> bool:
        """Takes the lock of an open file if nobody has it; it ends when the file is closed."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
