"""Training of the video tokenizer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playreel.core.frames import to_frames, to_video
from playreel.core.tokenizer import VideoTokenizer, VideoTokenizerConfig, tokenizer_loss
from playreel.training.schooling import Curriculum

CURRICULUM = Curriculum(schools={"narrow": 0.2, "world": 0.3, "film": 0.38, "arm": 0.12})


class TokenizerTask:
    """Reconstructs single frames; pairs of them let the loss see what moves.

    Args:
        curriculum: procedural footage to learn from, or
        source: anything with `sample_window(rng, length)` (a folder of videos) instead.
        start: a trained tokenizer to go on from.
        batch_size: windows of 2 frames a step.
    """

    name = "tokenizer"
    lr = 1e-3
    ema_decay = 0.998

    def __init__(
        self,
        *,
        curriculum: Curriculum = CURRICULUM,
        source: Any = None,
        start: VideoTokenizer | None = None,
        config: VideoTokenizerConfig | None = None,
        batch_size: int = 16,
    ) -> None:
        self.curriculum, self.source, self.batch_size = curriculum, source, batch_size
        self.tokenizer = start or VideoTokenizer(config)
        if start is None:
            frames = [self.batch(seed)[:, 0] for seed in range(48)]
            wide = [f for f in frames if f.shape[1:] == frames[0].shape[1:]]
            self.tokenizer.start_from_patches(np.concatenate(wide))
        for part in (self.tokenizer.linear_in, self.tokenizer.linear_out):
            part.requires_grad_(False)  # already at its optimum; the conv nets learn corrections
        self.modules = {"tokenizer": self.tokenizer}
        if start is not None:
            self.lr = 5e-4

    def batch(self, rng_seed: int) -> np.ndarray:
        """uint8 (B, 2, H, W, 3)."""
        rng = np.random.default_rng(rng_seed)
        if self.source is not None:
            return np.stack([self.source.sample_window(rng, 2) for _ in range(self.batch_size)])
        return self.curriculum.windows(rng, num_episodes=self.batch_size, per_episode=1, length=2)

    def loss(
        self, batch: Tensor, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Weighted reconstruction error, and PSNR in dB."""
        video = batch.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        recon = self.tokenizer(video)
        with torch.no_grad():
            error = (recon.float().clamp(-1, 1) - video).square().mean().item() / 4
        return tokenizer_loss(video, recon.float()), {"psnr": -10 * math.log10(max(error, 1e-10))}

    def sample(self, dir: Path, step: int) -> None:
        """True frames above, reconstructions below."""
        frames = np.concatenate([self.batch(seed)[:4, 0] for seed in range(1, 2)])
        device = next(self.tokenizer.parameters()).device
        recon = to_frames(self.tokenizer(to_video(frames, device)).clamp(-1, 1)[0])
        rows = [np.concatenate(list(part), 1) for part in (frames, recon)]
        picture = np.concatenate(rows).repeat(3, 0).repeat(3, 1)
        Image.fromarray(picture).save(dir / "reconstruction.png")

    def export(self, dir: Path) -> None:
        """`dir/tokenizer`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.tokenizer, dir / "tokenizer")
