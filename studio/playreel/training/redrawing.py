"""Whether a world trained on somebody's footage had better draw what is new, or only move what is there.

Minutes of training teach motion well and drawing badly. So both are tried on footage that was trained on, and
what comes closer to the true frames is noted in the bundle.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.training.evaluation.measure import psnr
from playreel.training.evaluation.players import ModelPlayer
from playreel.training.evaluation.sets import CONTEXT, TrueClip

if TYPE_CHECKING:
    from playreel.core import WorldModel

NUM_WINDOWS, NUM_FRAMES = 10, 5
MOST_SECONDS = 60.0  # a busy machine tries fewer windows, but at least two
FAVOUR = 0.25  # dB: what is drawn is crisper than a smear that is as close to the truth


def redraw_gain(
    world: WorldModel,
    source: Any,
    *,
    num_windows: int = NUM_WINDOWS,
    most_seconds: float = MOST_SECONDS,
) -> float:
    """By how many dB frames come closer to the truth when what is new is drawn; negative: they do not.

    Args:
        world: what is tried; its `redraw` is left as it was.
        source: anything with `sample_window(rng, length)`.
        num_windows: how many stretches are played, or
        most_seconds: as many as this leaves time for.
    """
    rng, none = np.random.default_rng(8), np.zeros(0, np.int64)
    player, before = ModelPlayer(world), world.redraw
    gains: list[float] = []
    begin = time.monotonic()
    try:
        for index in range(num_windows):
            if len(gains) >= 2 and time.monotonic() - begin > most_seconds:
                break
            frames = source.sample_window(rng, CONTEXT + NUM_FRAMES)
            clip = TrueClip(frames=frames, buttons=none)
            actions = player.read(clip)[CONTEXT - 1 :]
            found = []
            for world.redraw in (True, False):
                rolled = player.roll(clip, actions, seed=index)
                found.append(float(np.mean(psnr(rolled, clip.future))))
            gains.append(found[0] - found[1])
    finally:
        world.redraw = before
    return float(np.mean(gains))
