"""LTX-2: conditions at latent frames, tokens of later ones behind the frames' own; its sound is left out."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from diffusers import LTX2ConditionPipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition, calculate_shift

from playreel.film.engines.driver import Driver, as_tensor, part_of_schedule, pil
from playreel.film.engines.drivers.ltx_tokens import packed, unpacked
from playreel.film.engines.lock import LatentLock
from playreel.film.engines.request import Frames, Known, Request
from playreel.film.engines.steps import Meter, Steps


class Ltx2Driver(Driver):
    """Drives `LTX2ConditionPipeline`."""

    classes: ClassVar[tuple[str, ...]] = (
        "LTX2ConditionPipeline",
        "LTX2Pipeline",
        "LTX2ImageToVideoPipeline",
    )
    takes_rate = True

    def steps_of(self, request: Request) -> int:
        """See `Driver.steps_of`."""
        return len(part_of_schedule(request)) if request.redraws else request.num_steps

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        pipeline = self.other(LTX2ConditionPipeline)
        given: dict[str, Any] = {"num_frames": request.num_frames, "frame_rate": request.fps}
        lock = None
        if request.redraws:
            given |= self._redrawn(pipeline, request)
        elif request.region is not None or request.hard_lock:
            lock = self._lock(pipeline, request)
        if request.known:
            given["conditions"] = [self._condition(known) for known in request.known]
        steps = Steps(
            meter,
            lock=lock,
            preview=lambda latents, index: self.preview(
                self._raw(unpacked(pipeline, latents, request, leads=False)), index
            ),
        )
        return self.call(pipeline, request, steps, **given)

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`; the pipeline gives its latents as the VAE takes them."""
        vae = self.pipeline.vae
        latents = latents.to(vae.dtype)
        timestep = latents.new_zeros(1) if vae.config.timestep_conditioning else None
        return vae.decode(latents, timestep, return_dict=False)[0]

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`; normalised, not packed."""
        vae = self.pipeline.vae
        return LTX2ConditionPipeline._normalize_latents(
            self._mode(frames), vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        ).float()

    def _mode(self, frames: Frames) -> torch.Tensor:
        vae, device = self.pipeline.vae, self.pipeline._execution_device
        return vae.encode(as_tensor(frames).to(device, vae.dtype)).latent_dist.mode()

    def _raw(self, latents: torch.Tensor) -> torch.Tensor:
        vae = self.pipeline.vae
        return LTX2ConditionPipeline._denormalize_latents(
            latents, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        )

    def _redrawn(self, pipeline: Any, request: Request) -> dict[str, Any]:
        """SDEdit: the clip under the noise of the step at which its part of the schedule begins."""
        clean = self._mode(request.filled())
        part = part_of_schedule(request)
        config = pipeline.scheduler.config
        shift = calculate_shift(
            clean[0, 0].numel(),
            config.get("base_image_seq_len", 1024),
            config.get("max_image_seq_len", 4096),
            config.get("base_shift", 0.95),
            config.get("max_shift", 2.05),
        )
        pipeline.scheduler.set_timesteps(sigmas=part, device="cpu", mu=shift)
        sigma = float(pipeline.scheduler.sigmas[0])
        return {"latents": clean.float(), "sigmas": part, "noise_scale": sigma}

    def _condition(self, known: Known) -> LTX2VideoCondition:
        step = self.grid.frame_step
        index = (known.start + step - 1) // step  # of the latent frame that its first frame begins
        frames = pil(known.frames)
        # A picture that is to be kept is not spoiled by recompression first.
        return LTX2VideoCondition(frames=frames, index=index, crf=0)

    def _lock(self, pipeline: Any, request: Request) -> LatentLock | None:
        """Holds a region's surroundings, or what the pipeline leaves soft: all that is not at frame 0."""
        if request.region is None and not any(
            known.start and len(known.frames) > 1 for known in request.known
        ):
            return None
        lock = self.locked(request)
        return None if lock is None else lock.mapped(lambda x: packed(pipeline, x), leads=False)
