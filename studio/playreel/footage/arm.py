"""A two-joint robot arm on a table that pushes blocks: a world unlike the platformer.

The hidden true buttons turn one joint by a fixed angle at once; nothing keeps moving by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from playreel.errors import UnknownActionError
from playreel.footage.arm_backdrop import paint_backdrop
from playreel.footage.arm_body import (
    ARM_BUTTONS,
    STAY,
    closest_on_segment,
    joints,
    sample_body,
)
from playreel.footage.arm_captions import arm_caption
from playreel.footage.arm_look import ArmLook, sample_look
from playreel.footage.arm_policy import ReachAndPush
from playreel.footage.arm_sprites import ArmPainter, BlockPainter, on_picture
from playreel.footage.captions import Caption
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import HELD_OUT_MODULUS

__all__ = ["ARM_BUTTONS", "ArmEpisode", "ArmWorld", "render_arm_episode", "sample_arm_seed"]

PUSHED = 0.75  # pixels a block must slide in one press to count as pushed


def sample_arm_seed(rng: np.random.Generator, *, held_out: bool = False) -> int:
    """A seed for training; with `held_out`, one of those kept for evaluation (divisible by 10)."""
    base = int(rng.integers(0, 200_000_000)) * HELD_OUT_MODULUS
    return base if held_out else base + int(rng.integers(1, HELD_OUT_MODULUS))


class ArmWorld:
    """The true simulator, with the same face as the platformer's.

    Attributes:
        look: What it looks like.
        body: Joints and blocks.
        events: Names of what the last press did, for example "push red right".
    """

    def __init__(self, seed: int, aspect: str = "16:9") -> None:
        self.look = sample_look(seed, aspect)
        self._backdrop = paint_backdrop(self.look)
        self._arm = ArmPainter(self.look)
        self._blocks = [BlockPainter(self.look, kind, color) for kind, color in self.look.blocks]
        self.reset()

    def reset(self) -> np.ndarray:
        """Puts everything where the seed has it; returns the frame, uint8 [height, width, 3]."""
        rng = np.random.default_rng((self.look.seed, 33))
        self.body = sample_body(self.look.stage, len(self.look.blocks), rng)
        self.events: list[str] = []
        return self.render()

    def step(self, button: int) -> np.ndarray:
        """Presses a button for one frame.

        Args:
            button: Index into ARM_BUTTONS. At a joint's limit, or against blocks that cannot give
                way, nothing moves.

        Raises:
            UnknownActionError: There is no such button.
        """
        self.advance(button)
        return self.render()

    def advance(self, button: int) -> None:
        """Presses a button without drawing."""
        if not 0 <= button < len(ARM_BUTTONS):
            known = ", ".join(f"{index} {name}" for index, name in enumerate(ARM_BUTTONS))
            raise UnknownActionError(f"The arm has no button {button!r}; use one of: {known}.")
        before = list(self.body.blocks)
        self.body.press(int(button))
        self.events = []
        for (_, color), old, new in zip(self.look.blocks, before, self.body.blocks, strict=True):
            across, near = new[0] - old[0], new[1] - old[1]
            if across * across + near * near >= PUSHED**2:
                if abs(across) >= abs(near):
                    way = "left" if across < 0 else "right"
                else:
                    way = "away" if near < 0 else "closer"
                self.events.append(f"push {color} {way}")

    def clone(self) -> ArmWorld:
        """A copy that can be played on by itself; the painted parts are shared."""
        twin = object.__new__(ArmWorld)
        twin.__dict__.update(self.__dict__)
        twin.body = self.body.copy()
        twin.events = list(self.events)
        return twin

    def render(self, out: np.ndarray | None = None) -> np.ndarray:
        """Draws the frame, into `out` if given."""
        frame = self._backdrop.copy() if out is None else out
        if out is not None:
            np.copyto(frame, self._backdrop)
        stage = self.look.stage
        shadow, arm = self._arm.cut_outs(self.body.pose)
        elbow, tip = joints(stage, *self.body.pose.degrees())
        order = sorted(range(len(self._blocks)), key=lambda index: self.body.blocks[index][1])
        in_front = []
        shadow.lay(frame)
        for index in order:
            block = self.body.blocks[index]
            links = (((0.0, 0.0), elbow), (elbow, tip))
            nearest = [closest_on_segment(block, *link) for link in links]
            contact = min(nearest, key=lambda p: (p[0] - block[0]) ** 2 + (p[1] - block[1]) ** 2)
            if contact[1] < block[1]:
                in_front.append(index)
            else:
                self._blocks[index].lay(frame, *on_picture(stage, block))
        arm.lay(frame)
        for index in in_front:
            self._blocks[index].lay(frame, *on_picture(stage, self.body.blocks[index]))
        return frame


@dataclass
class ArmEpisode:
    """A rendered stretch of play with the arm.

    Attributes:
        look: What it shows.
        frames: uint8 (T, H, W, 3) at 12 a second.
        buttons: int8 (T - 1,); `buttons[t]` leads from frame t to t + 1. Hidden from training.
        events: (frame, name): button changes and pushes.
    """

    look: ArmLook
    frames: np.ndarray
    buttons: np.ndarray
    events: list[tuple[int, str]] = field(default_factory=list)

    def captions(self, lang: str, rng: np.random.Generator) -> Caption:
        """A caption in English (`en`) or Chinese (`zh`), worded anew each time."""
        return arm_caption(self.look, rng, lang, events=self.events, num_frames=len(self.frames))

    def sketches(self) -> np.ndarray:
        """A line drawing of every frame: uint8 (T, H, W), ink 255 on 0."""
        return line_sketch(self.frames)


def render_arm_episode(seed: int, num_frames: int, aspect: str = "16:9") -> ArmEpisode:
    """Plays the arm with a purposeful policy and draws it.

    Args:
        seed: Same seed, same episode. Seeds divisible by 10 are for evaluation only.
        num_frames: Length, 1 or more.
        aspect: "16:9", "9:16" or "1:1".
    """
    world = ArmWorld(seed, aspect)
    rng = np.random.default_rng((seed, 34))
    policy = ReachAndPush(rng, aspect)
    for _ in range(int(rng.integers(0, 48))):  # start anywhere in the middle of things
        world.advance(policy(world.body))
    stage = world.look.stage
    frames = np.empty((num_frames, stage.height, stage.width, 3), np.uint8)
    buttons = np.full(max(num_frames - 1, 0), STAY, np.int8)
    events: list[tuple[int, str]] = []
    world.render(out=frames[0])
    for index in range(1, num_frames):
        buttons[index - 1] = button = policy(world.body)
        world.advance(button)
        if index == 1 or button != buttons[index - 2]:
            events.append((index, ARM_BUTTONS[button]))
        events += [(index, name) for name in world.events]
        world.render(out=frames[index])
    return ArmEpisode(world.look, frames, buttons, events)
