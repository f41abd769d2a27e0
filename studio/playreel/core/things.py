"""Things: what moves by itself, such as a hero or an enemy, each kept as one piece.

A sprite whose every pixel goes its own way frays within a second, and one redrawn from its last drawing
blurs. So a thing is found once, remembered as it looked then, moved by one shift that its pixels vote on,
and its poses are put together from the pixels remembered: each pixel of a pose points at the one it is
drawn with. (Pointing after pointer networks, arXiv 1506.03134; slots for objects after arXiv 2006.15055.)

Shape legend: B batch, C colours, H x W pixels, S side of a thing's crop, P = S * S of its pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.coded import Coded
from playreel.core.motion import MotionField

SIDE = 24  # pixels of a crop; a hero is 14 high
AROUND = 48  # pixels of the crop in which a thing looks where it can go
TRAIL = 8  # frames that a thing remembers having moved
NEVER = -6.0  # log probability below which a pixel's vote counts no less
POINTER_WIDTH = 24
_PLACES = 2


@dataclass(frozen=True, kw_only=True)
class ThingModelConfig:
    """Architecture of a `ThingModel`."""

    num_actions: int = 8
    features: int = 64  # of the motion model, at half resolution
    width: int = 96
    coarse_width: int = 128
    max_shift: int = 8  # pixels along each axis, as the motion model's


class ThingModel(nn.Module):
    """Finds things in a frame, and draws their next poses."""

    config_class = ThingModelConfig
    kind = "thing_model"

    def __init__(self, config: ThingModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ThingModelConfig()
        codes = 2 * config.num_actions  # the second half runs time backward
        width, coarse = config.width, config.coarse_width
        self.finder = nn.Sequential(
            nn.Conv2d(config.features, 32, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 4, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.enter = nn.Conv2d(4 * (3 * 4 + _PLACES), width, 3, padding=1)
        self.blocks_in = nn.ModuleList(Coded(width, codes) for _ in range(2))
        self.down = nn.Conv2d(width, coarse, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList(Coded(coarse, codes) for _ in range(2))
        self.whole = nn.Linear(coarse, coarse)
        self.up = nn.Sequential(nn.Conv2d(coarse, width * 4, 1), nn.PixelShuffle(2))
        self.blocks_out = nn.ModuleList(Coded(width, codes) for _ in range(2))
        self.out = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(width, 4 * (POINTER_WIDTH + 1), 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.keys = nn.Sequential(
            nn.Conv2d(4 + _PLACES, 48, 5, padding=2),
            nn.SiLU(),
            nn.Conv2d(48, POINTER_WIDTH, 3, padding=1),
        )
        steps = 2 * (2 * config.max_shift + 1)
        self.look = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(16 * 4, 64, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(64, 64, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(64 * (AROUND // 8) ** 2, coarse),
        )
        self.recall = nn.Linear(3 * TRAIL, coarse)
        self.heed = nn.Linear(steps, coarse)
        self.told = nn.Embedding(codes, coarse)
        self.decide = nn.Sequential(
            nn.SiLU(), nn.Linear(coarse, coarse), nn.SiLU(), nn.Linear(coarse, steps + 1)
        )
        self.trusted = nn.Parameter(torch.tensor(3.0))
        self.to(memory_format=torch.channels_last)

    def move(
        self, around: Tensor, trail: Tensor, votes: Tensor, code: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Where things go next. A jump ends on the ground: that takes seeing it and knowing how long it was.

        Args:
            around: (B, 4, AROUND, AROUND), the frame about a thing, and where in it the thing is.
            trail: (B, TRAIL, 3), its last shifts, the newest first: down and right in pixels, and 1; zeros
                where it is not known.
            votes: (B, 2, R), mean log probabilities of its pixels' shifts down and right.
            code: int64 (B,), as in `forward`.

        Returns:
            (B, 2, R), logits of the shifts; and (B,), logits of the things being gone: taken, or beaten.
        """
        known = trail * trail.new_tensor([0.25, 0.25, 1.0])
        thought = self.look(around) + self.recall(known.flatten(1)) + self.heed(votes.flatten(1))
        decided = self.decide(thought + self.told(code)).float()
        change, gone = decided[:, :-1].view_as(votes), decided[:, -1]
        return change + self.trusted * votes, gone

    def find(self, features: Tensor) -> Tensor:
        """How likely each pixel is to belong to a thing, as logits.

        Args:
            features: (B, features, H/2, W/2), those of the `MotionField`.

        Returns:
            (B, 1, H, W).
        """
        return self.finder(features).float()

    def forward(
        self, anchor: Tensor, pose: Tensor, before: Tensor, code: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What a thing looks like in the next frame.

        Args:
            anchor: (B, 4, S, S), what it is drawn from: colours in [-1, 1], and 1 where it is, else 0.
            pose: the same, as it looks now.
            before: the same, as it looked a frame earlier.
            code: int64 (B,), the action; plus `num_actions` for backward in time.

        Returns:
            Logits of which pixel of `anchor` each pixel is drawn with (B, P, P), and logits of the thing
            being there at all (B, 1, S, S).
        """
        place = _places(anchor)
        seen = torch.cat([_cut(anchor), _cut(pose), _cut(before), place], 1)
        paper = F.pixel_unshuffle(seen, 2).contiguous(memory_format=torch.channels_last)
        fine = self.enter(paper)
        for block in self.blocks_in:
            fine = block(fine, code)
        x = self.down(F.silu(fine))
        for block in self.blocks:
            x = block(x, code)
            x = x + self.whole(x.mean((2, 3)))[..., None, None]
        fine = fine + self.up(F.silu(x))
        for block in self.blocks_out:
            fine = block(fine, code)
        query, change = self.out(fine).float().split((POINTER_WIDTH, 1), 1)
        there = change + 3 * (2 * pose[:, 3:] - 1)  # most of an outline stays
        key = self.keys(torch.cat([_cut(anchor), place], 1)).float()
        pointer = torch.einsum("bcx,bcy->bxy", query.flatten(2), key.flatten(2))
        pointer = pointer / math.sqrt(POINTER_WIDTH)
        return pointer + (anchor[:, 3:].flatten(2) + 1e-4).log(), there

    @torch.no_grad()
    def next_pose(self, anchor: Tensor, pose: Tensor, before: Tensor, code: Tensor) -> Tensor:
        """The next pose (B, 4, S, S) in whole pixels of `anchor`; arguments as in `forward`."""
        pointer, there = self(anchor, pose, before, code)
        source = pointer.argmax(2)[:, None].expand(-1, 3, -1)
        colours = anchor[:, :3].flatten(2).gather(2, source).view_as(anchor[:, :3])
        return torch.cat([colours, (there > 0).to(colours.dtype)], 1)


def surroundings(frame: Tensor, there: Tensor, top: int, left: int) -> Tensor:
    """What a thing sees: (4, AROUND, AROUND) of `frame` (C, H, W) and its own outline `there` (S, S).

    Args:
        frame: in [-1, 1].
        there: 1 where the thing is.
        top: row of the thing's crop.
        left: its column.
    """
    margin = (AROUND - SIDE) // 2
    padded = F.pad(frame, (AROUND,) * 4)
    rows, columns = (
        slice(min(max(at - margin + AROUND, 0), size + AROUND), None)
        for at, size in zip((top, left), frame.shape[1:], strict=True)
    )
    seen = padded[:, rows, columns][:, :AROUND, :AROUND]
    return torch.cat([seen, F.pad(there, (margin,) * 4)[None]])


def votes_of(field: MotionField, index: int, there: Tensor, top: int, left: int) -> Tensor:
    """Mean log probabilities (2, R) of the shifts of a thing's pixels.

    Args:
        field: of whole frames.
        index: which frame of the batch.
        there: (S, S), 1 where the thing is.
        top: row of the thing's crop.
        left: its column.
    """
    height, width = field.down.shape[2:]
    y0, y1, x0, x1 = max(top, 0), min(top + SIDE, height), max(left, 0), min(left + SIDE, width)
    mine = there[max(y0 - top, 0) : max(y1 - top, 0), max(x0 - left, 0) : max(x1 - left, 0)] > 0
    if not bool(mine.any()):
        return field.down.new_zeros(2, field.down.shape[1])
    votes = torch.stack([field.down[index], field.right[index]])[:, :, y0:y1, x0:x1]
    return votes[:, :, mine].clamp(min=NEVER).mean(2)


def _cut(crop: Tensor) -> Tensor:
    """Colours only where the thing is."""
    return torch.cat([crop[:, :3] * crop[:, 3:], crop[:, 3:]], 1)


def _places(crop: Tensor) -> Tensor:
    line = torch.linspace(-1, 1, crop.shape[-1], device=crop.device)
    grid = torch.stack(torch.meshgrid(line, line, indexing="ij"))
    return grid.expand(len(crop), -1, -1, -1)


def drawing_loss(
    anchor: Tensor, pose: Tensor, target: Tensor, pointer: Tensor, there: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """Negative log likelihood of the next pose's outline and of the colours pointed at.

    Args:
        anchor: (B, 4, S, S).
        pose: (B, 4, S, S), now.
        target: (B, 4, S, S), the true next pose.
        pointer: (B, P, P) logits.
        there: (B, 1, S, S) logits.
    """
    true = target[:, 3:]
    importance = 0.3 + 3 * (true - pose[:, 3:]).abs()
    outline = F.binary_cross_entropy_with_logits(there, true, reduction="none")
    outline = (outline * importance).sum() / importance.sum()
    mine, theirs = target[:, :3].flatten(2), anchor[:, :3].flatten(2)
    error = (mine[..., None] - theirs[:, :, None]).abs().mean(1)
    match = (-error / 0.04).exp()
    right = (pointer.softmax(2) * match).sum(2)
    weight = true.flatten(1)
    colour = (-(right * 0.98 + 0.01).log() * weight).sum() / weight.sum().clamp(min=1)
    with torch.no_grad():
        guess = (there > 0).float()
        overlap = (guess * true).sum() / torch.maximum(guess, true).sum().clamp(min=1)
        held = (pose[:, 3:] * true).sum() / torch.maximum(pose[:, 3:], true).sum().clamp(min=1)
        picked = match.gather(2, pointer.argmax(2, keepdim=True))[..., 0]
        good = ((picked > 0.3) * weight).sum() / weight.sum().clamp(min=1)
    figures = {"outline": overlap.item(), "unchanged": held.item(), "colour": good.item()}
    return outline + colour, figures
