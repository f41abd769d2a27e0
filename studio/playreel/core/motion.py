"""Motion model: where every pixel of a frame goes next, given the action.

Most of a next frame is this frame, moved. Copying pixels keeps them sharp for ever, where a network that
redraws the whole picture each step blurs it away within seconds. So each source pixel gets a
distribution over shifts and a depth; pixels are splatted forward, nearer ones in front, and target pixels
that nobody claims are holes, left to the transformer. (Kernel-based frame prediction after CDNA,
arXiv 1605.07157; forward splatting with learned depth after softmax splatting, arXiv 2003.05534.)

Shape legend: B batch, C colours, H x W pixels, R shifts along one axis, K shifts (dy, dx) looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.matching import NUM_SHIFTS, block_motion

# A pixel whose copy is right less often than this is better drawn anew. Lower, and a sprite that changes
# its pose is pieced together from scattered pixels of the old one.
NEW_LIKELIHOOD = 0.12
COVERED = 0.1  # summed chance of all sources to land on a pixel, below which it lies uncovered


@dataclass(frozen=True, kw_only=True)
class MotionModelConfig:
    """Architecture of a `MotionModel`."""

    num_actions: int = 8
    max_shift: int = 8  # pixels along each axis
    widths: tuple[int, int, int] = (32, 64, 128)  # at 1/2, 1/4 and 1/8 resolution
    num_blocks: int = 3


@dataclass(frozen=True)
class MotionField:
    """What becomes of each pixel.

    Attributes:
        down: (B, R, H, W) log probability of each vertical shift of a source pixel.
        right: (B, R, H, W) the same along the other axis.
        front: (B, 1, H, W) how near a source pixel is; the nearer covers the farther.
        hole: (B, 1, H, W) log weight of a target pixel being something new.
    """

    down: Tensor
    right: Tensor
    front: Tensor
    hole: Tensor


class _Coded(nn.Module):
    """x + conv(silu(modulated(norm(x)))), modulated by the action."""

    def __init__(self, width: int, num_codes: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.affine = nn.Embedding(num_codes, 2 * width)
        nn.init.normal_(self.affine.weight, 0, 0.3)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.affine(code)[..., None, None].chunk(2, dim=1)
        return x + self.conv(F.silu(self.norm(x) * (1 + scale) + shift))


class MotionModel(nn.Module):
    """Predicts a `MotionField` from two frames and an action, forward or backward in time."""

    config_class = MotionModelConfig
    kind = "motion_model"

    def __init__(self, config: MotionModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or MotionModelConfig()
        fine, middle, coarse = config.widths
        codes = 2 * config.num_actions  # the second half runs time backward
        self.num_steps = 2 * config.max_shift + 1
        self.enter = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(24, fine, 3, padding=1), nn.SiLU()
        )
        self.to_middle = nn.Sequential(
            nn.Conv2d(fine, middle, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(middle, middle, 3, padding=1),
        )
        self.to_coarse = nn.Conv2d(middle, coarse, 4, stride=2, padding=1)
        self.past = nn.Conv2d(NUM_SHIFTS, coarse, 3, padding=1)
        self.blocks = nn.ModuleList(_Coded(coarse, codes) for _ in range(config.num_blocks))
        self.whole = nn.Linear(coarse, coarse)
        self.up_middle = nn.Sequential(nn.Conv2d(coarse, middle * 4, 1), nn.PixelShuffle(2))
        self.middle = _Coded(middle, codes)
        self.up_fine = nn.Sequential(nn.Conv2d(middle, fine * 4, 1), nn.PixelShuffle(2))
        self.fine = nn.Sequential(
            nn.GroupNorm(8, fine), nn.SiLU(), nn.Conv2d(fine, 2 * fine, 3, padding=1), nn.SiLU()
        )
        self.out = nn.Conv2d(2 * fine, 4 * (2 * self.num_steps + 2), 1)
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def forget_actions(self) -> None:
        """Bring the actions nearer to their mean: other footage has others."""
        for block in (*self.blocks, self.middle):
            for half in block.affine.weight.chunk(2):
                half.lerp_(half.mean(0, keepdim=True).expand_as(half), 0.5)

    def forward(
        self, before: Tensor, now: Tensor, action: Tensor, *, backward: bool = False
    ) -> MotionField:
        """The field that leads from `now` to the next frame.

        Args:
            before: (B, C, H, W) in [-1, 1], the frame before (with `backward`: after) `now`.
            now: (B, C, H, W).
            action: int64 (B,).
            backward: predict the frame that came before instead.
        """
        code = action + self.config.num_actions if backward else action
        fine = self.enter(torch.cat([now, before], 1))
        middle = self.to_middle(fine)
        x = self.to_coarse(F.silu(middle)) + self.past(block_motion(before, now)[0])
        for block in self.blocks:
            x = block(x, code)
            x = x + self.whole(x.mean((2, 3)))[..., None, None]
        middle = self.middle(middle + self.up_middle(x), code)
        fine = self.fine(fine + self.up_fine(F.silu(middle)))
        out = F.pixel_shuffle(self.out(fine), 2).float()
        steps = self.num_steps
        return MotionField(
            down=F.log_softmax(out[:, :steps], dim=1),
            right=F.log_softmax(out[:, steps : 2 * steps], dim=1),
            front=out[:, -2:-1].clamp(-8, 8),
            hole=out[:, -1:].clamp(-8, 8) - 3,
        )


def likely_shifts(field: MotionField, count: int) -> list[tuple[int, int]]:
    """The `count` shifts (down, right) in pixels that most of the pixels of a batch are likely to take."""
    down, right = field.down.exp(), field.right.exp()
    mass = torch.einsum("bryx,bsyx->rs", down, right)
    # A small thing's shift has little mass but is sure of itself: rank by the surest pixel as well.
    best = mass.flatten().topk(min(count, mass.numel())).indices.tolist()
    reach = down.shape[1] // 2
    return [(index // down.shape[1] - reach, index % down.shape[1] - reach) for index in best]


def moved(picture: Tensor, shift: tuple[int, int]) -> Tensor:
    """`picture` (..., H, W) moved by (down, right) pixels; zeros come in at the edges."""
    down, right = shift
    height, width = picture.shape[-2:]
    out = F.pad(picture, (max(right, 0), max(-right, 0), max(down, 0), max(-down, 0)))
    top, left = max(-down, 0), max(-right, 0)
    return out[..., top : top + height, left : left + width]


def claims(field: MotionField, shifts: list[tuple[int, int]]) -> Tensor:
    """Weight (B, K, H, W) with which the pixel that each shift brings claims a target pixel."""
    reach = field.down.shape[1] // 2
    weight = [
        moved(
            (field.down[:, down + reach] + field.right[:, right + reach] + field.front[:, 0]).exp(),
            (down, right),
        )
        for down, right in shifts
    ]
    return torch.stack(weight, 1)


def splat(
    now: Tensor, field: MotionField, *, num_shifts: int = 24
) -> tuple[Tensor, Tensor, Tensor]:
    """Move the pixels of a frame.

    Args:
        now: (B, C, H, W).
        field: where they go.
        num_shifts: how many different shifts are looked at.

    Returns:
        The moved frame (B, C, H, W), each pixel copied from the source with the strongest claim; the
        probability (B, H, W) that it is something new instead; and whether (B, H, W) any source
        means to come here at all: where none does, something was uncovered.
    """
    shifts = likely_shifts(field, num_shifts)
    weight = claims(field, shifts)
    best = weight.argmax(1, keepdim=True)  # (B, 1, H, W)
    sources = torch.stack([moved(now, shift) for shift in shifts], 1)
    picture = sources.gather(1, best[:, :, None].expand(-1, -1, now.shape[1], -1, -1))[:, 0]
    hole = field.hole[:, 0].exp()
    new = hole / (hole + weight.sum(1))
    front = torch.stack([moved(field.front[:, 0].exp(), shift) for shift in shifts], 1)
    covered = (weight / front.clamp(min=1e-6)).sum(1) > COVERED
    picture = torch.where((weight.amax(1) < 1e-4)[:, None], now, picture)
    return picture, new, covered


def motion_loss(
    now: Tensor, after: Tensor, field: MotionField, shifts: list[tuple[int, int]]
) -> tuple[Tensor, dict[str, float]]:
    """Negative log likelihood of each true pixel being a copy of one of its claimants, or new.

    Args:
        now: (B, C, H, W) in [-1, 1].
        after: the true next frame.
        field: prediction.
        shifts: shifts to look at, the true ones among them.
    """
    weight = claims(field, shifts)
    error = torch.stack([(moved(now, s) - after).abs().mean(1) for s in shifts], 1)
    match = (-error / 0.02).exp()
    hole = field.hole[:, 0].exp()
    explained = (weight * match).sum(1) + hole * NEW_LIKELIHOOD
    total = weight.sum(1) + hole
    nats = (total + 1e-8).log() - (explained + 1e-8).log()
    with torch.no_grad():
        changed = ((now - after).abs().mean(1) > 0.02).float()
        importance = 0.15 + changed
        best = error.gather(1, weight.argmax(1, keepdim=True))[:, 0]
        figures = {
            "wrong": ((best > 0.03).float().mean()).item(),
            "unmoved": changed.mean().item(),
            "holes": (hole / total).mean().item(),
        }
    return (nats * importance).sum() / importance.sum(), figures
