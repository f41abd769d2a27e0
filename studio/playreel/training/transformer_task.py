"""Training of the transformer: stills from words and sketches, and what appears anew in a moving frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.fsq import NUM_COARSE
from playreel.core.sampler import SamplerOptions, fill_frame
from playreel.core.text import TextEncoder
from playreel.core.tokenizer import VideoTokenizer
from playreel.core.transformer import (
    Conditions,
    SpacetimeTransformer,
    SpacetimeTransformerConfig,
)
from playreel.core.world_model import FAR
from playreel.training.schooling import Curriculum

STILLS = Curriculum(schools={"narrow": 0.15, "world": 0.35, "film": 0.5})
MOVING = Curriculum(schools={"narrow": 0.25, "world": 0.5, "film": 0.15, "arm": 0.1})
SPAN = 10
FOUR = [0, 7, 8, 9]  # of a window: one long ago, two lately, and the next
# What is filled, from which of the four, how many frames back those lie, and how often that is asked.
TASKS = ((3, (0, 1, 2), (FAR, 2, 1)), (1, (2, 3), (-1, -2)), (2, (1, 3), (1, -1)))
TASK_SHARES = (0.7, 0.15, 0.15)
PROMPTS = (
    "a red fox in a meadow by day, pixel art",
    "neon city at night in the rain",
    "水墨画风格的雪山，蓝色的忍者",
    "blueprint of a volcano, dusk",
)


@dataclass(frozen=True, kw_only=True)
class TransformerTaskConfig:
    """What a step is made of.

    Attributes:
        stills: share of steps that learn stills; the others learn to fill moving frames.
        num_stills: frames of a step on stills.
        num_windows: windows of 4 frames of a step on moving frames.
        text_dropout: share of captions of stills left out, for guidance.
        moving_text: share of moving frames that come with their caption.
        sketch_share: share of stills that are given a sketch.
    """

    stills: float = 0.6
    num_stills: int = 24
    num_windows: int = 12
    text_dropout: float = 0.15
    moving_text: float = 0.5
    sketch_share: float = 0.4


class TransformerTask:
    """Says what unknown tokens are.

    Args:
        tokenizer: trained, frozen.
        text: trained, frozen.
        config: what a step is made of.
        stills: procedural stills.
        moving: procedural footage.
        source: anything with `sample_window(rng, length)` to learn from instead of procedural footage.
        start: weights to go on from.
    """

    name = "transformer"
    lr = 1.5e-3
    ema_decay = 0.998
    weight_decay = 0.03

    def __init__(
        self,
        tokenizer: VideoTokenizer,
        text: TextEncoder,
        *,
        config: TransformerTaskConfig | None = None,
        stills: Curriculum = STILLS,
        moving: Curriculum = MOVING,
        source: Any = None,
        start: SpacetimeTransformer | None = None,
    ) -> None:
        self.config = config or TransformerTaskConfig()
        self.stills, self.moving, self.source = stills, moving, source
        self.tokenizer = tokenizer
        levels = tokenizer.config.levels[:NUM_COARSE]
        self.transformer = start or SpacetimeTransformer(SpacetimeTransformerConfig(levels=levels))
        self.text = text
        self.modules = {"transformer": self.transformer}
        self.frozen = {"tokenizer": tokenizer, "text": text}

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The matrices inside the blocks."""
        return weight.ndim == 2 and ".blocks." in name

    # --- batches ---

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Frames uint8 (B, T, H, W, 3) and B texts; where T is 1, sketches as well."""
        rng = np.random.default_rng(rng_seed)
        count = self.config.num_windows
        if self.source is not None:
            windows = [self.source.sample_window(rng, SPAN) for _ in range(count)]
            return {"frames": np.stack(windows)[:, FOUR], "texts": [""] * count}
        if rng.random() < self.config.stills:
            return self._stills(rng)
        aspect = self.moving.draw_aspect(rng)
        frames, texts = [], []
        for _ in range(count // 2):
            episode = self.moving.draw_episode(rng, aspect, SPAN + 6)
            caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng)
            for first in (0, 6):
                frames.append(episode.frames[first : first + SPAN][FOUR])
                keep = rng.random() < self.config.moving_text
                texts.append(caption.text_at(first + SPAN - 1) if keep else "")
        return {"frames": np.stack(frames), "texts": texts}

    def _stills(self, rng: np.random.Generator) -> dict[str, Any]:
        aspect = self.stills.draw_aspect(rng)
        frames, sketches, texts = [], [], []
        for _ in range(self.config.num_stills // 2):
            episode = self.stills.draw_episode(rng, aspect, 8)
            picked = [int(rng.integers(0, 3)), int(rng.integers(4, 8))]
            sketches.append(episode.sketches()[picked])
            for index in picked:
                frames.append(episode.frames[index : index + 1])
                caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng)
                keep = rng.random() >= self.config.text_dropout
                texts.append(caption.text_at(index) if keep else "")
        return {
            "frames": np.stack(frames),
            "sketch": np.concatenate(sketches)[:, None],
            "texts": texts,
        }

    # --- loss ---

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per digit of unknown tokens."""
        video = batch["frames"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        with torch.no_grad():
            codes = self.tokenizer.encode_coarse(video)
        if video.shape[1] == 1:
            name, (hidden, unknown, truth) = "stills", self._still_pass(codes, batch)
        else:
            name, (hidden, unknown, truth) = "moving", self._moving_pass(codes, batch["texts"])
        known = unknown.flatten(2)
        log_probs = self.transformer.head.log_probs(hidden[known], truth.flatten(2, 3)[known])
        loss = -log_probs.mean()
        return loss, {name: loss.item()}

    def _texts(self, texts: list[str]) -> Tensor:
        """(B, 1, S, width); a text left out is the same nothing as no text at all."""
        with torch.no_grad():
            told = self.text(texts)[:, None].float()
        empty = torch.tensor([not text for text in texts], device=told.device)
        return torch.where(empty[:, None, None, None], self.transformer.silence, told)

    def _still_pass(self, codes: Tensor, batch: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        count, device = len(codes), codes.device
        unknown = _random_mask(codes.shape[:-1], device)
        conditions = Conditions(
            text=self._texts(batch["texts"]),
            sketch=batch["sketch"].float() / 255,
            sketch_known=torch.rand(count, 1, device=device) < self.config.sketch_share,
        )
        return self.transformer(codes, unknown, conditions), unknown, codes

    def _moving_pass(self, codes: Tensor, texts: list[str]) -> tuple[Tensor, Tensor, Tensor]:
        """The last frame from those before it, one from two after it, or one between two."""
        device = codes.device
        target, around, distance = TASKS[int(torch.multinomial(torch.tensor(TASK_SHARES), 1))]
        clean = codes[:, around]
        slip = torch.randint(-1, 2, clean.shape, device=device) * (
            torch.rand(clean.shape[:-1], device=device)[..., None] < 0.08
        )
        top = torch.tensor(self.transformer.config.levels, device=device) - 1
        memory = self.transformer.remember((clean + slip).clamp(min=0).minimum(top))
        truth = codes[:, target : target + 1]
        unknown = _hole_mask(truth.shape[:-1], device)
        hidden = self.transformer(
            truth,
            unknown,
            Conditions(text=self._texts(texts)),
            memory,
            torch.tensor([distance], device=device),
        )
        return hidden, unknown, truth

    # --- looking ---

    def sample(self, dir: Path, step: int) -> None:
        """Stills of a few prompts, as coarse as the transformer sees them."""
        device = next(self.transformer.parameters()).device
        options = SamplerOptions(num_steps=10, guidance_scale=2.0)
        rows = []
        for seed in range(2):
            row = []
            for prompt in PROMPTS:
                codes = fill_frame(
                    self.transformer,
                    torch.zeros(9, 16, NUM_COARSE, dtype=torch.long, device=device),
                    torch.ones(9, 16, dtype=torch.bool, device=device),
                    Conditions(text=self.text([prompt])[:, None]),
                    options=options,
                    generator=torch.Generator(device).manual_seed(seed),
                )
                row.append(to_frames(self.tokenizer.decode_coarse(codes[None, None])[0])[0])
            rows.append(np.concatenate(row, 1))
        Image.fromarray(np.concatenate(rows).repeat(3, 0).repeat(3, 1)).save(dir / "stills.png")

    def export(self, dir: Path) -> None:
        """`dir/transformer`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.transformer, dir / "transformer")


def _random_mask(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Unknown tokens (B, T, h, w) at a rate drawn by MaskGIT's cosine, often nearly all."""
    rate = torch.cos(torch.rand(shape[0], 1, 1, 1, device=device) * math.pi / 2)
    mask = torch.rand(shape, device=device) < rate
    mask[..., 0, 0] = True
    return mask


def _hole_mask(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Unknown tokens as a moving picture leaves them: an edge that scrolls in, and blobs."""
    batch, _, rows, columns = shape
    mask = torch.zeros(shape, dtype=torch.bool, device=device)
    for index in range(batch):
        draw = float(torch.rand(()))
        if draw < 0.2:
            mask[index] = torch.rand(shape[1:], device=device) < torch.rand(()).item()
            continue
        if draw < 0.7:
            edge = int(torch.randint(1, 3, ()))
            if torch.rand(()) < 0.5:
                mask[index, ..., :edge] = True
            else:
                mask[index, ..., columns - edge :] = True
        for _ in range(int(torch.randint(1, 5, ()))):
            top, left = int(torch.randint(0, rows, ())), int(torch.randint(0, columns, ()))
            tall, wide = torch.randint(1, 4, (2,)).tolist()
            mask[index, :, top : top + tall, left : left + wide] = True
    mask[..., 0, 0] |= ~mask.flatten(1).any(1)[:, None]
    return mask
