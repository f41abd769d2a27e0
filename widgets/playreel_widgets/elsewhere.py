"""What other processes do to a project while its panels are open: a shell, another kernel, a share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Stamp = tuple[int, int] | None


class Elsewhere:
    """Notices that files of a project were changed, also by this process.

    Args:
        files: what to look at, and who is told when it is another than before.
    """

    def __init__(self, files: Mapping[Path, Callable[[], None]]) -> None:
        self._files = dict(files)
        self._seen = {path: _stamp(path) for path in self._files}

    def look(self) -> None:
        """Tells of every file that changed since the last look."""
        for path, changed in self._files.items():
            stamp = _stamp(path)
            if stamp != self._seen[path]:
                self._seen[path] = stamp
                changed()


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
