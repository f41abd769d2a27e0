"""Procedural episodes in memory: rendered once, used for several windows, then replaced."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import TrainingError

if TYPE_CHECKING:
    from playreel.footage import Episode

SCHOOLS = ("narrow", "world", "film", "arm")
HELD_OUT_MODULUS = 10


class EpisodePool:
    """A bounded pool with the face of `VideoFolder`, fed by the procedural school.

    New episodes are rendered as windows are drawn, so that each frame is used about `reuse` times
    and the pool never stops changing. The training loop draws windows in worker processes, which
    puts the rendering in the background; each worker has a pool of its own.

    Args:
        school: "narrow", "world", "film" or "arm".
        aspect: "16:9", "9:16" or "1:1"; all windows have it.
        num_frames: Length of an episode.
        memory_mb: Most memory for episodes.
        reuse: How often a frame is used on average before it is replaced.

    Attributes:
        size: (height, width) of all frames.
    """

    fps = 12.0

    def __init__(
        self,
        school: str = "world",
        *,
        aspect: str = "16:9",
        num_frames: int = 96,
        memory_mb: int = 192,
        reuse: float = 4.0,
    ) -> None:
        from playreel.media.fit import size_of

        if school not in SCHOOLS:
            raise TrainingError(f"Unknown school {school!r}; use one of {', '.join(SCHOOLS)}.")
        self.school, self.aspect, self.num_frames, self.reuse = school, aspect, num_frames, reuse
        self.size = size_of(aspect)
        bytes_each = num_frames * self.size[0] * self.size[1] * 3
        self.capacity = max(2, memory_mb * 2**20 // bytes_each)
        self._episodes: deque[Episode] = deque(maxlen=self.capacity)
        self._owed = 0.0

    def __len__(self) -> int:
        return len(self._episodes)

    def sample_window(
        self, rng: np.random.Generator, num_frames: int, *, split: str = "train"
    ) -> np.ndarray:
        """A random window: uint8 (T, H, W, 3), a copy."""
        episode, first = self.sample_episode(rng, num_frames, split=split)
        return episode.frames[first : first + num_frames].copy()

    def sample_episode(
        self, rng: np.random.Generator, num_frames: int, *, split: str = "train"
    ) -> tuple[Episode, int]:
        """A random episode, for its captions and sketches, and the window's first frame.

        Its buttons are for evaluation only. Held-out episodes are rendered anew and never pooled.

        Raises:
            TrainingError: The window is longer than an episode.
        """
        if num_frames > self.num_frames:
            raise TrainingError(
                f"A window of {num_frames} frames was asked of episodes of {self.num_frames}."
            )
        if split == "held-out":
            episode = self.render(rng, held_out=True)
        else:
            self._refresh(rng, num_frames)
            episode = self._episodes[int(rng.integers(len(self._episodes)))]
        return episode, int(rng.integers(self.num_frames - num_frames + 1))

    def clips(self, split: str = "held-out", *, count: int = 8, seed: int = 0) -> list[np.ndarray]:
        """`count` fresh episodes of a split, each uint8 (T, H, W, 3)."""
        rng = np.random.default_rng(seed)
        return [self.render(rng, held_out=split == "held-out").frames for _ in range(count)]

    def render(self, rng: np.random.Generator, *, held_out: bool = False) -> Episode:
        """A new episode; seeds that are multiples of ten are held out."""
        from dataclasses import replace

        from playreel.footage import render_episode, sample_spec

        if self.school == "arm":
            from playreel.footage.arm import render_arm_episode

            tens = HELD_OUT_MODULUS * int(rng.integers(10**8))
            seed = tens if held_out else tens + int(rng.integers(1, HELD_OUT_MODULUS))
            return render_arm_episode(seed, self.num_frames, aspect=self.aspect)
        spec = replace(sample_spec(rng, self.school, held_out=held_out), aspect=self.aspect)
        return render_episode(spec, self.num_frames)

    def _refresh(self, rng: np.random.Generator, num_frames: int) -> None:
        """Pays for a window of `num_frames`: one new episode for each `reuse` used up."""
        self._owed += num_frames / (self.reuse * self.num_frames)
        while self._owed > 0 or len(self._episodes) < 2:
            self._episodes.append(self.render(rng))
            self._owed -= 1
