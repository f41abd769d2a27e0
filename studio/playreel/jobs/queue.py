"""The queue: what people ask of it. What the worker writes is in `playreel.jobs.ledger`."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playreel.errors import InputError, JobStateError, NotYoursError
from playreel.jobs.record import CANCEL, PAUSE, STATES, Failure, JobEvent, JobRecord
from playreel.jobs.store import Store

MAX_OPTION_BYTES = 256 * 1024
MIN_DIGITS = 3  # of an id that a user must type
LOCAL = "local"


class JobQueue:
    """Jobs of one project, in a file that survives every process.

    Args:
        project: the project folder, which exists.
    """

    def __init__(self, project: Path) -> None:
        self.store = Store(project)

    # -- looking ---------------------------------------------------------------------------------

    def jobs(self, *states: str) -> list[JobRecord]:
        """Jobs in the order of work, those that ended first; all, or those in ``states``.

        Raises:
            InputError: an unknown state.
        """
        for state in states:
            if state not in STATES:
                raise InputError(f"{state!r} is no state. States: {', '.join(STATES)}.")
        marks = ", ".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        order = "ORDER BY state IN ('running', 'queued', 'paused'), state <> 'running', position"
        with self.store.read() as connection:
            rows = connection.execute(f"SELECT * FROM jobs {where} {order}", states).fetchall()  # noqa: S608
        return [_record(row) for row in rows]

    def get(self, reference: str | int) -> JobRecord:
        """A job by its id's first digits, its number, or ``"last"``.

        Raises:
            InputError: none, or more than one, goes by that name.
        """
        text = str(reference).strip().lower().removeprefix("#")
        with self.store.read() as connection:
            if text == "last":
                query, values = "SELECT * FROM jobs ORDER BY number DESC LIMIT 1", ()
            elif text.isascii() and text.isdigit() and len(text) < 7:
                query, values = "SELECT * FROM jobs WHERE number = ?", (int(text),)
            elif len(text) >= MIN_DIGITS and all(c in "0123456789abcdef" for c in text):
                query, values = "SELECT * FROM jobs WHERE id LIKE ? LIMIT 9", (f"{text}%",)
            else:
                query, values = "SELECT * FROM jobs WHERE 0", ()
            rows = connection.execute(query, values).fetchall()
            if len(rows) != 1 and len(text) == 8:
                rows = connection.execute("SELECT * FROM jobs WHERE id = ?", (text,)).fetchall()
            latest = connection.execute("SELECT id FROM jobs ORDER BY number DESC LIMIT 5")
            names = ", ".join(row["id"] for row in latest) or "(none yet)"
        if len(rows) != 1:
            raise InputError(
                f"{str(reference)[:40]!r} names {len(rows)} jobs. The latest are: {names}. Give at "
                f"least {MIN_DIGITS} digits of one, its number, or 'last'."
            )
        return _record(rows[0])

    def events(self, job: str | None = None, *, since: int = 0, limit: int = 500) -> list[JobEvent]:
        """What happened after event number ``since``, oldest first; of one job or of all."""
        where, values = ("job = ? AND ", [job]) if job else ("", [])
        query = f"SELECT * FROM events WHERE {where}seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        with self.store.read() as connection:
            rows = connection.execute(query, [*values, since, limit]).fetchall()
        return [
            JobEvent(
                seq=row["seq"],
                job=row["job"],
                kind=row["kind"],
                data=json.loads(row["data"]),
                png=row["png"] or b"",
                at=row["at"],
            )
            for row in rows
        ]

    # -- asking ----------------------------------------------------------------------------------

    def submit(
        self, operation: str, options: dict[str, Any], *, owner: str, executor: str = LOCAL
    ) -> JobRecord:
        """Adds a job at the end of the queue.

        Args:
            operation: its name.
            options: JSON values.
            owner: hash of the owner's token.
            executor: where it is to run.

        Raises:
            InputError: options that are no JSON values, or too large.
            StorageError: it cannot be written; nothing was added.
        """
        try:
            text = json.dumps(options, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(
                f"The options of {operation} cannot be queued ({error}). Give plain values, paths "
                "and clips."
            ) from None
        if len(text.encode()) > MAX_OPTION_BYTES:
            raise InputError(
                f"The options of {operation} take {len(text.encode())} bytes, more than "
                f"{MAX_OPTION_BYTES}. Give pictures as clips or paths."
            )
        with self.store.write() as connection:
            known = {row[0] for row in connection.execute("SELECT id FROM jobs")}
            job = next(i for i in iter(lambda: secrets.token_hex(4), "") if i not in known)
            connection.execute(
                "INSERT INTO jobs (id, number, operation, options, state, owner, position, "
                "executor, created_at) SELECT ?, coalesce(max(number), 0) + 1, ?, ?, 'queued', ?, "
                "coalesce(max(position), 0) + 1, ?, ? FROM jobs",
                (job, operation, text, owner, executor, time.time()),
            )
            add_event(connection, job, "submitted", operation=operation)
        return self.get(job)

    def cancel(self, job: str, owner: str) -> JobRecord:
        """Ends a job that waits, at once, and asks a running one to stop.

        Raises:
            NotYoursError: it is another owner's.
            JobStateError: it has ended.
        """
        with self.store.write() as connection:
            record = self._mine(connection, job, owner, "cancel")
            if record.ended:
                raise _cannot("cancel", record, "It has ended.")
            if record.state == "running":
                connection.execute("UPDATE jobs SET wanted = ? WHERE id = ?", (CANCEL, job))
            else:
                end(connection, job, "cancelled")
        return self.get(job)

    def pause(self, job: str, owner: str) -> JobRecord:
        """Holds a job: a waiting one at once, a running one at its next frame.

        Raises:
            NotYoursError: it is another owner's.
            JobStateError: it has ended.
        """
        with self.store.write() as connection:
            record = self._mine(connection, job, owner, "pause")
            if record.ended:
                raise _cannot("pause", record, "It has ended.")
            if record.state == "running" and record.wanted != CANCEL:
                connection.execute("UPDATE jobs SET wanted = ? WHERE id = ?", (PAUSE, job))
            elif record.state == "queued":
                set_paused(connection, job, "paused by its owner")
        return self.get(job)

    def resume(self, job: str, owner: str) -> JobRecord:
        """Lets a paused job take its turn again.

        Raises:
            NotYoursError: it is another owner's.
            JobStateError: it is not paused.
        """
        with self.store.write() as connection:
            record = self._mine(connection, job, owner, "resume")
            if record.state == "running" and record.wanted == PAUSE:
                connection.execute("UPDATE jobs SET wanted = '' WHERE id = ?", (job,))
            elif record.state == "paused":
                connection.execute(
                    "UPDATE jobs SET state = 'queued', note = '', wanted = '' WHERE id = ?", (job,)
                )
                add_event(connection, job, "resumed")
            elif record.state not in ("queued", "running"):
                raise _cannot("resume", record, "Use retry for a job that failed or was cancelled.")
        return self.get(job)

    def retry(self, job: str, owner: str) -> JobRecord:
        """Queues a job that failed, was cancelled or is paused again, from its start.

        Raises:
            NotYoursError: it is another owner's.
            JobStateError: it is done, waits or runs.
        """
        with self.store.write() as connection:
            record = self._mine(connection, job, owner, "retry")
            if record.state not in ("failed", "cancelled", "paused"):
                raise _cannot("retry", record, "Only what failed, was cancelled or is paused can.")
            connection.execute(
                "UPDATE jobs SET state = 'queued', wanted = '', done = 0, total = 0, eta_s = NULL, "
                "failure = NULL, note = '', lost = 0, finished_at = NULL WHERE id = ?",
                (job,),
            )
            add_event(connection, job, "retried")
        return self.get(job)

    def move(self, job: str, place: int, owner: str) -> JobRecord:
        """Puts a waiting job at a place among those that wait, 1 being next.

        Only one's own jobs can be moved; those of others shift by one.

        Raises:
            NotYoursError: it is another owner's.
            JobStateError: it does not wait.
            InputError: the place is no whole number from 1.
        """
        if isinstance(place, bool) or not isinstance(place, int) or place < 1:
            raise InputError(f"A place in the queue is a whole number from 1, not {place!r}.")
        with self.store.write() as connection:
            record = self._mine(connection, job, owner, "move")
            if record.state not in ("queued", "paused"):
                raise _cannot("move", record, "Only waiting jobs have a place in the queue.")
            rows = connection.execute(
                "SELECT id, position FROM jobs WHERE state IN ('queued', 'paused') ORDER BY position"
            ).fetchall()
            order = [row["id"] for row in rows if row["id"] != job]
            order.insert(place - 1, job)
            for position, name in zip((row["position"] for row in rows), order, strict=True):
                connection.execute("UPDATE jobs SET position = ? WHERE id = ?", (position, name))
            add_event(connection, job, "moved", place=order.index(job) + 1)
        return self.get(job)

    def forget(self, owner: str, *, keep: int = 0) -> int:
        """Removes one's ended jobs but the latest ``keep`` from the list; what they made stays."""
        with self.store.write() as connection:
            rows = connection.execute(
                "SELECT id FROM jobs WHERE owner = ? AND state IN ('done', 'failed', 'cancelled') "
                "ORDER BY number DESC LIMIT -1 OFFSET ?",
                (owner, keep),
            ).fetchall()
            connection.executemany("DELETE FROM jobs WHERE id = ?", [(row["id"],) for row in rows])
        return len(rows)

    def _mine(self, connection: sqlite3.Connection, job: str, owner: str, verb: str) -> JobRecord:
        row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None:
            raise InputError(f"There is no job {job!r}. List them with: playreel jobs list")
        record = _record(row)
        if not secrets.compare_digest(record.owner, owner):
            raise NotYoursError(
                f"Job {job} ({record.operation}) was submitted by someone else, so you cannot {verb} "
                "it. Ask its owner, or submit your own."
            )
        return record


