"""Windows of procedural footage for batches, drawn afresh from a seed every time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from playreel.footage import Episode, EpisodeSpec, render_episode, sample_spec
from playreel.footage.spec import FRAME_SIZES, HELD_OUT_MODULUS

ASPECT_SHARES = {"16:9": 0.6, "9:16": 0.25, "1:1": 0.15}


def _training_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 10**8)) * HELD_OUT_MODULUS + int(rng.integers(1, HELD_OUT_MODULUS))


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """Shares of each school in a batch; `arm` is the robot arm.

    Attributes:
        schools: name of a school to its share; shares need not sum to one.
        aspects: aspect ratio to its share; all windows of a batch have one aspect.
    """

    schools: dict[str, float] = field(default_factory=lambda: {"film": 1.0})
    aspects: dict[str, float] = field(default_factory=lambda: dict(ASPECT_SHARES))

    def draw_aspect(self, rng: np.random.Generator) -> str:
        """An aspect ratio for one batch."""
        shares = np.array(list(self.aspects.values()), float)
        return str(rng.choice(list(self.aspects), p=shares / shares.sum()))

    def draw_episode(self, rng: np.random.Generator, aspect: str, num_frames: int) -> Episode:
        """An episode never seen in evaluation, in the given aspect."""
        shares = np.array(list(self.schools.values()), float)
        school = str(rng.choice(list(self.schools), p=shares / shares.sum()))
        if school == "arm":
            from playreel.footage.arm import render_arm_episode

            return render_arm_episode(_training_seed(rng), num_frames, aspect=aspect)
        spec = sample_spec(rng, school)
        if spec.aspect != aspect:
            fields = {name: getattr(spec, name) for name in spec.__dataclass_fields__}
            spec = EpisodeSpec(**{**fields, "aspect": aspect})
        return render_episode(spec, num_frames)

    def windows(
        self, rng: np.random.Generator, *, num_episodes: int, per_episode: int, length: int
    ) -> np.ndarray:
        """uint8 (num_episodes * per_episode, length, H, W, 3), a few windows from each episode."""
        aspect = self.draw_aspect(rng)
        height, width = FRAME_SIZES[aspect]
        out = np.empty((num_episodes, per_episode, length, height, width, 3), np.uint8)
        num_frames = length + 4 * (per_episode - 1)
        for index in range(num_episodes):
            frames = self.draw_episode(rng, aspect, num_frames).frames
            for part in range(per_episode):
                out[index, part] = frames[4 * part : 4 * part + length]
        return out.reshape(-1, length, height, width, 3)


ARM = Curriculum(schools={"arm": 1.0})
