"""The worker: one small process for a project that takes jobs in turn and looks after the engines.

It has no model itself. The process with the models is its child (`playreel.jobs.engine`), so that
one that crashes, hangs or fills the memory costs one job, and a cancel takes effect even in the
middle of a computation that cannot be interrupted. It goes when nothing was to be done for a while.
"""

from __future__ import annotations

import base64
import contextlib
import os
import queue
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.errors import PlayreelError, StorageError
from playreel.jobs.engine_process import EngineProcess
from playreel.jobs.failure import crashed
from playreel.jobs.launch import LOG, worker_lock
from playreel.jobs.ledger import Ledger, rate_key, rate_of
from playreel.jobs.log import log_exception
from playreel.jobs.operation import load_operations
from playreel.jobs.queue import LOCAL
from playreel.jobs.record import CANCEL, PAUSE, Failure, JobRecord
from playreel.jobs.store import FOLDER
from playreel.jobs.wire import FILE, HOST, Address, answer

IDLE_S = 300.0
GRACE_S = 0.65  # for an operation to stop at its next frame, before its process is ended
MAX_STARTS = 5  # of an engine that only takes too long
POLL_S = 1.0  # should a bell ever go unheard

WAKE = "wake"
ENDED = "the worker was ended while it waited or ran; resume to run it"


@dataclass(kw_only=True)
class Run:
    """A job at work.

    Attributes:
        record: as it was claimed.
        engine: where it runs.
        asked: what it was told to do last: "", "cancel" or "pause".
        asked_at: when, on the monotonic clock.
        first: (time, units done) at its first news, from which its pace is reckoned.
    """

    record: JobRecord
    engine: EngineProcess
    asked: str = ""
    asked_at: float = 0.0
    first: tuple[float, int] | None = None


