"""The log of a worker and of the processes with the models: their standard error."""

from __future__ import annotations

import contextlib
import sys
import traceback


def log_exception() -> None:
    """Writes the exception at hand; a full disk or memory costs the log a line, and no job its answer."""
    with contextlib.suppress(OSError, MemoryError):
        traceback.print_exc()
        sys.stderr.flush()
