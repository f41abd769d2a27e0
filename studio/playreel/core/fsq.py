"""Finite scalar quantisation (FSQ), Mentzer et al. 2023, arXiv 2309.15505.

Every channel is squashed to a few evenly spaced levels and rounded, so there is no codebook to
collapse. A token is its D digits, one per channel; digit d lies in ``range(levels[d])``.

Shape legend: ``...`` any leading shape, D digits per token.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Principal components of patches shrink fast, so the first digits are fine and the last coarse.
DEFAULT_LEVELS = (65,) * 3 + (33,) * 5 + (17,) * 16 + (9,) * 24 + (7,) * 48
NUM_COARSE = 16  # digits that say what is there; the others say how exactly


class FSQ(nn.Module):
    """Rounds D channels to ``levels[d]`` values each; gradients pass straight through.

    Args:
        levels: number of values per digit, each at least 2.
    """

    def __init__(self, levels: tuple[int, ...] = DEFAULT_LEVELS) -> None:
        super().__init__()
        if not levels or min(levels) < 2:
            raise ValueError(f"FSQ levels must all be at least 2, got {levels}.")
        self.levels = tuple(int(level) for level in levels)
        level = torch.tensor(self.levels, dtype=torch.float32)
        half = (level - 1) * (1 + 1e-3) / 2  # a little wider than the outer levels: reachable
        offset = (level % 2 == 0).float() / 2  # an even count has no middle level: half a step
        constants = {
            "_half": half,
            "_offset": offset,
            "_shift": torch.atanh(offset / half),
            "_radius": (level // 2),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def num_digits(self) -> int:
        """D, the digits of one token."""
        return len(self.levels)

    def forward(self, z: Tensor) -> Tensor:
        """Quantise unbounded ``z`` (..., D) to values in [-1, 1] (..., D), straight-through."""
        bounded = self._bound(z.float())
        rounded = bounded + (bounded.round() - bounded).detach()
        return rounded / self._radius

    def encode(self, z: Tensor) -> Tensor:
        """Codes int64 (..., D) of unbounded ``z`` (..., D)."""
        return (self._bound(z.float()).round() + self._radius).long()

    def to_codes(self, values: Tensor) -> Tensor:
        """Codes int64 (..., D) of quantised ``values`` (..., D)."""
        return (values.float() * self._radius + self._radius).round().long()

    def to_values(self, codes: Tensor) -> Tensor:
        """Quantised values float32 in [-1, 1] of integer ``codes`` (..., D), or of their first digits."""
        radius = self._radius[: codes.shape[-1]]
        return (codes.float() - radius) / radius

    def _bound(self, z: Tensor) -> Tensor:
        return torch.tanh(z + self._shift) * self._half - self._offset
