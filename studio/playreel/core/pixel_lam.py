"""Latent actions of anybody's footage: small sprites on a still background as well as scenery that scrolls.

`LatentActionModel` matches blocks of 8 pixels, which see no sprite of 5 pixels before a textured wall. Here
single pixels are the evidence: per code, a distribution over where each pixel of the next frame came from,
and the code under which the frame is likeliest is the action. Only the cells that changed most are looked at,
so that a step costs little and a screen that stands still drowns nothing.

As there, the codes meet a single frame and momentum is added to what they say, so that no code can mean
"go on"; and there is no encoder: codes are found by expectation maximisation. Momentum has no say when they
are read.

Shape legend: B batch, K codes, M cells of 4 px that are looked at, P pixels of a cell, S steps along an axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.action_reader import ActionReader
from playreel.core.dissimilarity import half_way, unlike

CELL = 4  # pixels a side
STEPS = (-8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8)  # shifts along an axis, in pixels
_REACH = max(STEPS)
_AXIS = len(STEPS)
_PIXELS = CELL * CELL
_OUT = _PIXELS * (2 * _AXIS + 1)
_TOLERANCE = 0.04  # mean colour difference, of 2, at which a copy is e times less likely
_NEW = 0.1  # likelihood of a pixel that is no copy
_QUIET = 0.05  # colour difference below which a pixel is taken as unchanged


@dataclass(frozen=True, kw_only=True)
class PixelActionModelConfig:
    """Architecture of a `PixelActionModel`."""

    num_actions: int = 8
    width: int = 48
    num_cells: int = 32


class PixelActionModel(ActionReader):
    """Finds which of `num_actions` codes leads from a frame to the next, pixel by pixel."""

    config_class = PixelActionModelConfig
    kind = "pixel_action_model"

    def __init__(self, config: PixelActionModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or PixelActionModelConfig()
        width, codes = config.width, config.num_actions
        self.look = nn.Sequential(  # what stands where
            nn.PixelUnshuffle(CELL),
            nn.Conv2d(3 * _PIXELS, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=2, dilation=2),
        )
        self.change = nn.Sequential(
            nn.PixelUnshuffle(CELL), nn.Conv2d(3 * _PIXELS, width, 3, padding=1)
        )
        self.momentum = nn.Sequential(nn.SiLU(), nn.Conv2d(width, width, 3, padding=2, dilation=2))
        self.go_on = nn.Linear(width, _OUT)
        nn.init.zeros_(self.go_on.weight)  # the codes come first
        nn.init.zeros_(self.go_on.bias)
        self.norm = nn.LayerNorm(width)
        self.scale, self.shift = nn.Embedding(codes, width), nn.Embedding(codes, width)
        self.mix = nn.Linear(width, 2 * width)
        self.pick = nn.Embedding(codes, 2 * width)
        for table in (self.scale, self.shift, self.pick):
            nn.init.normal_(table.weight, 0, 0.5)
        self.control = nn.Linear(2 * width, _OUT)
        self.register_buffer("usage", torch.full((codes,), 1 / codes))
        self.register_buffer("enabled", torch.ones(codes))
        self.register_buffer("spread", torch.tensor(0.0))  # nats between codes, of a usual window

    def surprise(
        self,
        before: Tensor,
        now: Tensor,
        after: Tensor,
        *,
        keep_past: Tensor | None = None,
        vary: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Nats (B, K) by which the next frame surprises each code, and the weight (B,) of what was looked at.

        Args:
            before: (B, C, H, W) in [-1, 1], the frame before `now`.
            now: (B, C, H, W).
            after: the true next frame.
            keep_past: bool (B,), whether momentum is shown; always, where None.
            vary: look at cells partly by chance, for training.
        """
        weight = changes(now, after)
        order = weight.sum(2)
        if vary:
            order = order * (1 + 0.3 * torch.rand_like(order)) + 0.2 * torch.rand_like(order)
        cells = order.topk(min(self.config.num_cells, order.shape[1])).indices  # (B, M)
        weight = weight.gather(1, cells[..., None].expand(-1, -1, _PIXELS))
        match = matches(now, after, cells)  # (B, M, P, S, S)
        look = self.look(now)
        past = self.momentum(look.detach() + self.change(now - before))
        momentum = self.go_on(F.silu(_at(past, cells)).float())[:, None]
        if keep_past is not None:
            momentum = momentum * keep_past[:, None, None, None]
        x = self.norm(_at(look, cells).float())[:, None]  # (B, 1, M, width)
        x = F.silu(x * (1 + self.scale.weight[:, None]) + self.shift.weight[:, None])
        x = F.silu(self.mix(x)) * (1 + self.pick.weight[:, None])  # (B, K, M, 2 width)
        out = (
            (self.control(x) + momentum).float().unflatten(-1, (_PIXELS, -1)).permute(0, 2, 3, 1, 4)
        )
        down, right = out[..., :_AXIS].softmax(-1), out[..., _AXIS:-1].softmax(-1)
        new = torch.sigmoid(out[..., -1] - 2)
        copied = ((down @ match) * right).sum(-1)  # (B, M, P, K)
        nats = -((1 - new) * copied + new * _NEW + 1e-6).log()
        return (nats * weight[..., None]).sum((1, 2)), weight.sum((1, 2))

    @torch.inference_mode()
    def score(self, before: Tensor, now: Tensor, after: Tensor) -> Tensor:
        """See `ActionReader.score`. The past is hidden: it would explain by itself what is held on to."""
        hidden = torch.zeros(len(now), dtype=torch.bool, device=now.device)
        surprise, _ = self.surprise(before, now, after, keep_past=hidden)
        return surprise + 1e6 * (1 - self.enabled)

    @torch.no_grad()
    def drop_idle(self, least: float) -> None:
        """Switch off the codes that are used less often than `least` (but never all)."""
        self.enabled.copy_((self.usage >= min(least, float(self.usage.max()))).float())


