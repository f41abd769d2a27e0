"""Wan 2.1 and 2.2: from words, by a lock from frames, and a clip redrawn."""

from __future__ import annotations

from typing import ClassVar

import torch
from diffusers import WanPipeline, WanVideoToVideoPipeline

from playreel.errors import EngineRefusedError
from playreel.film.engines.driver import pil
from playreel.film.engines.drivers.wan_vae import WanVaeDriver
from playreel.film.engines.request import Request
from playreel.film.engines.steps import Meter, Steps


class WanDriver(WanVaeDriver):
    """Drives `WanPipeline` and `WanVideoToVideoPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("WanPipeline", "WanVideoToVideoPipeline")

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        if request.redraws:
            return self._redraw(request, meter)
        pipeline = self.other(WanPipeline)
        given: dict[str, object] = {"num_frames": request.num_frames}
        lock = self.locked(request)
        if lock is not None:
            given["latents"] = lock.start(1.0)
        return self.call(pipeline, request, Steps(meter, preview=self.preview, lock=lock), **given)

    def _redraw(self, request: Request, meter: Meter) -> torch.Tensor:
        if getattr(self.pipeline, "transformer_2", None) is not None:
            raise EngineRefusedError(
                "Restyling with Wan 2.2's two-part weights would leave out the part that draws "
                "details: diffusers' pipeline for it knows only one. Use wan-1.3b or wan-14b."
            )
        assert request.source is not None
        return self.call(
            self.other(WanVideoToVideoPipeline),
            request,
            Steps(meter, preview=self.preview),
            video=pil(request.source),
            strength=max(request.strength, 1 / request.num_steps),
        )
