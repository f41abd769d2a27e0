"""Adversary: tells true pictures from painted ones by their texture, and learns it while the painter learns.

A critic that stays as it is can be pleased with dots that mean nothing. One that is shown them at every step
cannot for long (arXiv 1406.2661). It judges patches (arXiv 1611.07004), each also by whether it goes with the
words (arXiv 1802.05637), by a hinge loss, and begins with what the critic of stills sees.

Shape legend: B pictures, H x W pixels, S text slots, P patches.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.critic import StillCritic

WIDTH = 64
_STAGES = 3  # of the critic's; further down, a patch is half of the picture
_WORDS_WEIGHT = 4.0


class Adversary(nn.Module):
    """Pictures and words to how true their patches are.

    Args:
        critic: what it begins with; is left as it is.
        lr: of its own learning.
    """

    def __init__(self, critic: StillCritic, *, lr: float = 1e-3) -> None:
        super().__init__()
        config = critic.config
        told = config.text_width * config.num_text_slots
        self.look = copy.deepcopy(critic.look[:_STAGES]).requires_grad_(True)
        seen = config.widths[1:_STAGES]
        self.true = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in seen)
        self.fits = nn.ModuleList(nn.Conv2d(width, WIDTH, 1) for width in seen)
        self.heard = nn.Sequential(nn.Linear(told, 192), nn.SiLU(), nn.Linear(192, WIDTH))
        self.to(next(critic.parameters()).device).eval()
        self.optimizer = torch.optim.AdamW(
            self.parameters(), lr=lr, betas=(0.5, 0.95), weight_decay=0.01
        )

    def forward(self, pictures: Tensor, said: Tensor) -> list[Tensor]:
        """Logits (B, P), fine and coarse, of pictures (B, 3, H, W) and their words (B, S, text_width)."""
        words = self.heard(said.float().flatten(1))[..., None, None]
        x, logits = self.look[0](pictures), []
        for stage, true, fits in zip(self.look[1:], self.true, self.fits, strict=True):
            x = stage(x)
            seen = F.leaky_relu(x, 0.2)
            fit = (fits(seen) * words).mean(1)
            logits.append((true(seen)[:, 0] + _WORDS_WEIGHT * fit).flatten(1))
        return logits

    def learn(self, true: Tensor, made: Tensor, said: Tensor) -> float:
        """One step on true pictures, on the same as they were made, and on true ones with others' words.

        Returns:
            The loss, 4 where nothing is told apart.
        """
        self.requires_grad_(True)
        both = self(torch.cat([true, made]), torch.cat([said, said]))
        loss = torch.zeros((), device=true.device)
        for logits, mismatched in zip(both, self(true, said.roll(1, 0)), strict=True):
            real, fake = logits.split([len(true), len(made)])
            loss = loss + F.relu(1 - real).mean() + 0.8 * F.relu(1 + fake).mean()
            loss = loss + 0.2 * F.relu(1 + mismatched).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.requires_grad_(False)
        return float(loss.detach())

    def objection(self, made: Tensor, said: Tensor) -> Tensor:
        """How false made pictures look, which is to be lowered; lets gradients through to them."""
        return -torch.stack([logits.mean() for logits in self(made, said)]).sum()
