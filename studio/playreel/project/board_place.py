"""The board of a project: every change is an act of the history, every take one of its takes."""

from __future__ import annotations

from pathlib import Path

from playreel.board.document import Entry
from playreel.board.place import BoardPlace
from playreel.media import Clip
from playreel.media.lock import FileLock
from playreel.media.reel import ReelClip
from playreel.media.stored import StoredClip
from playreel.project.documents import BOARD
from playreel.project.history import History
from playreel.project.media_store import MediaStore


class ProjectBoardPlace(BoardPlace):
    """Keeps a board in a project.

    Args:
        folder: the project folder.
        lock: the project's.
        history: remembers every change.
        media: keeps the takes.
    """

    def __init__(self, folder: Path, lock: FileLock, history: History, media: MediaStore) -> None:
        super().__init__(folder)
        self.lock = lock
        self._history = history
        self._media = media

    def write(self, entries: list[Entry], act: str, words: str) -> None:
        """See `BoardPlace.write`."""
        self._history.commit(act, words, {BOARD: {entry["uid"]: entry for entry in entries}})

    def keep(self, clip: Clip) -> Clip:
        """See `BoardPlace.keep`."""
        known = self._media.known(clip.content_hash)
        if known is not None and isinstance(clip, StoredClip) and not clip.is_missing:
            return clip
        self._media.add(clip)
        frames = None if isinstance(clip, ReelClip) else clip.frames  # too many to be held
        return self._media.stored(clip.content_hash, frames)

    def take(self, content_hash: str) -> Clip:
        """See `BoardPlace.take`."""
        return self._media.stored(content_hash)
