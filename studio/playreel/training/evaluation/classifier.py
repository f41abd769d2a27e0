"""A judge for generated pictures: small networks trained on true footage only, from nothing.

It never sees anything that the film model made, and its own accuracy on held-out true footage is printed
beside every figure that rests on it.

Shape legend: B batch, T frames, C colours, H x W pixels, h x w cells of 8 px.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core import to_video
from playreel.core.matching import RADIUS, block_motion
from playreel.training.evaluation.prompts import ATTRIBUTES

FRAME_SIZE = (72, 128)
CLIP_FRAMES = 8  # of a take, to tell a camera move by
STILL_ATTRIBUTES = tuple(name for name in ATTRIBUTES if name != "camera")


@dataclass(frozen=True, kw_only=True)
class AttributeClassifierConfig:
    """Architecture of an `AttributeClassifier`."""

    width: int = 48
    camera_width: int = 32


def _step(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.SiLU()]


class AttributeClassifier(nn.Module):
    """Reads attributes off a frame, and the camera move off `CLIP_FRAMES` frames."""

    config_class = AttributeClassifierConfig
    kind = "attribute_classifier"

    def __init__(self, config: AttributeClassifierConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or AttributeClassifierConfig()
        width, narrow = config.width, config.camera_width
        self.look = nn.ModuleList(
            [
                nn.Sequential(nn.PixelUnshuffle(2), *_step(12, width)),
                nn.Sequential(*_step(width, 2 * width, 2)),
                nn.Sequential(*_step(2 * width, 3 * width, 2)),
                nn.Sequential(*_step(3 * width, 4 * width, 2), *_step(4 * width, 4 * width)),
            ]
        )
        seen = 2 * (1 + 2 + 3 + 4) * width
        self.heads = nn.ModuleDict(
            {name: nn.Linear(seen, len(ATTRIBUTES[name])) for name in STILL_ATTRIBUTES}
        )
        self.follow = nn.Sequential(
            *_step(3 * (CLIP_FRAMES - 1), narrow), *_step(narrow, narrow), *_step(narrow, narrow)
        )
        self.camera = nn.Linear(2 * narrow, len(ATTRIBUTES["camera"]))

    def forward(self, frames: Tensor) -> dict[str, Tensor]:
        """Logits (B, values) by attribute of frames (B, C, H, W) in [-1, 1]."""
        x, found = frames, []
        for stage in self.look:  # a drop of rain is seen by the first, a forest by the last
            x = stage(x)
            found.append(_pooled(x))
        features = torch.cat(found, 1)
        return {name: head(features) for name, head in self.heads.items()}

    def forward_camera(self, motion: Tensor) -> Tensor:
        """Logits (B, moves) of `motion_features` (B, 3 * (CLIP_FRAMES - 1), h, w)."""
        return self.camera(_pooled(self.follow(motion)))

    @torch.inference_mode()
    def read_still(self, frame: np.ndarray) -> dict[str, str]:
        """The attributes of a frame uint8 (H, W, 3) of `FRAME_SIZE`."""
        logits = self(to_video(frame[None])[0])
        return {name: ATTRIBUTES[name][int(part.argmax())] for name, part in logits.items()}

    @torch.inference_mode()
    def read_camera(self, frames: np.ndarray) -> str:
        """The camera move of frames uint8 (CLIP_FRAMES, H, W, 3)."""
        logits = self.forward_camera(motion_features(frames)[None])
        return ATTRIBUTES["camera"][int(logits.argmax())]


def _pooled(x: Tensor) -> Tensor:
    return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


@torch.no_grad()
def motion_features(frames: np.ndarray) -> Tensor:
    """Where each cell went, and how surely, from each frame to the next.

    Args:
        frames: uint8 (CLIP_FRAMES, H, W, 3).

    Returns:
        float (3 * (CLIP_FRAMES - 1), h, w): for each step the shift down and right in units of
        8 px, and how much the cell tells.
    """
    video = to_video(frames)[0]
    probs, weight = block_motion(video[:-1], video[1:])
    steps = torch.arange(-RADIUS, RADIUS + 1).float() / RADIUS
    grid = probs.unflatten(1, (len(steps), len(steps)))
    down = torch.einsum("tyxhw,y->thw", grid, steps)
    right = torch.einsum("tyxhw,x->thw", grid, steps)
    return torch.cat([down, right, weight.clamp(max=1)], 0)


def classifier_loss(logits: dict[str, Tensor], labels: dict[str, Tensor]) -> Tensor:
    """Mean cross entropy over the attributes; a label of -1 counts for nothing."""
    parts: Sequence[Tensor] = [
        F.cross_entropy(part, labels[name], ignore_index=-1, reduction="sum")
        / (labels[name] >= 0).sum().clamp(min=1)
        for name, part in logits.items()
    ]
    return torch.stack(list(parts)).mean()
