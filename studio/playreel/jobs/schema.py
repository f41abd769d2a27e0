"""Tables of the queue, and how older ones become today's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from playreel.errors import StorageError

VERSION = 1

_TABLES = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    operation TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL,
    wanted TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL,
    position INTEGER NOT NULL,
    executor TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    eta_s REAL,
    result TEXT,
    failure TEXT,
    note TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    worker_pid INTEGER,
    engine_pid INTEGER,
    created_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL
);
CREATE INDEX jobs_by_state ON jobs (state, position);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    png BLOB,
    at REAL NOT NULL
);
CREATE INDEX events_by_job ON events (job, seq);
CREATE TABLE rates (
    key TEXT PRIMARY KEY,
    seconds_per_unit REAL NOT NULL,
    peak_bytes INTEGER NOT NULL,
    bytes_per_unit REAL NOT NULL,
    runs INTEGER NOT NULL
);
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# From version n to n + 1, by a function of that name.
_UPGRADES: dict[int, Callable[[sqlite3.Connection], None]] = {}


def prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables, or brings older ones up to date.

    Raises:
        StorageError: they were made by a newer version.
    """
    if version_of(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)  # another process may have been first
        if version > VERSION:
            raise StorageError(
                f"The job queue has schema version {version}, newer than the {VERSION} known here. "
                "Upgrade with: pip install -U playreel"
            )
        if version == 0:
            for statement in _TABLES.split(";"):
                if statement.strip():
                    connection.execute(statement)
        else:
            for step in range(version, VERSION):
                _UPGRADES[step](connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the tables, 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
