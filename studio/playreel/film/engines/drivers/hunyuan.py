"""HunyuanVideo and 1.5: from words; by a lock from frames; a clip redrawn from part of the schedule."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from playreel.film.engines.driver import Driver, as_tensor, part_of_schedule
from playreel.film.engines.request import Frames, Request
from playreel.film.engines.steps import Meter, Steps


class HunyuanDriver(Driver):
    """Drives `HunyuanVideoPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideoPipeline",)
    held_keyframe: ClassVar[int] = 4  # what one latent holds

    def steps_of(self, request: Request) -> int:
        """See `Driver.steps_of`."""
        if not request.redraws:
            return request.num_steps
        return len(part_of_schedule(request))

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        given: dict[str, Any] = {"num_frames": request.num_frames}
        lock = None
        if request.redraws:
            given |= self._redrawn(request)
        else:
            lock = self.locked(request)
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
        part = part_of_schedule(request)
        scheduler = self.pipeline.scheduler
        scheduler.set_timesteps(sigmas=part, device="cpu")
        sigma = float(scheduler.sigmas[0])  # as shifted by the scheduler
        clean = self.encoded(request.filled())
        return {
            "sigmas": part,
            "latents": (1 - sigma) * clean + sigma * self.noise(clean, request),
        }

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`."""
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        mode = vae.encode(as_tensor(frames).to(device, vae.dtype)).latent_dist.mode()
        return mode.float() * vae.config.scaling_factor


class Hunyuan15Driver(HunyuanDriver):
    """Drives `HunyuanVideo15Pipeline`, whose guidance is a part of the pipeline."""

    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideo15Pipeline",)

    @property
    def guidance_scale(self) -> float:
        """See `Driver.guidance_scale`."""
        return float(self.pipeline.guider.guidance_scale)

    def call(self, pipeline: Any, request: Request, steps: Steps, **given: Any) -> torch.Tensor:
        """See `Driver.call`."""
        before = pipeline.guider.guidance_scale
        pipeline.guider.guidance_scale = request.guidance_scale
        try:
            return super().call(pipeline, request, steps, **given)
        finally:
            pipeline.guider.guidance_scale = before
