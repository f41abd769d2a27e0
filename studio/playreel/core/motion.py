"""Motion model: where every pixel of a frame goes next, given the action.

Most of a next frame is this frame, moved. Copying pixels keeps them sharp for ever, where a network that
redraws the whole picture each step blurs it away within seconds. So each source pixel gets a
distribution over shifts and a depth; pixels are splatted forward, nearer ones in front, and target pixels
that nobody claims are holes, left to the transformer. (Kernel-based frame prediction after CDNA,
arXiv 1605.07157; forward splatting with learned depth after softmax splatting, arXiv 2003.05534.)

Shape legend: B batch, C colours, H x W pixels, R shifts along one axis, K shifts (dy, dx) looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.coded import Coded
from playreel.core.dissimilarity import half_way, unlike
from playreel.core.matching import NUM_SHIFTS, block_motion

# A pixel whose copy is right less often than this is better drawn anew. Lower, and a sprite that changes
# its pose is pieced together from scattered pixels of the old one.
NEW_LIKELIHOOD = 0.12
MIN_TRUST = 0.01  # of a pixel that something came to lie on, however unlikely
SURROUNDINGS = 28  # pixels across
APART, BEHIND = 1.0, 12  # in depth, and pixels between them: one thing goes on behind another
AGREE_REACH, AGREE_STEP, AGREE_COLOUR = 2, 2, 0.15  # neighbours each way, pixels between, likeness


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
        features: (B, F, H/2, W/2), what the last layer saw.
    """

    down: Tensor
    right: Tensor
    front: Tensor
    hole: Tensor
    features: Tensor


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
        self.blocks = nn.ModuleList(Coded(coarse, codes) for _ in range(config.num_blocks))
        self.whole = nn.Linear(coarse, coarse)
        self.up_middle = nn.Sequential(nn.Conv2d(coarse, middle * 4, 1), nn.PixelShuffle(2))
        self.middle = Coded(middle, codes)
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
            features=fine,
        )


