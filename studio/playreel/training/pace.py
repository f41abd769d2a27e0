"""How far a run is: its budget of time or steps, and what the learning rate follows."""

from __future__ import annotations

import math
import time


class Pace:
    """Keeps the time of one run, time before a resume included.

    Args:
        minutes: Budget of wall time, or None.
        max_steps: Budget of steps, or None; the run ends at whichever is spent first.
        warmup: Share of the budget over which the learning rate rises.
        floor: Share of the learning rate that is left at the end.
    """

    def __init__(
        self,
        *,
        minutes: float | None,
        max_steps: int | None,
        warmup: float = 0.03,
        floor: float = 0.05,
    ) -> None:
        self.budget_s = None if minutes is None else 60 * minutes
        self.max_steps, self.warmup, self.floor = max_steps, warmup, floor
        self.step = 0
        self.step_s = 0.0
        self.spent_before_s = 0.0
        self._started = time.monotonic()

    def resume(self, *, step: int, step_s: float, spent_s: float) -> None:
        """Goes on from a run that took `step` steps in `spent_s` seconds."""
        self.step, self.step_s, self.spent_before_s = step, step_s, spent_s
        self._started = time.monotonic()

    def advance(self, took_s: float) -> None:
        """Counts one step that took `took_s` seconds."""
        self.step += 1
        # The first step also pays for warm-up and compilation: forget it.
        first = self.step_s == 0 or self.step == 2
        self.step_s = took_s if first else 0.95 * self.step_s + 0.05 * took_s

    @property
    def elapsed_s(self) -> float:
        """Seconds of training so far."""
        return self.spent_before_s + time.monotonic() - self._started

    @property
    def fraction(self) -> float:
        """Share of the budget that is spent, 0 to 1."""
        shares = [0.0]
        if self.budget_s is not None:
            shares.append(self.elapsed_s / self.budget_s)
        if self.max_steps is not None:
            shares.append(self.step / self.max_steps)
        return min(1.0, max(shares))

    @property
    def num_steps_estimate(self) -> int:
        """Steps of the whole run at the present speed."""
        limits = []
        if self.max_steps is not None:
            limits.append(self.max_steps)
        if self.budget_s is not None:
            left = max(0.0, self.budget_s - self.elapsed_s)
            limits.append(self.step + int(left / (self.step_s or 1.0)))
        return max(self.step + 1, min(limits))

    @property
    def eta_s(self) -> float:
        """Seconds until the budget is spent."""
        left = (self.num_steps_estimate - self.step) * self.step_s
        if self.budget_s is not None:
            left = min(left, max(0.0, self.budget_s - self.elapsed_s))
        return left

    def rate(self, fraction: float) -> float:
        """Factor on the learning rate: linear warm-up, then half a cosine down to the floor."""
        if fraction < self.warmup:
            return max(0.02, fraction / self.warmup)  # a short run's first step sees exactly 0
        turn = math.pi * (fraction - self.warmup) / (1 - self.warmup)
        return self.floor + (1 - self.floor) * (1 + math.cos(turn)) / 2