def add_event(
    connection: sqlite3.Connection, job: str, kind: str, *, png: bytes | None = None, **data: Any
) -> None:
    """Writes down what happened, within a transaction."""
    connection.execute(
        "INSERT INTO events (job, kind, data, png, at) VALUES (?, ?, ?, ?, ?)",
        (job, kind, json.dumps(data, ensure_ascii=False), png, time.time()),
    )


def end(
    connection: sqlite3.Connection,
    job: str,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    failure: Failure | None = None,
) -> None:
    """Brings a job to one of the states in which it stays, within a transaction."""
    connection.execute(
        "UPDATE jobs SET state = ?, wanted = '', eta_s = NULL, result = ?, failure = ?, note = '', "
        "finished_at = ?, done = CASE WHEN ? = 'done' THEN total ELSE done END WHERE id = ?",
        (
            state,
            None if result is None else json.dumps(result, ensure_ascii=False),
            None if failure is None else json.dumps(failure.document(), ensure_ascii=False),
            time.time(),
            state,
            job,
        ),
    )
    data = {} if failure is None else failure.document()
    add_event(connection, job, state, **data, **({"result": result} if result else {}))
    if state in ("done", "cancelled"):  # the take itself is there, or nobody wants it
        connection.execute("DELETE FROM events WHERE job = ? AND kind = 'preview'", (job,))


def set_paused(connection: sqlite3.Connection, job: str, why: str) -> None:
    """Pauses a job, within a transaction."""
    connection.execute(
        "UPDATE jobs SET state = 'paused', wanted = '', eta_s = NULL, note = ? WHERE id = ?",
        (why, job),
    )
    add_event(connection, job, "paused", why=why)


def _cannot(verb: str, record: JobRecord, why: str) -> JobStateError:
    return JobStateError(f"Cannot {verb} job {record.id}: it is {record.state}. {why}")


def _record(row: sqlite3.Row) -> JobRecord:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - rows are no mappings
    values["options"] = json.loads(row["options"])
    values["result"] = json.loads(row["result"]) if row["result"] else None
    values["failure"] = Failure(**json.loads(row["failure"])) if row["failure"] else None
    return JobRecord(**values)


def records(rows: Iterable[sqlite3.Row]) -> list[JobRecord]:
    """Rows of the table as records."""
    return [_record(row) for row in rows]
