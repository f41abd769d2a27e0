"""Training of the painter: restyled frames, and what a moved frame gets wrong."""

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
    RESTYLE,
    Page,
    Painter,
    PainterConfig,
    bare_tokens,
    compose,
    moved_page,
)
from playreel.core.text import TextEncoder
from playreel.core.tokenizer import VideoTokenizer
from playreel.footage import render_episode
from playreel.footage.spec import COLOURLESS_STYLES, STYLES, THEMES, TIMES, WEATHERS
from playreel.training.pictures import as_pictures, read, save_rows
from playreel.training.schooling import Curriculum


@dataclass(frozen=True, kw_only=True)
class Plays:
    """A domain to be played in training: its footage, and what reads its actions and moves its pixels."""

    curriculum: Curriculum
    lam: LatentActionModel
    motion: MotionModel
    share: float = 1.0


PICTURES = Curriculum(schools={"narrow": 0.2, "world": 0.4, "film": 0.4})
MOVING = Curriculum(schools={"narrow": 0.4, "world": 0.6})
MOVING_SHARE = 0.4
WINDOW = 5  # frames: two to begin with and three to be painted one after another


class PainterTask:
    """Restyles procedural footage and plays it, or learns play alone from any unlabelled videos.

    Args:
        tokenizer: trained, frozen; says the coarse digits.
        text: trained, frozen; reads the captions.
        plays: domains to learn play in, with their trained, frozen models.
        pictures: procedural footage to restyle; None leaves it out.
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
        text: TextEncoder,
        plays: Sequence[Plays] = (),
        *,
        pictures: Curriculum | None = PICTURES,
        source: Any = None,
        start: Painter | None = None,
        config: PainterConfig | None = None,
        batch_size: int = 8,
    ) -> None:
        self.pictures, self.source, self.batch_size = pictures, source, batch_size
        self.tokenizer, self.text, self.plays = tokenizer, text, list(plays)
        self.painter = start or Painter(config)
        self.modules = {"painter": self.painter}
        self.frozen: dict[str, nn.Module] = {"tokenizer": tokenizer, "text": text}
        for index, domain in enumerate(self.plays):
            self.frozen |= {f"lam{index}": domain.lam, f"motion{index}": domain.motion}

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """All filters but the last layer's."""
        return weight.ndim == 4 and min(weight.shape[:2]) >= 32

    # --- batches ---

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Windows (B, T, H, W, 3), or frames with their texts and sketches, uint8."""
        rng = np.random.default_rng(rng_seed)
        moving = bool(self.plays) and rng.random() < MOVING_SHARE
        if self.pictures is not None and not moving:
            return self._pictures(rng, self.pictures)
        count = max(1, round(self.batch_size / (WINDOW - 2)))
        shares = np.array([domain.share for domain in self.plays])
        index = int(rng.choice(len(self.plays), p=shares / shares.sum()))
        return {"windows": self._windows(rng, self.plays[index], count, WINDOW), "domain": index}

    def _windows(
        self, rng: np.random.Generator, domain: Plays, count: int, length: int
    ) -> np.ndarray:
        if self.source is not None:
            return np.stack([self.source.sample_window(rng, length) for _ in range(count)])
        return domain.curriculum.windows(rng, num_episodes=count, per_episode=1, length=length)

    def _pictures(self, rng: np.random.Generator, curriculum: Curriculum) -> dict[str, Any]:
        aspect = curriculum.draw_aspect(rng)
        frames, sources, sketches, texts = [], [], [], []
        for _ in range(self.batch_size):
            episode = curriculum.draw_episode(rng, aspect, 4)
            changes = _another_look(episode.spec, rng)
            other = render_episode(replace(episode.spec, **changes), 4)
            index = int(rng.integers(4))
            # What changes is said; what is not said stays as it is.
            caption = other.captions("en" if rng.random() < 0.5 else "zh", rng, named=changes)
            sources.append(episode.frames[index])
            frames.append(other.frames[index])
            sketches.append(episode.sketches()[index])  # those of the old look
            texts.append(caption.text_at(index))
        return {
            "frames": np.stack(frames),
            "sources": np.stack(sources),
            "sketch": np.stack(sketches),
            "texts": texts,
        }

    # --- loss ---

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Absolute error of pixels and of the steps between them."""
        if "windows" in batch:
            video = batch["windows"].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
            return self._play(video, self.plays[int(batch["domain"])])
        frames, painted = as_pictures(batch["frames"]), self._restyled(batch)
        return _error(painted, frames, None), {"restyle": _psnr(painted, frames)}

    def _restyled(self, batch: dict[str, Any]) -> Tensor:
        old = as_pictures(batch["sources"])
        known = torch.rand(len(old), device=old.device) < 0.8
        lines = batch["sketch"].float()[:, None] / 255
        page = Page(picture=old, lines=lines, lines_known=known)
        said, speaks = read(self.text, batch["texts"])
        said = torch.where(speaks[:, None, None], said, self.painter.silence)
        return self.painter(page, said, RESTYLE)[0]

    def _play(self, video: Tensor, domain: Plays) -> tuple[Tensor, dict[str, float]]:
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
            page = moved_page(
                domain.motion, before, now, actions[:, index - 1], backward=task == BACKWARD
            )
            page = self._tell(page, truth)
            painted, keep = self.painter(page, None, task)
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
        device = next(self.painter.parameters()).device
        if self.pictures is not None:
            host = self._pictures(np.random.default_rng(5), self.pictures)
            batch = {
                key: value if key == "texts" else torch.from_numpy(value).to(device)
                for key, value in host.items()
            }
            painted = to_frames(self._restyled(batch).clamp(-1, 1))
            save_rows(dir / "painted.png", [host["sources"], host["frames"], painted])
        if self.plays:
            save_rows(dir / "played.png", self._played(device))

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
                painted, keep = self.painter(page, None, FORWARD)
                before, now = now, compose(page.picture, painted, keep)
                made.append(to_frames(now)[0])
            rows += [window[2::2], np.stack(made)[::2]]
        return rows

    def export(self, dir: Path) -> None:
        """`dir/painter`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.painter, dir / "painter")


def _another_look(spec: Any, rng: np.random.Generator) -> dict[str, str]:
    """Another style for the same scene, now and then another hour, other weather or another place."""
    changes = {"style": str(rng.choice(STYLES))}
    if rng.random() < 0.4 or spec.style in COLOURLESS_STYLES:
        changes["time_of_day"] = str(rng.choice(TIMES))
    if rng.random() < 0.2:
        changes["weather"] = str(rng.choice(WEATHERS))
    if rng.random() < 0.15:
        changes["theme"] = str(rng.choice(THEMES))
    return changes


def _error(painted: Tensor, truth: Tensor, weight: Tensor | None) -> Tensor:
    error = (painted - truth).abs()
    pixel = error.mean() if weight is None else (error * weight).mean()
    edges = sum((painted.diff(dim=d) - truth.diff(dim=d)).abs().mean() for d in (-1, -2))
    return pixel + 0.5 * edges


def _psnr(picture: Tensor, truth: Tensor) -> float:
    error = (picture.detach().clamp(-1, 1) - truth).square().mean() / 4
    return float(-10 * error.clamp(min=1e-10).log10())
