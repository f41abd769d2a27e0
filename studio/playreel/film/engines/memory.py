"""Memory: telling what to lower when a machine has too little of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playreel.errors import EngineMemoryError


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, of the graphics card or of the machine."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in words or "can't allocate memory" in words or "alloc_cpu" in words
    )


@contextmanager
def memory_told(
    name: str,
    *,
    num_frames: int,
    size: tuple[int, int],
    layout: str,
    step_down: Callable[[], str] | None = None,
) -> Iterator[None]:
    """Turns running out of memory into an error that says what to lower.

    Args:
        name: of the model.
        num_frames: of the run.
        size: (height, width) of the run.
        layout: how the model lies in memory, in words.
        step_down: sees to it that the next try needs less, and says how, or "".

    Raises:
        EngineMemoryError: memory ran out.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        height, width = size
        less = "" if step_down is None else step_down()
        raise EngineMemoryError(
            f"Memory ran out while {name} ({layout}) made {num_frames} frames of {width}x{height}. "
            f"Lower one of these: size (try {_half(width)}x{_half(height)}, about a quarter of the "
            f"memory) or seconds (half of them, about half of the memory). "
            f"{less or 'There is no more frugal way to lay the model out here.'} "
            "Nothing was saved; what was denoised is kept for another try."
        ) from error


def _half(side: int) -> int:
    return max(64, side // 2 // 32 * 32)
