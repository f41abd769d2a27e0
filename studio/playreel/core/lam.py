"""Latent action model: eight codes, learned from unlabelled frames, that stand for what was pressed.

Genie's latent actions (arXiv 2402.15391, sec. 2.1) with another target. Genie reconstructs the next
frame's pixels, so a code can smuggle in colours and positions and end up as a hash of the scene. Here
the target is the *motion* from a frame to the next: per cell, how likely each small shift is, from
matching blocks. Motion carries no colours and no scene, so the only thing worth coding is what moved.

The code is latent in the sense of a mixture: every code predicts the motion from the past, and the one
that predicts best is the action (expectation maximisation, softly at first). No encoder, no collapse.

Shape legend: B batch, T frames, C colours, H x W pixels, S shifts, K codes, h x w cells of 8 px.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.action_reader import ActionReader
from playreel.core.matching import NUM_SHIFTS, block_motion, shift_lengths

NUM_ACTIONS = 8
_ALIKE = 1.5  # nats by which two codes explain a motion alike


@dataclass(frozen=True, kw_only=True)
class LatentActionModelConfig:
    """Architecture of a `LatentActionModel`."""

    num_actions: int = NUM_ACTIONS
    width: int = 64


class _CodedBlock(nn.Module):
    """x + conv(silu(modulated(norm(x)))): the code says how much of each channel passes."""

    def __init__(self, width: int, num_actions: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.scale = nn.Embedding(num_actions, width)
        self.shift = nn.Embedding(num_actions, width)
        nn.init.normal_(self.scale.weight, 0, 0.3)
        nn.init.normal_(self.shift.weight, 0, 0.3)

    def forward(self, x: Tensor, action: Tensor) -> Tensor:
        """(N, width, h, w) and (N,) -> (N, width, h, w)."""
        y = self.norm(x) * (1 + self.scale(action)[..., None, None])
        return x + self.conv(F.silu(y + self.shift(action)[..., None, None]))


class LatentActionModel(ActionReader):
    """Finds which of `num_actions` codes leads from a frame to the next."""

    config_class = LatentActionModelConfig
    kind = "latent_action_model"
    prior_weight = 1.0  # nats by which a code e times as common is preferred

    def __init__(self, config: LatentActionModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or LatentActionModelConfig()
        width = config.width
        self.look = nn.Sequential(  # what stands where
            nn.PixelUnshuffle(4),
            nn.Conv2d(3 * 16, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, width, 4, stride=2, padding=1),
        )
        codes = config.num_actions
        self.register_buffer("usage", torch.full((codes,), 1 / codes))
        self.register_buffer("apart", torch.full((codes, codes), 100.0))  # nats between two codes
        self.register_buffer("enabled", torch.ones(codes))
        self.blocks = nn.ModuleList(_CodedBlock(width, config.num_actions) for _ in range(2))
        self.control = nn.Sequential(
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, NUM_SHIFTS, 1)
        )
        self.past = nn.Conv2d(NUM_SHIFTS, width, 3, padding=1)
        self.momentum = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, NUM_SHIFTS, 1),
        )
        nn.init.zeros_(self.momentum[-1].weight)  # the codes come first
        nn.init.zeros_(self.momentum[-1].bias)

    def context(
        self, before: Tensor, now: Tensor, keep_look: Tensor | None, keep_past: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """What the past tells: features (B, width, h, w) and logits by momentum (B, S, h, w).

        The codes meet the features of a single frame only, and momentum is *added* to what a code says.
        So a code cannot mean "go on" or "turn round": it has to stand for the control itself.

        `keep_look` and `keep_past` (B,) blank either source where False, for training.
        """
        look = self.look(now)
        if keep_look is not None:
            look = look * keep_look[:, None, None, None]
        momentum = self.momentum(look + self.past(block_motion(before, now)[0]))
        if keep_past is not None:
            momentum = momentum * keep_past[:, None, None, None]
        return look, momentum

    def predict(self, context: tuple[Tensor, Tensor], action: Tensor) -> Tensor:
        """Log probabilities (B, S, h, w) of each shift under one action (B,) per sample."""
        x, momentum = context
        for block in self.blocks:
            x = block(x, action)
        return F.log_softmax(self.control(x).float() + momentum.float(), dim=1)

    def surprise(self, context: tuple[Tensor, Tensor], target: Tensor, weight: Tensor) -> Tensor:
        """Nats (B, K) by which the true motion surprises each code, summed over cells."""
        nats = -(target[:, None] * self._foretold(context)).sum(2).mul(weight[:, None]).sum((2, 3))
        return nats + 1e4 * (1 - self.enabled)

    def _foretold(self, context: tuple[Tensor, Tensor]) -> Tensor:
        """Log probabilities (B, K, S, h, w) of each shift under every code."""
        batch, codes = len(context[0]), self.config.num_actions
        action = torch.arange(codes, device=context[0].device).repeat(batch)
        repeated = tuple(part.repeat_interleave(codes, 0) for part in context)
        return self.predict(repeated, action).unflatten(0, (batch, codes))

    @torch.no_grad()
    def _compare(self, surprise: Tensor) -> None:
        """Follow how far apart the codes' predictions are, where either of a pair predicts best."""
        best = F.one_hot(surprise.argmin(1), surprise.shape[1]).float()
        gap = (surprise[:, :, None] - surprise[:, None]).abs()
        either = (best[:, :, None] + best[:, None]).clamp(max=1) * (gap < 1e3)  # both enabled
        count = either.sum(0)
        mean = (gap * either).sum(0) / count.clamp(min=1)
        self.apart.copy_(torch.where(count > 0, torch.lerp(self.apart, mean, 0.1), self.apart))

    @torch.no_grad()
    def merge_twins(self, *, split: bool) -> bool:
        """Merge the two codes that say most nearly the same (after split and merge EM, Ueda 2000).

        Args:
            split: give the code set free to the busiest one, which may be two things in one; else switch
                it off, so that no button has two codes.

        Returns:
            Whether there were such twins.
        """
        pairs = self.apart + 1e4 * torch.eye(len(self.apart), device=self.apart.device)
        off = self.enabled == 0
        pairs[off] = pairs[:, off] = 1e4
        reach = self.apart[~off][:, ~off].amax()
        closest = int(pairs.argmin())
        keep, drop = divmod(closest, len(pairs))
        if pairs[keep, drop] > 0.06 * reach:
            return False
        if self.usage[keep] < self.usage[drop]:
            keep, drop = drop, keep
        self.usage[keep] += self.usage[drop]
        self.usage[drop] = 0.0
        if not split:
            self.enabled[drop] = 0.0
            return True
        busiest = int(self.usage.argmax())
        for block in self.blocks:
            for table in (block.scale.weight, block.shift.weight):
                table[drop] = table[busiest] + 0.3 * torch.randn_like(table[busiest])
        self.usage[busiest] = self.usage[drop] = self.usage[busiest] / 2
        self.apart[drop] = self.apart[:, drop] = self.apart[busiest]
        self.apart[busiest, drop] = self.apart[drop, busiest] = reach  # give it time to differ
        return True

    @torch.no_grad()
    def settle_usage(self, window: Tensor) -> None:
        """Count anew how usual each code is, after training.

        A motion that several codes explain alike counts for the calmest of them: it is more likely that a
        button was not pressed than that it was and did nothing, as a jump in a fall does. Training shares
        such motions out by chance, and the code of a jump then stands for walking as well.

        Args:
            window: (B, 3, C, H, W), the more the better: the frame before, now, after.
        """
        before, now, after = window.unbind(1)
        target, weight = block_motion(now, after)
        context = self.context(before, now, None, None)
        surprise = self.surprise(context, target, weight)
        by_control = (context[0], torch.zeros_like(context[1]))
        length = shift_lengths(window.device)[:, None, None]
        moved = (self._foretold(by_control).exp() * length).sum(2).mul(weight[:, None])
        alike = surprise < surprise.amin(1, keepdim=True) + _ALIKE
        meant = torch.where(alike, moved.sum((0, 2, 3)), torch.inf).argmin(1)
        self.usage.copy_(meant.bincount(minlength=len(self.usage)) / len(meant))

    @torch.inference_mode()
    def score(self, before: Tensor, now: Tensor, after: Tensor) -> Tensor:
        """See `ActionReader.score`."""
        target, weight = block_motion(now, after)
        surprise = self.surprise(self.context(before, now, None, None), target, weight)
        # Where two codes explain a motion alike (jump does nothing in a fall), the usual one is meant.
        return surprise - self.prior_weight * (self.usage + 1e-3).log()


