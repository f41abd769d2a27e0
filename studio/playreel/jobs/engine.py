"""The process that has the models: runs operations, one at a time, and can hold one at a frame.

It is a child of the worker and talks with it by lines of JSON: what to do on standard input, what
happens on standard output. When the worker is gone its input ends, and so does this process.
Each job has a thread. A paused job's thread waits inside its own progress callback, with its frames,
while the next job uses the models.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from playreel.jobs.failure import explain
from playreel.jobs.log import log_exception
from playreel.jobs.operation import Stopped, load_operations

PREVIEW_SIDE = 160  # pixels
MIN_GAP_S = 0.15  # between two pictures or two figures of progress


class Voice:
    """Writes lines to the worker; safe from several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def say(self, kind: str, job: str = "", **data: Any) -> None:
        """One line."""
        text = json.dumps({"kind": kind, "job": job, **data})
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()


class RunningJob:
    """The context of one operation: where it tells how far it is, and where it can be stopped."""

    def __init__(
        self, job: str, project: Path, voice: Voice, *, inline_previews: bool = True
    ) -> None:
        self.job, self.project, self._voice = job, project, voice
        self._go = threading.Event()
        self._go.set()
        self.stopped = False
        self._told_at = self._shown_at = float("-inf")
        self._inline = inline_previews
        self.units = 0
        self.held_s = 0.0

    def stop(self) -> None:
        """Makes the operation end at its next frame."""
        self.stopped = True
        self._go.set()

    def hold(self) -> None:
        """Makes the operation wait at its next frame."""
        self._go.clear()

    def go_on(self) -> None:
        """Lets it go on."""
        self._go.set()

    def check(self) -> None:
        """Waits while it is paused; raises `Stopped` when it was cancelled."""
        if not self._go.is_set() and not self.stopped:
            self._voice.say("held", self.job)
            since = time.monotonic()
            self._go.wait()
            self.held_s += time.monotonic() - since
        if self.stopped:
            raise Stopped

    def progress(self, done: int, total: int) -> None:
        """See `playreel.jobs.operation.Context`."""
        self.check()
        self.units = max(self.units, total)
        now = time.monotonic()
        if done >= total or now - self._told_at >= MIN_GAP_S:
            self._told_at = now
            self._voice.say("progress", self.job, done=int(done), total=int(total))

    def preview(self, index: int, frame: Any) -> None:
        """See `playreel.jobs.operation.Context`."""
        now = time.monotonic()
        if now - self._shown_at < MIN_GAP_S:
            return
        self._shown_at = now
        png = small_png(frame)
        self._voice.say("preview", self.job, index=int(index), png=base64.b64encode(png).decode())


class Engine:
    """Takes orders from the worker and carries them out.

    Args:
        project: the project folder.
        operations: module that registers the operations.
        orders: lines from the worker.
        voice: to the worker.
    """

    def __init__(self, project: Path, operations: str, orders: TextIO, voice: Voice) -> None:
        self.project, self.module = project, operations
        self._orders, self._voice = orders, voice
        self._jobs: dict[str, RunningJob] = {}

    def serve(self) -> None:
        """Until the worker goes."""
        self._voice.say("ready", slots=1, pid=os.getpid())
        for line in self._orders:
            order = json.loads(line)
            job = self._jobs.get(order["job"])
            if order["do"] == "run":
                self._begin(order)
            elif job is not None:
                {"stop": job.stop, "hold": job.hold, "go": job.go_on}[order["do"]]()
        os._exit(0)  # threads of jobs are not waited for: their worker is gone

    def _begin(self, order: dict[str, Any]) -> None:
        context = RunningJob(order["job"], self.project, self._voice)
        self._jobs[context.job] = context
        thread = threading.Thread(
            target=self._run,
            args=(context, order["operation"], order["options"]),
            name=f"job {context.job}",
            daemon=True,
        )
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:  # no room for its stack
            log_exception()
            del self._jobs[context.job]
            failure = explain(MemoryError(str(error)))
            self._voice.say("failed", context.job, failure=failure.document())

    def _run(self, context: RunningJob, operation: str, options: dict[str, Any]) -> None:
        started = time.monotonic()
        try:
            result = load_operations(self.module)[operation].run(context, options)
            self._voice.say(
                "result",
                context.job,
                result=result,
                units=context.units,
                seconds=time.monotonic() - started - context.held_s,
                peak_bytes=peak_memory(),
            )
        except Stopped:
            self._voice.say("stopped", context.job)
        except BaseException as error:
            if context.stopped:  # a library made another error of our stop
                self._voice.say("stopped", context.job)
                return
            log_exception()
            self._voice.say("failed", context.job, failure=explain(error).document())
        finally:
            self._jobs.pop(context.job, None)


def small_png(frame: Any) -> bytes:
    """A frame as a PNG of at most `PREVIEW_SIDE` pixels a side.

    Args:
        frame: uint8 [height, width, 3].
    """
    from PIL import Image

    image = Image.fromarray(frame)
    if max(image.size) > PREVIEW_SIDE:
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def peak_memory() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def take_over_output() -> TextIO:
    """The standard output for ourselves: whatever a library prints goes to the log instead."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ours


def main(arguments: list[str]) -> None:
    """``python -m playreel.jobs.engine PROJECT OPERATIONS``, started by the worker."""
    voice = Voice(take_over_output())
    Engine(Path(arguments[0]), arguments[1], sys.stdin, voice).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
