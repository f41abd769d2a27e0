"""What runs a job on a machine of a Ray cluster."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from playreel.jobs.engine import MIN_GAP_S, peak_memory, small_png
from playreel.jobs.failure import explain
from playreel.jobs.operation import Parcel, Stopped, load_operations


class RemoteStage:
    """Runs operations on another machine; an actor, one for each slot.

    Args:
        operations: module that registers the operations, installed there as well.
    """

    def __init__(self, operations: str) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        self._module = operations
        self._told: dict[str, Any] = {"done": 0, "total": 0}
        self._picture: tuple[int, bytes] | None = None
        self._shown_at = float("-inf")
        self._stop = False
        self.project = Path()

    def where(self) -> tuple[str, int]:
        """Name of this machine, and this process."""
        return socket.gethostname(), os.getpid()

    def run(self, operation: str, options: str, parcel: dict[str, bytes]) -> tuple[str, Any]:
        """Does a job in a folder of its own, which is gone afterwards.

        Args:
            operation: its name.
            options: JSON text.
            parcel: files that it needs.

        Returns:
            JSON text of what happened, and the files that were made.
        """
        known = load_operations(self._module)[operation]
        self._stop, self._told, self._picture = False, {"done": 0, "total": 0}, None
        since = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="playreel-ray-") as folder:
            self.project = Path(folder) / "project"
            try:
                assert known.unpack is not None and known.collect is not None
                known.unpack(self.project, Parcel(files=parcel))
                result = known.run(self, json.loads(options))
                made = known.collect(self.project, result)
            except Stopped:
                return json.dumps({"kind": "stopped"}), {}
            except BaseException as error:
                traceback.print_exc()
                return json.dumps({"kind": "failed", "failure": explain(error).document()}), {}
        return json.dumps(
            {
                "kind": "result",
                "result": result,
                "units": self._told["total"],
                "seconds": time.monotonic() - since,
                "peak_bytes": peak_memory(),
            }
        ), {name: data for name, data in made.files.items() if parcel.get(name) != data}

    def look(self) -> tuple[int, int, tuple[int, bytes] | None]:
        """Units done, units in all, and the newest picture if there is a new one."""
        picture, self._picture = self._picture, None
        return self._told["done"], self._told["total"], picture

    def stop(self) -> None:
        """Makes the operation end at its next frame."""
        self._stop = True

    def progress(self, done: int, total: int) -> None:
        """See `playreel.jobs.operation.Context`."""
        self._told = {"done": int(done), "total": int(total)}
        if self._stop:
            raise Stopped

    def preview(self, index: int, frame: Any) -> None:
        """See `playreel.jobs.operation.Context`."""
        now = time.monotonic()
        if now - self._shown_at >= MIN_GAP_S:
            self._shown_at = now
            self._picture = (int(index), small_png(frame))
