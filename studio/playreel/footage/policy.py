"""Players for footage: they press buttons on purpose and hold them, as people do."""

from __future__ import annotations

import numpy as np

from playreel.footage.platformer import PlatformerWorld
from playreel.footage.spec import BUTTONS

_STAY, _LEFT, _RIGHT, _JUMP, _JUMP_LEFT, _JUMP_RIGHT = range(len(BUTTONS))


class HeldButtonsPolicy:
    """Holds one intent for a while; jumps over what blocks it; lets go of jump when it lifts no more.

    Args:
        rng: source of randomness.
        stay_within: pixels the hero may stray from where it began, for cameras that do not follow.
    """

    def __init__(self, rng: np.random.Generator, *, stay_within: int | None = None) -> None:
        self._rng = rng
        self._stay_within = stay_within
        self._home: int | None = None
        self._direction = 0
        self._hold_left = 0
        self._jump_left = 0

    def _new_intent(self) -> None:
        rng = self._rng
        self._direction = int(rng.choice((0, -1, 1), p=(0.34, 0.3, 0.36)))
        self._hold_left = int(rng.integers(3, 13)) if self._direction else int(rng.integers(3, 10))
        if rng.random() < 0.5:
            self._jump_left = int(rng.integers(3, 8))

    def __call__(self, world: PlatformerWorld) -> int:
        """The button to press now."""
        if self._home is None:
            self._home = world.state.x
        if self._hold_left <= 0:
            self._new_intent()
        self._hold_left -= 1
        stray = world.state.x - self._home
        if self._stay_within is not None and abs(stray) > self._stay_within:
            self._direction = -int(np.sign(stray))
        if self._direction and world.blocked(self._direction) and self._jump_left <= 0:
            if world.state.grounded and self._rng.random() < 0.8:
                self._jump_left = int(self._rng.integers(4, 8))
            elif world.state.grounded:
                self._direction = -self._direction
        jumping = self._jump_left > 0 and world.can_rise()
        if jumping:
            self._jump_left -= 1
        elif not world.state.grounded:
            self._jump_left = 0
        table = {0: (_STAY, _JUMP), -1: (_LEFT, _JUMP_LEFT), 1: (_RIGHT, _JUMP_RIGHT)}
        return table[self._direction][jumping]
