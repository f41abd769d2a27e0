"""What a queue keeps: jobs, what happened to them, and why one failed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

STATES = ("queued", "running", "paused", "done", "failed", "cancelled")
ENDED = ("done", "failed", "cancelled")

CANCEL, PAUSE = "cancel", "pause"  # what may be asked of a running job


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job failed, in words for a person.

    Attributes:
        code: stable, for programs: ``"out-of-memory"``, ``"disk-full"``, ``"missing-codec"``,
            ``"engine-crash"``, or the code of a `PlayreelError`.
        cause: what happened, with the value seen.
        next_step: what to do before the job is tried again.
    """

    code: str
    cause: str
    next_step: str

    def document(self) -> dict[str, str]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """One job as the queue has it.

    Attributes:
        id: eight hexadecimal digits.
        number: counts up from 1 in a project.
        operation: name of what is to be done.
        options: its options, JSON values.
        state: one of `STATES`.
        wanted: ``"cancel"`` or ``"pause"`` while a running job is asked to, else "".
        owner: SHA-256 of the token of who submitted it.
        position: place in the order of work; smaller is earlier.
        executor: ``"local"``, ``"ray"`` or the address of a Ray cluster.
        done: units of work done, such as frames.
        total: units in all; 0 while unknown.
        eta_s: seconds left as reckoned while it runs, or None.
        result: what came of it, JSON values.
        failure: why it failed, or None.
        note: a sentence on the present state, such as why it is paused.
        attempts: how often it was started.
        lost: how often a machine was lost under it.
        worker_pid: the worker that ran it last.
        engine_pid: the process with the models that ran it last.
        created_at: seconds since 1970.
        started_at: of the last attempt, or None.
        finished_at: or None.
    """

    id: str
    number: int
    operation: str
    options: dict[str, Any]
    state: str
    wanted: str
    owner: str
    position: int
    executor: str
    done: int
    total: int
    eta_s: float | None
    result: dict[str, Any] | None
    failure: Failure | None
    note: str
    attempts: int
    lost: int
    worker_pid: int | None
    engine_pid: int | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it unless it is tried again."""
        return self.state in ENDED

    @property
    def share(self) -> float:
        """Progress from 0 to 1."""
        if self.state == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0

    def document(self) -> dict[str, Any]:
        """As JSON values, without the owner."""
        document = asdict(self)
        del document["owner"]
        return document


@dataclass(frozen=True, kw_only=True)
class JobEvent:
    """Something that happened to a job.

    Attributes:
        seq: counts up over all jobs of a project; an iterator resumes after it.
        job: the job's id.
        kind: ``submitted started placed progress preview paused resumed retried moved lost done failed
            cancelled``.
        data: JSON values. A preview has ``frame`` (its number) and ``png``.
        png: a small picture, for previews.
        at: seconds since 1970.
    """

    seq: int
    job: str
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    png: bytes = field(default=b"", repr=False)
    at: float = field(default_factory=time.time)
