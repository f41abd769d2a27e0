"""Steps: what happens between two denoising steps: progress, cancelling, a preview, a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playreel.core.watch import is_watched, show

if TYPE_CHECKING:
    import torch

    from playreel.film.engines.lock import LatentLock

Progress = Callable[[int, int], None]


class Meter:
    """Counts the denoising steps of all runs that one operation takes.

    Args:
        callback: told of steps done and steps in all; may raise to stop.
    """

    def __init__(self, callback: Progress | None) -> None:
        self._callback = callback
        self._total = 0
        self._begun = 0
        self._told: tuple[int, int] | None = None

    def expect(self, num_steps: int) -> None:
        """Adds the steps of a run that is to come."""
        self._total += num_steps

    def check(self) -> None:
        """Lets the callback stop what takes no steps, such as decoding."""
        if self._callback is not None and self._told is not None:
            self._callback(*self._told)

    def step(self, index: int) -> None:
        """Told after each step of the run under way."""
        if self._callback is not None:
            done = self._begun + index + 1
            self._told = done, max(self._total, done)
            self._callback(*self._told)

    def end(self, num_steps: int) -> None:
        """Told after each run."""
        self._begun += num_steps


class Steps:
    """A pipeline's ``callback_on_step_end``.

    Args:
        meter: counts.
        preview: latents -> uint8 (H, W, 3), cheap; asked only while somebody watches.
        lock: holds known latents fast.
    """

    def __init__(
        self,
        meter: Meter,
        *,
        preview: Callable[[torch.Tensor, int], Any] | None = None,
        lock: LatentLock | None = None,
    ) -> None:
        self._meter, self._preview, self._lock = meter, preview, lock
        self._count = 0

    def __call__(
        self, pipeline: Any, index: int, timestep: Any, tensors: dict[str, Any]
    ) -> dict[str, Any]:
        """As diffusers calls it after each step."""
        if self._lock is not None:
            tensors["latents"] = self._lock(pipeline.scheduler, index, tensors["latents"])
        if self._preview is not None and is_watched():
            show(self._preview(tensors["latents"], index))
        self._meter.step(self._count)  # a pipeline that makes several parts counts anew in each
        self._count += 1
        return tensors


@contextmanager
def stepped(pipeline: Any, steps: Steps) -> Iterator[None]:
    """Calls ``steps`` after each step of a pipeline that takes no ``callback_on_step_end``."""
    scheduler = pipeline.scheduler
    real = scheduler.step

    def step(*args: Any, **options: Any) -> Any:
        latents = real(*args, **options)[0]
        index = scheduler.step_index - 1
        return (steps(pipeline, index, args[1], {"latents": latents})["latents"],)

    scheduler.step = step
    try:
        yield
    finally:
        del scheduler.step
