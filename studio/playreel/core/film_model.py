"""Film model: frames from words, sketches and the frames around them.

Shape legend: T frames, H x W pixels, h = H/8, w = W/8, D digits a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from playreel.core.frames import to_frames, to_video
from playreel.core.painter import Painter, token_colours
from playreel.core.sampler import Memory, SamplerOptions, fill_frame, join_memory
from playreel.core.text import TextEncoder
from playreel.core.tokenizer import PATCH, VideoTokenizer
from playreel.core.transformer import Conditions, SpacetimeTransformer
from playreel.core.watch import show
from playreel.core.world_model import FAR, WorldModel

REDRAWN = 0.45  # share of a still's tokens drawn again in each correction
NUM_CORRECTIONS = 3

Progress = Callable[[int, int], None]  # (frames done, frames in all); may raise to stop


class FilmModel:
    """Makes frames one after another, each seeing its finished neighbours.

    Args:
        world: moves what is there already.
        text: reads prompts.
        painter: renders stills and restyled frames; without it they are the tokenizer's.
        max_frames: frames a call of `fill` takes at most.
    """

    def __init__(
        self,
        world: WorldModel,
        text: TextEncoder,
        *,
        painter: Painter | None = None,
        max_frames: int = 16,
    ) -> None:
        self.world, self.text, self.painter, self.max_frames = world, text, painter, max_frames

    @property
    def tokenizer(self) -> VideoTokenizer:
        """Turns frames into tokens and back."""
        return self.world.tokenizer

    @property
    def transformer(self) -> SpacetimeTransformer:
        """Fills unknown tokens."""
        return self.world.dynamics

    @property
    def weights_hash(self) -> str:
        """Of all the parts together."""
        return self.world.weights_hash

    # --- tokens ---

    @torch.inference_mode()
    def fill(
        self,
        codes: np.ndarray,
        known: np.ndarray,
        texts: list[str],
        *,
        sketches: np.ndarray | None = None,
        sketch_known: np.ndarray | None = None,
        num_steps: int = 12,
        temperature: float = 0.8,
        guidance_scale: float = 2.0,
        seed: int = 0,
        callback: Progress | None = None,
    ) -> np.ndarray:
        """Fill the unknown tokens of up to `max_frames` frames.

        Frames next to finished ones come first, so that what they show spreads from frame to frame.

        Args:
            codes: uint8 (T, h, w, D); anything where unknown.
            known: bool (T, h, w); known tokens are returned untouched.
            texts: a prompt per frame, "" for none.
            sketches: uint8 (T, H, W), ink 255 on 0.
            sketch_known: bool (T,), the frames that have a sketch.
            num_steps: passes per frame.
            temperature: of the digits; 0 takes the likeliest.
            guidance_scale: how far the text is followed; 1 is no guidance.
            seed: the only source of randomness.
            callback: told of frames done.
        """
        device = self.world.device
        out = torch.from_numpy(np.ascontiguousarray(codes)).long().to(device)
        unknown = torch.from_numpy(~known).to(device)
        todo = [index for index in range(len(codes)) if bool(unknown[index].any())]
        done = set(range(len(codes))) - set(todo)
        total = len(todo)
        options = SamplerOptions(
            num_steps=num_steps, temperature=temperature, guidance_scale=guidance_scale
        )
        memories: dict[int, Memory] = {}
        while todo:
            index = min(todo, key=lambda i: (min((abs(i - d) for d in done), default=i), i))
            near = sorted(done, key=lambda d: abs(d - index))[:2]
            near = [d for d in near if abs(d - index) <= self.transformer.config.reach]
            for d in near:
                if d not in memories:
                    memories[d] = self.transformer.remember(out[None, d : d + 1])
            ink = None
            if sketches is not None and sketch_known is not None and sketch_known[index]:
                ink = sketches[index]
            out[index] = fill_frame(
                self.transformer,
                out[index],
                unknown[index],
                self._conditions(texts[index], ink),
                options=options,
                generator=torch.Generator(device).manual_seed((seed * 1009 + index) % 2**63),
                memory=join_memory([memories[d] for d in near]),
                distance=torch.tensor([[index - d for d in near]], device=device),
            )
            todo.remove(index)
            done.add(index)
            if callback is not None:
                callback(total - len(todo), total)
        return out.to(torch.uint8).cpu().numpy()

    def _conditions(self, text: str, ink: np.ndarray | None) -> Conditions:
        device = self.world.device
        sketch = known = None
        if ink is not None:
            sketch = torch.from_numpy(ink.astype(np.float32) / 255).to(device)[None, None]
            known = torch.ones(1, 1, dtype=torch.bool, device=device)
        return Conditions(
            text=self.text([text])[:, None] if text.strip() else None,
            sketch=sketch,
            sketch_known=known,
        )

    # --- frames ---

    @torch.inference_mode()
    def draw(
        self,
        text: str,
        *,
        size: tuple[int, int],
        sketch: np.ndarray | None = None,
        options: SamplerOptions | None = None,
        seed: int = 0,
    ) -> np.ndarray:
        """A still, uint8 (H, W, 3).

        Args:
            text: prompt, "" for none.
            size: (height, width), multiples of 8.
            sketch: uint8 (H, W), ink 255 on 0.
            options: how.
            seed: the only source of randomness.
        """
        rows, columns = size[0] // PATCH, size[1] // PATCH
        digits = len(self.tokenizer.config.levels)
        device = self.world.device
        options = options or SamplerOptions(guidance_scale=2.0)
        generator = torch.Generator(device).manual_seed(seed % 2**63)
        conditions = self._conditions(text, sketch)
        codes = torch.zeros(rows, columns, digits, dtype=torch.long, device=device)
        unknown = torch.ones(rows, columns, dtype=torch.bool, device=device)
        for round_options in _rounds(options):
            codes = fill_frame(
                self.transformer,
                codes,
                unknown,
                conditions,
                options=round_options,
                generator=generator,
            )
            # Tokens drawn early knew little of what was to stand beside them: draw some again.
            unknown = torch.rand(rows, columns, generator=generator, device=device) < REDRAWN
        picture = self.tokenizer.decode(codes[None, None])[0]
        if self.painter is None:
            return to_frames(picture)[0]
        lines = np.zeros(size, np.uint8) if sketch is None else sketch
        return self._paint([text], lines[None], sketch is not None, token_colours(picture), True)[0]

    @torch.inference_mode()
    def repaint(
        self,
        frames: np.ndarray,
        texts: list[str],
        *,
        lines: np.ndarray | None,
        keep_colours: bool,
        batch_size: int = 16,
    ) -> np.ndarray | None:
        """A clip painted anew after its own lines, or None where there is no painter.

        Every frame is painted from its own lines by the same rule, so nothing flickers that did not.

        Args:
            frames: uint8 (T, H, W, 3).
            texts: a prompt per frame.
            lines: uint8 (T, H, W), ink 255 on 0; None paints from colours and words alone.
            keep_colours: tell the painter the frames' colours, token by token.
            batch_size: frames at a time.
        """
        if self.painter is None:
            return None
        parts = []
        for start in range(0, len(frames), batch_size):
            part = slice(start, start + batch_size)
            video = to_video(frames[part], self.world.device)[0]
            ink = np.zeros(frames[part].shape[:3], np.uint8) if lines is None else lines[part]
            colours = token_colours(video)
            parts.append(self._paint(texts[part], ink, lines is not None, colours, keep_colours))
        return np.concatenate(parts)

    def _paint(
        self,
        texts: list[str],
        lines: np.ndarray,
        lines_known: bool,
        colours: torch.Tensor,
        colours_known: bool,
    ) -> np.ndarray:
        """uint8 (B, H, W, 3)."""
        device, count = self.world.device, len(texts)
        painted = self.painter(
            texts,
            torch.from_numpy(lines.astype(np.float32) / 255).to(device),
            torch.full((count,), lines_known, device=device),
            colours,
            torch.full((count,), colours_known, device=device),
        )
        return to_frames(painted.clamp(-1, 1))

    @torch.inference_mode()
    def roll(
        self,
        frames: np.ndarray,
        actions: list[int],
        *,
        seed: int = 0,
        backward: bool = False,
        callback: Progress | None = None,
    ) -> np.ndarray:
        """Go on from a clip by actions, or back from its start.

        Args:
            frames: uint8 (k, H, W, 3); its last two (backward: its first two) frames are looked at.
            actions: the latent action of each frame to be made, in the order of making.
            seed: decides what is met on the way.
            backward: make the frames before the clip instead.
            callback: told of frames done.

        Returns:
            uint8 (len(actions), H, W, 3) in the order of time.
        """
        world = self.world
        ends = frames[:2][::-1] if backward else frames[-2:]
        pair = [ends[0], ends[-1]]
        sign = -1 if backward else 1
        made: list[np.ndarray] = []
        anchor = world.remember(ends[0] if len(frames) < 3 else frames[-1 if backward else 0])
        memory = [world.remember(frame) for frame in pair]
        for index, action in enumerate(actions):
            frame = world.predict(
                pair[0],
                pair[1],
                action,
                memory=join_memory([anchor, *memory]),
                distance=[FAR * sign, 2 * sign, sign],
                seed=seed * 1009 + index,
                backward=backward,
            )
            made.append(frame)
            show(frame)
            pair = [pair[1], frame]
            memory = [memory[1], world.remember(frame)]
            if callback is not None:
                callback(index + 1, len(actions))
        if not made:
            return np.zeros((0, *frames.shape[1:]), np.uint8)
        return np.stack(made[::-1] if backward else made)


def _rounds(options: SamplerOptions) -> list[SamplerOptions]:
    """The first filling with all its steps, then cooler corrections with a few each."""
    again = replace(
        options, num_steps=max(1, options.num_steps // 4), temperature=options.temperature * 0.6
    )
    return [options] + [again] * NUM_CORRECTIONS
