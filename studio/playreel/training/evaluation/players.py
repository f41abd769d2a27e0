"""Who plays in an evaluation: a model, or the true simulator in its place to prove the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from playreel.core import WorldModel
    from playreel.training.evaluation.sets import TrueClip


class Player(Protocol):
    """Reads actions out of a clip, and plays on from its first frames."""

    @property
    def buttons(self) -> dict[str, int]:
        """Name of a button to its action."""
        ...

    def read(self, clip: TrueClip) -> np.ndarray:
        """The action of each transition of a clip, int (T - 1,)."""
        ...

    def roll(self, clip: TrueClip, actions: Sequence[int], *, seed: int = 0) -> np.ndarray:
        """Frames uint8 (len(actions), H, W, 3) that follow the clip's context."""
        ...


class ModelPlayer:
    """Plays a `WorldModel`, at whatever size a clip has.

    Args:
        model: what is measured.
    """

    def __init__(self, model: WorldModel) -> None:
        self.model = model
        self.buttons = dict(model.buttons)

    def read(self, clip: TrueClip) -> np.ndarray:
        """Latent actions, as the latent action model infers them."""
        return self.model.lam.infer_frames(clip.frames)

    def roll(self, clip: TrueClip, actions: Sequence[int], *, seed: int = 0) -> np.ndarray:
        """See `Player.roll`."""
        model = self.model.sized(clip.frames.shape[1:3])
        state = model.begin(clip.context)
        frames = []
        for index, action in enumerate(actions):
            frame, state = model.advance(state, int(action), seed * 1009 + index)
            frames.append(frame)
        return np.stack(frames)


class SimulatorPlayer:
    """The perfect player: it is the simulator that made the clips.

    Args:
        names: of the buttons; actions are their numbers.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.buttons = {name: index for index, name in enumerate(names)}

    def read(self, clip: TrueClip) -> np.ndarray:
        """The true buttons."""
        return clip.buttons

    def roll(self, clip: TrueClip, actions: Sequence[int], *, seed: int = 0) -> np.ndarray:
        """See `Player.roll`."""
        assert clip.simulator is not None, "a video has no simulator"
        world = clip.simulator.clone()
        return np.stack([world.step(int(action)) for action in actions])
