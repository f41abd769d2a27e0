"""HunyuanVideo: from words; by a lock from frames; a clip redrawn from part of the schedule."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from diffusers.utils.torch_utils import randn_tensor

from playreel.film.engines.driver import Driver, as_tensor, latent_mask
from playreel.film.engines.lock import LatentLock
from playreel.film.engines.request import Frames, Request
from playreel.film.engines.steps import Meter, Steps


class HunyuanDriver(Driver):
    """Drives `HunyuanVideoPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideoPipeline",)
    held_keyframe: ClassVar[int] = 4  # what one latent holds

    def steps_of(self, request: Request) -> int:
        """See `Driver.steps_of`."""
        if request.source is None:
            return request.num_steps
        return len(_part(request))

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        given: dict[str, Any] = {"num_frames": request.num_frames}
        lock = None
        if request.source is not None:
            given |= self._redrawn(request)
        else:
            lock = self._lock(request)
            if lock is not None:
                given["latents"] = lock.start(1.0)
        steps = Steps(meter, preview=self.preview, lock=lock)
        return self.call(self.pipeline, request, steps, **given)

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`."""
        vae = self.pipeline.vae
        return vae.decode(latents.to(vae.dtype) / vae.config.scaling_factor, return_dict=False)[0]

    def _redrawn(self, request: Request) -> dict[str, Any]:
        """SDEdit: the clip under the noise of the step at which its part of the schedule begins."""
        assert request.source is not None
        part = _part(request)
        scheduler = self.pipeline.scheduler
        scheduler.set_timesteps(sigmas=part, device="cpu")
        sigma = float(scheduler.sigmas[0])  # as shifted by the scheduler
        clean = self._encoded(request.source)
        return {
            "sigmas": part,
            "latents": (1 - sigma) * clean + sigma * self._noise(clean, request),
        }

    def _lock(self, request: Request) -> LatentLock | None:
        mask = latent_mask(request, self.pipeline.vae_scale_factor_temporal)
        if not mask.any():
            return None
        clean = self._encoded(request.filled())
        return LatentLock(
            clean, self._noise(clean, request), mask.view(1, 1, -1, 1, 1).to(clean.device)
        )

    def _encoded(self, frames: Frames) -> torch.Tensor:
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        mode = vae.encode(as_tensor(frames).to(device, vae.dtype)).latent_dist.mode()
        return mode.float() * vae.config.scaling_factor

    def _noise(self, like: torch.Tensor, request: Request) -> torch.Tensor:
        return randn_tensor(
            like.shape, generator=self.generator(request), device=like.device, dtype=like.dtype
        )


def _part(request: Request) -> list[float]:
    """The schedule's steps that a strength leaves, at least one."""
    whole = np.linspace(1.0, 0.0, request.num_steps + 1)[:-1]
    return list(whole[-max(1, int(request.num_steps * request.strength)) :])
