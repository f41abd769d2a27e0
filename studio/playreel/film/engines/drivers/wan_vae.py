"""What the families on Wan's VAE share: its latents, four frames to each but the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import torch

from playreel.film.engines.driver import Driver, as_tensor
from playreel.film.engines.pieces import one_by_one
from playreel.film.engines.request import Frames, Request


class WanVaeDriver(Driver):
    """Encodes and decodes latents (1, C, T, h, w)."""

    held_keyframe: ClassVar[int] = 4  # what one latent holds

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`."""
        return self.pipeline.vae.decode(self._raw(latents), return_dict=False)[0]

    def pieces(self, latents: torch.Tensor, request: Request) -> Iterator[torch.Tensor]:
        """See `Driver.pieces`."""
        return one_by_one(self.pipeline.vae, self._raw(latents))

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`; normalised."""
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        mode = vae.encode(as_tensor(frames).to(device, vae.dtype)).latent_dist.mode().float()
        mean, scale = self._normal(mode)
        return (mode - mean) * scale

    def _raw(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents as the VAE takes them."""
        latents = latents.to(self.pipeline.vae.dtype)
        mean, scale = self._normal(latents)
        return latents / scale + mean

    def _normal(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        config: Any = self.pipeline.vae.config
        shape = 1, config.z_dim, 1, 1, 1
        mean = torch.tensor(config.latents_mean).view(shape).to(like.device, like.dtype)
        deviation = torch.tensor(config.latents_std).view(shape).to(like.device, like.dtype)
        return mean, 1.0 / deviation
