"""The folder of one project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from playreel.board import Board
from playreel.errors import InputError, StorageError
from playreel.media.atomic import PREFIX, sweep, write_bytes
from playreel.media.lock import FileLock
from playreel.project.board_place import ProjectBoardPlace
from playreel.project.disk import BUDGET, DiskUse, disk_use, read_size
from playreel.project.documents import (
    SCHEMA_VERSION,
    SETTINGS,
    TRASH,
    document_text,
    json_blocks,
    read_document,
)
from playreel.project.history import History
from playreel.project.index import TakeIndex
from playreel.project.media_store import MediaStore
from playreel.project.reviews import Reviews
from playreel.project.sessions import SessionList
from playreel.project.trash import Trash
from playreel.project.upgrades import upgrade_folder

PRIVATE = ".playreel"  # what belongs to this copy of the folder alone
_NOT_CONTENT = {PRIVATE, ".git", ".gitignore", ".gitattributes", ".DS_Store"}
_GIT = {
    ".gitignore": ".playreel/\ntrash/\npreviews/\n.writing-*\n",
    ".gitattributes": "*.mkv binary\n*.png binary\ntakes.ndjson merge=union\n",
}


class ProjectFolder:
    """Opens a project folder, or makes it.

        pitch/project.json        what this folder is, and its settings
        pitch/board.toml          the shot board
        pitch/takes.ndjson        what was made, in order
        pitch/takes/              frames by content hash, with recipes
        pitch/posters/            one picture of each take
        pitch/sessions/*.ndjson   what was played
        pitch/comments.ndjson     what was said about takes
        pitch/trash.json          what is in the trash
        pitch/.playreel/          lock, history, and what can be rebuilt; not for Git

    Several processes may have it open: they take turns at writing, with `lock`.

    Args:
        path: the folder.

    Raises:
        InputError: the path is a file, a folder with other things in it, or a newer project.
        StorageError: it cannot be made or read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = self.path / SETTINGS
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path} is a file, not a project folder. Name a folder.")
        self.lock = FileLock(self.private / "lock")
        try:
            if not self._file.exists():
                self._create()
            for name in ("takes", "sessions"):
                (self.path / name).mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"Cannot make the project folder {self.path}: {error.strerror}. Choose another."
            ) from error
        self.read()  # an unreadable project is told on opening, not half way through
        self.history = History(
            self.path, self.private / "history.ndjson", self.lock, settled=self._follow
        )
        self.media = MediaStore(
            self.path,
            lock=self.lock,
            trashed=lambda: read_document(self.path, TRASH),
            made=self.history.note,
            untrash=lambda content_hash: self.trash.take_out(content_hash),
        )
        self.trash = Trash(self.path, self.history, self.lock, self.media)
        self.index = TakeIndex(self.private / "index.sqlite", self.media)
        self.reviews = Reviews(self.path, self.lock)
        self.session_list = SessionList(self.sessions, self.private / "sessions.ndjson", self.lock)
        if os.access(self.path, os.W_OK):
            self._recover()

    @property
    def private(self) -> Path:
        """Where this copy of the folder keeps what Git does not: lock, history, index, queue."""
        return self.path / PRIVATE

    @property
    def sessions(self) -> Path:
        """Where played sessions are written."""
        return self.path / "sessions"

    def board(self) -> Board:
        """The shot board.

        Raises:
            InputError: it cannot be read.
        """
        return Board(place=ProjectBoardPlace(self.path, self.lock, self.history, self.media))

    def read(self) -> dict[str, Any]:
        """What project.json says.

        Raises:
            InputError: it is not a project of this program, or of a newer one.
        """
        try:
            document = json_blocks(self._file.read_text(encoding="utf-8"), self._file)
        except OSError as error:
            raise StorageError(f"Cannot read {self._file}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{self._file} is not readable as JSON: {error}.") from None
        version = document.get("schema_version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise InputError(f"{self._file} is not a Playreel project: it has no schema_version.")
        if version > SCHEMA_VERSION:
            raise InputError(
                f"{self._file} has schema_version {version}, newer than the {SCHEMA_VERSION} known "
                "here. Upgrade with: pip install -U playreel"
            )
        return document

    def update(self, **entries: Any) -> None:
        """Changes settings, as one act; all others are kept as they are on disk.

        Args:
            **entries: JSON values by name; None removes a setting.

        Raises:
            InputError: a value that JSON cannot hold, or a setting that is not the user's.
            StorageError: the file cannot be written; the old one survives.
        """
        if "schema_version" in entries:
            raise InputError("schema_version tells the folder's layout; it is not a setting.")
        try:
            entries = json.loads(json.dumps(entries, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"A setting must be a JSON value: {error}.") from None
        with self.lock:
            settings = read_document(self.path, SETTINGS) | entries
            settings = {key: settings[key] for key in sorted(settings) if settings[key] is not None}
            self.history.commit("settings", f"set {', '.join(entries)}", {SETTINGS: settings})

    def disk(self) -> DiskUse:
        """What the project takes on disk, and what it may."""
        budget = self.read().get(BUDGET)
        whole = isinstance(budget, int) and not isinstance(budget, bool) and budget > 0
        return disk_use(self.path, budget if whole else None)

    def set_budget(self, size: str | int | None) -> None:
        """Says how much disk the project may take, such as ``"10GB"``; None lifts the limit.

        Raises:
            InputError: no size.
        """
        self.update(**{BUDGET: None if size is None else read_size(size)})

    def check_room(self, needed: int = 0) -> None:
        """Called before something new is started.

        Args:
            needed: bytes that it is reckoned to take.

        Raises:
            BudgetError: the project has used up its budget, or the disk is full.
        """
        if needed or self.read().get(BUDGET):
            self.disk().check(needed)

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
            if self._file.exists():  # another process was first
                return
            for name, text in _GIT.items():
                if not (self.path / name).exists():
                    write_bytes(self.path / name, text.encode())
            text = document_text(SETTINGS, {"name": self.path.resolve().name})
            write_bytes(self._file, text.encode())

    def _recover(self) -> None:
        """Makes good what a crash, a full disk or an older version left."""
        with self.lock:
            folders = [self.path, *(self.path / name for name in ("takes", "sessions", "posters"))]
            for folder in (*folders, *(path for path in self.private.rglob("*") if path.is_dir())):
                sweep(folder)
            upgrade_folder(self.path, self.read()["schema_version"])
            self.history.settle()
            self.trash.settle()
            self.media.adopt()

    def _follow(self, names: set[str]) -> None:
        if TRASH in names:
            self.trash.settle()
