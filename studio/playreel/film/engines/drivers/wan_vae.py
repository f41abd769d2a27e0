"""What the families on Wan's VAE share: its latents, four frames to each but the first."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from playreel.film.engines.driver import Driver, as_tensor
from playreel.film.engines.request import Frames, Request


class WanVaeDriver(Driver):
    """Encodes and decodes latents (1, C, T, h, w)."""

    held_keyframe: ClassVar[int] = 4  # what one latent holds

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`."""
        vae = self.pipeline.vae
        latents = latents.to(vae.dtype)
        mean, scale = self._normal(latents)
        return vae.decode(latents / scale + mean, return_dict=False)[0]

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`; normalised."""
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        mode = vae.encode(as_tensor(frames).to(device, vae.dtype)).latent_dist.mode().float()
        mean, scale = self._normal(mode)
        return (mode - mean) * scale

    def _normal(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        config: Any = self.pipeline.vae.config
        shape = 1, config.z_dim, 1, 1, 1
        mean = torch.tensor(config.latents_mean).view(shape).to(like.device, like.dtype)
        deviation = torch.tensor(config.latents_std).view(shape).to(like.device, like.dtype)
        return mean, 1.0 / deviation
