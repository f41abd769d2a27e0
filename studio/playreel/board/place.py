"""Where a board is kept: a folder with board.toml and takes/, written by one at a time."""

from __future__ import annotations

from pathlib import Path

from playreel.board.document import Entry, board_text, read_entries, read_json_entries
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.media.clip import Clip
from playreel.media.lock import FileLock
from playreel.media.stored import StoredClip

BOARD_FILE = "board.toml"
OLD_FILE = "board.json"  # of Playreel 0.1
FILE_DIGITS = 32  # of the content hash in a take's file name


class BoardPlace:
    """A board's folder.

    Args:
        folder: made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = FileLock(folder / ".playreel" / "lock")

    @property
    def path(self) -> Path:
        """The board's file."""
        return self.folder / BOARD_FILE

    def stamp(self) -> tuple[object, ...]:
        """Differs whenever another writer has changed the board."""
        for path in (self.path, self.folder / OLD_FILE):
            try:
                seen = path.stat()
            except OSError:
                continue
            return path.name, seen.st_ino, seen.st_mtime_ns, seen.st_size
        return ()

    def read(self) -> list[Entry]:
        """The entries on disk; none if there is no board yet.

        Raises:
            InputError: the file is no board.
        """
        for path, read in (
            (self.path, read_entries),
            (self.folder / OLD_FILE, read_json_entries),
        ):
            try:
                return read(path.read_text(encoding="utf-8"), path)
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"The board {path} cannot be read: {error}.") from error
        return []

    def write(self, entries: list[Entry], act: str, words: str) -> None:
        """Saves the entries; the lock is held.

        Args:
            entries: all of them, in order.
            act: what was done, such as ``"board.add"``, for places that keep a history.
            words: the same for people.

        Raises:
            StorageError: the disk is full; the board is as it was.
        """
        write_bytes(self.path, board_text(entries).encode())

    def keep(self, clip: Clip) -> Clip:
        """Saves a take; returns it as it is kept.

        Raises:
            StorageError: the disk is full.
        """
        path = self._take(clip.content_hash)
        if not path.exists():
            clip.save(path)
        return clip

    def take(self, content_hash: str) -> Clip:
        """A take that was kept, read when looked at."""
        return StoredClip(self._take(content_hash), content_hash)

    def _take(self, content_hash: str) -> Path:
        path = self.folder / "takes" / f"{content_hash[:FILE_DIGITS]}.mkv"
        still = path.with_suffix(".png")  # as projects keep a take of one frame
        return still if not path.exists() and still.exists() else path
