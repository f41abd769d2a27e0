"""What the machine gives: for the line under the queue."""

from __future__ import annotations

import sys
from pathlib import Path


def memory_mb() -> int | None:
    """Memory of this process in megabytes, where the system tells."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 1024)
