"""Training of the painter of worlds: what a moved frame gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.frames import to_frames
from playreel.core.fsq import NUM_COARSE
from playreel.core.lam import LatentActionModel
from playreel.core.motion import MotionModel
from playreel.core.painter import (
    BACKWARD,
    FORWARD,
    Page,
    Painter,
    PainterConfig,
    bare_tokens,
    compose,
    moved_page,
)
from playreel.core.tokenizer import VideoTokenizer
from playreel.training.pictures import save_rows
from playreel.training.schooling import Curriculum


@dataclass(frozen=True, kw_only=True)
class Plays:
    """A domain to be played in training: its footage, and what reads its actions and moves its pixels."""

    curriculum: Curriculum
    lam: LatentActionModel
    motion: MotionModel
    share: float = 1.0


MOVING = Curriculum(schools={"narrow": 0.4, "world": 0.6})
WINDOW = 5  # frames: two to begin with and three to be painted one after another
LONGER, LOOK_BACK = (
    8,
    6,
)  # the same where the first frame is remembered, and frames that may lie between


class PainterTask:
    """Paints what procedural footage or any unlabelled videos show when they are played.

    Args:
        tokenizer: trained, frozen; says the coarse digits.
        plays: domains to learn play in, with their trained, frozen models.
        source: anything with `sample_window(rng, length)`, played in place of the domains' footage.
        start: weights to go on from.
        config: architecture.
        batch_size: frames a step.
    """

    name = "painter"
    lr = 1e-3
    ema_decay = 0.995

    def __init__(
        self,
        tokenizer: VideoTokenizer,
        plays: Sequence[Plays],
        *,
        source: Any = None,
        start: Painter | None = None,
        config: PainterConfig | None = None,
        batch_size: int = 8,
    ) -> None:
        self.source, self.batch_size = source, batch_size
        self.tokenizer, self.plays = tokenizer, list(plays)
        self.painter = start or Painter(config)
        self.modules = {"painter": self.painter}
        self.frozen: dict[str, nn.Module] = {"tokenizer": tokenizer}
        for index, domain in enumerate(self.plays):
            self.frozen |= {f"lam{index}": domain.lam, f"motion{index}": domain.motion}

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """All filters but the last layer's."""
        return weight.ndim == 4 and min(weight.shape[:2]) >= 32

    # --- batches ---

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """`windows` uint8 (B, T, H, W, 3) of the domain that has the index `domain`."""
        rng = np.random.default_rng(rng_seed)
        window = LONGER if self.painter.config.remembers else WINDOW
        count = max(1, round(self.batch_size / (window - 2)))
        shares = np.array([domain.share for domain in self.plays])
        index = int(rng.choice(len(self.plays), p=shares / shares.sum()))
        if not self.painter.config.remembers:
            return {
                "windows": self._windows(rng, self.plays[index], count, window),
                "domain": index,
            }
        windows = self._windows(rng, self.plays[index], count, window + LOOK_BACK)
        begin = int(rng.integers(LOOK_BACK + 1))
        windows = np.concatenate([windows[:, :1], windows[:, begin : begin + window]], 1)
        return {"windows": windows, "domain": index}

    def _windows(
        self, rng: np.random.Generator, domain: Plays, count: int, length: int
    ) -> np.ndarray:
        if self.source is not None:
            return np.stack([self.source.sample_window(rng, length) for _ in range(count)])
        return domain.curriculum.windows(rng, num_episodes=count, per_episode=1, length=length)

    # --- loss ---

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Absolute error of pixels and of the steps between them."""
        video = batch["windows"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        first = None
        if self.painter.config.remembers:
            first, video = video[:, 0], video[:, 1:]
        return self._play(video, self.plays[int(batch["domain"])], first)

    def _play(
        self, video: Tensor, domain: Plays, first: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """Go on by oneself for a few frames, each compared with the truth."""
        task = BACKWARD if torch.rand(()) < 0.2 else FORWARD
        actions = domain.lam.infer(video).clone()
        if task == BACKWARD:
            video, actions = video.flip(1), actions.flip(1)
        before, now = video[:, 0], video[:, 1]
        if torch.rand(()) < 0.1:  # a world may start from a single frame
            before = now
        losses, moved_psnr, psnr = [], 0.0, 0.0
        for index in range(2, video.shape[1]):
            truth = video[:, index]
            action = actions[:, index - 1]
            page = moved_page(domain.motion, before, now, action, backward=task == BACKWARD)
            page = replace(self._tell(page, truth), first=first)
            painted, keep = self.painter(page, None, task, action)
            wrong = (page.picture - truth).abs().mean(1, keepdim=True)
            weight = 0.2 + 4 * F.avg_pool2d(wrong, 5, 1, 2).clamp(max=0.5)
            soft = keep * page.picture + (1 - keep) * painted
            losses.append(_error(soft, truth, weight / weight.mean()))
            with torch.no_grad():
                after = compose(page.picture, painted, keep)
                psnr += _psnr(after, truth) / (video.shape[1] - 2)
                moved_psnr += _psnr(page.picture, truth) / (video.shape[1] - 2)
            before, now = now, after
        return torch.stack(losses).mean(), {"play": psnr, "moved": moved_psnr}

    def _tell(self, page: Page, truth: Tensor) -> Page:
        """The coarse picture of uncovered tokens, for seven windows in ten."""
        told = torch.rand(len(truth), 1, 1, device=truth.device) < 0.7
        return page.roughed_in(self._coarse(truth), bare_tokens(page) & told)

    @torch.no_grad()
    def _coarse(self, frames: Tensor) -> Tensor:
        """What the coarse digits (B, 3, H, W) show, slipped as a sampler's are."""
        codes = self.tokenizer.encode_coarse(frames[:, None])
        top = torch.tensor(self.tokenizer.config.levels[:NUM_COARSE], device=codes.device) - 1
        sure = torch.rand(codes.shape[:-1], device=codes.device)[..., None]
        slip = torch.randn(codes.shape, device=codes.device) * top
        slip = slip * torch.where(sure < 0.05, 0.15, torch.where(sure < 0.5, 0.0, 0.02))
        codes = (codes + slip.round().long()).clamp(min=0).minimum(top)
        return self.tokenizer.decode_coarse(codes)[:, 0]

    # --- looking ---

    def sample(self, dir: Path, step: int) -> None:
        """True frames above, painted ones below."""
        torch.manual_seed(0)
        save_rows(dir / "played.png", self._played(next(self.painter.parameters()).device))

    def _played(self, device: torch.device) -> list[np.ndarray]:
        """True windows and what is made of their first two frames, for each domain."""
        rng, length, rows = np.random.default_rng(11), 14, []
        for domain in self.plays * (3 if len(self.plays) == 1 else 2):
            wide = replace(domain.curriculum, aspects={"16:9": 1.0})
            window = self._windows(rng, replace(domain, curriculum=wide), 1, length)[0]
            video = torch.from_numpy(window)[None].permute(0, 1, 4, 2, 3).to(device) / 127.5 - 1
            actions = domain.lam.infer(video)
            before, now, made = video[:, 0], video[:, 1], []
            for t in range(2, length):
                page = moved_page(domain.motion, before, now, actions[:, t - 1])
                page = replace(page, first=video[:, 0])
                painted, keep = self.painter(page, None, FORWARD, actions[:, t - 1])
                before, now = now, compose(page.picture, painted, keep)
                made.append(to_frames(now)[0])
            rows += [window[2::2], np.stack(made)[::2]]
        return rows

    def export(self, dir: Path) -> None:
        """`dir/painter`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.painter, dir / "painter")


def _error(painted: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute error of pixels (B, 3, H, W) under a weight, and of the steps between them."""
    pixel = ((painted - truth).abs() * weight).mean()
    edges = sum((painted.diff(dim=d) - truth.diff(dim=d)).abs().mean() for d in (-1, -2))
    return pixel + 0.5 * edges


def _psnr(picture: Tensor, truth: Tensor) -> float:
    error = (picture.detach().clamp(-1, 1) - truth).square().mean() / 4
    return float(-10 * error.clamp(min=1e-10).log10())
