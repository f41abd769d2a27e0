"""The index: takes and what they were made from, to be asked fast.

SQLite in ``.playreel/index.sqlite``. Everything in it is in takes.ndjson and the recipes beside the
frames, so that it is thrown away and built again whenever it is missing, damaged or behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from playreel.project.media_store import MediaStore, Take

SCHEMA_VERSION = 1
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE take (
    place INTEGER PRIMARY KEY, content_hash TEXT UNIQUE, operation TEXT, text TEXT,
    num_frames INTEGER, seconds REAL, height INTEGER, width INTEGER,
    seed TEXT, weights TEXT, engine TEXT
);
CREATE TABLE parent (child TEXT, parent TEXT, PRIMARY KEY (child, parent)) WITHOUT ROWID;
CREATE INDEX children ON parent (parent);
CREATE INDEX operations ON take (operation);
"""


class TakeIndex:
    """Asks about takes.

    Args:
        path: the database; its folder exists.
        media: the takes.
    """

    def __init__(self, path: Path, media: MediaStore) -> None:
        self._path = path
        self._media = media

    def filter(
        self,
        text: str = "",
        *,
        operation: str | None = None,
        seed: int | None = None,
        weights: str | None = None,
        min_seconds: float = 0.0,
        max_seconds: float | None = None,
        made_from: str | None = None,
    ) -> list[Take]:
        """The takes that fit, oldest first.

        Args:
            text: words that must all be in the prompt, the buttons, the verb or the name.
            operation: what made them, such as ``"extend"``.
            seed: their seed.
            weights: first digits of the hash of the weights.
            min_seconds: at least so long.
            max_seconds: at most so long.
            made_from: content hash of a take that they go back to, over any number of steps.
        """
        where, values = ["seconds >= ?"], [min_seconds]
        for word in text.split():
            pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            where.append(
                "(text LIKE ? ESCAPE '\\' OR operation LIKE ? ESCAPE '\\' "
                "OR content_hash LIKE ? ESCAPE '\\')"
            )
            values += [pattern, pattern, pattern.removeprefix("%")]
        for column, value in (("operation", operation), ("seed", seed)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(str(value))
        if weights is not None:
            where.append("substr(weights, 1, ?) = ?")
            values += [len(weights), weights]
        if max_seconds is not None:
            where.append("seconds <= ?")
            values.append(max_seconds)
        # Nothing of the user's is in the query's text: names are ours, values are bound.
        query = f"SELECT content_hash FROM take WHERE {' AND '.join(where)} ORDER BY place"  # noqa: S608
        with self._open() as database:
            hashes = [row[0] for row in database.execute(query, values)]
        if made_from is not None:
            within = self.descendants(made_from)
            hashes = [content_hash for content_hash in hashes if content_hash in within]
        known = {take.content_hash: take for take in self._media}
        return [known[content_hash] for content_hash in hashes if content_hash in known]

    def descendants(self, content_hash: str) -> set[str]:
        """Content hashes of all that was made from a take, over any number of steps."""
        return self._walk("child", "parent", content_hash)

    def ancestors(self, content_hash: str) -> set[str]:
        """Content hashes of all that a take was made from, over any number of steps."""
        return self._walk("parent", "child", content_hash)

    def _walk(self, wanted: str, given: str, content_hash: str) -> set[str]:
        query = (
            f"WITH RECURSIVE found(hash) AS (SELECT {wanted} FROM parent WHERE {given} = ? "  # noqa: S608
            f"UNION SELECT {wanted} FROM parent JOIN found ON {given} = hash) "
            "SELECT hash FROM found"
        )
        with self._open() as database:
            return {row[0] for row in database.execute(query, (content_hash,))}

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database, up to date; in memory where the disk is full or cannot be written."""
        for path in (self._path, self._path, ":memory:"):
            database = None
            try:
                database = sqlite3.connect(path, timeout=10, isolation_level=None)
                self._bring_up(database)
            except sqlite3.Error:
                if database is not None:
                    database.close()
                if path != ":memory:":
                    self._throw_away()
                continue
            try:
                yield database
            finally:
                database.close()
            return

    def _throw_away(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _bring_up(self, database: sqlite3.Connection) -> None:
        takes = self._media.all()
        wanted = _digest(takes)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        if self._about(database) == (wanted, str(len(takes))):
            return
        database.execute("BEGIN IMMEDIATE")
        try:
            digest, count = self._about(database)
            start = int(count or 0)
            if digest is None or start > len(takes) or digest != _digest(takes[:start]):
                _drop_all(database)
                for statement in _TABLES.split(";"):
                    database.execute(statement)
                start = 0
            for place, take in enumerate(takes[start:], start=start):
                self._insert(database, place, take)
            for entry in {
                "version": str(SCHEMA_VERSION),
                "digest": wanted,
                "count": str(len(takes)),
            }.items():
                database.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", entry)
            database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise

    def _about(self, database: sqlite3.Connection) -> tuple[str | None, str | None]:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        if not {"about", "take", "parent"} <= tables:
            return None, None
        about = dict(database.execute("SELECT key, value FROM about"))
        if about.get("version") != str(SCHEMA_VERSION):
            return None, None
        return about.get("digest"), about.get("count")

    def _insert(self, database: sqlite3.Connection, place: int, take: Take) -> None:
        from playreel.media.rate import as_fps

        recipe = self._media.recipe_of(take) if take.operation != "input" else None
        seconds = float(take.num_frames / as_fps(take.fps))
        seed = None if recipe is None or recipe.seed is None else str(recipe.seed)
        engine, weights = (recipe.engine, recipe.weights) if recipe else ("", "")
        row = (place, take.content_hash, take.operation, take.text, take.num_frames, seconds)
        database.execute(
            "INSERT OR REPLACE INTO take VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, *take.size, seed, weights, engine),
        )
        for parent in recipe.parents if recipe else ():
            database.execute(
                "INSERT OR IGNORE INTO parent VALUES (?, ?)", (take.content_hash, parent)
            )


def _drop_all(database: sqlite3.Connection) -> None:
    for name in ("about", "take", "parent"):
        database.execute(f"DROP TABLE IF EXISTS {name}")


def _digest(takes: tuple[Take, ...]) -> str:
    names = json.dumps([take.content_hash for take in takes])
    return hashlib.sha256(names.encode()).hexdigest()
