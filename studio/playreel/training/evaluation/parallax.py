"""Parallax: how far the far layer shifts for each pixel of the near layer, read from the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playreel.footage.platformer import RUN_SPEED, PlatformerWorld
from playreel.footage.scene import FAR_DIVISOR
from playreel.training.evaluation.measure import shift_costs
from playreel.training.evaluation.players import Player
from playreel.training.evaluation.sets import CONTEXT, TrueClip, play_clip

TRUE_RATIO = 1 / FAR_DIVISOR
_SPAN = 4  # frames between the two pictures that are compared
_SPANS = 2  # so many pairs, one after the other, in a rollout
_BLOCK = 8
_NEAR, _FAR = _SPAN * RUN_SPEED, _SPAN * RUN_SPEED // FAR_DIVISOR
_SHIFTS = range(0, _NEAR + 5)
_MATCH, _TELLS = 0.5, 4.0  # levels: a true match is better than this, a wrong one worse than that
_MOST_TRIES = 30


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch where holding right runs on unhindered.

    Attributes:
        clip: the frames before it.
        truth: uint8 (_SPAN * _SPANS + 1, H, W, 3), the last of those and what the simulator shows.
    """

    clip: TrueClip
    truth: np.ndarray


def free_runs(school: str, count: int, *, seed: int) -> list[Run]:
    """Held-out states with nothing in the way to the right, at most `count` of them."""
    runs: list[Run] = []
    for index in range(_MOST_TRIES * count):
        clip = play_clip(school, np.random.default_rng((seed, 5, index)), CONTEXT)
        world = clip.simulator
        assert isinstance(world, PlatformerWorld), "only the platformer has layers"
        start, twin = world.state.x, world.clone()
        right = clip.names.index("right")
        frames = [twin.step(right) for _ in range(_SPAN * _SPANS)]
        if twin.state.x - start == RUN_SPEED * len(frames):
            run = Run(clip=clip, truth=np.stack([clip.context[-1], *frames]))
            if all(len(blocks) for blocks in _layers(run.truth[0], run.truth[_SPAN])):
                runs.append(run)
        if len(runs) == count:
            break
    return runs


def parallax(player: Player, runs: Sequence[Run], *, seed: int = 0) -> dict[str, float]:
    """Far over near shift while holding right; `parallax_true` is what was painted.

    The true frames tell which blocks show the far layer and which the near one, namely those that
    match at that layer's shift and at no other. The same blocks are then looked for in the rollout.
    """
    right = player.buttons["right"]
    far: list[float] = []
    near: list[float] = []
    for index, run in enumerate(runs):
        frames = player.roll(run.clip, [right] * (_SPAN * _SPANS), seed=seed + index)
        frames = np.concatenate([run.truth[:1], frames])
        for start in range(0, _SPAN * _SPANS, _SPAN):
            blocks = _layers(run.truth[start], run.truth[start + _SPAN])
            shift = _best_shift(_block_costs(frames[start], frames[start + _SPAN]))
            for shifts, where in zip((far, near), blocks, strict=True):
                if len(where):
                    shifts.append(float(np.median(shift[tuple(where.T)])))
    total = sum(near) / max(len(near), 1)
    ratio = sum(far) / max(len(far), 1) / total if total else 0.0
    return {"parallax": ratio, "parallax_true": TRUE_RATIO}


def _block_costs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean cost of each shift for each block: float (shifts, H // 8, W // 8)."""
    costs = shift_costs(first, second, _SHIFTS)
    shifts, height, width = costs.shape
    blocks = costs.reshape(shifts, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return blocks.mean((2, 4))


def _best_shift(costs: np.ndarray) -> np.ndarray:
    return np.asarray(_SHIFTS)[costs.argmin(0)]


def _layers(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Blocks (row, column) of the far and of the near layer in two true frames."""
    costs = _block_costs(first, second)
    found = []
    for shift in (_FAR, _NEAR):
        rivals = np.delete(costs, _SHIFTS.index(shift), axis=0).min(0)
        found.append(np.argwhere((costs[_SHIFTS.index(shift)] < _MATCH) & (rivals > _TELLS)))
    return found[0], found[1]