@torch.no_grad()
def changes(now: Tensor, after: Tensor) -> Tensor:
    """How much each pixel tells, (B, cells, P): next to nothing unless it changed."""
    difference = (now - after).abs().amax(1, keepdim=True)
    weight = ((difference - _QUIET) / 0.2).clamp(0, 1) + 0.02
    return F.pixel_unshuffle(weight, CELL).flatten(2).transpose(1, 2)


@torch.no_grad()
def matches(now: Tensor, after: Tensor, cells: Tensor) -> Tensor:
    """Likelihood (B, M, P, S, S) of each pixel of `after` being a copy from `now`, by its shift.

    Args:
        now: (B, C, H, W) in [-1, 1].
        after: the frame after it.
        cells: int64 (B, M), which cells of `after`, counted by rows.
    """
    batch, colours, _, width = now.shape
    count, side = cells.shape[1], CELL + 2 * _REACH
    columns = width // CELL
    top, left = (
        (cells // columns * CELL)[..., None, None],
        (cells % columns * CELL)[..., None, None],
    )
    far = torch.arange(side, device=now.device)
    index = ((top + far[:, None]) * (width + 2 * _REACH) + left + far).flatten(1)[:, None]
    index = index.expand(-1, colours, -1)
    least, greatest = (
        F.pad(end, (_REACH,) * 4, mode="replicate")
        .flatten(2)
        .gather(2, index)
        .unflatten(2, (count, side, side))
        for end in half_way(now)
    )
    near = far[:CELL]
    index = ((top + near[:, None]) * width + left + near).flatten(1)[:, None]
    target = after.flatten(2).gather(2, index.expand(-1, colours, -1))
    target = target.unflatten(2, (count, CELL, CELL))
    error = now.new_empty(batch, count, _AXIS, _AXIS, CELL, CELL)
    for i, down in enumerate(STEPS):
        rows = slice(_REACH - down, _REACH - down + CELL)
        for j, right in enumerate(STEPS):
            moved = rows, slice(_REACH - right, _REACH - right + CELL)
            error[:, :, i, j] = unlike(target, least[..., *moved], greatest[..., *moved]).mean(1)
    return error.mul_(-1 / _TOLERANCE).exp_().flatten(4).permute(0, 1, 4, 2, 3)


def pixel_lam_loss(
    model: PixelActionModel, window: Tensor, *, sharpness: float, keep_past: float
) -> tuple[Tensor, dict[str, float]]:
    """One step of expectation maximisation.

    Args:
        model: the model.
        window: (B, 3, C, H, W): the frame before, now, after.
        sharpness: how decidedly a window goes to the code that explains it best; grows in training.
        keep_past: chance that momentum is shown.

    Returns:
        Nats per changed pixel, and figures to log.
    """
    before, now, after = window.unbind(1)
    shown = torch.rand(len(window), device=window.device) < keep_past
    surprise, weight = model.surprise(before, now, after, keep_past=shown, vary=True)
    with torch.no_grad():
        usage = model.usage
        gap = surprise.std(1).mean() + 1e-3
        model.spread.copy_(torch.where(model.spread > 0, torch.lerp(model.spread, gap, 0.05), gap))
        # Rare codes are favoured a little so that none dies.
        favour = (usage * 2 * len(usage) + 0.05).log().clamp(max=0.0)
        share = F.softmax(-surprise / model.spread * sharpness - favour, dim=1)
        usage.lerp_(share.mean(0), 0.05)
    figures = {
        "best": (surprise.amin(1) / weight).mean().item(),
        "mean": (surprise.mean(1) / weight).mean().item(),
        "codes": float((usage > 0.02).sum()),
    }
    return (share * surprise).sum(1).mean() / weight.mean(), figures


def _at(grid: Tensor, cells: Tensor) -> Tensor:
    """Features (B, M, width) of some cells of `grid` (B, width, h, w)."""
    rows = grid.flatten(2).transpose(1, 2)
    return rows.gather(1, cells[..., None].expand(-1, -1, rows.shape[2]))
