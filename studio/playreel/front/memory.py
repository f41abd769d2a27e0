"""The C library's memory: few heaps, and what is free in them given back to the system.

Networks take and leave megabytes for every frame. glibc keeps what was left for later, scattered, and
a server that runs for days grows by it. Other C libraries need none of this.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

HEAPS = 4
_M_ARENA_MAX = -8  # as glibc's malloc.h has it


def keep_few_heaps() -> bool:
    """Bounds the heaps that threads get, for all of this process; before threads are started.

    Returns:
        Whether it was done: not where ``MALLOC_ARENA_MAX`` says otherwise, nor without glibc.
    """
    library = _glibc()
    if library is None or "MALLOC_ARENA_MAX" in os.environ:
        return False
    return bool(library.mallopt(_M_ARENA_MAX, HEAPS))


def give_back() -> bool:
    """Gives free memory back to the system, in all heaps; some hundredths of a second.

    Returns:
        Whether there was any.
    """
    library = _glibc()
    return library is not None and bool(library.malloc_trim(0))


@cache
def _glibc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - musl has none
        library.mallopt, library.malloc_trim  # noqa: B018
    except (OSError, AttributeError):
        return None
    return library
