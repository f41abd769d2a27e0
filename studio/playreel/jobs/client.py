"""All jobs of a project: to submit, list, ask and estimate. The same from every process."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playreel.errors import InputError, StorageError
from playreel.jobs.job import LOOK_S, Job
from playreel.jobs.launch import call_worker, ensure_worker, worker_alive, worker_lock
from playreel.jobs.ledger import Ledger, as_left, rate_key, rate_of
from playreel.jobs.operation import Estimate, find_operation, load_operations
from playreel.jobs.owner import my_token, owner_hash
from playreel.jobs.queue import LOCAL, JobQueue
from playreel.jobs.record import JobRecord

MAX_EXECUTOR = 200  # characters of an address
LIFE_S = 0.4  # between two looks whether the worker lives

JobLike = Job | str | int


class Jobs:
    """The jobs of one project.

    Args:
        project: the project folder, which exists.
        operations: module that registers the operations.
        owner: a secret that says whose jobs these are; None means this user of this machine.
        executor: where jobs run: ``"local"``, ``"ray"``, or the address of a Ray cluster.
        open_result: makes of an ended job's record what `Job.result` returns.
        idle_s: how long a worker that is started from here stays without work.
    """

    def __init__(
        self,
        project: Path,
        operations: str,
        *,
        owner: str | None = None,
        executor: str = LOCAL,
        open_result: Callable[[JobRecord], Any] = lambda record: record.result,
        idle_s: float | None = None,
    ) -> None:
        if not isinstance(executor, str) or not 0 < len(executor) <= MAX_EXECUTOR:
            raise InputError(
                f"An executor is 'local', 'ray' or a cluster's address, not {executor!r:.80}."
            )
        self.project = Path(project).resolve()
        self.executor = executor
        self.open_result = open_result
        self.queue = JobQueue(self.project)
        self._operations, self._idle_s = operations, idle_s
        self._owner = owner_hash(my_token() if owner is None else owner)
        self._looked_at = float("-inf")
        self._crash_written = True

    def __repr__(self) -> str:
        records = self.list()
        waiting = sum(record.state in ("queued", "running") for record in records)
        return f"<Jobs of {str(self.project)!r}: {len(records)}, {waiting} to be done>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Jobs) and self.project == other.project

    def __hash__(self) -> int:
        return hash(self.project)

    def __iter__(self) -> Iterator[Job]:
        return iter([Job(self, record.id) for record in self.list()])

    def __len__(self) -> int:
        return len(self.list())

    # -- looking ---------------------------------------------------------------------------------

    def list(self, *states: str) -> list[JobRecord]:
        """Jobs that ended, then the running one, then those that wait, in order.

        Args:
            *states: only these.
        """
        if self._notice_crash():
            return self.queue.jobs(*states)
        left = [as_left(record) for record in self.queue.jobs()]
        return [record for record in left if not states or record.state in states]

    def get(self, reference: JobLike) -> Job:
        """A job by its id's first digits, its number or ``"last"``; this is how to re-attach.

        Raises:
            InputError: none, or more than one, goes by that name.
        """
        if isinstance(reference, Job):
            return reference
        return Job(self, self.queue.get(reference).id)

    def look(self, job: str) -> JobRecord:
        """A job's record now; one whose worker died is found paused."""
        written = self._notice_crash()
        record = self.queue.get(job)
        return record if written else as_left(record)

    def is_mine(self, record: JobRecord) -> bool:
        """Whether it may be cancelled, paused, moved and tried again from here."""
        return record.owner == self._owner

    def known(self, operation: str) -> str:
        """The name of an operation that can be queued.

        Raises:
            InputError: there is none of that name.
        """
        find_operation(load_operations(self._operations), operation)
        return operation

    def reckon(self, operation: str, options: dict[str, Any]) -> Estimate:
        """What a job would take; loads no model and queues nothing.

        Raises:
            InputError: an unknown operation.
        """
        known = find_operation(load_operations(self._operations), operation)
        work = known.work(self.project, options)
        rate = rate_of(self.queue, rate_key(operation, self.executor, options))
        memory = max(work.memory_bytes, rate.peak_bytes if rate else 0)
        disk = int(rate.bytes_per_unit * work.units) if rate else work.disk_bytes
        free_memory, free_disk = _free_memory(), shutil.disk_usage(self.project).free
        warnings = []
        if free_memory is not None and self.executor == LOCAL and memory > free_memory:
            warnings.append(
                f"Only {free_memory / 2**20:.0f} MiB of memory are free: close other programs"
            )
        if disk > free_disk:
            warnings.append(f"Only {free_disk / 2**20:.0f} MiB of disk are free: make room first")
        return Estimate(
            seconds=work.units * (rate.seconds_per_unit if rate else work.seconds_per_unit),
            wait_s=self._wait_s(),
            memory_bytes=memory,
            disk_bytes=disk,
            free_memory_bytes=free_memory,
            free_disk_bytes=free_disk,
            measured_runs=rate.runs if rate else 0,
            warnings=tuple(warnings),
        )

    def _wait_s(self) -> float:
        """Of what runs and waits on the same executor, all together."""
        operations, seconds = load_operations(self._operations), 0.0
        for record in self.queue.jobs("queued", "running"):
            if record.executor != self.executor or record.operation not in operations:
                continue
            if record.eta_s is not None:
                seconds += record.eta_s
                continue
            work = operations[record.operation].work(self.project, record.options)
            rate = rate_of(self.queue, rate_key(record.operation, record.executor, record.options))
            seconds += work.units * (rate.seconds_per_unit if rate else work.seconds_per_unit)
        return round(seconds, 2)

    # -- asking ----------------------------------------------------------------------------------

    def add(self, operation: str, options: dict[str, Any]) -> Job:
        """Queues a job and sees to it that a worker is up.

        Raises:
            InputError: an unknown operation, or options that are no JSON values.
            WorkerError: the job is queued, but no worker comes up.
        """
        known = find_operation(load_operations(self._operations), operation)
        self._notice_crash(now=True)  # before it is added: it must not be taken for an old one
        record = self.queue.submit(
            operation,
            options,
            owner=self._owner,
            executor=self.executor if known.pack is not None else LOCAL,
        )
        self._wake()
        return Job(self, record.id)

    def cancel(self, job: JobLike) -> Job:
        """Ends a job; a running one stops within a second and leaves nothing half made.

        Raises:
            NotYoursError: it is someone else's.
            JobStateError: it has ended.
        """
        return self._asked(self.queue.cancel, job)

    def pause(self, job: JobLike) -> Job:
        """Holds a job. A running one waits at its next frame with what it has, and others go on.

        Raises:
            NotYoursError: it is someone else's.
            JobStateError: it has ended.
        """
        return self._asked(self.queue.pause, job)

    def resume(self, job: JobLike) -> Job:
        """Lets a paused job take its turn; where its frames are gone it starts anew.

        Raises:
            NotYoursError: it is someone else's.
            JobStateError: it is not paused.
        """
        return self._asked(self.queue.resume, job, start=True)

    def retry(self, job: JobLike) -> Job:
        """Queues what failed, was cancelled or is paused again.

        Raises:
            NotYoursError: it is someone else's.
            JobStateError: it is done, waits or runs.
        """
        return self._asked(self.queue.retry, job, start=True)

    def move(self, job: JobLike, place: int) -> Job:
        """Puts a waiting job at a place in the queue, 1 being next.

        Raises:
            NotYoursError: it is someone else's.
            JobStateError: it does not wait.
        """
        return self._asked(lambda name, owner: self.queue.move(name, place, owner), job)

    def reorder(self, jobs: Sequence[JobLike]) -> list[JobRecord]:
        """Brings waiting jobs to the head of the queue, in the order given."""
        for place, job in enumerate(jobs, 1):
            self.move(job, place)
        return self.list("queued", "paused")

    def wait(self, *jobs: JobLike, timeout_s: float | None = None) -> list[JobRecord]:
        """Until these jobs, or all, neither wait nor run; returns their records.

        Raises:
            TimeoutError: it takes longer; they go on.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        names = [self.get(job).id for job in jobs] or [
            record.id for record in self.list("queued", "running")
        ]
        while True:
            records = [self.look(name) for name in names]
            if not any(record.state in ("queued", "running") for record in records):
                return records
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"Not all of {', '.join(names)} ended; they go on.")
            time.sleep(LOOK_S)

    def forget(self, *, keep: int = 0) -> int:
        """Takes one's ended jobs off the list, but the latest ``keep``; what they made stays."""
        return self.queue.forget(self._owner, keep=keep)

    # -- the worker ------------------------------------------------------------------------------

    def worker(self) -> dict[str, Any] | None:
        """What the worker says of itself: ``pid``, ``engines``, ``running``; None without one."""
        status = call_worker(self.project, {"ask": "status"})
        return None if status is None else dict(status)

    def stop_worker(self, timeout_s: float = 10.0) -> bool:
        """Ends the worker; what runs or waits is paused. Returns whether one was up."""
        was_up = call_worker(self.project, {"ask": "stop"}) is not None
        deadline = time.monotonic() + timeout_s
        while worker_alive(self.project) and time.monotonic() < deadline:
            time.sleep(0.02)
        return was_up

    def _asked(self, ask: Callable[[str, str], Any], job: JobLike, *, start: bool = False) -> Job:
        self._notice_crash(now=True)
        handle = self.get(job)
        ask(handle.id, self._owner)
        if start:
            self._wake()
        else:
            call_worker(self.project, {"ask": "wake"})
        return handle

    def _wake(self) -> None:
        ensure_worker(self.project, self._operations, idle_s=self._idle_s)

    def _notice_crash(self, *, now: bool = False) -> bool:
        """Pauses what a dead worker left behind, so that every look tells the truth.

        Returns:
            Whether the queue says so itself: on a full disk that is not written down yet.

        Raises:
            StorageError: it must be written ``now``, and the disk is full.
        """
        if not now and time.monotonic() - self._looked_at < LIFE_S:
            return self._crash_written
        self._looked_at = time.monotonic()
        self._crash_written = True
        with self.queue.store.read() as connection:
            if connection.execute("SELECT 1 FROM facts WHERE key = 'worker'").fetchone() is None:
                return True
        with worker_lock(self.project) as free:
            if free:
                try:
                    Ledger(self.project).recover()
                except StorageError:
                    if now:
                        raise
                    self._crash_written = False
        return self._crash_written


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return (
            int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1024
        )
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
