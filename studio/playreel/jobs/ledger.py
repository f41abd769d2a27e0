"""What the worker writes into the queue: claims, progress, ends, and what a crash left."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from playreel.jobs.operation import Rate
from playreel.jobs.queue import JobQueue, add_event, end, records, set_paused
from playreel.jobs.record import CANCEL, Failure, JobRecord

KEPT_PREVIEWS = 24  # pictures of a running job
MAX_LOST = 1  # a machine may be lost once under a job before it waits for its owner

CRASHED = "the worker ended while it ran; nothing of it was kept: resume to run it from its start"
WAITED = "the worker ended while it waited; resume to run it"


class Ledger(JobQueue):
    """The queue as the worker sees it; owners are not asked.

    Args:
        project: the project folder.
    """

    def __init__(self, project: Path) -> None:
        super().__init__(project)
        self.store.keep_reserve()

    # -- the worker's own life -------------------------------------------------------------------

    def recover(self) -> int:
        """Pauses what a worker left that did not end by itself. Call it with the worker's lock.

        Returns:
            How many jobs were paused.
        """
        with self.store.write() as connection:
            crashed = connection.execute("SELECT 1 FROM facts WHERE key = 'worker'").fetchone()
            rows = connection.execute(
                "SELECT * FROM jobs WHERE state = 'running' OR (state = 'queued' AND ?)",
                (bool(crashed),),
            ).fetchall()
            for job in records(rows):
                left = as_left(job)
                if left.state == "cancelled":
                    end(connection, job.id, left.state)
                else:
                    set_paused(connection, job.id, left.note)
            connection.execute("DELETE FROM facts WHERE key = 'worker'")
        return len(rows)

    def begin(self) -> None:
        """Writes down that a worker is at work, so that its end can be told from a crash."""
        with self.store.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO facts VALUES ('worker', ?)", (str(os.getpid()),)
            )

    def close(self, why: str | None = None) -> bool:
        """Signs off.

        Args:
            why: pauses all that runs or waits, with this note; without it the worker may go only
                when nothing waits.

        Returns:
            Whether it may go.
        """
        with self.store.write() as connection:
            rows = connection.execute(
                "SELECT * FROM jobs WHERE state IN ('running', 'queued')"
            ).fetchall()
            if rows and why is None:
                return False
            for job in records(rows):
                set_paused(connection, job.id, why or "")
            connection.execute("DELETE FROM facts WHERE key = 'worker'")
        return True

    # -- jobs ------------------------------------------------------------------------------------

    def claim(self, executor: str, engine_pid: int | None) -> JobRecord | None:
        """Takes the next waiting job of an executor, if there is one."""
        with self.store.write() as connection:
            row = connection.execute(
                "SELECT * FROM jobs WHERE state = 'queued' AND executor = ? ORDER BY position "
                "LIMIT 1",
                (executor,),
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = 'running', started_at = ?, attempts = attempts + 1, "
                "worker_pid = ?, engine_pid = ?, note = '' WHERE id = ?",
                (time.time(), os.getpid(), engine_pid, row["id"]),
            )
            add_event(
                connection, row["id"], "started", worker_pid=os.getpid(), engine_pid=engine_pid
            )
        return self.get(row["id"])

    def executors(self) -> list[str]:
        """Where waiting jobs want to run, the first in line first."""
        with self.store.read() as connection:
            rows = connection.execute(
                "SELECT executor FROM jobs WHERE state = 'queued' GROUP BY executor "
                "ORDER BY min(position)"
            ).fetchall()
        return [row["executor"] for row in rows]

    def progress(self, job: str, done: int, total: int, eta_s: float | None) -> None:
        """Writes down how far a running job is."""
        with self.store.write() as connection:
            connection.execute(
                "UPDATE jobs SET done = ?, total = ?, eta_s = ? WHERE id = ? AND state = 'running'",
                (done, total, eta_s, job),
            )
            add_event(connection, job, "progress", done=done, total=total, eta_s=eta_s)

    def placed(self, job: str, host: str, pid: int) -> None:
        """Writes down which machine of a cluster has it."""
        with self.store.write() as connection:
            connection.execute("UPDATE jobs SET engine_pid = ? WHERE id = ?", (pid, job))
            add_event(connection, job, "placed", host=host, pid=pid)

    def preview(self, job: str, index: int, png: bytes) -> None:
        """Adds a small picture; the oldest beyond `KEPT_PREVIEWS` goes."""
        with self.store.write() as connection:
            add_event(connection, job, "preview", frame=index, png=png)
            connection.execute(
                "DELETE FROM events WHERE job = ? AND kind = 'preview' AND seq <= ("
                "SELECT seq FROM events WHERE job = ? AND kind = 'preview' "
                "ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (job, job, KEPT_PREVIEWS),
            )

    def finish(self, job: str, result: dict[str, Any]) -> None:
        """The result is there, whole."""
        with self.store.write() as connection:
            end(connection, job, "done", result=result)
            connection.execute(  # a long job's progress is not worth keeping beyond its end
                "DELETE FROM events WHERE job = ? AND kind = 'progress' AND seq NOT IN ("
                "SELECT seq FROM events WHERE job = ? AND kind = 'progress' "
                "ORDER BY seq DESC LIMIT 100)",
                (job, job),
            )

    def fail(self, job: str, failure: Failure) -> None:
        """It cannot be done as things are."""
        with self.store.write() as connection:
            end(connection, job, "failed", failure=failure)

    def cancelled(self, job: str) -> None:
        """It was stopped, as asked."""
        with self.store.write() as connection:
            end(connection, job, "cancelled")

    def hold(self, job: str, why: str = "paused by its owner") -> None:
        """It is held, as asked."""
        with self.store.write() as connection:
            set_paused(connection, job, why)

    def machine_lost(self, job: str, why: str) -> bool:
        """A machine was lost under it: it is tried once more, then paused.

        Returns:
            Whether it is tried once more.
        """
        with self.store.write() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
            again = row["lost"] < MAX_LOST
            connection.execute(
                "UPDATE jobs SET lost = lost + 1, done = 0, total = 0, eta_s = NULL WHERE id = ?",
                (job,),
            )
            add_event(connection, job, "lost", why=why, retried=again)
            if again:
                connection.execute("UPDATE jobs SET state = 'queued' WHERE id = ?", (job,))
            else:
                set_paused(connection, job, f"{why} twice; resume to try it again")
        return again

    # -- what jobs took --------------------------------------------------------------------------

    def learn(self, key: str, *, units: int, seconds: float, peak_bytes: int, size: int) -> None:
        """Remembers what a job took, for the estimates to come."""
        if units < 1 or seconds <= 0:
            return
        old = rate_of(self, key)
        share = 1 / min(old.runs + 1, 8) if old else 1.0
        per_unit, bytes_per_unit = seconds / units, size / units
        if old is not None:
            per_unit = old.seconds_per_unit * (1 - share) + per_unit * share
            bytes_per_unit = old.bytes_per_unit * (1 - share) + bytes_per_unit * share
            peak_bytes = max(peak_bytes, old.peak_bytes)
        with self.store.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO rates VALUES (?, ?, ?, ?, ?)",
                (key, per_unit, peak_bytes, bytes_per_unit, (old.runs if old else 0) + 1),
            )


def as_left(job: JobRecord) -> JobRecord:
    """What becomes of a job when the worker dies that runs it, or would have."""
    if job.state == "running" and job.wanted == CANCEL:
        return replace(job, state="cancelled", wanted="", eta_s=None)
    if job.state in ("running", "queued"):
        note = CRASHED if job.state == "running" else WAITED
        return replace(job, state="paused", note=note, wanted="", eta_s=None)
    return job


def rate_of(queue: JobQueue, key: str) -> Rate | None:
    """What jobs of a kind took here, or None where none has run."""
    with queue.store.read() as connection:
        row = connection.execute("SELECT * FROM rates WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    return Rate(
        seconds_per_unit=row["seconds_per_unit"],
        peak_bytes=row["peak_bytes"],
        bytes_per_unit=row["bytes_per_unit"],
        runs=row["runs"],
    )


def rate_key(operation: str, executor: str, options: dict[str, Any]) -> str:
    """Jobs that take about the same a unit have the same key."""
    kind = [operation, executor, str(options.get("weights", ""))]
    if "engine" in options:  # there a step of a longer or larger take takes longer
        kind += [str(options.get(word, "")) for word in ("engine", "size", "seconds", "draft")]
    return json.dumps(kind)
