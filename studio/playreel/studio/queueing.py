"""The facade's queue: the same verbs, done by the project's worker while the caller stays free."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from playreel.jobs import Estimate, Job, JobRecord, Jobs
from playreel.jobs.client import JobLike
from playreel.studio.inputs import Inputs
from playreel.studio.queued import queued_of

if TYPE_CHECKING:
    from playreel.studio.facade import Studio

OPERATIONS = "playreel.studio.operations"


class StudioJobs(Jobs):
    """The jobs of a studio's project; see `playreel.jobs.Jobs`."""

    def __init__(self, studio: Studio, **options: Any) -> None:
        super().__init__(studio.path, OPERATIONS, open_result=studio.open_result, **options)
        self._studio = studio

    def submit(self, operation: str, *args: Any, **options: Any) -> Job:
        """Queues ``studio.operation(*args, **options)``; see `Queueing.submit`."""
        known = self.known(operation)
        self.sweep_inputs()
        self._studio.project.check_room()  # before pictures are copied
        queued = queued_of(self._studio, known, args, options)
        self._studio.project.check_room(self.reckon(operation, queued).disk_bytes)
        return self.add(operation, queued)

    def forget(self, *, keep: int = 0) -> int:
        """Takes one's ended jobs off the list, and with them the pictures that they started from."""
        count = super().forget(keep=keep)
        self.sweep_inputs()
        return count

    def sweep_inputs(self) -> int:
        """Removes copies of pictures that no job needs any more; returns the bytes given free."""
        inputs = Inputs(self.project)
        return 0 if inputs.is_empty else inputs.sweep(self.list())  # a long list takes a while

    def cancel_any(self, job: JobLike) -> Job:
        """Ends a job whoever submitted it, for the owner of the project.

        Raises:
            JobStateError: it has ended.
        """
        return self._asked(lambda name, _: self.queue.cancel(name, self.queue.get(name).owner), job)

    def estimate(self, operation: str, *args: Any, **options: Any) -> Estimate:
        """Time, memory and disk that a job would take; loads no model and queues nothing.

        Raises:
            InputError: an unknown operation or option.
        """
        return self.reckon(operation, queued_of(self._studio, self.known(operation), args, options))


class Queueing:
    """What `playreel.studio.Studio` has of queues."""

    _executor: str
    _owner: str | None

    @cached_property
    def jobs(self) -> StudioJobs:
        """The project's jobs: list, wait, cancel, pause, resume, retry, reorder, estimate.

        Any kernel, shell or web session that opens the project finds the same ones.
        """
        studio = cast("Studio", self)
        return StudioJobs(studio, executor=self._executor, owner=self._owner)

    def jobs_of(self, owner: str) -> StudioJobs:
        """The project's jobs as another owner sees and submits them.

        A front that serves several people gives each a secret of their own.

        Args:
            owner: the secret.
        """
        return StudioJobs(cast("Studio", self), executor=self._executor, owner=owner)

    def submit(self, operation: str, *args: Any, **options: Any) -> Job:
        """Queues a verb and comes back at once; ``submit("extend", take, seconds=2)``.

        The project's worker does it, and goes on when this process ends. `Job.result`, or
        ``await``, gives what the verb would have returned. An export cuts the board as it is when
        its turn comes.

        Args:
            operation: ``still shoot animate extend bridge loop restyle inpaint transition starts
                sequence finish make export export_series``.
            *args: as the verb takes them.
            **options: as the verb takes them.

        Raises:
            InputError: an unknown operation or option, or a clip that is not there.
            BudgetError: the project has used up its disk space.
            WorkerError: the job is queued, but no worker comes up.
        """
        return self.jobs.submit(operation, *args, **options)

    def sweep(self, operation: str, *args: Any, seeds: Iterable[int], **options: Any) -> list[Job]:
        """Queues a verb once for each seed; with Ray they run side by side.

        Args:
            operation: as for `submit`.
            *args: as the verb takes them.
            seeds: one for each job.
            **options: as the verb takes them.
        """
        return [self.submit(operation, *args, seed=seed, **options) for seed in seeds]

    def open_result(self, record: JobRecord) -> Any:
        """What an ended job made: a `Clip` or several, shots, or the path or paths of films."""
        result = record.result or {}
        media = cast("Studio", self).project.media
        if "takes" in result:
            return tuple(media.open(take["take"]) for take in result["takes"])
        if "take" in result:
            return media.open(result["take"])
        if "uids" in result:
            board = cast("Studio", self).board
            return tuple(board[uid] for uid in result["uids"])
        if "paths" in result:
            return tuple(Path(path) for path in result["paths"])
        return Path(result["path"])
