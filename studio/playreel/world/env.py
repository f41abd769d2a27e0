"""A Gymnasium environment around a world: a learned model with the face of a simulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import numpy as np

from playreel.errors import InputError
from playreel.world.prompt import context_frames
from playreel.world.world import World

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel

ENV_ID = "playreel/World-v0"
Reward = Callable[[np.ndarray, str, np.ndarray], float]


class WorldEnv(gymnasium.Env[np.ndarray, np.int64]):
    """Observations are frames, actions are the world's buttons.

    A world knows no goals: the reward is 0 unless a function gives one, and an episode ends only
    by ``max_steps``. ``reset(seed=)`` draws the world's seed; ``reset(options={"frames": ...})``
    starts from another picture. The world itself is `world`, with everything it can do.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 12}

    def __init__(
        self,
        model: WorldModel,
        frames: np.ndarray,
        *,
        max_steps: int = 1000,
        reward: Reward | None = None,
        latent: bool = False,
        render_mode: str | None = None,
    ) -> None:
        """Wraps a model and a picture to start from.

        Args:
            model: the weights; environments may share them.
            frames: uint8 [height, width, 3] or [k, height, width, 3] of a size it plays.
            max_steps: after so many steps an episode is truncated.
            reward: gets (frame before, button, frame after) and returns a number.
            latent: actions are all raw latent codes instead of the named buttons.
            render_mode: ``"rgb_array"`` or None.

        Raises:
            InputError: frames that do not fit, or another render mode.
        """
        if render_mode not in (None, "rgb_array"):
            raise InputError(f"render_mode must be None or 'rgb_array', not {render_mode!r}.")
        if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
            raise InputError(f"max_steps must be a whole number from 1 up, not {max_steps!r}.")
        self.render_mode = render_mode
        self._prompt = context_frames(model, frames)
        self.model = model.sized(self._prompt.shape[1:3])
        self._max_steps = max_steps
        self._reward = reward
        self.world = World(self.model, self._prompt)
        self.action_names = self.world.action_set.latent_names if latent else self.world.actions
        self.action_space = gymnasium.spaces.Discrete(len(self.action_names))
        self.observation_space = gymnasium.spaces.Box(0, 255, (*self.model.size, 3), np.uint8)
        self._frame = self.world.frame

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts a new world.

        Args:
            seed: fixes this and, as Gymnasium has it, all episodes to come.
            options: ``{"frames": array}`` starts from another picture of the model's size.

        Returns:
            The first frame, uint8 [height, width, 3], and ``{"actions": names, "seed": seed}``.
        """
        super().reset(seed=seed)
        prompt = (options or {}).get("frames")
        if prompt is not None:
            prompt = context_frames(self.model, prompt)
            if prompt.shape[1:3] != self.model.size:
                raise InputError(
                    f"This environment shows {self.model.size[1]}x{self.model.size[0]} pixels; the "
                    f"frames have {prompt.shape[2]}x{prompt.shape[1]}. Make another environment."
                )
        world_seed = int(self.np_random.integers(2**63))
        self.world = World(self.model, self._prompt if prompt is None else prompt, seed=world_seed)
        self._frame = self.world.frame
        return self._frame.copy(), {"actions": self.action_names, "seed": world_seed}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Presses button number ``action`` of `action_names`.

        Returns:
            Frame uint8 [height, width, 3], reward, terminated (never), truncated, and
            ``{"action": name}``.

        Raises:
            InputError: no such number.
        """
        if not self.action_space.contains(action):
            raise InputError(
                f"Actions are whole numbers from 0 to {len(self.action_names) - 1} "
                f"({', '.join(self.action_names)}), not {action!r}."
            )
        name = self.action_names[int(action)]
        before, self._frame = self._frame, self.world.step(name)
        reward = 0.0 if self._reward is None else float(self._reward(before, name, self._frame))
        truncated = self.world.cursor >= self._max_steps
        return self._frame.copy(), reward, False, truncated, {"action": name}

    def render(self) -> np.ndarray | None:
        """The frame on show, uint8 [height, width, 3], with ``render_mode="rgb_array"``."""
        return self._frame.copy() if self.render_mode == "rgb_array" else None


def make_bundled(prompt: np.ndarray, *, bundle: str = "bundled", **options: Any) -> WorldEnv:
    """The entry point behind ``gymnasium.make("playreel/World-v0", prompt=...)``.

    Args:
        prompt: a path, a PIL image or an array; fitted to the model's size.
        bundle: name or path of a bundle of weights.
        **options: as for `WorldEnv`.
    """
    from playreel.core import load_bundle
    from playreel.world.prompt import frames_from_image

    model = load_bundle(bundle).world
    return WorldEnv(model, frames_from_image(prompt, model.size), **options)


def register_env() -> str:
    """Makes ``playreel/World-v0`` known to Gymnasium, once, and returns that name."""
    if ENV_ID not in gymnasium.registry:
        gymnasium.register(ENV_ID, entry_point="playreel.world.env:make_bundled")
    return ENV_ID
