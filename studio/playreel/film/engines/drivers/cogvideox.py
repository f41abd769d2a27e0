"""CogVideoX: latents with time before channels, and a diffusion schedule that is no flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import torch
from diffusers import CogVideoXPipeline, CogVideoXVideoToVideoPipeline

from playreel.film.engines.driver import Driver, as_tensor, pil
from playreel.film.engines.lock import LatentLock
from playreel.film.engines.pieces import few_by_few
from playreel.film.engines.request import Frames, Request
from playreel.film.engines.steps import Meter, Steps


class CogVideoXDriver(Driver):
    """Drives `CogVideoXPipeline` and `CogVideoXVideoToVideoPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("CogVideoXPipeline", "CogVideoXVideoToVideoPipeline")
    held_keyframe: ClassVar[int] = 4  # what one latent holds

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        if request.redraws:
            return self.call(
                self.other(CogVideoXVideoToVideoPipeline),
                request,
                Steps(meter, preview=self.preview),
                video=pil(request.source),
                strength=max(request.strength, 1 / request.num_steps),
            )
        given: dict[str, object] = {"num_frames": request.num_frames}
        lock = self.locked(request)
        if lock is not None:
            given["latents"] = lock.start(1.0)
        steps = Steps(meter, preview=self.preview, lock=lock)
        return self.call(self.other(CogVideoXPipeline), request, steps, **given)

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`."""
        if request is None:  # a preview's, with channels first
            latents = latents.transpose(1, 2)
        return self.pipeline.decode_latents(latents.to(self.pipeline.vae.dtype))

    def pieces(self, latents: torch.Tensor, request: Request) -> Iterator[torch.Tensor]:
        """See `Driver.pieces`."""
        vae = self.pipeline.vae
        latents = latents.to(vae.dtype).permute(0, 2, 1, 3, 4)
        return few_by_few(vae, 1 / self.pipeline.vae_scaling_factor_image * latents)

    def preview(self, latents: torch.Tensor, index: int) -> Frames:
        """See `Driver.preview`; time comes before channels here."""
        return super().preview(latents.transpose(1, 2), index)

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`; channels first, as everywhere."""
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        video = as_tensor(frames).to(device, vae.dtype)
        return vae.encode(video).latent_dist.mode() * self.pipeline.vae_scaling_factor_image

    def locked(self, request: Request) -> LatentLock | None:
        """See `Driver.locked`; time comes before channels here."""
        lock = super().locked(request)
        return None if lock is None else lock.mapped(lambda x: x.transpose(1, 2).contiguous())
