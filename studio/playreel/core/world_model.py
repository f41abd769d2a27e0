"""World model: the next frame from the frames before it and an action.

Three networks in turn: the motion model moves the pixels of the present frame, the transformer says what
appears where nothing moved to, the tokenizer draws it. What only moved stays as sharp as it was.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.action_reader import ActionReader
from playreel.core.frames import to_frames, to_video
from playreel.core.motion import MotionModel, splat
from playreel.core.sampler import Memory, SamplerOptions, fill_frame, join_memory
from playreel.core.tokenizer import PATCH, VideoTokenizer
from playreel.core.transformer import Conditions, SpacetimeTransformer
from playreel.errors import InputError

NEW_THRESHOLD = 0.5  # a pixel likelier new than moved is drawn anew
FAR = 8  # frames back: the session's first frame counts as this far, however long ago it was
MIN_CERTAINTY = -6.0  # nats over a token's coarse digits
MIN_NEW_PIXELS = 3  # of a token's 64, before it is drawn anew


@dataclass(frozen=True)
class PlayState:
    """Where a session stands. Never changed in place, so that rewinding and forking cost nothing.

    Attributes:
        frames: uint8 (2, H, W, 3), the frame before and the present one.
        memory: keys and values for the transformer of three frames: the session's first, so that
            what things look like is not forgotten, and those two.
    """

    frames: np.ndarray
    memory: tuple[Memory, ...]


class WorldModel:
    """Shared weights of any number of sessions.

    Args:
        tokenizer: draws what is new.
        lam: reads actions out of frames.
        motion: moves pixels.
        dynamics: says what is new.
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
        buttons: Mapping[str, int],
        weights_hash: str,
        size: tuple[int, int] = (72, 128),
        fps: int = 12,
        redraw: bool = True,
    ) -> None:
        self.tokenizer, self.lam, self.motion, self.dynamics = tokenizer, lam, motion, dynamics
        self.buttons = dict(buttons)
        self.weights_hash = weights_hash
        self.size, self.fps, self.redraw = size, fps, redraw
        self.options = SamplerOptions(num_steps=2, temperature=0.6)

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
        return PlayState(pair, memory)

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
        )
        pair = np.stack([state.frames[1], frame])
        pair.setflags(write=False)
        anchor, _, last = state.memory
        return frame, PlayState(pair, (anchor, last, self.remember(frame)))

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
    ) -> np.ndarray:
        """One frame on from `now` (or one back, with the frame after it given as `before`)."""
        device = self.device
        video = to_video(np.stack([before, now]), device)[0]
        code = torch.tensor([action], device=device)
        field = self.motion(video[:1], video[1:], code, backward=backward)
        picture, new, covered = splat(video[1:], field)
        if not self.redraw:
            return to_frames(picture)[0]
        anew = new[0] > NEW_THRESHOLD  # (H, W)
        unknown = _tokens(anew) >= MIN_NEW_PIXELS
        if not bool(unknown.any()):
            return to_frames(picture)[0]
        drawn, sure = self._draw(
            picture, unknown, None if backward else code, memory, distance, seed
        )
        # A sprite may only change its pose into something that the transformer is sure of; else it keeps
        # the pose it has, moved. What lies uncovered has to be drawn in any case.
        open_ = unknown & (_tokens(~covered[0]) >= MIN_NEW_PIXELS)
        replace = unknown & (sure > MIN_CERTAINTY)
        near = F.max_pool2d(anew.float()[None, None], 3, 1, 1)[0, 0] > 0
        bare = F.max_pool2d((~covered).float()[:, None], 3, 1, 1)[0, 0] > 0
        take = (_pixels(replace) & near) | (_pixels(open_) & bare)
        return to_frames(torch.where(take, drawn, picture[0])[None])[0]

    def _draw(
        self,
        picture: Tensor,
        unknown: Tensor,
        code: Tensor | None,
        memory: Memory | None,
        distance: list[int],
        seed: int,
    ) -> tuple[Tensor, Tensor]:
        """The picture (3, H, W) drawn with its unknown tokens filled, and how sure (h, w) of each, nats."""
        codes, sure = fill_frame(
            self.dynamics,
            self.tokenizer.encode(picture[None])[0, 0],
            unknown,
            Conditions(actions=None if code is None else code[None]),
            options=self.options,
            generator=torch.Generator(self.device).manual_seed(seed % 2**63),
            memory=memory,
            distance=torch.tensor([distance], device=self.device),
            return_certainty=True,
        )
        return self.tokenizer.decode(codes[None, None])[0, 0], sure

    @torch.inference_mode()
    def remember(self, frame: np.ndarray) -> Memory:
        """Keys and values of a frame, uint8 (H, W, 3)."""
        codes = self.tokenizer.encode(to_video(frame[None], self.device))
        return self.dynamics.remember(codes)


def _tokens(pixels: Tensor) -> Tensor:
    """How many pixels of each token (h, w) are set in (H, W)."""
    return F.avg_pool2d(pixels.float()[None, None], PATCH)[0, 0] * PATCH**2


def _pixels(tokens: Tensor) -> Tensor:
    """(h, w) -> (H, W)."""
    return tokens.repeat_interleave(PATCH, 0).repeat_interleave(PATCH, 1)
