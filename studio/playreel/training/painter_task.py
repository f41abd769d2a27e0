"""Training of the painter: from lines, words and coarse colours to the frame they were taken from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.painter import Painter, PainterConfig, token_colours
from playreel.training.schooling import Curriculum

CURRICULUM = Curriculum(schools={"narrow": 0.25, "world": 0.4, "film": 0.35})


class PainterTask:
    """Paints frames of procedural footage.

    Args:
        curriculum: footage with captions and sketches to learn from.
        config: architecture.
        batch_size: frames a step.
    """

    name = "painter"
    lr = 2e-3
    ema_decay = 0.995

    def __init__(
        self,
        *,
        curriculum: Curriculum = CURRICULUM,
        config: PainterConfig | None = None,
        batch_size: int = 12,
    ) -> None:
        self.curriculum, self.batch_size = curriculum, batch_size
        self.painter = Painter(config)
        self.modules = {"painter": self.painter}

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Frames uint8 (B, H, W, 3), sketches uint8 (B, H, W) and B texts."""
        rng = np.random.default_rng(rng_seed)
        aspect = self.curriculum.draw_aspect(rng)
        frames, sketches, texts = [], [], []
        for _ in range(self.batch_size // 2):
            episode = self.curriculum.draw_episode(rng, aspect, 6)
            lines = episode.sketches()
            for index in (int(rng.integers(0, 2)), int(rng.integers(4, 6))):
                caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng)
                frames.append(episode.frames[index])
                sketches.append(lines[index])
                texts.append(caption.text_at(index) if rng.random() < 0.9 else "")
        return {"frames": np.stack(frames), "sketch": np.stack(sketches), "texts": texts}

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Absolute error of pixels and of the steps between them."""
        frames = batch["frames"].permute(0, 3, 1, 2).float() / 127.5 - 1
        painted = self._paint(frames, batch)
        pixel = (painted - frames).abs().mean()
        edges = sum((painted.diff(dim=d) - frames.diff(dim=d)).abs().mean() for d in (-1, -2))
        error = (painted.detach().clamp(-1, 1) - frames).square().mean() / 4
        return pixel + 0.5 * edges, {"psnr": float(-10 * error.log10())}

    def _paint(self, frames: Tensor, batch: dict[str, Any]) -> Tensor:
        """Colours come rough, as the transformer's do: blurred, off and sometimes not at all."""
        count, device = len(frames), frames.device
        colours = token_colours(frames)
        rough = torch.rand(count, 1, 1, 1, device=device) * 0.15
        colours = colours + rough * torch.randn_like(colours)
        soft = torch.nn.functional.avg_pool2d(colours, 3, 1, 1, count_include_pad=False)
        blur = torch.rand(count, 1, 1, 1, device=device)
        colours = colours + blur * (soft - colours)
        lines = batch["sketch"].float() / 255
        keep = torch.rand(count, 1, 1, device=device) < 0.95
        lines = lines * (torch.rand_like(lines) < 0.97) * keep  # hands leave gaps
        return self.painter(
            batch["texts"],
            lines,
            torch.rand(count, device=device) < 0.85,
            colours,
            torch.rand(count, device=device) < 0.7,
        )

    def sample(self, dir: Path, step: int) -> None:
        """True frames above, painted ones below."""
        torch.manual_seed(0)
        device = next(self.painter.parameters()).device
        host = self.batch(5)
        frames = torch.from_numpy(host["frames"]).to(device).permute(0, 3, 1, 2) / 127.5 - 1
        batch = {"sketch": torch.from_numpy(host["sketch"]).to(device), "texts": host["texts"]}
        rows = [to_frames(frames), to_frames(self._paint(frames, batch).clamp(-1, 1))]
        picture = np.concatenate([np.concatenate(list(row[:8]), 1) for row in rows])
        Image.fromarray(picture.repeat(2, 0).repeat(2, 1)).save(dir / "painted.png")

    def export(self, dir: Path) -> None:
        """`dir/painter`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.painter, dir / "painter")
