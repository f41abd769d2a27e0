"""Film model: frames from words, sketches and the frames around them.

Shape legend: T frames, H x W pixels, h = H/8, w = W/8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames, to_video
from playreel.core.fsq import NUM_COARSE
from playreel.core.painter import RESTYLE, STILL, Page, Painter
from playreel.core.sampler import SamplerOptions, fill_frame
from playreel.core.text import TextEncoder
from playreel.core.tokenizer import PATCH, VideoTokenizer
from playreel.core.transformer import Conditions, SpacetimeTransformer
from playreel.core.watch import show
from playreel.core.world_model import WorldModel

REDRAWN = 0.45  # share of a still's tokens drawn again in each correction
NUM_CORRECTIONS = 3

Progress = Callable[[int, int], None]  # (frames done, frames in all); may raise to stop


class FilmModel:
    """Makes frames one after another, each seeing its finished neighbours.

    Args:
        world: moves what is there already.
        text: reads prompts.
    """

    def __init__(self, world: WorldModel, text: TextEncoder) -> None:
        self.world, self.text = world, text

    @property
    def tokenizer(self) -> VideoTokenizer:
        """Turns frames into tokens and back."""
        return self.world.tokenizer

    @property
    def transformer(self) -> SpacetimeTransformer:
        """Says what unknown tokens are."""
        return self.world.dynamics

    @property
    def painter(self) -> Painter:
        """Renders."""
        return self.world.painter

    @property
    def weights_hash(self) -> str:
        """Of all the parts together."""
        return self.world.weights_hash

    @torch.inference_mode()
    def draw(
        self,
        text: str,
        *,
        size: tuple[int, int],
        sketch: np.ndarray | None = None,
        around: np.ndarray | None = None,
        region: np.ndarray | None = None,
        options: SamplerOptions | None = None,
        seed: int = 0,
    ) -> np.ndarray:
        """A still, uint8 (H, W, 3): the transformer lays it out token by token, the painter renders it.

        Args:
            text: prompt, "" for none.
            size: (height, width), multiples of 8.
            sketch: uint8 (H, W), ink 255 on 0.
            around: uint8 (H, W, 3), a picture that is drawn anew where ``region`` is true.
            region: bool (H, W); None is all of it.
            options: how.
            seed: the only source of randomness.
        """
        rows, columns = size[0] // PATCH, size[1] // PATCH
        device = self.world.device
        generator = torch.Generator(device).manual_seed(seed % 2**63)
        lines = None if sketch is None else self._lines(sketch[None])
        said = self._said(text)
        conditions = Conditions(
            text=None if said is None else said[:, None],
            sketch=lines,
            sketch_known=None if lines is None else lines.new_ones(1, 1, dtype=torch.bool),
        )
        codes = torch.zeros(rows, columns, NUM_COARSE, dtype=torch.long, device=device)
        free = torch.ones(rows, columns, dtype=torch.bool, device=device)
        if around is not None and region is not None:
            codes = self.tokenizer.encode_coarse(to_video(around[None], device))[0, 0]
            marked = torch.from_numpy(region).to(device)
            free = marked.view(rows, PATCH, columns, PATCH).any(3).any(1)
        unknown = free
        for round_options in _rounds(options or SamplerOptions(guidance_scale=2.0)):
            codes = fill_frame(
                self.transformer,
                codes,
                unknown,
                conditions,
                options=round_options,
                generator=generator,
            )
            # Tokens drawn early knew little of what was to stand beside them: draw some again.
            again = torch.rand(rows, columns, generator=generator, device=device) < REDRAWN
            unknown = free & again
        page = Page(
            picture=torch.zeros(1, 3, *size, device=device),
            lines=lines,
            lines_known=torch.tensor([lines is not None], device=device),
        ).roughed_in(
            self.tokenizer.decode_coarse(codes[None, None])[0],
            torch.ones(1, rows, columns, dtype=torch.bool, device=device),
        )
        return to_frames(self.painter(page, said, STILL)[0].clamp(-1, 1))[0]

    @torch.inference_mode()
    def restyle(
        self,
        frames: np.ndarray,
        texts: Sequence[str],
        *,
        lines: np.ndarray | None = None,
    ) -> np.ndarray:
        """Frames in the look that the words ask for, uint8 (T, H, W, 3), all at once.

        Every frame is painted from itself by the same rule, so nothing flickers that did not.

        Args:
            frames: uint8 (T, H, W, 3).
            texts: a prompt per frame.
            lines: uint8 (T, H, W), ink 255 on 0; shapes to hold on to.
        """
        picture = to_video(np.ascontiguousarray(frames), self.world.device)[0]
        page = Page(
            picture=picture,
            lines=None if lines is None else self._lines(lines),
            lines_known=torch.full((len(picture),), lines is not None, device=picture.device),
        )
        said = {text: self._said(text) for text in dict.fromkeys(texts)}
        silence = self.painter.silence[None]
        told = torch.cat([silence if said[text] is None else said[text] for text in texts])
        painted, _ = self.painter(page, told, RESTYLE)
        return to_frames(painted.clamp(-1, 1))

    @torch.inference_mode()
    def roll(
        self,
        frames: np.ndarray,
        actions: Sequence[int],
        *,
        texts: Sequence[str] | None = None,
        seed: int = 0,
        temperature: float | None = None,
        backward: bool = False,
        callback: Progress | None = None,
    ) -> np.ndarray:
        """Go on from a clip by actions, or back from its start.

        Args:
            frames: uint8 (k, H, W, 3); its last two (backward: its first two) frames are looked at.
            actions: the latent action of each frame to be made, in the order of making.
            texts: a prompt for each, in the same order; they say what comes into view.
            seed: decides what is met on the way.
            temperature: of what is new; None is the world's own.
            backward: make the frames before the clip instead.
            callback: told of frames done.

        Returns:
            uint8 (len(actions), H, W, 3) in the order of time.
        """
        world = self.world.sized(frames.shape[1:3])
        ends = frames[:2][::-1] if backward else frames[-2:]
        first = ends[0] if len(frames) < 3 else frames[-1 if backward else 0]
        state = world.begin(np.stack([first, ends[0], ends[-1]]))
        options = world.options
        if temperature is not None:
            options = replace(options, temperature=temperature)
        words = texts if texts is not None else [""] * len(actions)
        said = {text: self._said(text) for text in dict.fromkeys(words)}
        made: list[np.ndarray] = []
        for index, action in enumerate(actions):
            frame, state = world.advance(
                state,
                action,
                seed * 1009 + index,
                backward=backward,
                said=said[words[index]],
                options=options,
            )
            made.append(frame)
            show(frame)
            if callback is not None:
                callback(index + 1, len(actions))
        if not made:
            return np.zeros((0, *frames.shape[1:]), np.uint8)
        return np.stack(made[::-1] if backward else made)

    def _said(self, text: str) -> Tensor | None:
        """(1, S, width), None for no words."""
        return self.text([text]) if text.strip() else None

    def _lines(self, ink: np.ndarray) -> Tensor:
        """uint8 (B, H, W) -> (B, 1, H, W) in [0, 1]."""
        lines = torch.from_numpy(ink.astype(np.float32) / 255).to(self.world.device)
        return lines[:, None]


def _rounds(options: SamplerOptions) -> list[SamplerOptions]:
    """The first filling with all its steps, then cooler corrections with a few each."""
    again = replace(
        options, num_steps=max(1, options.num_steps // 4), temperature=options.temperature * 0.6
    )
    return [options] + [again] * NUM_CORRECTIONS
