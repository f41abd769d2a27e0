"""Lock: known latents held fast at every denoising step.

At each step the latents of known frames are replaced by the true ones at that step's noise level, as
RePaint does it (arXiv 2201.09865, algorithm 1). After the last step they are the true ones exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class LatentLock:
    """Holds latents fast.

    Args:
        clean: what the known latents are, in the layout of the pipeline's own.
        noise: the noise that is mixed in, like ``clean``.
        mask: where they are known; bool, broadcast to ``clean``.
        leads: whether tokens of conditions, where a pipeline adds some, come before the frames' own.
    """

    def __init__(
        self, clean: torch.Tensor, noise: torch.Tensor, mask: torch.Tensor, *, leads: bool = True
    ) -> None:
        self._clean, self._noise, self._mask = clean, noise, mask
        self._leads = leads

    def mapped(
        self, change: Callable[[torch.Tensor], torch.Tensor], *, leads: bool = True
    ) -> LatentLock:
        """The same lock for latents in another layout."""
        parts = (self._clean, self._noise, self._mask.expand(self._clean.shape))
        return LatentLock(*map(change, parts), leads=leads)

    def start(self, sigma: float) -> torch.Tensor:
        """What denoising starts from, at noise level ``sigma``."""
        return torch.where(self._mask, self._mixed(sigma), self._noise)

    def __call__(self, scheduler: Any, index: int, latents: torch.Tensor) -> torch.Tensor:
        """``latents`` after step ``index`` with the known ones put back."""
        known = self._level(scheduler, index).to(latents)
        mask = self._mask.to(latents.device)
        if latents.ndim == 3 and latents.shape[1] > known.shape[1]:  # packed, with more tokens
            own = known.shape[1]
            start = latents.shape[1] - own if self._leads else 0
            parts = latents.split([start, own, latents.shape[1] - own - start], dim=1)
            return torch.cat([parts[0], torch.where(mask, known, parts[1]), parts[2]], dim=1)
        return torch.where(mask, known, latents)

    def _level(self, scheduler: Any, index: int) -> torch.Tensor:
        if hasattr(scheduler, "sigmas"):  # flow matching: x = (1 - sigma) clean + sigma noise
            return self._mixed(float(scheduler.sigmas[index + 1]))
        timesteps = scheduler.timesteps
        if index + 1 >= len(timesteps):
            return self._clean
        return scheduler.add_noise(self._clean, self._noise, timesteps[index + 1 : index + 2].cpu())

    def _mixed(self, sigma: float) -> torch.Tensor:
        return (1 - sigma) * self._clean + sigma * self._noise
