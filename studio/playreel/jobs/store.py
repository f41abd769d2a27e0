"""The queue's SQLite file: one connection a thread, transactions, and room kept for a full disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from playreel.errors import StorageError
from playreel.jobs.schema import prepare, version_of

FOLDER = Path(".playreel") / "jobs"  # beneath the project folder
FILE = "queue.sqlite"
BUSY_S = 20.0
RESERVE_BYTES = 512 * 1024


class Store:
    """Opens the queue of a project, or makes it.

    Args:
        project: the project folder, which exists.

    Raises:
        StorageError: it cannot be made or read.
    """

    def __init__(self, project: Path) -> None:
        self.folder = project / FOLDER
        self.path = self.folder / FILE
        self._local = threading.local()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
        except OSError as error:
            raise StorageError(
                f"Cannot make the job queue in {self.folder}: {error.strerror}. Free some space or "
                "choose another project folder."
            ) from error
        with self._told():
            prepare(self._connection())

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to ask; sees what was last committed."""
        with self._told():
            yield self._connection()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it happens, or nothing.

        On a full disk the room that is kept for this is used, so that a job's state can still be
        written.

        Raises:
            StorageError: not even that was enough; nothing was changed.
        """
        with self._told():
            self._make_room()
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            try:
                connection.execute("COMMIT")
            except sqlite3.Error:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def keep_reserve(self) -> None:
        """Sets aside the room that `write` uses on a full disk; does nothing without space."""
        reserve = self.folder / "reserve"
        with contextlib.suppress(OSError):
            if not reserve.exists() or reserve.stat().st_size < RESERVE_BYTES:
                reserve.write_bytes(os.urandom(RESERVE_BYTES))  # a sparse file would hold nothing

    def release_reserve(self) -> bool:
        """Gives that room free; returns whether there was any."""
        try:
            (self.folder / "reserve").unlink()
        except OSError:
            return False
        return True

    def _make_room(self) -> None:
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self.folder).free < RESERVE_BYTES // 2:
                self.release_reserve()

    def close(self) -> None:
        """Closes this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        local = self._local
        if getattr(local, "pid", None) != os.getpid():  # a connection does not survive a fork
            local.connection, local.pid = None, os.getpid()
        if local.connection is None:
            try:
                local.connection = self._connected()
            except sqlite3.OperationalError:  # opening takes room, too
                if not self.release_reserve():
                    raise
                local.connection = self._connected()
        return local.connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            _to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            version_of(connection)  # reads for the first time
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):
                raise StorageError(
                    f"The job queue {self.path} cannot be read ({error}). Move it away to start "
                    "anew; takes and films are not in it."
                ) from error
            raise StorageError(
                f"Could not write the job queue {self.path}: {error}. Free some space, or close "
                "what holds it, then try again."
            ) from error


def _to_wal(connection: sqlite3.Connection) -> None:
    """Log ahead of writing; SQLite does not wait by itself for others that open a new file at once."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.05)
