"""World model: the next frame from the frames before it and an action.

Three networks in turn: the motion model moves the pixels of the present frame, the transformer says what
comes into view, the painter draws that and what was uncovered. What comes into view gets its grain from
what was seen (`quilting`); what only moved stays as sharp as it was.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from playreel.core.action_reader import ActionReader
from playreel.core.frames import to_frames, to_video
from playreel.core.motion import MotionModel
from playreel.core.painter import (
    BACKWARD,
    FORWARD,
    Page,
    Painter,
    bare_tokens,
    compose,
    moved_page,
    pixels_of,
)
from playreel.core.panorama import begun_anew
from playreel.core.quilting import quilt
from playreel.core.sampler import Memory, SamplerOptions, fill_frame
from playreel.core.stage import Stage, acted, carried, returned, scroll, scrolled, with_things
from playreel.core.things import ThingModel
from playreel.core.tokenizer import VideoTokenizer
from playreel.core.transformer import Conditions, SpacetimeTransformer
from playreel.errors import InputError

FAR = 8  # frames back: the session's first frame counts as this far, however long ago it was
Camera = Literal["tracking", "pan", "static"]


@dataclass(frozen=True)
class PlayState:
    """Where a session stands. Never changed in place, so that rewinding and forking cost nothing.

    Attributes:
        frames: uint8 (2, H, W, 3), the frame before and the present one.
        memory: keys and values for the transformer of the session's first frame, so that what things look
            like is not forgotten.
        stage: the present frame, its things apart from its scenery.
    """

    frames: np.ndarray
    memory: Memory
    stage: Stage


class WorldModel:
    """Shared weights of any number of sessions.

    Args:
        tokenizer: tells the transformer what it sees.
        lam: reads actions out of frames.
        motion: moves pixels.
        dynamics: says what is new.
        painter: draws what is new and what changes its shape.
        things: finds what moves by itself and draws its poses; without it, everything is scenery.
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
        things: ThingModel | None = None,
        buttons: Mapping[str, int],
        weights_hash: str,
        size: tuple[int, int] = (72, 128),
        fps: int = 12,
        redraw: bool = True,
    ) -> None:
        self.tokenizer, self.lam, self.motion = tokenizer, lam, motion
        self.dynamics, self.painter, self.things = dynamics, painter, things
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
        before, now = to_video(pair, self.device)[0].split(1)
        stage = Stage.of(now)
        if self.things is not None:
            code = torch.tensor([self.buttons.get("stay", 0)], device=self.device)
            field = self.motion(before, now, code)
            stage = with_things(stage, self.things.find(field.features), now)
            whole = to_video(to_frames(stage.backdrop), self.device)[0]
            stage = replace(stage, backdrop=whole, source=whole)
        return PlayState(pair, self.remember(frames[0]), stage)

    @torch.inference_mode()
    def advance(
        self,
        state: PlayState,
        action: int,
        seed: int,
        *,
        backward: bool = False,
        camera: Camera = "tracking",
        said: Tensor | None = None,
        options: SamplerOptions | None = None,
    ) -> tuple[np.ndarray, PlayState]:
        """The next frame and the state after it; the same arguments always give the same bits.

        Args:
            state: where the session stands.
            action: latent action.
            seed: decides what is met on the way.
            backward: time runs backward, from frames given in that order: the frame that came before.
            camera: "tracking" goes along with the action, as the world was learned; by "pan" the action is
                the camera's alone: things do as they would by "stay", and are left behind; by "static" the
                things act, and the scenery does as it would by "stay".
            said: (1, S, text_width), the frame's prompt as the text encoder gives it; None for none.
            options: how what is new is drawn.

        Raises:
            InputError: no such latent action.
        """
        if not 0 <= action < self.num_actions:
            raise InputError(
                f"There is no latent action {action!r}; they run from 0 to {self.num_actions - 1}."
            )
        page, stage = self._moved(state, action, backward, camera)
        unknown = bare_tokens(page, at_border=self.things is not None) & self.redraw
        if bool(unknown.any()):
            codes = fill_frame(
                self.dynamics,
                self.tokenizer.encode_coarse(page.picture[None])[0, 0],
                unknown[0],
                Conditions(text=None if said is None else said[:, None]),
                options=options or self.options,
                generator=torch.Generator(self.device).manual_seed(seed % 2**63),
                memory=state.memory,
                distance=torch.tensor([[-FAR if backward else FAR]], device=self.device),
            )
            page = page.roughed_in(self.tokenizer.decode_coarse(codes[None, None])[0], unknown)
        if self.redraw and (self.things is None or bool(unknown.any())):
            task = BACKWARD if backward else FORWARD
            stage = self._drawn(page, stage, unknown, said, task, action)
        stage = returned(stage, state.stage)
        # In whole colours, so that a state is the same after it was kept as bytes.
        stage = replace(stage, backdrop=to_video(to_frames(stage.backdrop), self.device)[0])
        frame = to_frames(stage.seen())[0]
        pair = np.stack([state.frames[1], frame])
        pair.setflags(write=False)
        return frame, PlayState(pair, state.memory, stage)

    def _moved(
        self, state: PlayState, action: int, backward: bool, camera: Camera
    ) -> tuple[Page, Stage]:
        """The present frame moved: what is known of the next one, as a page and on a stage."""
        before, now = to_video(state.frames, self.device)[0].split(1)
        shown = acts = torch.tensor([action], device=self.device)
        stage = moved = state.stage
        if self.painter.config.remembers:  # learned from pages moved pixel by pixel
            page = moved_page(self.motion, before, now, shown, backward=backward)
            return replace(page, first=stage.source), replace(stage, backdrop=page.picture)
        if camera != "tracking" and self.things is not None and "stay" in self.buttons:
            still = torch.tensor([self.buttons["stay"]], device=self.device)
            shown, acts = (shown, still) if camera == "pan" else (still, acts)
        field = theirs = self.motion(before, now, shown, backward=backward)
        if acts is not shown:
            theirs = self.motion(before, now, acts, backward=backward)
        if self.things is not None:
            codes = acts + self.num_actions if backward else acts
            moved = acted(self.things, stage, theirs, now, codes)
        stage, trust = scrolled(stage, field)
        if acts is not shown:
            followed, _ = scrolled(state.stage, theirs)
            way = scroll(stage, state.stage) - scroll(followed, state.stage)
            moved = carried(moved, way)
        stage = replace(stage, things=moved.things, away=moved.away)
        trust = torch.where(stage.hidden(), 1.0, trust)
        return Page(picture=stage.seen(), trust=trust, now=now, before=before), stage

    def _drawn(
        self,
        page: Page,
        stage: Stage,
        unknown: Tensor,
        said: Tensor | None,
        task: int,
        action: int,
    ) -> Stage:
        """The stage with what the page lacks drawn, and where it is new scenery, in the grain of the old."""
        code = torch.tensor([action], device=self.device)
        painted, keep = self.painter(page, said, task, code)
        scenery = compose(page.picture, painted, keep)
        if self.things is not None:  # what is painted over and over, frame after frame, runs away
            scenery = torch.where(pixels_of(unknown), scenery, page.picture)
        bare, origin = page.trust == 0, stage.origin.long()
        if bool(unknown.any()):
            scenery, bare, origin = begun_anew(scenery, bare, origin, stage.source)
            if bool(bare.any()):
                scenery = quilt(scenery, bare, unknown, [stage.source])
        scenery = torch.where(stage.hidden(), stage.backdrop, scenery)
        return replace(stage, backdrop=scenery, origin=origin.short())

    @torch.inference_mode()
    def remember(self, frame: np.ndarray) -> Memory:
        """Keys and values of a frame, uint8 (H, W, 3)."""
        codes = self.tokenizer.encode_coarse(to_video(frame[None], self.device))
        return self.dynamics.remember(codes)
