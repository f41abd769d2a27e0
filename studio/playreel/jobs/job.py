"""A handle on one job: to look at it, wait for it, and ask things of it, from anywhere."""

from __future__ import annotations

import asyncio
import math
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
            news, at_rest = self._news(since)
            yield from news
            if news:
                since = news[-1].seq
            elif at_rest:
                return
            else:
                time.sleep(LOOK_S)

    async def aevents(self, since: int = 0) -> AsyncIterator[JobEvent]:
        """As `events`, for an event loop that stays free."""
        while True:
            news, at_rest = await asyncio.to_thread(self._news, since)
            for event in news:
                yield event
            if news:
                since = news[-1].seq
            elif at_rest:
                return
            else:
                await asyncio.sleep(LOOK_S)

    def _news(self, since: int) -> tuple[list[JobEvent], bool]:
        """What happened since, and whether nothing more will; in this order nothing is missed."""
        at_rest = self._ended() is not None
        return self._jobs.queue.events(self.id, since=since), at_rest

    def __aiter__(self) -> AsyncIterator[JobEvent]:
        return self.aevents()

    def wait(self, timeout_s: float | None = None) -> JobRecord:
        """Until it is done.

        Raises:
            JobFailedError: it failed, was cancelled or is paused; says why and what to do.
            TimeoutError: it takes longer; it goes on.
        """
        deadline = _deadline(timeout_s)
        while (record := self._ended(deadline)) is None:
            time.sleep(LOOK_S)
        return _done(record)

    async def await_(self, timeout_s: float | None = None) -> JobRecord:
        """As `wait`, for an event loop that stays free."""
        deadline = _deadline(timeout_s)
        while (record := await asyncio.to_thread(self._ended, deadline)) is None:
            await asyncio.sleep(LOOK_S)
        return _done(record)

    def result(self, timeout_s: float | None = None) -> Any:
        """What came of it, once it is done; see `wait`."""
        return self._jobs.open_result(self.wait(timeout_s))

    def __await__(self) -> Generator[Any, None, Any]:
        async def result() -> Any:
            record = await self.await_()
            return await asyncio.to_thread(self._jobs.open_result, record)

        return result().__await__()

    def _ended(self, deadline: float = math.inf) -> JobRecord | None:
        """Its record once it neither waits nor runs.

        Raises:
            TimeoutError: it still does after the deadline, on the monotonic clock.
        """
        record = self.record
        if record.state not in ("queued", "running"):
            return record
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"Job {record.id} ({record.operation}) is {record.state} at {record.share:.0%} "
                "after the time that was given; it goes on."
            )
        return None


def _deadline(timeout_s: float | None) -> float:
    return math.inf if timeout_s is None else time.monotonic() + timeout_s


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
