"""Durations: seconds in, whole frames out, and words about what was snapped and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from playreel.errors import InputError

FILM_FPS = 12
MAX_SECONDS = 1800.0  # half an hour of frames is 600 MB of pixels


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A length that was asked for in seconds, as frames.

    Attributes:
        asked_s: what the user asked for, in seconds.
        num_frames: what they get, in frames at ``fps``; at least 1.
        fps: frames per second.
    """

    asked_s: float
    num_frames: int
    fps: int = FILM_FPS

    @property
    def duration_s(self) -> float:
        """Seconds that ``num_frames`` really last."""
        return self.num_frames / self.fps

    @property
    def snapped(self) -> str:
        """What was changed and why, empty if nothing was."""
        if math.isclose(self.asked_s, self.duration_s, abs_tol=1e-9):
            return ""
        frames = "1 frame" if self.num_frames == 1 else f"{self.num_frames} frames"
        return (
            f"{self.asked_s:g} s became {self.duration_s:.4g} s: the model makes whole frames at "
            f"{self.fps} a second, and {frames} is the nearest"
        )


def resolve_seconds(
    seconds: float, *, what: str = "seconds", allow_zero: bool = False, fps: int = FILM_FPS
) -> Duration:
    """The nearest whole number of frames to ``seconds``, at least one unless zero is allowed.

    Raises:
        InputError: not a finite number, negative, zero where it may not be, or over `MAX_SECONDS`.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise InputError(f"{what} must be a number of seconds, got {seconds!r}. Pass, say, 2.0.")
    value = float(seconds)
    if not math.isfinite(value) or value < 0 or (value == 0 and not allow_zero):
        rule = "zero or more" if allow_zero else "more than zero"
        raise InputError(f"{what} must be {rule} and finite, got {value:g}. Pass, say, 2.0.")
    if value > MAX_SECONDS:
        raise InputError(
            f"{what} is {value:g}, but one result may last at most {MAX_SECONDS:g} s. "
            "Make it in parts and stitch them on the board."
        )
    least = 0 if allow_zero else 1
    return Duration(asked_s=value, num_frames=max(least, math.floor(value * fps + 0.5)), fps=fps)


def frame_at(time_s: float, num_frames: int, *, what: str = "time", fps: int = FILM_FPS) -> int:
    """Index of the frame shown at ``time_s`` in a result of ``num_frames`` frames.

    The end of the result counts as its last frame.

    Raises:
        InputError: the time is no number or lies outside the result.
    """
    index = resolve_seconds(time_s, what=what, allow_zero=True, fps=fps).num_frames
    if index > num_frames:
        raise InputError(
            f"{what} {float(time_s):g} s lies outside the result, which lasts "
            f"{num_frames / fps:g} s. Use a time from 0 to {num_frames / fps:g}."
        )
    return min(index, num_frames - 1)
