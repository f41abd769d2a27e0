"""The recorder: appends each press to the session's log as it happens; a crash loses none."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from playreel.errors import PlayreelWarning, StorageError
from playreel.world.log import (
    FRAMES_EVERY,
    Kept,
    cursor_line,
    frames_line,
    header_line,
    step_line,
)
from playreel.world.session import Session


class Recorder:
    """Keeps one log file in step with one session.

    After a failed write (full disk) the file is whole up to the press before, and the next `update`
    tries again from there. If somebody else goes on with the same log, such as a second window, what
    is played here goes on in a log of its own beside it: neither loses a press.
    """

    def __init__(
        self, session: Session, path: str | os.PathLike[str], *, kept: Kept | None = None
    ) -> None:
        """Goes on with the log at ``path``, or starts it.

        Args:
            session: what is played.
            path: an action log, or a file that does not exist yet.
            kept: gives frames and states that are at hand; some are written along.

        Raises:
            RecipeError: the file is the log of something else.
            StorageError: it cannot be written.
        """
        self.path = Path(path)
        self._session = session
        self._kept = kept
        self._num_steps = 0  # of the session, in the file; 0 means not even the header
        self._num_bytes = 0
        self._size = 0  # of the file when it was left, half a line of a failed write included
        self._cursor: int | None = None
        if self.path.exists() and self.path.stat().st_size:
            self._resume()

    def update(self, cursor: int) -> None:
        """Writes what the file lacks.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        self._keep_apart()
        count = len(self._session)
        data = self._missing(cursor)
        if not data:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if self.path.exists() else "w+b") as file:
                file.truncate(self._num_bytes)  # drops half a line that a failure or a crash left
                file.seek(self._num_bytes)
                file.write(data)
        except OSError as error:
            self._size = self._size_now()
            raise StorageError(
                f"Could not write the action log {self.path}: {error.strerror}. The log is whole "
                "up to the step before, and the session goes on in memory: free some space, then "
                "press again or call save()."
            ) from error
        self._num_bytes += len(data)
        self._size = self._num_bytes
        self._num_steps = count
        self._cursor = cursor

    def _missing(self, cursor: int) -> bytes:
        data = b"" if self._num_steps else header_line(self._session)
        count = len(self._session)
        for node in range(max(self._num_steps, 1), count):
            data += step_line(node, self._session[node])
            if self._kept is not None and self._session[node].depth % FRAMES_EVERY == 0:
                data += frames_line(self._session, node, self._kept)
        stands_at = count - 1 if count > self._num_steps else self._cursor
        if cursor != stands_at:  # a step moves the cursor by itself
            data += cursor_line(cursor)
        return data

    def _keep_apart(self) -> None:
        """Moves on to a log of our own if the file is not as it was left."""
        size = self._size_now()
        if size == self._size:
            return
        was = self.path
        number = 2
        while size and self.path.exists():
            self.path = was.with_name(f"{was.stem}-{number}{was.suffix}")
            number += 1
        self._num_steps = self._num_bytes = self._size = 0
        self._cursor = None
        if self.path != was:
            warnings.warn(
                f"The session in {was} is being played elsewhere too. What is played here goes on "
                f"in {self.path}; both are whole.",
                PlayreelWarning,
                stacklevel=4,
            )

    def _size_now(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def _resume(self) -> None:
        from playreel.errors import RecipeError
        from playreel.world.log import read_log

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PlayreelWarning)  # said when the session was loaded
            log = read_log(self.path)
        same = log.session.header.session_id == self._session.header.session_id
        if not same or list(log.session) != list(self._session)[: len(log.session)]:
            raise RecipeError(
                f"{self.path} is the log of another session. Give another path, or load that "
                "session with World.load."
            )
        self._num_steps, self._num_bytes = len(log.session), log.num_bytes
        self._size = self._size_now()
        self._cursor = log.cursor
