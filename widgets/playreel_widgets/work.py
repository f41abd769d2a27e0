"""Operations that take a while, in a thread beside the kernel's own, one after another."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel_widgets.host import explain
from playreel_widgets.lane import Lane

if TYPE_CHECKING:
    from playreel import Studio

OPERATIONS = ("still", "shoot", "animate", "extend", "bridge", "loop", "restyle", "export")
MAX_LISTED = 40


class _CancelledError(Exception):
    """The user asked to stop."""


@dataclass
class Task:
    """One operation, from queued to done, failed or cancelled."""

    uid: str
    operation: str
    label: str
    run: Callable[[], Any] = field(repr=False)
    state: str = "queued"
    done: int = 0
    total: int = 0
    begun: float = 0.0
    took: float = 0.0
    result: Any = None
    error: dict[str, str] | None = None
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)
    finished: threading.Event = field(default_factory=threading.Event, repr=False)

    def entry(self) -> dict[str, Any]:
        """As a panel lists it."""
        took = self.took or (time.monotonic() - self.begun if self.begun else 0.0)
        return {
            "uid": self.uid,
            "operation": self.operation,
            "label": self.label,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "seconds": round(took, 1),
            "error": self.error,
            "result": self.result,
        }


class Work:
    """The operations of one project.

    Args:
        studio: what does them.
        changed: told of a task whenever something about it changed.
    """

    def __init__(self, studio: Studio, changed: Callable[[Task], None]) -> None:
        self.studio = studio
        self._changed = changed
        self._lane = Lane("playreel-work")
        self._numbers = itertools.count(1)
        self._tasks: dict[str, Task] = {}
        self._current: Task | None = None
        self._told_at = 0.0

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The latest tasks, oldest first."""
        return tuple(self._tasks.values())[-MAX_LISTED:]

    def submit(
        self,
        operation: str,
        *args: Any,
        label: str = "",
        then: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> Task:
        """Queues a verb of `Studio`.

        Args:
            operation: one of `OPERATIONS`.
            *args: its positional arguments.
            label: what the queue shows.
            then: called with the result, before the task counts as done.
            **options: its other arguments.
        """
        if operation not in OPERATIONS:
            raise InputError(f"There is no operation {operation!r}. Use: {', '.join(OPERATIONS)}.")
        if operation == "export":
            options["on_frame"] = self._progress
        verb = getattr(self.studio, operation)

        def run() -> Any:
            result = verb(*args, **options)
            return result if then is None else then(result)

        task = Task(f"task-{next(self._numbers)}", operation, label, run)
        self._tasks[task.uid] = task
        self._lane.put(lambda: self._run(task))
        self._changed(task)
        return task

    def cancel(self, uid: str) -> None:
        """Stops a task between two frames; what it had made so far is let go."""
        task = self._tasks.get(uid)
        if task is None:
            raise InputError(f"There is no task {uid!r:.40}. It may have ended long ago.")
        task.cancelled.set()
        if task.state == "queued":
            task.state = "cancelled"
            task.finished.set()
            self._changed(task)

    def retry(self, uid: str) -> Task:
        """Queues a task that failed or was cancelled again."""
        old = self._tasks.get(uid)
        if old is None or old.state not in ("failed", "cancelled"):
            raise InputError("Only a task that failed or was cancelled can be done again.")
        task = Task(f"task-{next(self._numbers)}", old.operation, old.label, old.run)
        self._tasks[task.uid] = task
        self._lane.put(lambda: self._run(task))
        self._changed(task)
        return task

    def _run(self, task: Task) -> None:
        if task.cancelled.is_set():
            return
        self._current = task
        task.state, task.begun = "running", time.monotonic()
        self._changed(task)
        before, self.studio.on_progress = self.studio.on_progress, self._progress
        try:
            task.result = task.run()
            task.state = "done"
        except _CancelledError:
            task.state = "cancelled"
        except Exception as error:
            task.state, task.error = "failed", explain(error)
        finally:
            self.studio.on_progress = before
            self._current = None
            task.took = time.monotonic() - task.begun
            task.finished.set()
            self._changed(task)

    def _progress(self, done: int, total: int) -> None:
        task = self._current
        if task is None:
            return
        if task.cancelled.is_set():
            raise _CancelledError
        task.done, task.total = done, total
        now = time.monotonic()
        if now - self._told_at > 0.1:
            self._told_at = now
            self._changed(task)
