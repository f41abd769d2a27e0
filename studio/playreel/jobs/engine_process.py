"""The worker's hold on a process with models."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

MODULES = {"local": "playreel.jobs.engine"}
RAY = "playreel.jobs.ray_engine"
MAX_LINE = 8 << 20


class EngineProcess:
    """Starts an engine and puts what it says into an inbox.

    Args:
        executor: ``"local"``, ``"ray"`` or an address.
        project: the project folder.
        operations: module that registers the operations.
        inbox: gets ``(engine, message)``; a message ``{"kind": "gone"}`` is the last.
    """

    def __init__(
        self, executor: str, project: Path, operations: str, inbox: queue.Queue[Any]
    ) -> None:
        self.executor = executor
        self.slots = 1
        self.ready = False
        self.told_why = False  # it said itself why it cannot work
        self.jobs: set[str] = set()  # running in it
        self.held: set[str] = set()  # paused in it, with their frames
        self.killed_for: set[str] = set()  # cancelled jobs that had to be ended with it
        module = MODULES.get(executor, RAY)
        command = [sys.executable, "-P", "-m", module, str(project), operations, executor]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that what it started, such as ffmpeg, ends with it
        )
        threading.Thread(target=self._listen, args=(inbox,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def free(self) -> bool:
        """Whether it could take another job now."""
        return len(self.jobs) < self.slots

    def tell(self, do: str, job: str, **data: Any) -> None:
        """Gives it an order; one that has died is noticed by its silence."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps({"do": do, "job": job, **data}).encode() + b"\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """Ends it and all that it started, at once."""
        if os.name == "nt":
            self._process.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status."""
        return self._process.wait()

    def _listen(self, inbox: queue.Queue[Any]) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(MAX_LINE):
            with contextlib.suppress(ValueError):
                inbox.put((self, json.loads(line)))
        inbox.put((self, {"kind": "gone", "status": self._process.wait()}))
