"""Other programs that work on sound: ffmpeg and espeak-ng, run to their end."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from playreel.errors import MediaError

_TIMEOUT_S = 600


def run_ffmpeg(arguments: Sequence[str], level: str = "error") -> str:
    """Runs ffmpeg, which overwrites its output.

    Args:
        arguments: inputs, filters and outputs.
        level: how much it says.

    Returns:
        What it said.

    Raises:
        MediaError: it failed, with its reason.
    """
    from moviepy.config import FFMPEG_BINARY

    head = [FFMPEG_BINARY, "-y", "-nostdin", "-hide_banner", "-loglevel", level]
    return run([*head, *arguments])


def run(command: Sequence[str], text: str | None = None) -> str:
    """Runs a program on ``text``.

    Returns:
        What it said on standard error.

    Raises:
        MediaError: it is missing, failed, or took more than ten minutes.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; text goes to standard input
            command,
            input=None if text is None else text.encode(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MediaError(f"The sound could not be made: {error}.") from error
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        last = said.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise MediaError(f"The sound could not be made: {last[0].strip()[:300]}")
    return said
