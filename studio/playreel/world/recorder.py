"""The recorder: appends each press to the session's log as it happens; a crash loses none."""

from __future__ import annotations

import os
from pathlib import Path

from playreel.errors import StorageError
from playreel.world.log import (
    FRAMES_EVERY,
    Frames,
    cursor_line,
    frames_line,
    header_line,
    step_line,
)
from playreel.world.session import Session


class Recorder:
    """Keeps one log file in step with one session.

    After a failed write (full disk) the file is whole up to the press before, and the next `update`
    tries again from there.
    """

    def __init__(
        self, session: Session, path: str | os.PathLike[str], *, frames: Frames | None = None
    ) -> None:
        """Goes on with the log at ``path``, or starts it.

        Args:
            session: what is played.
            path: an action log, or a file that does not exist yet.
            frames: gives a node's frame if it is at hand; some are written along.

        Raises:
            RecipeError: the file is the log of something else.
            StorageError: it cannot be written.
        """
        self.path = Path(path)
        self._session = session
        self._frames = frames
        self._num_steps = 0  # of the session, in the file; 0 means not even the header
        self._num_bytes = 0
        self._cursor: int | None = None
        if self.path.exists() and self.path.stat().st_size:
            self._resume()

    def update(self, cursor: int) -> None:
        """Writes what the file lacks.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        data = b"" if self._num_steps else header_line(self._session)
        count = len(self._session)
        for node in range(max(self._num_steps, 1), count):
            data += step_line(node, self._session[node])
            if self._frames is not None and self._session[node].depth % FRAMES_EVERY == 0:
                data += frames_line(self._session, node, self._frames)
        stands_at = count - 1 if count > self._num_steps else self._cursor
        if cursor != stands_at:  # a step moves the cursor by itself
            data += cursor_line(cursor)
        if not data:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if self.path.exists() else "w+b") as file:
                file.truncate(self._num_bytes)  # drops half a line that a failure or a crash left
                file.seek(self._num_bytes)
                file.write(data)
        except OSError as error:
            raise StorageError(
                f"Could not write the action log {self.path}: {error.strerror}. The log is whole "
                "up to the step before, and the session goes on in memory: free some space, then "
                "press again or call save()."
            ) from error
        self._num_bytes += len(data)
        self._num_steps = count
        self._cursor = cursor

    def _resume(self) -> None:
        import warnings

        from playreel.errors import PlayreelWarning, RecipeError
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
        self._cursor = log.cursor
