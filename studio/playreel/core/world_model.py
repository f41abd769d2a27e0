"""World model: the next frame from the frames before it and an action.

Three networks in turn: the motion model moves the pixels of the present frame, the transformer says what
comes into view, the painter draws that and what was uncovered. What comes into view gets its grain from
what was seen (`quilting`); what only moved stays as sharp as it was.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from playreel.core.action_reader import ActionReader
from playreel.core.frames import to_frames, to_video
from playreel.core.motion import MotionModel
from playreel.core.painter import BACKWARD, FORWARD, Painter, bare_tokens, compose, moved_page
from playreel.core.quilting import quilt
from playreel.core.sampler import Memory, SamplerOptions, fill_frame, join_memory
from playreel.core.tokenizer import VideoTokenizer
from playreel.core.transformer import Conditions, SpacetimeTransformer
from playreel.errors import InputError

FAR = 8  # frames back: the session's first frame counts as this far, however long ago it was


@dataclass(frozen=True)
class PlayState:
    """Where a session stands. Never changed in place, so that rewinding and forking cost nothing.

    Attributes:
        frames: uint8 (2, H, W, 3), the frame before and the present one.
        memory: keys and values for the transformer of three frames: the session's first, so that
            what things look like is not forgotten, and those two.
        first: uint8 (H, W, 3), the session's first frame.
    """

    frames: np.ndarray
    memory: tuple[Memory, ...]
    first: np.ndarray


class WorldModel:
    """Shared weights of any number of sessions.

    Args:
        tokenizer: tells the transformer what it sees.
        lam: reads actions out of frames.
        motion: moves pixels.
        dynamics: says what is new.
        painter: draws what is new and what changes its shape.
        buttons: name of a button to its latent action.
        weights_hash: of all the parts together.
        size: (height, width) of its frames.
        fps: frames per second.
        redraw: whether what does not simply move is drawn anew. Where drawing was learned too shortly to be
            better than copying, it is not.
    """

    def __init__(
        self,
        *,
        tokenizer: VideoTokenizer,
        lam: ActionReader,
        motion: MotionModel,
        dynamics: SpacetimeTransformer,
        painter: Painter,
        buttons: Mapping[str, int],
        weights_hash: str,
        size: tuple[int, int] = (72, 128),
        fps: int = 12,
        redraw: bool = True,
    ) -> None:
        self.tokenizer, self.lam, self.motion = tokenizer, lam, motion
        self.dynamics, self.painter = dynamics, painter
        self.buttons = dict(buttons)
        self.weights_hash = weights_hash
        self.size, self.fps, self.redraw = size, fps, redraw
        self.options = SamplerOptions(num_steps=1, temperature=0.4)

    @property
    def num_actions(self) -> int:
        """How many latent actions there are."""
        return self.lam.config.num_actions

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.dynamics.parameters()).device

    def sized(self, size: tuple[int, int]) -> WorldModel:
        """The same weights for frames of another (height, width)."""
        if size == self.size:
            return self
        other = copy.copy(self)
        other.size = size
        return other

    @torch.inference_mode()
    def begin(self, frames: np.ndarray) -> PlayState:
        """Start from one frame or several, the present one last.

        Args:
            frames: uint8 (k, H, W, 3) of the model's size.

        Raises:
            InputError: no frames, or of another size.
        """
        if frames.ndim != 4 or not len(frames) or frames.shape[1:] != (*self.size, 3):
            raise InputError(
                f"A world starts from frames of {self.size[1]}x{self.size[0]} pixels, uint8 (k, H, W, 3); "
                f"got {frames.dtype} {frames.shape}. Fit the picture first (playreel.media.fit_frame)."
            )
        pair = np.stack([frames[max(len(frames) - 2, 0)], frames[-1]])
        pair.setflags(write=False)
        memory = tuple(self.remember(frame) for frame in (frames[0], *pair))
        return PlayState(pair, memory, frames[0])

    @torch.inference_mode()
    def advance(self, state: PlayState, action: int, seed: int) -> tuple[np.ndarray, PlayState]:
        """The next frame and the state after it; the same arguments always give the same bits.

        Args:
            state: where the session stands.
            action: latent action.
            seed: decides what is met on the way.

        Raises:
            InputError: no such latent action.
        """
        if not 0 <= action < self.num_actions:
            raise InputError(
                f"There is no latent action {action!r}; they run from 0 to {self.num_actions - 1}."
            )
        frame = self.predict(
            state.frames[0],
            state.frames[1],
            action,
            memory=join_memory(list(state.memory)),
            distance=[FAR, 2, 1],
            seed=seed,
            seen=[state.first],
        )
        pair = np.stack([state.frames[1], frame])
        pair.setflags(write=False)
        anchor, _, last = state.memory
        memory = (anchor, last, self.remember(frame))
        return frame, PlayState(pair, memory, state.first)

    def predict(
        self,
        before: np.ndarray,
        now: np.ndarray,
        action: int,
        *,
        memory: Memory | None,
        distance: list[int],
        seed: int,
        backward: bool = False,
        said: Tensor | None = None,
        options: SamplerOptions | None = None,
        seen: Sequence[np.ndarray] = (),
    ) -> np.ndarray:
        """One frame on from `now`, or one back.

        Args:
            before: uint8 (H, W, 3), the frame before `now`; with `backward` the one after it.
            now: uint8 (H, W, 3).
            action: latent action.
            memory: clean frames for the transformer to look at.
            distance: how many frames back each of them lies; negative lies ahead.
            seed: the only source of randomness.
            backward: the frame that came before instead.
            said: (1, S, text_width), the frame's prompt as the text encoder gives it; None for none.
            options: how what is new is drawn.
            seen: uint8 (H, W, 3), other frames of the same world, whose grain what is new may have.
        """
        video = to_video(np.stack([before, now]), self.device)[0]
        code = torch.tensor([action], device=self.device)
        page = moved_page(self.motion, video[:1], video[1:], code, backward=backward)
        if not self.redraw:
            return to_frames(page.picture)[0]
        unknown = bare_tokens(page)
        if bool(unknown.any()):
            codes = fill_frame(
                self.dynamics,
                self.tokenizer.encode_coarse(page.picture[None])[0, 0],
                unknown[0],
                Conditions(text=None if said is None else said[:, None]),
                options=options or self.options,
                generator=torch.Generator(self.device).manual_seed(seed % 2**63),
                memory=memory,
                distance=torch.tensor([distance], device=self.device),
            )
            page = page.roughed_in(self.tokenizer.decode_coarse(codes[None, None])[0], unknown)
        painted, keep = self.painter(page, said, BACKWARD if backward else FORWARD)
        picture = compose(page.picture, painted, keep)
        if bool(unknown.any()):
            others = [to_video(frame[None], self.device)[0] for frame in seen]
            picture = quilt(picture, page.trust == 0, unknown, [video[1:], *others])
        return to_frames(picture)[0]

    @torch.inference_mode()
    def remember(self, frame: np.ndarray) -> Memory:
        """Keys and values of a frame, uint8 (H, W, 3)."""
        codes = self.tokenizer.encode_coarse(to_video(frame[None], self.device))
        return self.dynamics.remember(codes)
