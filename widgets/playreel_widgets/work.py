"""Stills and retakes, made in the kernel's own process: the model that is to be played is there already.

Everything that takes longer goes through the project's queue; see `playreel_widgets.following`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playreel_widgets.host import explain
from playreel_widgets.lane import Lane

if TYPE_CHECKING:
    from playreel import Studio

MAX_LISTED = 8


@dataclass
class Task:
    """One still or retake, from queued to done or failed."""

    uid: str
    operation: str
    label: str
    run: Callable[[], Any] = field(repr=False)
    state: str = "queued"
    begun: float = 0.0
    took: float = 0.0
    result: Any = None
    error: dict[str, str] | None = None

    def entry(self) -> dict[str, Any]:
        """As a panel lists it."""
        took = self.took or (time.monotonic() - self.begun if self.begun else 0.0)
        return {
            "uid": self.uid,
            "operation": self.operation,
            "label": self.label,
            "state": self.state,
            "done": 0,
            "total": 0,
            "seconds": round(took, 1),
            "error": self.error,
            "result": self.result,
            "takes": [self.result] if self.result else [],
        }


class Work:
    """What is made in this process for one project.

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

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The latest tasks, oldest first."""
        return tuple(self._tasks.values())

    def warm(self) -> None:
        """Loads the weights, and the code that makes stills, before the first still is asked for."""
        self._lane.put(lambda: self.studio.bundle.film)

    def submit(self, operation: str, label: str, run: Callable[[], Any]) -> Task:
        """Makes something when its turn comes.

        Args:
            operation: what it is.
            label: what the list shows.
            run: makes it; returns the content hash of the take.
        """
        task = Task(f"here-{next(self._numbers)}", operation, label, run)
        self._tasks[task.uid] = task
        while len(self._tasks) > MAX_LISTED:
            self._tasks.pop(next(iter(self._tasks)))
        self._lane.put(lambda: self._run(task))
        self._changed(task)
        return task

    def _run(self, task: Task) -> None:
        task.state, task.begun = "running", time.monotonic()
        self._changed(task)
        try:
            task.result = task.run()
            task.state = "done"
        except Exception as error:
            task.state, task.error = "failed", explain(error)
        finally:
            task.took = time.monotonic() - task.begun
            self._changed(task)
