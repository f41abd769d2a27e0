"""Held-out footage, each clip with the true simulator beside it, to say what should have happened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from playreel.errors import InputError
from playreel.footage.arm import ARM_BUTTONS, ArmWorld, render_arm_episode, sample_arm_seed
from playreel.footage.arm_policy import ReachAndPush
from playreel.footage.platformer import PlatformerWorld
from playreel.footage.policy import HeldButtonsPolicy
from playreel.footage.school import render_episode
from playreel.footage.spec import BUTTONS, sample_spec

if TYPE_CHECKING:
    from playreel.training.videos import VideoFolder

CONTEXT = 4  # true frames that a rollout starts from
#: The buttons of a domain in their true order, and the schools that show it.
DOMAINS = {"platformer": BUTTONS, "arm": ARM_BUTTONS}
SCHOOLS = {"platformer": ("narrow", "world"), "arm": ("arm",)}
_MOST_WARM_UP = 40  # frames played before a clip begins


class Simulator(Protocol):
    """A true simulator, as far as evaluation uses it."""

    def step(self, button: int) -> np.ndarray:
        """Press a button for one frame; returns uint8 (H, W, 3)."""
        ...

    def clone(self) -> Simulator:
        """A simulator in the same state that plays on by itself."""
        ...


@dataclass(frozen=True, kw_only=True)
class TrueClip:
    """A stretch of true footage.

    Attributes:
        frames: uint8 (T, H, W, 3).
        buttons: int (T - 1,); `buttons[t]` leads from frame t to t + 1. Empty where nobody knows.
        simulator: the true simulator at frame `CONTEXT - 1`; None for videos.
        names: of the buttons.
    """

    frames: np.ndarray
    buttons: np.ndarray
    simulator: Simulator | None = None
    names: tuple[str, ...] = ()

    @property
    def context(self) -> np.ndarray:
        """The frames that a rollout is given, uint8 (CONTEXT, H, W, 3)."""
        return self.frames[:CONTEXT]

    @property
    def future(self) -> np.ndarray:
        """The true frames that follow them."""
        return self.frames[CONTEXT:]

    @property
    def future_buttons(self) -> np.ndarray:
        """The true buttons that lead to them."""
        return self.buttons[CONTEXT - 1 :]


def play_clip(
    school: str, rng: np.random.Generator, num_frames: int, *, held_out: bool = True
) -> TrueClip:
    """One clip of play.

    Args:
        school: "narrow", "world" or "arm".
        rng: draws what is shown and how it is played.
        num_frames: length, `CONTEXT` or more.
        held_out: from the seeds kept for evaluation, instead of those for training.
    """
    if num_frames < CONTEXT:
        raise ValueError(f"a clip has at least {CONTEXT} frames, not {num_frames}")
    simulator: PlatformerWorld | ArmWorld
    if school == "arm":
        simulator = ArmWorld(sample_arm_seed(rng, held_out=held_out))
        reach = ReachAndPush(rng, "16:9")
        choose: Callable[[], int] = lambda: reach(simulator.body)  # noqa: E731
    else:
        simulator = PlatformerWorld(sample_spec(rng, school, held_out=held_out))
        hold = HeldButtonsPolicy(rng)
        choose = lambda: hold(simulator)  # noqa: E731
    for _ in range(int(rng.integers(0, _MOST_WARM_UP))):
        simulator.advance(choose())
    frames, buttons = [simulator.render()], []
    for _ in range(CONTEXT - 1):
        buttons.append(choose())
        frames.append(simulator.step(buttons[-1]))
    start = simulator.clone()
    for _ in range(num_frames - CONTEXT):
        buttons.append(choose())
        frames.append(simulator.step(buttons[-1]))
    return TrueClip(
        frames=np.stack(frames),
        buttons=np.array(buttons, np.int64),
        simulator=start,
        names=tuple(simulator.buttons) if school != "arm" else ARM_BUTTONS,
    )


def play_clips(
    school: str, count: int, num_frames: int, *, seed: int, held_out: bool = True
) -> list[TrueClip]:
    """`count` clips; the same seed always gives the same ones."""
    return [
        play_clip(school, np.random.default_rng((seed, index)), num_frames, held_out=held_out)
        for index in range(count)
    ]


def still_frames(school: str, count: int, *, seed: int) -> Iterator[np.ndarray]:
    """Held-out frames for the tokenizer, a few of each of `count` episodes: uint8 (3, H, W, 3)."""
    for index in range(count):
        rng = np.random.default_rng((seed, 1, index))
        if school == "arm":
            episode = render_arm_episode(sample_arm_seed(rng, held_out=True), 15)
        else:
            episode = render_episode(sample_spec(rng, school, held_out=True), 15)
        yield episode.frames[::7]


def folder_clips(
    folder: VideoFolder,
    count: int,
    num_frames: int,
    *,
    seed: int,
    trained: Collection[str] = (),
) -> list[TrueClip]:
    """Held-out windows of a user's videos; of all of them where too little was held out.

    Of videos of which none was trained on, everything is held out.

    Args:
        folder: the videos.
        count: how many windows.
        num_frames: length of each; shorter where no shot is that long.
        seed: draws the windows.
        trained: fingerprints of the videos that the weights were trained on; empty where nobody knows.

    Raises:
        InputError: no shot is long enough to start from and see one frame more.
    """
    longest = {
        split: max((len(clip) for clip in folder.clips(split)), default=0)
        for split in ("held-out", "all")
    }
    split = "held-out" if longest["held-out"] >= min(num_frames, longest["all"]) else "all"
    if trained and not set(trained) & set(folder.fingerprints):
        split = "all"
    length = min(num_frames, longest[split])
    if length <= CONTEXT:
        raise InputError(
            f"No shot in {folder.path} has more than {CONTEXT} frames; the longest has "
            f"{longest['all']}. Give longer videos to measure on."
        )
    rng = np.random.default_rng((seed, 2))
    none = np.zeros(0, np.int64)
    return [
        TrueClip(frames=folder.sample_window(rng, length, split=split), buttons=none)
        for _ in range(count)
    ]
