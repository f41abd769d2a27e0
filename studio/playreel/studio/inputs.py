"""The pictures that queued jobs start from: copies in the project, kept for as long as a job may need them.

They lie in the project's private folder, so its disk use and budget count them. What a job has made is
a take with a recipe and needs its copy no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from playreel.errors import BudgetError, InputError
from playreel.jobs import JobRecord
from playreel.media.atomic import write_bytes

FILE = "file"  # in a job's options: {"file": name}
FOLDER = Path(".playreel") / "jobs" / "inputs"
MAX_BYTES = 512 << 20  # of all
RETRY_BYTES = 64 << 20  # of jobs that failed or were cancelled, the latest first
NEW_S = 3600.0  # a copy is made before its job is queued


class Inputs:
    """The copies of one project.

    Args:
        project: the project folder.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self.folder = project / FOLDER

    def keep(self, data: bytes, suffix: str) -> str:
        """Copies a picture file; returns its name, by which the same picture is kept once.

        Raises:
            BudgetError: the copies would take more than `MAX_BYTES`.
            StorageError: the disk is full.
        """
        name = hashlib.sha256(data).hexdigest()[:32] + suffix
        path = self.folder / name
        if path.is_file():
            with contextlib.suppress(OSError):
                os.utime(path)  # new again: its next job is not queued yet
            return name
        if self.num_bytes + len(data) > MAX_BYTES:
            raise BudgetError(
                f"The pictures that jobs of this project start from take {self.num_bytes >> 20} MiB "
                f"of {MAX_BYTES >> 20}. Wait for jobs to end, or cancel some."
            )
        write_bytes(path, data)
        return name

    def path(self, name: str) -> Path:
        """Where a copy lies.

        Raises:
            InputError: its name is none that `keep` gives, or it is gone.
        """
        path = self.folder / name
        if Path(name).name != name or not path.is_file():
            raise InputError(
                f"The picture {name[:80]!r} that this job starts from is not in {self.folder}. "
                "Submit the job anew."
            )
        return path

    @property
    def is_empty(self) -> bool:
        """Whether there is no copy at all."""
        return not self._files()

    @property
    def num_bytes(self) -> int:
        """What all copies take."""
        return sum(size for _, size, _ in self._files())

    def sweep(self, records: Iterable[JobRecord]) -> int:
        """Removes what no job needs any more; returns the bytes that this gave free.

        Args:
            records: all jobs of the project.
        """
        latest = sorted(records, key=lambda record: -record.number)
        needed = {n for record in latest if not record.ended for n in names_in(record.options)}
        again = [
            name
            for record in latest
            if record.state in ("failed", "cancelled")
            for name in names_in(record.options)
        ]
        sizes = {name: size for name, size, _ in self._files()}
        room = RETRY_BYTES
        for name in dict.fromkeys(again):
            if name not in needed and (room := room - sizes.get(name, 0)) >= 0:
                needed.add(name)
        freed, now = 0, time.time()
        for name, size, written in self._files():
            if name not in needed and now - written > NEW_S:
                with contextlib.suppress(OSError):
                    (self.folder / name).unlink()
                    freed += size
        return freed

    def _files(self) -> list[tuple[str, int, float]]:
        try:
            with os.scandir(self.folder) as entries:
                found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError:  # there are none yet, or one went away: the next look tells
            return []
        return [(name, status.st_size, status.st_mtime) for name, status in found]


def names_in(options: Any) -> list[str]:
    """The copies that a job's options name."""
    if isinstance(options, Mapping):
        if isinstance(options.get(FILE), str):
            return [options[FILE]]
        options = options.values()
    elif not isinstance(options, list | tuple):
        return []
    return [name for value in options for name in names_in(value)]