@torch.no_grad()
def likely_shifts(
    field: MotionField, count: int, *, of: Tensor | None = None, least: float = 0.0
) -> list[tuple[int, int]]:
    """The shifts (down, right) in pixels that most of the pixels of a batch are likely to take.

    Args:
        field: where pixels go.
        count: at most so many.
        of: bool (B, 1, H, W), only these pixels.
        least: share of the pixels that must take a shift; the likeliest is always among them.
    """
    down, right = field.down.exp(), field.right.exp()
    if of is not None:
        down = down * of
    mass = torch.einsum("bryx,bsyx->rs", down, right)
    best = mass.flatten().topk(min(count, mass.numel()))
    enough = best.values >= least * float(mass.sum())
    enough[0] = True
    reach = down.shape[1] // 2
    return [
        (index // down.shape[1] - reach, index % down.shape[1] - reach)
        for index in best.indices[enough].tolist()
    ]


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


def agreed(field: MotionField, now: Tensor) -> MotionField:
    """The field with neighbours of like colour in agreement, so that a thing moves as one piece.

    Args:
        field: as predicted, pixel by pixel.
        now: (B, C, H, W) in [-1, 1], the frame it moves.
    """
    votes = smoothed(torch.cat([field.down, field.right], 1), now)
    down, right = votes.chunk(2, 1)
    return replace(field, down=down, right=right)


def smoothed(votes: Tensor, now: Tensor, voting: Tensor | None = None) -> Tensor:
    """Each pixel's log probabilities become the mean over its neighbourhood, weighted by likeness of colour.

    (Adaptive support weights of stereo matching, Yoon and Kweon 2006.)

    Args:
        votes: (B, K, H, W).
        now: (B, C, H, W) in [-1, 1], the frame.
        voting: bool (B, 1, H, W), who has a vote; None is everyone.
    """
    height, width = now.shape[2:]
    reach = AGREE_REACH * AGREE_STEP
    around = F.pad(votes, (reach,) * 4, mode="replicate")
    colours = F.pad(now, (reach,) * 4, mode="replicate")
    heard = None if voting is None else F.pad(voting.float(), (reach,) * 4)
    total, weights = torch.zeros_like(votes), torch.full_like(now[:, :1], 1e-6)
    for top in range(0, 2 * reach + 1, AGREE_STEP):
        for left in range(0, 2 * reach + 1, AGREE_STEP):
            near = slice(top, top + height), slice(left, left + width)
            unlike = (colours[:, :, *near] - now).abs().mean(1, keepdim=True)
            weight = (-unlike / AGREE_COLOUR).exp()
            if heard is not None:
                weight = weight * heard[:, :, *near]
            total += weight * around[:, :, *near]
            weights += weight
    return total / weights


def splat(now: Tensor, field: MotionField) -> tuple[Tensor, Tensor, Tensor]:
    """Move the pixels of a frame, each to one place.

    A pixel that might go to several places is not sown over all of them: a sprite would fray.

    Args:
        now: (B, C, H, W).
        field: where they go, already `agreed`.

    Returns:
        See `placed`.
    """
    reach = field.down.shape[1] // 2
    sure_down, down = field.down.max(1)
    sure_right, right = field.right.max(1)
    return placed(now, field, down - reach, right - reach, sure_down + sure_right)


def placed(
    now: Tensor, field: MotionField, down: Tensor, right: Tensor, sure: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Move the pixels of a frame by given shifts.

    Args:
        now: (B, C, H, W).
        field: says which pixel covers which, and what is likely to be new.
        down: int64 (B, H, W), the pixels' shifts.
        right: int64 (B, H, W).
        sure: (B, H, W), their log probabilities.

    Returns:
        The moved frame (B, C, H, W), bare places filled with what surrounds them; how far
        (B, 1, H, W) in [0, 1] to trust each pixel, 0 where nothing came to lie; and which pixel of `now`,
        counted row by row, came to lie there, int64 (B, H, W), -1 for none.
    """
    batch, _, height, width = now.shape
    count = height * width
    rows = torch.arange(height, device=now.device)[:, None] + down
    columns = torch.arange(width, device=now.device) + right
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    target = torch.where(inside, rows * width + columns, count).flatten(1)
    strength = field.front[:, 0] + sure
    # Rank and place in one integer: the strongest claim wins, and equals are told apart the same way always.
    rank = ((strength + 100) * 2**20).long().flatten(1) * count
    rank = rank + torch.arange(count, device=now.device)
    nobody = rank.new_full((batch, count + 1), -1)
    winner = nobody.scatter_reduce(1, target, rank, "amax")[:, :count]
    covered = (winner >= 0).view(batch, 1, height, width)
    source = winner % count
    picture = now.flatten(2).gather(2, source[:, None].expand(-1, now.shape[1], -1)).view_as(now)
    claim = strength.flatten(1).gather(1, source).view(batch, 1, height, width)
    trust = torch.sigmoid(claim - field.hole).clamp(min=MIN_TRUST) * covered
    shift = torch.stack([down, right], 1).flatten(2).gather(2, source[:, None].expand(-1, 2, -1))
    scenery = covered & _moves_with_its_surroundings(shift.view(batch, 2, height, width), covered)
    came_from = torch.where(winner >= 0, source, -1).view(batch, height, width)
    near = field.front.flatten(2).gather(2, source[:, None]).view_as(claim)
    return filled(picture, covered, scenery, near), trust, came_from


def _moves_with_its_surroundings(shift: Tensor, covered: Tensor) -> Tensor:
    """Bool (B, 1, H, W): what moves otherwise than most around it is a thing, not scenery."""
    known = covered.float()
    coarse = F.avg_pool2d(torch.cat([shift * known, known], 1), 4, ceil_mode=True)
    total = F.avg_pool2d(coarse, SURROUNDINGS // 4, 1, SURROUNDINGS // 8)
    mean = total[:, :2] / total[:, 2:].clamp(min=1e-6)
    mean = mean.repeat_interleave(4, 2).repeat_interleave(4, 3)
    mean = mean[:, :, : shift.shape[2], : shift.shape[3]]
    return (shift - mean).abs().amax(1, keepdim=True) < 1


def filled(
    picture: Tensor, covered: Tensor, scenery: Tensor, front: Tensor | None = None
) -> Tensor:
    """`picture` (B, C, H, W) with bare places filled from the scenery beside them.

    Whole pixels are taken over, from left or right: means would leave a trail of fog behind all that moves.

    Args:
        picture: with gaps.
        covered: bool (B, 1, H, W), where there are none.
        scenery: bool (B, 1, H, W), what may be taken over.
        front: (B, 1, H, W), how near pixels are; of two sides, the farther one goes on behind the other.
    """
    width = picture.shape[-1]
    columns = torch.arange(width, device=picture.device)
    to_left = torch.where(scenery, columns, -1).cummax(-1).values
    to_right = torch.where(scenery, columns, width).flip(-1).cummin(-1).values.flip(-1)
    left, right = columns - to_left, to_right - columns
    left = torch.where(to_left < 0, 2 * width, left)
    right = torch.where(to_right >= width, 2 * width, right)
    sides = [to_left.clamp(min=0), to_right.clamp(max=width - 1)]
    rightward = right < left
    if front is not None:
        near_left, near_right = (front.gather(3, side) for side in sides)
        apart = ((near_left - near_right).abs() > APART) & (torch.maximum(left, right) <= BEHIND)
        rightward = torch.where(apart, near_right < near_left, rightward)
    source = torch.where(rightward, sides[1], sides[0]).expand_as(picture)
    known = torch.minimum(left, right) < 2 * width
    picture = torch.where(~covered & known, picture.gather(3, source), picture)
    return _spread(picture, ~covered & ~known)


def _spread(picture: Tensor, bare: Tensor) -> Tensor:
    """`picture` with whole bare rows filled from those above and below."""
    known = (~bare).float()
    while bool(bare.any()) and bool((known > 0).any()):
        weight = F.avg_pool2d(known, 3, 1, 1)
        fresh = bare & (weight > 0)
        spread = F.avg_pool2d(picture * known, 3, 1, 1) / weight.clamp(min=1e-6)
        picture = torch.where(fresh, spread, picture)
        known = torch.maximum(known, fresh.float())
        bare = bare & ~fresh
    return picture


def motion_loss(
    before: Tensor,
    now: Tensor,
    after: Tensor,
    field: MotionField,
    shifts: list[tuple[int, int]],
    *,
    resampled: bool = False,
    rest_weight: float = 0.15,
) -> tuple[Tensor, dict[str, float]]:
    """Negative log likelihood of each true pixel being a copy of one of its claimants, or new.

    Args:
        before: (B, C, H, W) in [-1, 1], the frame before `now`; the one that came after when time runs back.
        now: (B, C, H, W).
        after: the true next frame.
        field: prediction.
        shifts: shifts to look at, the true ones among them.
        resampled: things move by parts of pixels, so that copies are not exact.
        rest_weight: what a pixel that rests counts, next to 1 of one that moves.
    """
    weight = claims(field, shifts)
    least, greatest = half_way(now) if resampled else (now, now)
    error = torch.stack(
        [unlike(after, moved(least, s), moved(greatest, s)).mean(1) for s in shifts], 1
    )
    match = (-error / 0.02).exp()
    hole = field.hole[:, 0].exp()
    explained = (weight * match).sum(1) + hole * NEW_LIKELIHOOD
    total = weight.sum(1) + hole
    nats = (total + 1e-8).log() - (explained + 1e-8).log()
    with torch.no_grad():
        changed = _differs(now, after)
        # What comes to rest counts as what moves does, or buttons that stop the picture are never learned.
        importance = rest_weight + torch.maximum(changed, _differs(before, now))
        best = error.gather(1, weight.argmax(1, keepdim=True))[:, 0]
        figures = {
            "wrong": ((best > 0.03).float().mean()).item(),
            "unmoved": changed.mean().item(),
            "holes": (hole / total).mean().item(),
        }
    return (nats * importance).sum() / importance.sum(), figures


def _differs(one: Tensor, other: Tensor) -> Tensor:
    """(B, H, W), 1 where two frames are not the same."""
    return ((one - other).abs().mean(1) > 0.02).float()
