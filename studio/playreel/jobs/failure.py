"""Telling a person why a job failed and what to do before it is tried again."""

from __future__ import annotations

import errno

from playreel.errors import EngineMemoryError, MissingExtraError, PlayreelError
from playreel.jobs.record import Failure

_NO_MEMORY = ("can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")
_DISK_FULL = ("no space left", "file too large", "disk quota", "database or disk is full")
_NO_CODEC = ("unknown encoder", "encoder not found", "unknown decoder", "decoder not found")
_NO_CODEC += ("codec not currently supported", "automatic encoder selection failed")

NEXT_STEPS = {
    "out-of-memory": "Close other programs or ask for fewer seconds, then retry.",
    "engine-memory": "Retry, or ask for less as it says.",
    "disk-full": "Free some space on that disk, then retry; nothing half written was kept.",
    "missing-codec": (
        "Install an ffmpeg with libx264 and name it in IMAGEIO_FFMPEG_EXE, or export as .gif; "
        "then retry."
    ),
    "engine-crash": "Retry: the models are loaded anew. If it crashes again, see the log.",
    "internal": "Retry. If it fails again, report it with the log.",
    "input": "Change what it says and submit it anew; a retry alone will not help.",
}


def explain(error: BaseException) -> Failure:
    """The failure that an exception stands for."""
    code = _code(error)
    text = str(error).strip() or type(error).__name__
    if code == "internal":
        text = f"{type(error).__name__}: {text}"
    elif code == "out-of-memory":
        text = f"The machine ran out of memory: {text}"
    elif code == "missing-codec":
        text = f"The video encoder is missing: {text}"
    cause = text if len(text) <= 600 else text[:599] + "…"
    return Failure(code=code, cause=cause, next_step=_next_step(code))


def crashed(status: int | None, log: str) -> Failure:
    """The failure of a job whose process with the models died.

    Args:
        status: its exit status; negative for a signal.
        log: where it wrote what it had to say.
    """
    how = f"status {status}"
    if status is not None and status < 0:
        how = f"signal {-status}"
        if status == -9:
            how += " (often the system's answer to a lack of memory)"
    return Failure(
        code="engine-crash",
        cause=f"The process with the models ended with {how}; its log is {log}.",
        next_step=NEXT_STEPS["engine-crash"],
    )


def _code(error: BaseException) -> str:
    if isinstance(error, EngineMemoryError):
        return error.code  # it says what to lower
    text = _all_text(error).lower()
    if isinstance(error, MemoryError) or any(word in text for word in _NO_MEMORY):
        return "out-of-memory"
    if _errno_of(error) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(
        word in text for word in _DISK_FULL
    ):
        return "disk-full"
    if any(word in text for word in _NO_CODEC):
        return "missing-codec"
    return error.code if isinstance(error, PlayreelError) else "internal"


def _next_step(code: str) -> str:
    if code == MissingExtraError.code:
        return "Run the command above, then retry."
    if code in ("storage", "locked", "budget", "worker"):
        return "Do what it says, then retry."
    return NEXT_STEPS.get(code, NEXT_STEPS["input"])


def _chain(error: BaseException) -> list[BaseException]:
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen and len(seen) < 8:
        seen.append(at)
        at = at.__cause__ or at.__context__
    return seen


def _all_text(error: BaseException) -> str:
    return " | ".join(str(link) for link in _chain(error))


def _errno_of(error: BaseException) -> int | None:
    numbers = [link.errno for link in _chain(error) if isinstance(link, OSError) and link.errno]
    return numbers[0] if numbers else None
