"""What a training run says while it runs: one line with loss, speed and time left."""

from __future__ import annotations

import sys
import time
from typing import TextIO


def duration(seconds: float) -> str:
    """`seconds` in words a clock would use: 42s, 3m05s, 2h07m."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


class Progress:
    """A bar on a terminal, plain lines elsewhere.

    Args:
        name: Name of the task.
        every_s: Seconds between plain lines when the stream is not a terminal.
        quiet: Say nothing at all (other ranks of a multi-GPU run).
        stream: Where to write; standard error by default.
    """

    def __init__(
        self,
        name: str,
        *,
        every_s: float = 10.0,
        quiet: bool = False,
        stream: TextIO | None = None,
    ) -> None:
        self._name = name
        self._every_s = every_s
        self._quiet = quiet
        self._stream = sys.stderr if stream is None else stream
        self._tty = self._stream.isatty()
        self._last = float("-inf")
        self._width = 0

    def update(
        self,
        *,
        step: int,
        loss: float,
        fraction: float,
        eta_s: float,
        steps_per_s: float,
        metrics: dict[str, float],
        force: bool = False,
    ) -> None:
        """Shows the state after `step`; cheap to call at each step."""
        now = time.monotonic()
        if self._quiet or (not force and now - self._last < (0.2 if self._tty else self._every_s)):
            return
        self._last = now
        extra = "".join(f"  {key} {value:.4g}" for key, value in list(metrics.items())[:6])
        bar = ""
        if self._tty:
            filled = round(20 * fraction)
            bar = f" [{'#' * filled}{'.' * (20 - filled)}]"
        line = (
            f"{self._name}{bar} {fraction:4.0%}  step {step}  loss {loss:.4f}{extra}"
            f"  {steps_per_s:.2f} steps/s  ETA {duration(eta_s)}"
        )
        if self._tty:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def say(self, text: str) -> None:
        """Writes one line of its own."""
        if self._quiet:
            return
        start = "\r" + " " * self._width + "\r" if self._tty and self._width else ""
        self._width = 0
        self._stream.write(f"{start}{self._name}: {text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Ends the bar's line."""
        if self._tty and self._width and not self._quiet:
            self._stream.write("\n")
            self._stream.flush()
            self._width = 0