class Worker:
    """Serves one project until nothing is left to do; see the module.

    Args:
        project: the project folder.
        operations: module that registers the operations.
        idle_s: how long to stay without work.
    """

    def __init__(self, project: Path, operations: str, *, idle_s: float = IDLE_S) -> None:
        self.project, self.operations, self.idle_s = project, operations, idle_s
        self.ledger = Ledger(project)
        self.inbox: queue.Queue[Any] = queue.Queue()
        self.engines: dict[str, EngineProcess] = {}
        self.runs: dict[str, Run] = {}
        self._starts: dict[str, int] = {}  # that failed one after the other, by executor
        self.closing = False
        self.ending = False
        self._unwritten: list[Callable[[], Any]] = []
        self._idle_since = time.monotonic()

    # -- life ------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Until idle or told to end."""
        self.ledger.recover()
        self.ledger.begin()
        server = socket.create_server((HOST, 0))
        secret = secrets.token_hex(32)
        Address(port=server.getsockname()[1], secret=secret, pid=os.getpid()).save(
            self.project / FOLDER
        )
        threading.Thread(target=self._listen, args=(server, secret), daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        try:
            while not self._turn():
                pass
        finally:
            for engine in self.engines.values():
                engine.kill()
            (self.project / FOLDER / FILE).unlink(missing_ok=True)
            server.close()

    def _end(self) -> None:
        self.ending = True
        self.inbox.put(WAKE)

    def _turn(self) -> bool:
        """Waits for news, deals with it, looks after everything; whether that was all."""
        with contextlib.suppress(queue.Empty):
            message = self.inbox.get(timeout=self._patience())
            while True:
                if message is not WAKE:
                    self._hear(*message)
                message = self.inbox.get_nowait()
        if not self.project.is_dir():
            return True  # there is nothing left to serve
        if self.ending:
            for engine in self.engines.values():
                engine.kill()
            self.ledger.close(ENDED)
            return True
        try:
            self._write_late()
            self._attend()
            return self._gone_idle()
        except StorageError:
            log_exception()  # a full disk passes; what matters is written late
            time.sleep(0.2)
            return False

    def _patience(self) -> float:
        if any(run.asked == CANCEL for run in self.runs.values()):
            return 0.05
        if self.runs or self._unwritten:
            return POLL_S / 2
        return max(0.01, min(POLL_S, self.idle_s))

    def _gone_idle(self) -> bool:
        if self.runs or self._unwritten or self.ledger.executors():
            self._idle_since = time.monotonic()
            return False
        if time.monotonic() - self._idle_since < self.idle_s:
            return False
        self.closing = True  # from now on callers are told to start another
        self.closing = self.ledger.close()
        return self.closing

    def _listen(self, server: socket.socket, secret: str) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, ValueError, KeyError):
                answer(connection, secret, self._reply)

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ask") == "stop":
            self._end()
        elif request.get("ask") == "wake":
            self._idle_since = time.monotonic()
            self.inbox.put(WAKE)
        return {
            "pid": os.getpid(),
            "closing": self.closing or self.ending,
            "engines": {name: engine.pid for name, engine in list(self.engines.items())},
            "running": sorted(self.runs),
        }

    # -- jobs ------------------------------------------------------------------------------------

    def _attend(self) -> None:
        records = {record.id: record for record in self.ledger.jobs("running")}
        for job, run in list(self.runs.items()):
            if job in records:
                self._heed(run, records[job].wanted)
        for engine in list(self.engines.values()):
            for job in list(engine.held):
                if self.ledger.get(job).state not in ("paused", "queued"):
                    engine.held.discard(job)
                    engine.tell("stop", job)
        for executor in self.ledger.executors():
            self._fill(executor)

    def _heed(self, run: Run, wanted: str) -> None:
        """Passes on what the owner wants of a running job."""
        job = run.record.id
        if wanted != run.asked:
            run.engine.tell({CANCEL: "stop", PAUSE: "hold"}.get(wanted, "go"), job)
            run.asked, run.asked_at = wanted, time.monotonic()
        late = time.monotonic() - run.asked_at > GRACE_S
        if run.asked == CANCEL and late and run.engine.executor == LOCAL:
            run.engine.killed_for.add(job)
            run.engine.kill()

    def _fill(self, executor: str) -> None:
        """Gives waiting jobs of an executor to its engine, as many as it can take."""
        engine = self.engines.get(executor)
        if engine is None:
            engine = EngineProcess(executor, self.project, self.operations, self.inbox)
            self.engines[executor] = engine
        while engine.ready and engine.free:
            record = self.ledger.claim(executor, engine.pid)
            if record is None:
                return
            self.runs[record.id] = Run(record=record, engine=engine)
            engine.jobs.add(record.id)
            if record.id in engine.held:
                engine.held.discard(record.id)
                engine.tell("go", record.id)
            else:
                engine.tell("run", record.id, operation=record.operation, options=record.options)

    def _hear(self, engine: EngineProcess, message: dict[str, Any]) -> None:
        kind, job = message["kind"], message.get("job", "")
        if kind == "ready":
            engine.ready, engine.slots = True, int(message["slots"])
            self._starts.pop(engine.executor, None)
        elif kind == "gone":
            self._buried(engine, message["status"])
        elif kind == "unusable":
            self._on_unusable(engine, message)
        elif job in self.runs:
            getattr(self, f"_on_{kind}")(self.runs[job], message)

    def _on_progress(self, run: Run, message: dict[str, Any]) -> None:
        done, total, now = message["done"], message["total"], time.monotonic()
        if run.first is None or done <= 1:  # the first unit may have loaded the models
            run.first = (now, done)
        since, before = run.first
        pace = (now - since) / (done - before) if done > before else None
        if pace is None:
            rate = rate_of(self.ledger, self._key(run))
            pace = rate.seconds_per_unit if rate else None
        eta_s = None if pace is None else round(pace * (total - done), 2)
        with contextlib.suppress(StorageError):
            self.ledger.progress(run.record.id, done, total, eta_s)

    def _on_placed(self, run: Run, message: dict[str, Any]) -> None:
        with contextlib.suppress(StorageError):
            self.ledger.placed(run.record.id, message["host"], message["pid"])

    def _on_preview(self, run: Run, message: dict[str, Any]) -> None:
        with contextlib.suppress(StorageError, ValueError):
            png = base64.b64decode(message["png"])
            self.ledger.preview(run.record.id, message["index"], png)

    def _on_held(self, run: Run, message: dict[str, Any]) -> None:
        job = run.record.id
        if self.ledger.get(job).wanted != PAUSE:  # it was resumed in the meantime
            run.engine.tell("go", job)
            return
        self._over(run)
        run.engine.held.add(job)
        self._surely(lambda: self.ledger.hold(job))

    def _on_released(self, run: Run, message: dict[str, Any]) -> None:
        """Its machine was let go of, as a pause on a cluster does."""
        self._over(run)
        why = "paused by its owner; it starts anew when it is resumed"
        self._surely(lambda: self.ledger.hold(run.record.id, why))

    def _on_result(self, run: Run, message: dict[str, Any]) -> None:
        self._over(run)
        with contextlib.suppress(PlayreelError, OSError, KeyError):
            operation = load_operations(self.operations)[run.record.operation]
            self.ledger.learn(
                self._key(run),
                units=message["units"],
                seconds=message["seconds"],
                peak_bytes=message["peak_bytes"],
                size=operation.size_of(self.project, message["result"]),
            )
        self._surely(lambda: self.ledger.finish(run.record.id, message["result"]))

    def _on_failed(self, run: Run, message: dict[str, Any]) -> None:
        self._over(run)
        self._surely(lambda: self.ledger.fail(run.record.id, Failure(**message["failure"])))

    def _on_stopped(self, run: Run, message: dict[str, Any]) -> None:
        self._over(run)
        self._surely(lambda: self.ledger.cancelled(run.record.id))

    def _on_lost(self, run: Run, message: dict[str, Any]) -> None:
        self._over(run)
        if run.asked == CANCEL:
            self._surely(lambda: self.ledger.cancelled(run.record.id))
        else:
            self._surely(lambda: self.ledger.machine_lost(run.record.id, message["why"]))

    def _buried(self, engine: EngineProcess, status: int) -> None:
        """An engine has died: of a cancel, or of itself."""
        if self.engines.get(engine.executor) is engine:
            del self.engines[engine.executor]
        engine.kill()  # what it started, such as ffmpeg, goes with it
        failure = crashed(status, str(self.project / FOLDER / LOG))
        if not engine.ready and not engine.told_why:
            self._refuse_all(engine, failure)
        for job in list(engine.jobs):
            run = self.runs[job]
            self._over(run)
            if job in engine.killed_for or run.asked == CANCEL:
                self._surely(lambda job=job: self.ledger.cancelled(job))
            else:
                self._surely(lambda job=job: self.ledger.fail(job, failure))

    def _on_unusable(self, engine: EngineProcess, message: dict[str, Any]) -> None:
        """An engine could not start; one that only took too long is started again a few times."""
        engine.told_why = True
        starts = self._starts.pop(engine.executor, 0) + 1
        if message.get("again") and starts < MAX_STARTS:
            self._starts[engine.executor] = starts
        else:
            self._refuse_all(engine, Failure(**message["failure"]))

    def _refuse_all(self, engine: EngineProcess, failure: Failure) -> None:
        """An engine that cannot work fails what waits for it, each with the reason."""
        while (record := self.ledger.claim(engine.executor, engine.pid)) is not None:
            self.ledger.fail(record.id, failure)

    def _over(self, run: Run) -> None:
        self.runs.pop(run.record.id, None)
        run.engine.jobs.discard(run.record.id)

    def _key(self, run: Run) -> str:
        return rate_key(run.record.operation, run.record.executor, run.record.options)

    def _surely(self, write: Callable[[], Any]) -> None:
        """Writes a job's new state, now or as soon as the disk takes it."""
        self._unwritten.append(write)
        with contextlib.suppress(StorageError):
            self._write_late()

    def _write_late(self) -> None:
        while self._unwritten:
            self._unwritten[0]()
            del self._unwritten[0]
            self.ledger.store.keep_reserve()


def main(arguments: list[str]) -> int:
    """``python -m playreel.jobs.worker PROJECT OPERATIONS [IDLE_S]``; see `ensure_worker`."""
    project = Path(arguments[0])
    idle_s = float(arguments[2]) if len(arguments) > 2 else IDLE_S
    # Whoever only looks whether a worker lives holds the lock for a moment: that is waited out.
    with worker_lock(project, patience_s=0.3) as free:
        if free:
            Worker(project, arguments[1], idle_s=idle_s).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
