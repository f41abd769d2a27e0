"""The folder of one project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playreel.errors import InputError, StorageError
from playreel.media.atomic import PREFIX, sweep, write_bytes
from playreel.media.lock import FileLock
from playreel.project.media_store import MediaStore

SCHEMA_VERSION = 1
PRIVATE = ".playreel"  # what belongs to this copy of the folder alone
_NOT_CONTENT = {PRIVATE, ".git", ".gitignore", ".gitattributes", ".DS_Store"}


class ProjectFolder:
    """Opens a project folder, or makes it.

        pitch/project.json        what this folder is
        pitch/board.json          the shot board
        pitch/takes.ndjson        what was made, in order
        pitch/takes/              frames by content hash, with recipes
        pitch/sessions/*.ndjson   what was played
        pitch/.playreel/          lock, and what can be rebuilt

    Several processes may have it open: they take turns at writing, with `lock`.

    Args:
        path: the folder.

    Raises:
        InputError: the path is a file, a folder with other things in it, or a newer project.
        StorageError: it cannot be made or read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = self.path / "project.json"
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path} is a file, not a project folder. Name a folder.")
        self.lock = FileLock(self.private / "lock")
        try:
            if not self._file.exists():
                self._create()
            for name in ("takes", "sessions"):
                (self.path / name).mkdir(exist_ok=True)
                sweep(self.path / name)
            sweep(self.path)
        except OSError as error:
            raise StorageError(
                f"Cannot make the project folder {self.path}: {error.strerror}. Choose another."
            ) from error
        self.read()  # an unreadable project is told on opening, not half way through
        self.media = MediaStore(self.path)

    @property
    def private(self) -> Path:
        """Where this copy of the folder keeps what Git does not: lock, index, queue."""
        return self.path / PRIVATE

    @property
    def sessions(self) -> Path:
        """Where played sessions are written."""
        return self.path / "sessions"

    def read(self) -> dict[str, Any]:
        """What project.json says.

        Raises:
            InputError: it is not a project of this program, or of a newer one.
        """
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
        except OSError as error:
            raise StorageError(f"Cannot read {self._file}: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{self._file} is not readable as JSON ({error}). Mend it by hand, or move it away "
                "to start anew; the takes in takes/ stay."
            ) from None
        version = document.get("schema_version") if isinstance(document, dict) else None
        if not isinstance(version, int) or isinstance(version, bool):
            raise InputError(f"{self._file} is not a Playreel project: it has no schema_version.")
        if version > SCHEMA_VERSION:
            raise InputError(
                f"{self._file} has schema_version {version}, newer than the {SCHEMA_VERSION} known "
                "here. Upgrade with: pip install -U playreel"
            )
        return document

    def update(self, **entries: Any) -> None:
        """Changes entries of project.json; all others are kept as they are on disk.

        Raises:
            StorageError: the file cannot be written; the old one survives.
        """
        with self.lock:
            self._write({**self.read(), **entries})

    def _create(self) -> None:
        names = [path.name for path in self.path.iterdir()] if self.path.exists() else []
        # A start that was killed leaves nothing but such files, and is made good here.
        if any(name not in _NOT_CONTENT and not name.startswith(PREFIX) for name in names):
            raise InputError(
                f"{self.path} has other things in it and no project.json. Name a new or an empty "
                "folder."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        with self.lock:
            if not self._file.exists():  # another process may have been first
                self._write({"schema_version": SCHEMA_VERSION, "name": self.path.resolve().name})

    def _write(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        write_bytes(self._file, text.encode())
