"""FramePack: from a picture, with or without a last one, in sections made from the end to the start."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from PIL import Image

from playreel.errors import EngineRefusedError
from playreel.film.engines.driver import Driver
from playreel.film.engines.request import Request
from playreel.film.engines.steps import Meter, Steps

WINDOW = 9  # latent frames of a section
SECTION_FRAMES = 4 * WINDOW  # that a section adds
_FIRST_FRAMES = 4 * (WINDOW - 1) + 1  # of a section alone, by which the pipeline counts sections


class FramepackDriver(Driver):
    """Drives `HunyuanVideoFramepackPipeline`."""

    classes: ClassVar[tuple[str, ...]] = ("HunyuanVideoFramepackPipeline",)
    holds_pictures: ClassVar[bool] = False

    def suffix(self, available: int) -> int:
        """A last picture; frames after it cannot be given."""
        return 1

    def steps_of(self, request: Request) -> int:
        """See `Driver.steps_of`."""
        return request.num_steps * _sections(request)

    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """See `Driver.sample`."""
        known = request.known
        if not known or known[0].start or len(known) > 2 or request.source is not None:
            raise EngineRefusedError(
                "These weights make takes from a first picture, with or without a last one, and "
                "from nothing else. Use the engine 'ltx' or 'wan-vace'."
            )
        given: dict[str, Any] = {
            "image": Image.fromarray(known[0].frames[0]),
            "num_frames": _sections(request) * _FIRST_FRAMES,
            "latent_window_size": WINDOW,
        }
        if len(known) == 2:
            given["last_image"] = Image.fromarray(known[1].frames[-1])
        steps = Steps(meter, preview=self.preview)
        return self.call(self.pipeline, request, steps, **given)[-1]

    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """See `Driver.decode`; sections overlap and pass over into each other, as the pipeline has them."""
        if request is None:
            return self._frames(latents)
        count = _sections(request)
        video = None
        for index in reversed(range(count)):
            start = 1 + index * WINDOW if index else 0  # the picture leads the first section
            stop = start + 2 * WINDOW + (not index)
            own = self._frames(latents[:, :, start:stop])
            overlap = _FIRST_FRAMES
            video = own if video is None else self.pipeline._soft_append(own, video, overlap)
        assert video is not None, "a take has one section at least"
        return video

    def _frames(self, latents: torch.Tensor) -> torch.Tensor:
        vae = self.pipeline.vae
        return vae.decode(latents.to(vae.dtype) / vae.config.scaling_factor, return_dict=False)[0]


def _sections(request: Request) -> int:
    return max(1, (request.num_frames - 1) // SECTION_FRAMES)
