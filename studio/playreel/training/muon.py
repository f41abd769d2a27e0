"""Two optimisers as one: Muon for the matrices and filters inside a network, AdamW for all the rest.

Muon (Jordan et al. 2024; arXiv 2502.16982 for the scale that lets both share one learning rate)
orthogonalises each matrix's momentum. On small networks it needs a third fewer steps than AdamW. torch has
one for matrices alone; a filter bank is a matrix too, once it is flattened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from playreel.core.precision import bf16_is_fast

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan's coefficients of the quintic iteration
_NUM_ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised.

    Args:
        params: weights of two or more dimensions; all but the first are flattened.
        lr: learning rate, in AdamW's scale.
        momentum: decay of the momentum, which looks ahead after Nesterov.
        weight_decay: decoupled.
    """

    def __init__(
        self, params: list[Tensor], *, lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Moves the weights."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(weight)
                average = state["momentum_buffer"].lerp_(weight.grad, 1 - group["momentum"])
                update = _orthogonal(weight.grad.lerp(average, group["momentum"]).flatten(1))
                rate = group["lr"] * 0.2 * max(update.shape) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update.view(weight.shape), alpha=-rate)


def _orthogonal(matrix: Tensor) -> Tensor:
    """Roughly the nearest matrix (M, N) with orthonormal rows or columns."""
    a, b, c = _NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    if bf16_is_fast(matrix.device):
        x = x.bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(_NUM_ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).to(matrix.dtype)


class _States:
    """The slots of a parameter, wherever they are kept."""

    def __init__(self, home: dict[Tensor, torch.optim.Optimizer]) -> None:
        self._home = home

    def __getitem__(self, parameter: Tensor) -> dict[str, Any]:
        return self._home[parameter].state[parameter]

    def get(self, parameter: Tensor, default: dict[str, Any]) -> dict[str, Any]:
        return self._home[parameter].state.get(parameter, default)


class MuonAdamW:
    """Muon and AdamW behind the face of one optimiser.

    Args:
        matrices: weights of two or more dimensions for Muon.
        groups: AdamW's parameter groups.
        lr: learning rate of both.
        betas: AdamW's.
        weight_decay: Muon's.
    """

    def __init__(
        self,
        matrices: list[Tensor],
        groups: list[dict[str, Any]],
        *,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
    ) -> None:
        self._parts: list[torch.optim.Optimizer] = [
            Muon(matrices, lr=lr, weight_decay=weight_decay),
            torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True),
        ]
        self.state = _States(
            {
                p: part
                for part in self._parts
                for group in part.param_groups
                for p in group["params"]
            }
        )

    @property
    def param_groups(self) -> Iterator[dict[str, Any]]:
        """The groups of both, for setting the learning rate."""
        return (group for part in self._parts for group in part.param_groups)

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Drops the gradients."""
        for part in self._parts:
            part.zero_grad(set_to_none=set_to_none)

    def step(self) -> None:
        """Moves the weights."""
        for part in self._parts:
            part.step()
