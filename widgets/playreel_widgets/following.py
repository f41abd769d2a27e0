"""The project's jobs, as panels list them: what any process queued, with moving previews."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from playreel_widgets.host import log

if TYPE_CHECKING:
    from playreel import Studio
    from playreel.jobs import JobRecord

LISTED = 30
BUSY_S, IDLE_S = 0.12, 2.0  # between two looks at the queue


def _label(operation: str, options: Mapping[str, Any]) -> str:
    """What a job is about, in a few words."""
    if operation in ("export", "export_series"):
        path = options.get("path") or options.get("folder") or ""
        return str(path).replace("\\", "/").rsplit("/", 1)[-1]
    if operation == "transition":
        return f"{options.get('first', '')} → {options.get('last', '')}"
    if operation == "sequence":
        shots = options.get("shots") or [{}]
        return f"{shots[0].get('description', '')} ({len(shots)})"
    return str(options.get("prompt") or options.get("episode") or "")


def takes_of(result: Mapping[str, Any]) -> list[str]:
    """Content hashes of the takes that a job made, in their order."""
    several = [take.get("take") for take in result.get("takes", [result])]
    return [take for take in several if isinstance(take, str)]


def job_entry(record: JobRecord) -> dict[str, Any]:
    """A job as a panel lists it."""
    result, failure = record.result or {}, record.failure
    seconds = (record.finished_at or 0) - (record.started_at or 0)
    takes, paths = takes_of(result), result.get("paths") or [result.get("path")]
    return {
        "uid": record.id,
        "operation": record.operation,
        "label": _label(record.operation, record.options)[:200],
        "state": record.state,
        "done": record.done,
        "total": record.total,
        "eta_s": record.eta_s,
        "seconds": round(max(0.0, seconds), 1),
        "note": record.note,
        "error": failure
        and {"code": failure.code, "message": f"{failure.cause} {failure.next_step}"},
        "result": takes[-1] if takes else paths[-1],
        "takes": takes,
    }


class Following:
    """Tells what happens in a project's queue; looks seldom while nothing does.

    Args:
        studio: the project.
        happened: told of a job's entry, and of a preview as PNG where there is one.
        looked: called at every look, for what else is to be looked at.
    """

    def __init__(
        self,
        studio: Studio,
        happened: Callable[[dict[str, Any], bytes | None], None],
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        self._studio = studio
        self._happened = happened
        self._looked = looked
        self._soon = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._since = 0

    def entries(self) -> list[dict[str, Any]]:
        """The latest jobs, oldest first."""
        records = sorted(self._studio.jobs.list(), key=lambda record: record.number)
        return [job_entry(record) for record in records[-LISTED:]]

    def begin(self) -> None:
        """Follows from now on."""
        with self._lock:
            if self._thread is None:
                self._since = self._last_event()
                self._thread = threading.Thread(
                    target=self._run, name="playreel-follow", daemon=True
                )
                self._thread.start()
        self._soon.set()

    def _last_event(self) -> int:
        since = 0
        while events := self._studio.jobs.queue.events(since=since):
            since = events[-1].seq
        return since

    def _run(self) -> None:
        busy = True
        while True:
            self._soon.wait(BUSY_S if busy else IDLE_S)
            self._soon.clear()
            try:
                busy = self._look()
                self._looked()
            except Exception:  # a full disk or a locked file: look again later
                log.warning("The queue could not be read", exc_info=True)
                busy = False

    def _look(self) -> bool:
        events = self._studio.jobs.queue.events(since=self._since)
        previews: dict[str, bytes] = {}
        changed: list[str] = []
        for event in events:
            self._since = event.seq
            if event.job not in changed:
                changed.append(event.job)
            if event.kind == "preview" and event.png:
                previews[event.job] = event.png
        for job in changed:
            self._tell(job, previews.get(job))
        active = self._studio.jobs.list("queued", "running")
        return bool(events or active)

    def _tell(self, job: str, preview: bytes | None) -> None:
        try:
            record = self._studio.jobs.look(job)
        except Exception:  # forgotten meanwhile
            return
        self._happened(job_entry(record), preview)
