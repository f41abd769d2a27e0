"""Film model: frames from words, sketches and the frames around them.

Shape legend: T frames, H x W pixels, h = H/8, w = W/8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playreel.core.agreement import agreement
from playreel.core.critic import StillCritic
from playreel.core.frames import to_frames, to_video
from playreel.core.layout import LayoutAsk, LayoutModel, draw_layouts, shrunk
from playreel.core.restyler import Restyler, faded
from playreel.core.sampler import SamplerOptions
from playreel.core.still_painter import StillPainter, paint_layouts
from playreel.core.text import TextEncoder
from playreel.core.tokenizer import PATCH, VideoTokenizer
from playreel.core.transformer import SpacetimeTransformer
from playreel.core.watch import show
from playreel.core.world_model import Camera, WorldModel

BY_LINES = 0.6, 0.75  # temperatures of layout and pixels: lines leave less to chance
ROUND, PAINTINGS = 8, 2  # layouts drawn at a time, and how often each is painted
SURE = 0.9  # odds of everything asked for, at which no more stills are drawn
LINES_WEIGHT = 6.0  # of `agreement`, beside odds: else a large red blot is a red fox
PLAIN_WEIGHT = (
    0.003  # of how well a still goes with all the words, where what sets them apart decides nothing
)

Progress = Callable[[int, int], None]  # (frames done, frames in all); may raise to stop
Contrasts = Sequence[Sequence[str]]


class FilmModel:
    """Makes frames one after another, each seeing its finished neighbours.

    Args:
        world: moves what is there already.
        text: reads prompts.
        layout: lays out stills.
        stills: paints them.
        restyler: paints frames anew in another look.
        critic: chooses between stills; without it, the first is taken.
    """

    def __init__(
        self,
        world: WorldModel,
        text: TextEncoder,
        layout: LayoutModel,
        stills: StillPainter,
        restyler: Restyler,
        critic: StillCritic | None = None,
    ) -> None:
        self.world, self.text, self.layout, self.stills = world, text, layout, stills
        self.restyler, self.critic = restyler, critic

    @property
    def tokenizer(self) -> VideoTokenizer:
        """Turns frames into tokens and back."""
        return self.world.tokenizer

    @property
    def transformer(self) -> SpacetimeTransformer:
        """Says what unknown tokens are."""
        return self.world.dynamics

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
        contrasts: Contrasts = (),
        over: str = "",
        seed: int = 0,
    ) -> np.ndarray:
        """A still, uint8 (H, W, 3): laid out at a quarter of its size, then painted.

        The critic chooses: several are drawn, until one surely shows all that is asked for. With a sketch
        fewer are, and how far their edges run along its lines counts, too.

        Args:
            text: prompt, "" for none.
            size: (height, width), multiples of 8.
            sketch: uint8 (H, W), ink 255 on 0.
            around: uint8 (H, W, 3), a picture that is drawn anew where ``region`` is true.
            region: bool (H, W); None is all of it.
            options: how.
            contrasts: for each thing to choose by, a word for what is to be seen, then for what else may be.
            over: a text in whose look it is painted over at last; "" leaves it.
            seed: the only source of randomness.
        """
        options = options or SamplerOptions(num_steps=2, temperature=1.0, guidance_scale=2.0)
        device = self.world.device
        generator = torch.Generator(device).manual_seed(seed % 2**63)
        said = self._said(text)
        lines = None if sketch is None else self._lines(sketch[None])
        coarse, fine = (1.0, 1.0) if lines is None else BY_LINES
        known, picture = None, None
        if around is not None and region is not None:
            picture = to_video(around[None], device)[0]
            known = ~torch.from_numpy(region).to(device)[None, None]
        ask = LayoutAsk(
            said=said,
            lines=lines,
            given=None if picture is None else shrunk(picture),
            is_given=None if known is None else -F.max_pool2d(-known.float(), PATCH) > 0,
        )

        def laid_out(count: int) -> Tensor:
            return draw_layouts(
                self.layout,
                ask,
                count=count,
                size=size,
                guidance_scale=options.guidance_scale,
                temperature=options.temperature * coarse,
                generator=generator,
            )

        def painted(layouts: Tensor, num_steps: int) -> Tensor:
            stills = paint_layouts(
                self.stills,
                layouts,
                said,
                lines=lines,
                picture=picture,
                known=known,
                num_steps=num_steps,
                temperature=options.temperature * fine,
                generator=generator,
            )
            return self._repainted(stills, [over] * len(stills)) if over else stills

        most = options.num_candidates if lines is None else min(ROUND, options.num_candidates)

        def tries() -> Iterator[tuple[Tensor, Tensor]]:
            for drawn in range(0, most, ROUND):
                layouts = laid_out(min(ROUND, most - drawn))
                for _ in range(PAINTINGS if lines is None else 1):
                    yield layouts, painted(layouts, 2)  # what colour a hero has shows only then

        if self.critic is None or most == 1:
            return to_frames(painted(laid_out(1), options.num_steps))[0]
        layout, still = self._chosen(tries(), over or text, contrasts, lines)
        if options.num_steps == 1:  # of the same layout, so that a draft shows what will come
            still = painted(layout, 1)
        return to_frames(still)[0]

    def _chosen(
        self,
        tries: Iterator[tuple[Tensor, Tensor]],
        text: str,
        contrasts: Contrasts,
        lines: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """The layout and the still (1, 3, H, W) that show most, of the tries up to the first that is sure."""
        most, taken = 0.0, None
        for layouts, stills in tries:
            shown, least = self._judged(stills, text, contrasts)
            if lines is not None:
                shown = shown + LINES_WEIGHT * agreement(stills, lines)
            best = int(shown.argmax())
            if taken is None or float(shown[best]) > most:
                most, taken = float(shown[best]), (layouts[best, None], stills[best, None])
                if float(least[best]) >= SURE:
                    break
        assert taken is not None, "at least one is tried"
        return taken

    def _repainted(
        self, pictures: Tensor, texts: Sequence[str], lines: Tensor | None = None
    ) -> Tensor:
        """Pictures (B, 3, H, W), each in the look that its text asks for."""
        said = {text: self._said(text) for text in dict.fromkeys(texts)}
        silence = self.restyler.silence[None]
        told = torch.cat([silence if said[text] is None else said[text] for text in texts])
        return self.restyler(pictures, told, lines).likeliest()

    def _judged(self, pictures: Tensor, text: str, contrasts: Contrasts) -> tuple[Tensor, Tensor]:
        """How much of what a text asks for pictures (B, 3, H, W) show, and the odds of what they show least.

        Returns:
            (B,) and (B,), the latter 1 where there are no contrasts to ask about.
        """
        assert self.critic is not None, "several are painted only where a critic chooses"
        texts = [text, *(word for words in contrasts for word in words)]
        both = torch.cat([pictures, pictures.flip(-1)])  # mirrored, a scene shows the same
        said = self.text(texts) if contrasts else self._said(text)
        logits = self.critic(both, said).unflatten(0, (2, -1)).mean(0)
        own, *groups = logits.split([1, *map(len, contrasts)], dim=1)
        odds = torch.stack(
            [torch.ones_like(own[:, 0]), *(group.softmax(1)[:, 0] for group in groups)]
        )
        return PLAIN_WEIGHT * own[:, 0] + odds.sum(0), odds.amin(0)

    @torch.inference_mode()
    def restyle(
        self,
        frames: np.ndarray,
        texts: Sequence[str],
        *,
        lines: np.ndarray | None = None,
        keep_relief: float = 0.0,
    ) -> np.ndarray:
        """Frames in the look that the words ask for, uint8 (T, H, W, 3), all at once.

        Every frame is painted from itself by the same rule, so nothing flickers that did not.

        Args:
            frames: uint8 (T, H, W, 3).
            texts: a prompt per frame.
            lines: uint8 (T, H, W), ink 255 on 0; shapes to hold on to.
            keep_relief: share of what sets the brightness of an old pixel apart from those around it, which
                is kept where it is painted the same way, but fainter.
        """
        picture = to_video(np.ascontiguousarray(frames), self.world.device)[0]
        painted = self._repainted(picture, texts, None if lines is None else self._lines(lines))
        if keep_relief:
            painted = painted + faded(painted, picture, keep_relief)
        return to_frames(painted.clamp(-1, 1))

    @torch.inference_mode()
    def roll(
        self,
        frames: np.ndarray,
        actions: Sequence[int],
        *,
        texts: Sequence[str] | None = None,
        cameras: Sequence[Camera] | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        backward: bool = False,
        callback: Progress | None = None,
    ) -> np.ndarray:
        """Go on from a clip by actions, or back from its start.

        Args:
            frames: uint8 (k, H, W, 3); its last two (backward: its first two) frames are looked at.
            actions: the latent action of each frame to be made, in the order of making.
            texts: a prompt for each, in the same order; they say what comes into view.
            cameras: how the camera goes with each, in the same order; by default it tracks.
            seed: decides what is met on the way.
            temperature: of what is new, 1 being the world's own.
            backward: make the frames before the clip instead.
            callback: told of frames done.

        Returns:
            uint8 (len(actions), H, W, 3) in the order of time.
        """
        world = self.world.sized(frames.shape[1:3])
        ends = frames[:2][::-1] if backward else frames[-2:]
        first = ends[0] if len(frames) < 3 else frames[-1 if backward else 0]
        state = world.begin(np.stack([first, ends[0], ends[-1]]))
        options = replace(world.options, temperature=world.options.temperature * temperature)
        words = texts if texts is not None else [""] * len(actions)
        said = {text: self._said(text) for text in dict.fromkeys(words)}
        made: list[np.ndarray] = []
        for index, action in enumerate(actions):
            frame, state = world.advance(
                state,
                action,
                seed * 1009 + index,
                backward=backward,
                camera="tracking" if cameras is None else cameras[index],
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
