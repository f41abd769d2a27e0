"""Episodes of platformer footage: frames with exact captions, sketches and hidden buttons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from playreel.footage.camera import Camera, crop
from playreel.footage.captions import Caption, caption
from playreel.footage.platformer import PlatformerWorld
from playreel.footage.policy import HeldButtonsPolicy
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import BUTTONS, EpisodeSpec
from playreel.footage.sprites import HERO_HEIGHT, HERO_WIDTH


@dataclass
class Episode:
    """A rendered stretch of play.

    Attributes:
        spec: what it shows.
        frames: uint8 (T, H, W, 3) at 12 a second.
        buttons: int8 (T - 1,); `buttons[t]` leads from frame t to frame t + 1. Hidden from training.
        events: (frame index, name) of what happens: jumps, coins, cuts.
        camera_x: int (T,), the camera's left edge in level pixels.
        feet: int (T,), the hero's height in pixels.
    """

    spec: EpisodeSpec
    frames: np.ndarray
    buttons: np.ndarray
    events: list[tuple[int, str]]
    camera_x: np.ndarray
    feet: np.ndarray

    def captions(
        self, lang: str, rng: np.random.Generator, *, named: Iterable[str] = ()
    ) -> Caption:
        """A caption in English (`en`) or Chinese (`zh`), worded anew each time.

        Attributes of `spec` in `named` are not left out.
        """
        return caption(
            self.spec, rng, lang, events=self.events, num_frames=len(self.frames), named=named
        )

    def sketches(self) -> np.ndarray:
        """A line drawing of every frame: uint8 (T, H, W), ink 255 on 0."""
        return line_sketch(self.frames)


def _shot_plan(spec: EpisodeSpec, num_frames: int) -> list[tuple[int, int, str]]:
    """(first frame, number of frames, shot size) of each shot."""
    plan, at = [], 0
    for length, size in spec.shots or ((num_frames, "wide"),):
        length = min(length, num_frames - at)
        if length > 0:
            plan.append((at, length, size))
            at += length
    if at < num_frames:
        plan.append((at, num_frames - at, plan[0][2]))
    return plan


def render_episode(spec: EpisodeSpec, num_frames: int, *, dry: bool = False) -> Episode:
    """Play a spec with a purposeful policy and draw it.

    Args:
        spec: what to show; the same spec always gives the same frames.
        num_frames: length, 1 or more.
        dry: leave out the drops and flakes that fall, and nothing else.
    """
    rng = np.random.default_rng((spec.seed, 2))
    world = PlatformerWorld(spec, dry=dry)
    follows = spec.camera in ("tracking", "zoom in", "zoom out")
    policy = HeldButtonsPolicy(rng, stay_within=None if follows else spec.size[1] // 3)
    for _ in range(int(rng.integers(0, 40))):  # start anywhere, in mid-air too
        world.advance(policy(world))
    policy = HeldButtonsPolicy(rng, stay_within=None if follows else spec.size[1] // 3)
    height, width = spec.size
    frames = np.empty((num_frames, height, width, 3), np.uint8)
    buttons = np.zeros(max(num_frames - 1, 0), np.int8)
    cameras, feet = np.zeros(num_frames, int), np.zeros(num_frames, int)
    events: list[tuple[int, str]] = []
    for shot, (first, length, size) in enumerate(_shot_plan(spec, num_frames)):
        camera = Camera(spec.camera, size, length, world.tracking_x, rng)
        if shot:
            events.append((first, f"cut to {size}"))
        for index in range(first, first + length):
            if index:
                buttons[index - 1] = policy(world)
                world.advance(int(buttons[index - 1]))
                events += [(index, name) for name in world.state.events]
                if index == 1 or buttons[index - 1] != buttons[index - 2]:
                    events.append((index, BUTTONS[buttons[index - 1]]))
            left, lift, zoom = camera.place(index - first, world.tracking_x)
            world.camera_x = left
            center = (
                height - world.state.feet - HERO_HEIGHT // 2,
                world.state.x - left + HERO_WIDTH // 2,
            )
            frames[index] = crop(world.render(), center, zoom, lift)
            cameras[index], feet[index] = left, world.state.feet
    return Episode(spec, frames, buttons, events, cameras, feet)
