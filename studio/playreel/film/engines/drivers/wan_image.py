"""Wan 2.1 and 2.2, image to video: a first picture, a last one, and frames held around them."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from PIL import Image

from playreel.errors import EngineRefusedError
from playreel.film.engines.drivers.wan_vae import WanVaeDriver
from playreel.film.engines.request import Request
from playreel.film.engines.steps import Meter, Steps


class WanImageDriver(WanVaeDriver):
    """Drives `WanImageToVideoPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("WanImageToVideoPipeline",)
    holds_pictures: ClassVar[bool] = False

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        known = request.known
        if not known or known[0].start or len(known) > 2 or request.source is not None:
            raise EngineRefusedError(
                "These weights make takes from a first picture, with or without a last one, and "
                "from nothing else. Use the engine 'wan' or 'wan-vace'."
            )
        given: dict[str, Any] = {
            "image": Image.fromarray(known[0].frames[0]),
            "num_frames": request.num_frames,
        }
        if len(known) == 2:
            given["last_image"] = Image.fromarray(known[1].frames[-1])
        lock = None
        if request.hard_lock and any(len(stretch.frames) > 1 for stretch in known):
            lock = self.locked(request)
        if lock is not None:
            given["latents"] = lock.start(1.0)
        steps = Steps(meter, preview=self.preview, lock=lock)
        return self.call(self.pipeline, request, steps, **given)