def lam_loss(
    model: LatentActionModel,
    window: Tensor,
    *,
    sharpness: float,
    keep_past: float,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """One step of expectation maximisation.

    Args:
        model: the model.
        window: (B, 3, C, H, W): the frame before, now, after.
        sharpness: inverse temperature of the responsibilities; grows during training.
        keep_past: chance that the past motion is shown.
        generator: randomness of the blanking.

    Returns:
        Loss per cell in nats, and figures to log.
    """
    batch = len(window)
    before, now, after = window.unbind(1)
    target, weight = block_motion(now, after)
    draw = torch.rand(2, batch, generator=generator, device=window.device)
    context = model.context(before, now, draw[0] < 0.75, draw[1] < keep_past)
    surprise = model.surprise(context, target, weight)
    with torch.no_grad():
        usage = model.usage  # rare codes are favoured a little so that none dies
        balance = 2.0 * (usage * 2 * len(usage) + 0.05).log().clamp(max=0.0)
        q = F.softmax(-surprise * sharpness - balance, dim=1)
        model.usage.lerp_(q.mean(0), 0.05)
        model._compare(surprise)
    loss = (q * surprise).sum(1).mean() / weight.sum((1, 2)).mean().clamp(min=1)
    figures = {
        "best": (surprise.amin(1).mean() / weight.sum((1, 2)).mean()).item(),
        "mean": (surprise.mean() / weight.sum((1, 2)).mean()).item(),
        "codes": float((usage > 0.02).sum()),
    }
    return loss, figures
