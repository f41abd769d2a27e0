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
from playreel.core.lam import LatentActionModel
from playreel.core.sampler import SamplerOptions, fill_frame
from playreel.core.text import TextEncoder, TextEncoderConfig
from playreel.core.tokenizer import VideoTokenizer
from playreel.core.transformer import (
    Conditions,
    SpacetimeTransformer,
    SpacetimeTransformerConfig,
)
from playreel.core.world_model import FAR
from playreel.training.schooling import Curriculum

STILLS = Curriculum(schools={"narrow": 0.15, "world": 0.35, "film": 0.5})
MOVING = Curriculum(schools={"narrow": 0.35, "world": 0.65})
SPAN = 10
FOUR = [0, 7, 8, 9]  # of a window: one long ago, two lately, and the next
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
        text_dropout: share of captions left out, for guidance.
        sketch_share: share of stills that are given a sketch.
    """

    stills: float = 0.6
    num_stills: int = 24
    num_windows: int = 12
    text_dropout: float = 0.15
    sketch_share: float = 0.4


class TransformerTask:
    """Says what unknown tokens are.

    Args:
        tokenizer: trained, frozen.
        lam: trained, frozen; None where there are no moving frames to learn from.
        config: what a step is made of.
        source: anything with `sample_window(rng, length)` to learn from instead of procedural footage.
        start: weights to go on from.
    """

    name = "transformer"
    lr = 1.5e-3
    ema_decay = 0.998
    weight_decay = 0.03
    muon = True

    def __init__(
        self,
        tokenizer: VideoTokenizer,
        lam: LatentActionModel | None,
        *,
        config: TransformerTaskConfig | None = None,
        stills: Curriculum = STILLS,
        moving: Curriculum = MOVING,
        source: Any = None,
        start: tuple[SpacetimeTransformer, TextEncoder] | None = None,
    ) -> None:
        self.config = config or TransformerTaskConfig()
        self.stills, self.moving, self.source = stills, moving, source
        self.tokenizer, self.lam = tokenizer, lam
        if start is None:
            text = TextEncoder(TextEncoderConfig(out_width=128))
            architecture = SpacetimeTransformerConfig(levels=tokenizer.config.levels)
            start = SpacetimeTransformer(architecture), text
        self.transformer, self.text = start
        self.modules = {"transformer": self.transformer, "text": self.text}
        self.frozen = {"tokenizer": tokenizer} | ({"lam": lam} if lam is not None else {})

    # --- batches ---

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Frames uint8 (B, T, H, W, 3), with texts and sketches where T is 1."""
        rng = np.random.default_rng(rng_seed)
        if self.source is not None:
            count = self.config.num_windows
            windows = [self.source.sample_window(rng, SPAN) for _ in range(count)]
            return {"frames": np.stack(windows)[:, FOUR]}
        if self.lam is None or rng.random() < self.config.stills:
            return self._stills(rng)
        frames = self.moving.windows(
            rng, num_episodes=self.config.num_windows // 2, per_episode=2, length=SPAN
        )
        return {"frames": frames[:, FOUR]}

    def _stills(self, rng: np.random.Generator) -> dict[str, Any]:
        aspect = self.stills.draw_aspect(rng)
        frames, sketches, texts = [], [], []
        for _ in range(self.config.num_stills // 2):
            episode = self.stills.draw_episode(rng, aspect, 8)
            for index in (int(rng.integers(0, 3)), int(rng.integers(4, 8))):
                frames.append(episode.frames[index : index + 1])
                caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng)
                keep = rng.random() >= self.config.text_dropout
                texts.append(caption.text_at(index) if keep else "")
            sketches.append(episode.sketches()[[index - index % 4, index]])
        return {
            "frames": np.stack(frames),
            "sketch": np.concatenate(sketches)[:, None],
            "texts": texts,
        }

    # --- loss ---

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Nats per unknown token."""
        video = batch["frames"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        with torch.no_grad():
            codes = self.tokenizer.encode(video)
        if video.shape[1] == 1:
            name, (hidden, unknown, truth) = "stills", self._still_pass(codes, batch)
        else:
            name, (hidden, unknown, truth) = "moving", self._moving_pass(codes, video)
        known = unknown.flatten(2)
        log_probs = self.transformer.head.log_probs(hidden[known], truth.flatten(2, 3)[known])
        loss = -log_probs.sum(1).mean() / 10
        return loss, {name: loss.item()}

    def _still_pass(self, codes: Tensor, batch: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        count, device = len(codes), codes.device
        unknown = _random_mask(codes.shape[:-1], device)
        shown = torch.rand(count, 1, device=device) < self.config.sketch_share
        conditions = Conditions(
            text=self.text(batch["texts"])[:, None].float(),
            sketch=batch["sketch"].float() / 255,
            sketch_known=shown,
        )
        return self.transformer(codes, unknown, conditions), unknown, codes

    def _moving_pass(self, codes: Tensor, video: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The last frame from those before it, one from two after it, or one between two."""
        device = codes.device
        actions = self.lam.infer(video[:, 1:])[:, 1:].clone() if self.lam is not None else None
        target, around, distance = (
            (3, (0, 1, 2), (FAR, 2, 1)),
            (1, (2, 3), (-1, -2)),
            (2, (1, 3), (1, -1)),
        )[int(torch.multinomial(torch.tensor((0.7, 0.15, 0.15)), 1))]
        if target != 3:
            actions = None
        clean = codes[:, around]
        slip = torch.randint(-1, 2, clean.shape, device=device) * (
            torch.rand(clean.shape[:-1], device=device)[..., None] < 0.08
        )
        top = torch.tensor(self.tokenizer.config.levels, device=device) - 1
        memory = self.transformer.remember((clean + slip).clamp(min=0).minimum(top))
        truth = codes[:, target : target + 1]
        unknown = _hole_mask(truth.shape[:-1], device)
        hidden = self.transformer(
            truth,
            unknown,
            Conditions(actions=actions),
            memory,
            torch.tensor([distance], device=device),
        )
        return hidden, unknown, truth

    # --- looking ---

    def sample(self, dir: Path, step: int) -> None:
        """Stills of a few prompts."""
        device = next(self.transformer.parameters()).device
        levels = len(self.tokenizer.config.levels)
        options = SamplerOptions(num_steps=10, guidance_scale=2.0)
        rows = []
        for seed in range(2):
            row = []
            for prompt in PROMPTS:
                codes = fill_frame(
                    self.transformer,
                    torch.zeros(9, 16, levels, dtype=torch.long, device=device),
                    torch.ones(9, 16, dtype=torch.bool, device=device),
                    Conditions(text=self.text([prompt])[:, None]),
                    options=options,
                    generator=torch.Generator(device).manual_seed(seed),
                )
                row.append(to_frames(self.tokenizer.decode(codes[None, None])[0])[0])
            rows.append(np.concatenate(row, 1))
        Image.fromarray(np.concatenate(rows).repeat(3, 0).repeat(3, 1)).save(dir / "stills.png")

    def export(self, dir: Path) -> None:
        """`dir/transformer` and `dir/text`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.transformer, dir / "transformer")
        save_pretrained(self.text, dir / "text")


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
