"""Which worlds belong to which visit, and which of them was played last.

What was played lies in the sessions' own logs; this file only says whose they are, so that who comes
back after a restart stands where he stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playreel.media.lock import FileLock
from playreel.project.ledger import Ledger

FILE = "worlds.ndjson"  # in the share's folder
_LOG = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class Place:
    """A world that a visit played.

    Attributes:
        world: its session's name.
        log: the name of the log that it goes on in, among the project's sessions.
    """

    world: str
    log: str


class Places:
    """The worlds of visits, in the order in which they were last entered.

    Args:
        folder: the share's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._ledger = Ledger(folder / FILE)
        self._lock = FileLock(folder / "lock")
        self._visits: dict[str, dict[str, Place]] = {}

    def entered(self, visit: str, place: Place) -> None:
        """Remembers where a visit plays from now on.

        Raises:
            StorageError: the disk is full.
        """
        with self._lock:
            self._read()
            if self.last(visit) != place:
                line = {"visit": visit, "world": place.world, "log": place.log}
                self._ledger.append(line, durably=False)
                self._read()

    def last(self, visit: str) -> Place | None:
        """The world that a visit played last, or None."""
        with self._lock:
            self._read()
            return next(reversed(self._visits.get(visit, {}).values()), None)

    def of(self, visit: str, world: str) -> Place | None:
        """A world by its session's name if it is this visit's, or None."""
        with self._lock:
            self._read()
            return self._visits.get(visit, {}).get(world)

    def _read(self) -> None:
        rewritten, lines = self._ledger.read_new()
        if rewritten:
            self._visits = {}
        for line in lines:
            visit, world, log = (line.get(key) for key in ("visit", "world", "log"))
            if all(isinstance(name, str) and _LOG.fullmatch(name) for name in (visit, world, log)):
                worlds = self._visits.setdefault(str(visit), {})
                worlds.pop(str(world), None)  # the one entered last stands at the end
                worlds[str(world)] = Place(str(world), str(log))
