"""A handle on one job: to look at it, wait for it, and ask things of it, from anywhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING, Any

from playreel.errors import JobFailedError
from playreel.jobs.record import JobEvent, JobRecord

if TYPE_CHECKING:
    from playreel.jobs.client import Jobs

LOOK_S = 0.1  # between two looks at the queue's file, which is cheap


class Job:
    """A job of a project; any number of handles, kernels and shells may have the same one.

        job = studio.submit("extend", take, seconds=2)
        for event in job.events(): ...   # or: async for event in job
        clip = job.result()              # or: clip = await job

    Args:
        jobs: where it belongs.
        id: its id.
    """

    def __init__(self, jobs: Jobs, id: str) -> None:
        self._jobs, self.id = jobs, id

    def __repr__(self) -> str:
        record = self.record
        return f"<Job {self.id} {record.operation}, {record.state} {record.share:.0%}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and (self.id, self._jobs) == (other.id, other._jobs)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def record(self) -> JobRecord:
        """All that the queue knows of it now."""
        return self._jobs.look(self.id)

    @property
    def state(self) -> str:
        """One of ``queued running paused done failed cancelled``."""
        return self.record.state

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.record.share

    @property
    def eta_s(self) -> float | None:
        """Seconds left, while it runs and its pace is known."""
        return self.record.eta_s

    @property
    def preview(self) -> bytes | None:
        """The latest small picture, a PNG, while there is one."""
        pictures = [event.png for event in self.history() if event.kind == "preview"]
        return pictures[-1] if pictures else None

    # -- asking ----------------------------------------------------------------------------------

    def cancel(self) -> Job:
        """Ends it within a second; see `Jobs.cancel`."""
        return self._jobs.cancel(self)

    def pause(self) -> Job:
        """Holds it; see `Jobs.pause`."""
        return self._jobs.pause(self)

    def resume(self) -> Job:
        """Lets it go on; see `Jobs.resume`."""
        return self._jobs.resume(self)

    def retry(self) -> Job:
        """Runs it again; see `Jobs.retry`."""
        return self._jobs.retry(self)

    def move(self, place: int) -> Job:
        """Gives it another place in the queue; see `Jobs.move`."""
        return self._jobs.move(self, place)

    # -- waiting ---------------------------------------------------------------------------------

    def history(self, since: int = 0) -> list[JobEvent]:
        """What happened to it so far, after event number ``since``."""
        return self._jobs.queue.events(self.id, since=since, limit=100_000)

    def events(self, since: int = 0) -> Iterator[JobEvent]:
        """What happened and happens to it, from event number ``since`` on, until it ends or pauses.

        Nothing is missed by coming late: what happened before comes first.
        """
        while True:
            at_rest = self._at_rest()
            news = self._jobs.queue.events(self.id, since=since)
            for event in news:
                since = event.seq
                yield event
            if not news:
                if at_rest:
                    return
                time.sleep(LOOK_S)

    async def aevents(self, since: int = 0) -> AsyncIterator[JobEvent]:
        """As `events`, for an event loop that stays free."""
        while True:
            at_rest = await asyncio.to_thread(self._at_rest)
            news = await asyncio.to_thread(self._jobs.queue.events, self.id, since=since)
            for event in news:
                since = event.seq
                yield event
            if not news:
                if at_rest:
                    return
                await asyncio.sleep(LOOK_S)

    def __aiter__(self) -> AsyncIterator[JobEvent]:
        return self.aevents()

    def wait(self, timeout_s: float | None = None) -> JobRecord:
        """Until it is done.

        Raises:
            JobFailedError: it failed, was cancelled or is paused; says why and what to do.
            TimeoutError: it takes longer; it goes on.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            record = self.record
            if record.state not in ("queued", "running"):
                return _done(record)
            if deadline is not None and time.monotonic() > deadline:
                raise _timeout(record, timeout_s)
            time.sleep(LOOK_S)

    async def await_(self, timeout_s: float | None = None) -> JobRecord:
        """As `wait`, for an event loop that stays free."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            record = await asyncio.to_thread(lambda: self.record)
            if record.state not in ("queued", "running"):
                return _done(record)
            if deadline is not None and time.monotonic() > deadline:
                raise _timeout(record, timeout_s)
            await asyncio.sleep(LOOK_S)

    def result(self, timeout_s: float | None = None) -> Any:
        """What came of it, once it is done; see `wait`."""
        return self._jobs.open_result(self.wait(timeout_s))

    def __await__(self) -> Generator[Any, None, Any]:
        async def result() -> Any:
            record = await self.await_()
            return await asyncio.to_thread(self._jobs.open_result, record)

        return result().__await__()

    def _at_rest(self) -> bool:
        return self.record.state not in ("queued", "running")


def _done(record: JobRecord) -> JobRecord:
    if record.state == "done":
        return record
    name = f"Job {record.id} ({record.operation})"
    if record.failure is not None:
        cause = record.failure.cause.rstrip(".")
        raise JobFailedError(f"{name} failed: {cause}. {record.failure.next_step}")
    if record.state == "paused":
        raise JobFailedError(f"{name} is paused: {record.note}.")
    raise JobFailedError(f"{name} was cancelled. To run it after all: retry.")


def _timeout(record: JobRecord, timeout_s: float | None) -> TimeoutError:
    return TimeoutError(
        f"Job {record.id} ({record.operation}) is {record.state} at {record.share:.0%} after "
        f"{timeout_s:g} s; it goes on."
    )
