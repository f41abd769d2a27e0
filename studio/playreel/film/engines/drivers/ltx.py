"""LTX-Video: conditions at any time of the clip, on packed latents."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from diffusers import LTXConditionPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from diffusers.utils.torch_utils import randn_tensor

from playreel.film.engines.driver import Driver, as_tensor, latent_mask, pil
from playreel.film.engines.drivers.ltx_tokens import packed, unpacked
from playreel.film.engines.lock import LatentLock
from playreel.film.engines.request import Frames, Known, Request
from playreel.film.engines.steps import Meter, Steps

STILL_NOISE = 0.15  # on a single picture, so that it moves; frames of a clip move by themselves
SOFT = 2  # latent frames of a condition after frame 0 that the pipeline only hints at
DECODE_TIMESTEP, DECODE_NOISE = 0.05, 0.025  # as the makers of 0.9.1 and later advise


class LtxDriver(Driver):
    """Drives `LTXConditionPipeline`."""

    classes: ClassVar[tuple[str, ...]] = (
        "LTXConditionPipeline",
        "LTXPipeline",
        "LTXImageToVideoPipeline",
    )
    takes_rate = True
    suffix_rest = 1

    def suffix(self, available: int) -> int:
        """One picture, or enough frames for the pipeline to tell them from a picture."""
        least = self.grid.frame_step + 1
        return super().suffix(available) if available >= least else 1

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        pipeline = self.other(LTXConditionPipeline)
        given: dict[str, Any] = {"num_frames": request.num_frames, "frame_rate": request.fps}
        if request.redraws:
            given["latents"] = self.encoded(request.filled())
            given["denoise_strength"] = max(request.strength, 1 / request.num_steps)
        if request.known:
            given["conditions"] = [_condition(known) for known in request.known]
            stills = all(len(known.frames) == 1 for known in request.known)
            given["image_cond_noise_scale"] = STILL_NOISE if stills else 0.0
        steps = Steps(
            meter,
            lock=self._lock(pipeline, request)
            if request.hard_lock or request.region is not None
            else None,
            preview=lambda latents, index: self.preview(
                unpacked(pipeline, latents, request, leads=True), index
            ),
        )
        return self.call(pipeline, request, steps, **given)

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`."""
        vae = self.pipeline.vae
        latents = LTXConditionPipeline._denormalize_latents(
            latents, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        ).to(vae.dtype)
        timestep = None
        if vae.config.timestep_conditioning:  # the decoder takes the last step of denoising
            generator = self.drawn if request is not None else None
            noise = randn_tensor(
                latents.shape, generator=generator, device=latents.device, dtype=latents.dtype
            )
            timestep = torch.tensor([DECODE_TIMESTEP], device=latents.device, dtype=latents.dtype)
            latents = (1 - DECODE_NOISE) * latents + DECODE_NOISE * noise
        return vae.decode(latents, timestep, return_dict=False)[0]

    def encoded(self, frames: Frames) -> torch.Tensor:
        """See `Driver.encoded`; normalised, not packed."""
        pipeline = self.other(LTXConditionPipeline)
        vae = pipeline.vae
        video = as_tensor(frames).to(pipeline._execution_device, vae.dtype)
        mode = vae.encode(video).latent_dist.mode()
        return pipeline._normalize_latents(mode, vae.latents_mean, vae.latents_std).float()

    def _lock(self, pipeline: Any, request: Request) -> LatentLock | None:
        """Holds what the pipeline leaves soft: the start of a stretch that is not at frame 0, a region."""
        if request.region is not None:
            lock = self.locked(request)
            return None if lock is None else lock.mapped(lambda x: packed(pipeline, x))
        soft = self._soft(request)
        if not soft.any():
            return None
        clean = self.encoded(request.filled())
        mask = soft.view(1, 1, -1, 1, 1).to(clean.device)
        lock = LatentLock(clean, self.noise(clean, request), mask)
        return lock.mapped(lambda x: packed(pipeline, x))

    def _soft(self, request: Request) -> torch.Tensor:
        """Bool (latent frames,): what is given, and only hinted at by the pipeline."""
        step = self.grid.frame_step
        soft = torch.zeros(latent_mask(request, step).shape, dtype=torch.bool)
        for known in request.known:
            if known.start and len(known.frames) > 1:
                first = known.start // step
                soft[first + 1 : first + SOFT] = True
        return soft


def _condition(known: Known) -> LTXVideoCondition:
    frames = pil(known.frames)
    if len(frames) == 1:
        return LTXVideoCondition(image=frames[0], frame_index=known.start)
    return LTXVideoCondition(video=frames, frame_index=known.start)
