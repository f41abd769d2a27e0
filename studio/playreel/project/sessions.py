"""The played sessions of a project, in the order in which they were last played."""

from __future__ import annotations

import contextlib
from pathlib import Path

from playreel.errors import StorageError
from playreel.media.lock import FileLock
from playreel.project.ledger import Ledger


class SessionList:
    """Names the session logs of a project.

    Their order is written down when a session is begun or opened: a clock may be set back.

    Args:
        folder: where the logs lie.
        path: the file that keeps the order; if it is lost, the files' times must do.
        lock: held while it is written.
    """

    def __init__(self, folder: Path, path: Path, lock: FileLock) -> None:
        self._folder = folder
        self._ledger = Ledger(path)
        self._lock = lock
        self._order: dict[str, int] = {}

    def names(self) -> tuple[str, ...]:
        """Names of the logs, the one played last at the end."""
        self._read()
        logs = list(self._folder.glob("*.ndjson"))
        logs.sort(key=lambda log: (self._order.get(log.stem, -1), log.stat().st_mtime_ns))
        return tuple(log.stem for log in logs)

    def opened(self, name: str) -> None:
        """Remembers that a session is played now."""
        with self._lock:
            self._read()
            if self._order and max(self._order, key=self._order.__getitem__) == name:
                return
            with contextlib.suppress(StorageError):  # the log itself is what matters
                self._ledger.append({"session": name}, durably=False)

    def _read(self) -> None:
        rewritten, lines = self._ledger.read_new()
        if rewritten:
            self._order = {}
        for line in lines:
            name = line.get("session")
            if isinstance(name, str):
                self._order[name] = max(self._order.values(), default=-1) + 1
