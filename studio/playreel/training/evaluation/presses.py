"""Presses whose effect is certain: states from which the true simulator does what the button says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playreel.footage.platformer import RISE_SPEED, RUN_SPEED, PlatformerWorld
from playreel.training.evaluation.detector import head_row, read_press
from playreel.training.evaluation.sets import CONTEXT, TrueClip, play_clip

BUTTONS_TRIED = ("left", "right", "stay", "jump", "jump-left", "jump-right")
HOLD = 3  # frames
_EFFECT = {  # pixels across and up
    "left": (-HOLD * RUN_SPEED, 0),
    "right": (HOLD * RUN_SPEED, 0),
    "stay": (0, 0),
    "jump": (0, HOLD * RISE_SPEED),
    "jump-left": (-HOLD * RUN_SPEED, HOLD * RISE_SPEED),
    "jump-right": (HOLD * RUN_SPEED, HOLD * RISE_SPEED),
}
_MOST_TRIES = 50


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button to hold from a state where its whole effect shows.

    Attributes:
        clip: the frames before it, with the simulator.
        button: its name.
        truth: uint8 (HOLD, H, W, 3), what the true simulator shows.
        head_top: row of the last frame where the hero's drawing begins.
    """

    clip: TrueClip
    button: str
    truth: np.ndarray
    head_top: int

    def reads(self, frames: np.ndarray) -> str:
        """What the detector makes of frames uint8 (HOLD, H, W, 3) that follow the press."""
        whole = np.concatenate([self.clip.context[-1:], frames])
        return read_press(whole, self.head_top, run=HOLD * RUN_SPEED, rise=HOLD * RISE_SPEED)


def clean_presses(school: str, per_button: int, *, seed: int) -> list[Press]:
    """Held-out presses, `per_button` of each button.

    A press counts only where the simulator moves the hero by the full effect: not against a wall, not
    over an edge, a jump from the ground only. Each state gives one press, so that no picture counts
    more than once.
    """
    found: dict[str, list[Press]] = {name: [] for name in BUTTONS_TRIED}
    for index in range(_MOST_TRIES * per_button):
        missing = [name for name, presses in found.items() if len(presses) < per_button]
        if not missing:
            break
        clip = play_clip(school, np.random.default_rng((seed, 3, index)), CONTEXT)
        for name in sorted(missing, key=lambda name: len(found[name])):
            press = _press(clip, name)
            if press is not None:
                found[name].append(press)
                break
    return [press for presses in found.values() for press in presses]


def _press(clip: TrueClip, button: str) -> Press | None:
    """The press if its whole effect shows, else None."""
    world = clip.simulator
    assert isinstance(world, PlatformerWorld), "presses are the platformer's"
    before, twin = world.state, world.clone()
    if not before.grounded:
        return None
    truth = np.stack([twin.step(clip.names.index(button)) for _ in range(HOLD)])
    moved = twin.state.x - before.x, twin.state.feet - before.feet
    if moved != _EFFECT[button] or twin.state.grounded == button.startswith("jump"):
        return None
    head_top = head_row(truth.shape[1], before.feet)
    return Press(clip=clip, button=button, truth=truth, head_top=head_top)
