"""Wan VACE: a clip with a mask that tells which of its frames are known."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image

from playreel.film.engines.driver import pil
from playreel.film.engines.drivers.wan_vae import WanVaeDriver
from playreel.film.engines.request import Request
from playreel.film.engines.steps import Meter, Steps

UNKNOWN = 128  # the grey that the weights were taught as "to be made"


class WanVaceDriver(WanVaeDriver):
    """Drives `WanVACEPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("WanVACEPipeline",)

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        given: dict[str, Any] = {"num_frames": request.num_frames}
        if request.source is not None and request.region is not None:
            region = request.region[None, :, :, None]
            given["video"] = pil(np.where(region, np.uint8(UNKNOWN), request.source))
            shown = np.broadcast_to(region, (request.num_frames, *request.size, 3))
            given["mask"] = pil(np.where(shown, np.uint8(255), np.uint8(0)))
        elif request.known:
            mask = np.where(request.is_known(), np.uint8(0), np.uint8(255))[:, None, None, None]
            given["video"] = pil(request.filled(UNKNOWN))
            given["mask"] = pil(np.broadcast_to(mask, (len(mask), *request.size, 3)))
        if request.references:
            given["reference_images"] = [Image.fromarray(still) for still in request.references]
        # Its own way is soft. Latents of references would come before those that are locked.
        lock = self.locked(request) if request.hard_lock and not request.references else None
        if lock is not None:
            given["latents"] = lock.start(1.0)
        steps = Steps(meter, preview=self.preview, lock=lock)
        return self.call(self.pipeline, request, steps, **given)[:, :, len(request.references) :]
