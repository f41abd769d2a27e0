"""Grid: the lengths, rates and sizes that a family of models makes, and how wishes are snapped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from playreel.errors import InputError
from playreel.film.duration import resolve_seconds
from playreel.film.engines.sizing import Sizing

MIN_SIDE, MAX_SIDE = 16, 4096


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What a family of models makes.

    Attributes:
        frame_step: the model makes ``frame_step * n + 1`` frames.
        max_frames: frames it makes well at a time; longer results are made in windows.
        fps: frames per second it was trained at.
        multiple: height and width are multiples of it.
        max_pixels: more than this is made smaller and enlarged.
        least_side: a clip smaller than this is enlarged by a whole factor first.
        sizes: aspect -> (height, width) made where only an aspect is asked for.
        latent: frames that one latent frame holds; 0 means ``frame_step``.
        fixed: the one (height, width) that the model can make, if there is but one.
    """

    frame_step: int
    max_frames: int
    fps: int
    multiple: int
    max_pixels: int
    least_side: int
    sizes: Mapping[str, tuple[int, int]]
    latent: int = 0
    fixed: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        assert (self.max_frames - 1) % self.frame_step == 0, "max_frames is off its own grid"

    @property
    def latent_frames(self) -> int:
        """Frames that one latent frame holds."""
        return self.latent or self.frame_step

    def frames(self, at_least: int) -> int:
        """The smallest number of frames on the grid that is not below ``at_least``."""
        return math.ceil(max(0, at_least - 1) / self.frame_step) * self.frame_step + 1

    def context(self, available: int, wanted: int) -> int:
        """Frames of a clip that are given as context: on the grid, at most ``available``."""
        most = max(1, min(available, wanted))
        return (most - 1) // self.frame_step * self.frame_step + 1

    def length(self, seconds: float, fps: float | None = None) -> Length:
        """The frames that last ``seconds``.

        Args:
            seconds: how long.
            fps: frames per second, where a clip has its own.

        Raises:
            InputError: no usable number of seconds.
        """
        duration = resolve_seconds(seconds, fps=fps or self.fps)  # type: ignore[arg-type]
        return Length(
            asked_s=duration.asked_s, num_frames=duration.num_frames, note=duration.snapped
        )

    def sizing(self, size: str | tuple[int, int]) -> Sizing:
        """How a result of ``size`` is made.

        Args:
            size: an aspect such as "16:9", "1920x1080" (width x height), or (height, width).

        Raises:
            InputError: it is no size, or outside `MIN_SIDE` to `MAX_SIDE`.
        """
        result = self._size(size)
        if self.fixed is not None:
            return Sizing.inside(result, self.fixed)
        shrink = min(1.0, math.sqrt(self.max_pixels / (result[0] * result[1])))
        inner = tuple(max(1, round(side * shrink)) for side in result)
        return Sizing.rounded_up((inner[0], inner[1]), result, self.multiple)

    def clip_factor(self, size: tuple[int, int]) -> int:
        """The whole factor by which a clip of (height, width) is enlarged before it is worked on."""
        return max(1, math.ceil(self.least_side / min(size)))

    def _size(self, size: str | tuple[int, int]) -> tuple[int, int]:
        known = ", ".join(self.sizes)
        if isinstance(size, str):
            if size in self.sizes:
                return self.sizes[size]
            width, cross, height = size.lower().partition("x")
            if not (cross and width.isdecimal() and height.isdecimal()):
                raise InputError(
                    f"Unknown size {size!r:.40}. Use one of: {known}, or pixels such as 1280x720."
                )
            size = int(height), int(width)
        try:
            rows, columns = (int(side) for side in size)
        except (TypeError, ValueError):
            raise InputError(
                f"A size is (height, width) or one of {known}, not {size!r:.40}."
            ) from None
        if not all(MIN_SIDE <= side <= MAX_SIDE for side in (rows, columns)):
            raise InputError(
                f"A size of {columns}x{rows} pixels cannot be made: each side must be "
                f"{MIN_SIDE} to {MAX_SIDE}."
            )
        return rows, columns


@dataclass(frozen=True, kw_only=True)
class Length:
    """A length that was asked for in seconds.

    Attributes:
        asked_s: seconds asked for.
        num_frames: frames of the result.
        note: what was snapped and why, "" if nothing was.
    """

    asked_s: float
    num_frames: int
    note: str = ""
