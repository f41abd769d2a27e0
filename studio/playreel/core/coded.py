"""A residual block that an action steers."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class Coded(nn.Module):
    """x + conv(silu(modulated(norm(x)))), modulated by the action (FiLM, arXiv 1709.07871).

    Args:
        width: channels.
        num_codes: how many actions there are.
    """

    def __init__(self, width: int, num_codes: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.affine = nn.Embedding(num_codes, 2 * width)
        nn.init.normal_(self.affine.weight, 0, 0.3)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """(B, width, h, w) under the actions int64 (B,)."""
        scale, shift = self.affine(code)[..., None, None].chunk(2, dim=1)
        return x + self.conv(F.silu(self.norm(x) * (1 + scale) + shift))
