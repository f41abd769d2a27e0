"""SkyReels-V2 with diffusion forcing: every frame has its own noise level, known ones none."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from diffusers import (
    SkyReelsV2DiffusionForcingPipeline,
    SkyReelsV2DiffusionForcingVideoToVideoPipeline,
)

from playreel.errors import EngineRefusedError
from playreel.film.engines.driver import pil
from playreel.film.engines.drivers.wan_vae import WanVaeDriver
from playreel.film.engines.request import Request
from playreel.film.engines.steps import Meter, Steps

HISTORY_NOISE = 20  # thousandths, as its makers advise against drift


class SkyReelsDriver(WanVaeDriver):
    """Drives the two diffusion-forcing pipelines."""

    classes: ClassVar[tuple[str, ...]] = (
        "SkyReelsV2DiffusionForcingPipeline",
        "SkyReelsV2DiffusionForcingVideoToVideoPipeline",
        "SkyReelsV2DiffusionForcingImageToVideoPipeline",
    )

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        given: dict[str, Any] = {
            "num_frames": request.num_frames,
            "base_num_frames": request.num_frames,  # longer takes are cut into runs before
            "fps": round(request.fps),
        }
        steps = Steps(meter, preview=self.preview)
        if not request.known:
            pipeline = self.other(SkyReelsV2DiffusionForcingPipeline)
            return self.call(pipeline, request, steps, **given)
        (history, *more) = request.known
        if more or history.start or request.source is not None:
            raise EngineRefusedError(
                "These weights make frames from first to last: they go on from frames and from "
                "nothing else. Use the engine 'ltx' or 'wan-vace'."
            )
        pipeline = self.other(SkyReelsV2DiffusionForcingVideoToVideoPipeline)
        with torch.random.fork_rng():  # the noise on the history is drawn from the global one
            torch.manual_seed(request.seed)
            return self.call(
                pipeline,
                request,
                steps,
                video=pil(history.frames),
                overlap_history=len(history.frames),
                addnoise_condition=HISTORY_NOISE,
                **given,
            )
