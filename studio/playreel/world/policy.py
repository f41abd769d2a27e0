"""Simple players: a policy takes the frame it sees and names a button, knowing no model."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from playreel.errors import InputError
from playreel.world.script import MAX_STEPS

if TYPE_CHECKING:
    from playreel.world.world import World


class Policy(Protocol):
    """Anything that takes uint8 [height, width, 3] and returns a button's name."""

    def __call__(self, frame: np.ndarray) -> str:
        """The button to press on seeing ``frame``."""
        ...


class RandomHeldPolicy:
    """Presses buttons at random and holds each for 2 to 9 frames, as hands do."""

    def __init__(self, actions: tuple[str, ...], rng: np.random.Generator) -> None:
        self._actions = actions
        self._rng = rng
        self._action = actions[0]
        self._left = 0

    def __call__(self, frame: np.ndarray) -> str:
        """See `Policy`."""
        if self._left == 0:
            self._action = str(self._rng.choice(self._actions))
            self._left = int(self._rng.integers(2, 10))
        self._left -= 1
        return self._action


class RunnerPolicy:
    """Runs right and jumps now and then, at once where the picture stands still."""

    needs = ("right",)

    def __init__(self, actions: tuple[str, ...], rng: np.random.Generator) -> None:
        self._rng = rng
        self._jump = "jump-right" if "jump-right" in actions else "jump"
        if self._jump not in actions:
            self._jump = "right"
        self._last: np.ndarray | None = None
        self._still = 0
        self._air = 0
        self._ground = int(rng.integers(6, 20))

    def __call__(self, frame: np.ndarray) -> str:
        """See `Policy`."""
        self._still = self._still + 1 if _stands_still(self._last, frame) else 0
        self._last = frame
        if self._air:
            self._air -= 1
            self._still = 0
            return self._jump
        self._ground -= 1
        if self._ground <= 0 or self._still >= 2:
            self._air = int(self._rng.integers(3, 8))
            self._ground = int(self._rng.integers(10, 30))
            self._still = 0
            return self._jump
        return "right"


class ExplorePolicy:
    """Keeps to a button while it changes the picture, then takes the one pressed least so far."""

    def __init__(self, actions: tuple[str, ...], rng: np.random.Generator) -> None:
        self._rng = rng
        self._presses = dict.fromkeys(actions, 0)
        self._action = self._rarest()
        self._left = int(rng.integers(6, 16))
        self._last: np.ndarray | None = None
        self._still = 0

    def __call__(self, frame: np.ndarray) -> str:
        """See `Policy`."""
        self._still = self._still + 1 if _stands_still(self._last, frame) else 0
        self._last = frame
        if self._left <= 0 or self._still >= 3:
            self._action = self._rarest()
            self._left = int(self._rng.integers(6, 16))
            self._still = 0
        self._left -= 1
        self._presses[self._action] += 1
        return self._action

    def _rarest(self) -> str:
        fewest = min(self._presses.values())
        return str(self._rng.choice([a for a, count in self._presses.items() if count == fewest]))


POLICIES: dict[str, Callable[[tuple[str, ...], np.random.Generator], Policy]] = {
    "random-held": RandomHeldPolicy,
    "runner": RunnerPolicy,
    "explore": ExplorePolicy,
}


def make_policy(name: str, actions: tuple[str, ...], seed: int = 0) -> Policy:
    """A built-in policy by name.

    Raises:
        InputError: no such policy, or one that needs buttons this world lacks.
    """
    if name not in POLICIES:
        near = difflib.get_close_matches(str(name)[:40], POLICIES, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"There is no policy {str(name)[:40]!r}.{guess} Built in are: {', '.join(POLICIES)}; "
            "or give a function that takes a frame and returns a button's name."
        )
    policy = POLICIES[name]
    missing = [button for button in getattr(policy, "needs", ()) if button not in actions]
    if missing:
        raise InputError(
            f"The policy {name!r} needs the button {missing[0]!r}; this world has "
            f"{', '.join(actions)}. Use 'random-held' or 'explore'."
        )
    return policy(actions, np.random.default_rng(seed))


def autoplay(
    world: World,
    policy: str | Policy | Callable[[np.ndarray], str],
    num_steps: int,
    *,
    seed: int = 0,
) -> np.ndarray:
    """Lets ``policy`` press ``num_steps`` buttons; see `World.autoplay`."""
    whole = isinstance(num_steps, int | np.integer) and not isinstance(num_steps, bool)
    if not whole or not 1 <= num_steps <= MAX_STEPS:
        raise InputError(f"autoplay takes 1 to {MAX_STEPS} steps, not {num_steps!r}.")
    choose = policy if callable(policy) else make_policy(policy, world.actions, seed)
    frame = world.frame
    frames = np.empty((int(num_steps), *world.size, 3), np.uint8)
    for index in range(len(frames)):
        frame = world.step(choose(frame))
        frames[index] = frame
    return frames


def _stands_still(last: np.ndarray | None, frame: np.ndarray) -> bool:
    """Whether fewer than one value in fifty moved: sprites may, the view does not."""
    if last is None:
        return False
    moved = np.abs(frame.astype(np.int16) - last) > 24
    return float(moved.mean()) < 0.02
