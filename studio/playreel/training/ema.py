"""A slow average of the weights: what is exported and sampled from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class WeightAverage:
    """Exponential moving average over named parameters, with warm-up.

    Args:
        parameters: Name to parameter; averaged in float32 on the parameter's device.
        decay: Final decay; update n uses min(decay, (1 + n) / (10 + n)).
    """

    def __init__(self, parameters: dict[str, Tensor], *, decay: float = 0.999) -> None:
        self.decay = decay
        self.num_updates = 0
        self._parameters = parameters
        self.averages = {name: p.detach().float().clone() for name, p in parameters.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Takes the present weights into the average."""
        self.num_updates += 1
        decay = min(self.decay, (1 + self.num_updates) / (10 + self.num_updates))
        weights = [p.detach().float() for p in self._parameters.values()]
        if weights:
            torch._foreach_lerp_(list(self.averages.values()), weights, 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the parameters hold their averages; afterwards the trained weights are back."""
        with torch.no_grad():
            kept = {name: p.detach().clone() for name, p in self._parameters.items()}
            for name, parameter in self._parameters.items():
                parameter.copy_(self.averages[name])
        try:
            yield
        finally:
            with torch.no_grad():
                for name, parameter in self._parameters.items():
                    parameter.copy_(kept[name])
