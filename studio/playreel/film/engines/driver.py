"""Driver: the part of an engine that knows one family of pipelines."""

from __future__ import annotations

import gc
import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from diffusers.utils.torch_utils import randn_tensor
from PIL import Image

from playreel.errors import EngineOutputError
from playreel.film.engines.cache import cached
from playreel.film.engines.grid import Grid
from playreel.film.engines.latents import LatentStore
from playreel.film.engines.lock import LatentLock
from playreel.film.engines.memory import is_out_of_memory
from playreel.film.engines.quiet import quiet
from playreel.film.engines.request import Frames, Request, whole
from playreel.film.engines.steps import Meter, Steps, stepped

if TYPE_CHECKING:
    from playreel.film.engines.ranks import Ranks

PREVIEW_SIDE = 24  # latents
AT_ONCE = 16  # frames that are turned to bytes together


class Driver(ABC):
    """Makes what a `Request` asks for with pipelines of one family.

    Args:
        pipeline: one of the family's pipelines, loaded; the others share its parts.
        grid: what the family makes.

    Attributes:
        latents: where latents are kept until they are decoded, or None.
        ranks: processes that make each request together, or None where this one does; it then has no
            weights.
        drawn: where chance stands in the request under way; a decoder may draw on.
        classes: names of the pipelines whose folders it can open.
        takes_rate: whether the model is told the frame rate; others move at the one they learned.
        suffix_rest: given frames at the end number a multiple of the grid's step and this.
        leads_in: frames of a clip that are given as context, about.
        held_keyframe: frames for which a single picture in the middle is held.
        holds_pictures: whether a run takes pictures at any of its frames, not at its ends alone.
    """

    classes: ClassVar[tuple[str, ...]]
    takes_rate: ClassVar[bool] = False
    suffix_rest: ClassVar[int] = 0
    leads_in: ClassVar[int] = 17
    held_keyframe: ClassVar[int] = 1
    holds_pictures: ClassVar[bool] = True

    def __init__(self, pipeline: Any, grid: Grid) -> None:
        self.pipeline = pipeline
        self.grid = grid
        self._others: dict[type, Any] = {}
        self.latents: LatentStore | None = None
        self.ranks: Ranks | None = None
        self.drawn = torch.Generator("cpu")
        pipeline.set_progress_bar_config(disable=True)

    # -- what is asked of it ---------------------------------------------------------------------

    def prefix(self, available: int) -> int:
        """How many of a clip's last frames are given where the clip leads."""
        return self.grid.context(available, self._context)

    def suffix(self, available: int) -> int:
        """How many of a clip's first frames are given where the clip follows."""
        most = min(available, self._context) - self.suffix_rest
        return max(1, most // self.grid.frame_step) * self.grid.frame_step + self.suffix_rest

    @property
    def _context(self) -> int:
        """Context never takes more than a quarter of a run on either side."""
        return min(self.leads_in, self.grid.max_frames // 4 + 1)

    @property
    def num_steps(self) -> int:
        """Denoising steps where none are asked for."""
        return int(self._default("num_inference_steps"))

    @property
    def guidance_scale(self) -> float:
        """Pull of the prompt where none is asked for."""
        return float(self._default("guidance_scale"))

    def steps_of(self, request: Request) -> int:
        """Denoising steps that a request takes."""
        if not request.redraws:
            return request.num_steps
        return max(1, int(request.num_steps * request.strength))

    def make(self, request: Request, meter: Meter) -> Frames:
        """The frames, uint8 (num_frames, H, W, 3); those known may differ from what was given.

        Latents that were kept stay until the caller drops them: a later run may need these frames again.

        Raises:
            EngineOutputError: the model gave what is not a number.
        """
        return whole(self.made(request, meter))

    def made(self, request: Request, meter: Meter) -> Iterator[Frames]:
        """The same, a piece of time after the other where the VAE works that way."""
        if self.ranks is None:
            latents = self.denoise(request, meter)
            yield from self._decoded(latents, request)
        else:
            is_denoised = self.latents is not None and self.latents.has(request)
            yield from self.ranks.made(request, meter, is_denoised=is_denoised)
        meter.end(self.steps_of(request))

    @torch.no_grad()
    def denoise(self, request: Request, meter: Meter) -> torch.Tensor:
        """The latents of a request, which are kept until they are decoded."""
        with quiet(), self._freed():
            return self._latents(request, meter)

    @contextmanager
    def _freed(self) -> Iterator[None]:
        """A run that was stopped leaves no part on the graphics card."""
        try:
            yield
        finally:
            for pipeline in (self.pipeline, *self._others.values()):
                pipeline.maybe_free_model_hooks()

    def _latents(self, request: Request, meter: Meter) -> torch.Tensor:
        """Sampled, or kept from a try that failed at decoding."""
        kept = None if self.latents is None else self.latents.load(request)
        if kept is not None:
            self.drawn = self.generator(request)
            self.drawn.set_state(kept["drawn"])
            return kept["latents"].to(self.pipeline._execution_device)
        self.drawn = self.generator(request)
        latents = self.sample(request, meter)
        _check(latents, "latents", request)
        if self.latents is not None:
            self.latents.save(request, {"latents": latents, "drawn": self.drawn.get_state()})
        return latents

    # -- what a family says ----------------------------------------------------------------------

    @abstractmethod
    def sample(self, request: Request, meter: Meter) -> torch.Tensor:
        """Runs a pipeline up to its latents."""

    @abstractmethod
    def decode(self, latents: torch.Tensor, request: Request | None) -> torch.Tensor:
        """Latents as the VAE's own frames (1, 3, T, H, W), -1 to 1; a preview has no request."""

    def pieces(self, latents: torch.Tensor, request: Request) -> Iterator[torch.Tensor]:
        """What `decode` gives, a piece of time after the other where the VAE works that way."""
        yield self.decode(latents, request)

    def encoded(self, frames: Frames) -> torch.Tensor:
        """Frames as latents in the layout of a callback's; only families that lock have it."""
        raise NotImplementedError

    # -- what families share ---------------------------------------------------------------------

    def other(self, pipeline_class: type) -> Any:
        """A pipeline of another class with the same parts."""
        if isinstance(self.pipeline, pipeline_class):
            return self.pipeline
        if pipeline_class not in self._others:
            # Not from_pipe: that casts the shared parts to float32.
            parts = {**self.pipeline.config, **self.pipeline.components}
            taken = inspect.signature(pipeline_class.__init__).parameters
            made = pipeline_class(**{name: part for name, part in parts.items() if name in taken})
            made.set_progress_bar_config(disable=True)
            self._others[pipeline_class] = made
        return self._others[pipeline_class]

    def generator(self, request: Request) -> torch.Generator:
        """Draws the same on every device."""
        return torch.Generator("cpu").manual_seed(request.seed)

    def noise(self, like: torch.Tensor, request: Request) -> torch.Tensor:
        """Noise in the shape of latents."""
        return randn_tensor(
            like.shape, generator=self.generator(request), device=like.device, dtype=like.dtype
        )

    def locked(self, request: Request) -> LatentLock | None:
        """Holds the latents of all that is known; None where nothing is."""
        mask = latent_mask(request, self.grid.latent_frames)
        if not mask.any():
            return None
        clean = self.encoded(request.filled())
        return LatentLock(clean, self.noise(clean, request), _shaped(mask, clean))

    def call(self, pipeline: Any, request: Request, steps: Steps, **given: Any) -> torch.Tensor:
        """A pipeline's latents, with what every pipeline takes filled in."""
        words: dict[str, Any] = {"prompt": request.prompt}
        if request.negative_prompt is not None:
            words["negative_prompt"] = request.negative_prompt
        height, width = request.size
        options = {
            **words,
            "height": height,
            "width": width,
            "num_inference_steps": request.num_steps,
            "guidance_scale": request.guidance_scale,
            "generator": self.drawn,
            "output_type": "latent",
            "return_dict": False,
            "callback_on_step_end": steps,
            **given,
        }
        taken = inspect.signature(type(pipeline).__call__).parameters
        if "callback_on_step_end" in taken:
            with cached(pipeline, request.cache):
                return pipeline(**options)[0]
        with stepped(pipeline, steps), cached(pipeline, request.cache):
            return pipeline(**{name: value for name, value in options.items() if name in taken})[0]

    def preview(self, latents: torch.Tensor, index: int) -> Frames:
        """One frame, small, of latents (1, C, T, h, w) that are still noisy; moves with ``index``."""
        frame = index % latents.shape[2]
        one = latents[:, :, frame : frame + 1].float()
        side = max(one.shape[-2:])
        if side > PREVIEW_SIDE:
            one = torch.nn.functional.interpolate(
                one, scale_factor=(1, PREVIEW_SIDE / side, PREVIEW_SIDE / side), mode="area"
            )
        return _pictures(self.decode(one, None))[0]

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor, request: Request) -> Iterator[Frames]:
        """Decoded, each piece turned to bytes before the next one is made."""
        given = 0
        with self._freed():
            try:
                for frames in self._pictures_of(latents, request):
                    yield frames
                    given += len(frames)
                return
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            vae = self.pipeline.vae
            vae.enable_tiling()  # the latents are whole: only decoding is tried again
            if hasattr(vae, "use_framewise_decoding"):
                vae.use_framewise_decoding = True
            for frames in self._pictures_of(latents, request):
                rest, given = frames[given:], max(0, given - len(frames))
                if len(rest):
                    yield rest

    def _pictures_of(self, latents: torch.Tensor, request: Request) -> Iterator[Frames]:
        for piece in self.pieces(latents, request):
            _check(piece, "frames", request)
            for start in range(0, piece.shape[2], AT_ONCE):
                yield _pictures(piece[:, :, start : start + AT_ONCE])

    def _default(self, name: str) -> Any:
        return inspect.signature(type(self.pipeline).__call__).parameters[name].default


def pil(frames: Frames) -> list[Image.Image]:
    """Frames as diffusers takes them."""
    return [Image.fromarray(frame) for frame in frames]


def as_tensor(frames: Frames) -> torch.Tensor:
    """uint8 (T, H, W, 3) as float (1, 3, T, H, W), -1 to 1."""
    return torch.from_numpy(frames.astype(np.float32) / 127.5 - 1).permute(3, 0, 1, 2)[None]


def latent_mask(request: Request, step: int) -> torch.Tensor:
    """Which latents hold nothing but what is known: bool (frames,), or (frames, H, W) with a region.

    A latent frame holds ``step`` frames, the first one holds one.
    """
    if request.region is not None:
        count = (request.num_frames - 1) // step + 1
        return torch.from_numpy(~request.region)[None].expand(count, -1, -1)
    known = request.is_known()
    rest = known[1:].reshape(-1, step).all(axis=1)
    return torch.from_numpy(np.concatenate([known[:1], rest]))


def part_of_schedule(request: Request) -> list[float]:
    """The schedule's steps that a strength leaves, at least one."""
    whole = np.linspace(1.0, 0.0, request.num_steps + 1)[:-1]
    return list(whole[-max(1, int(request.num_steps * request.strength)) :])


def _shaped(mask: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """A mask of `latent_mask` for latents (1, C, T, h, w): where any of its pixels is unknown, so is one."""
    mask = mask.to(latents.device)
    if mask.ndim == 1:
        return mask.view(1, 1, -1, 1, 1)
    size = tuple(latents.shape[-2:])
    unknown = torch.nn.functional.adaptive_max_pool2d((~mask).float()[:, None], size)
    return unknown.view(1, 1, len(mask), *size) == 0


def _pictures(frames: torch.Tensor) -> Frames:
    """What postprocessing to "np" and rounding to bytes gives, without a float copy of all of it."""
    video = frames[0].permute(1, 0, 2, 3)  # (T, 3, H, W)
    made = [
        ((frame.float() * 0.5 + 0.5).clamp(0, 1).permute(1, 2, 0).cpu().numpy() * 255).round()
        for frame in video
    ]
    return np.stack(made).astype(np.uint8)


def _check(values: torch.Tensor, what: str, request: Request) -> None:
    if bool(torch.isfinite(values).all()):
        return
    share = 1 - float(torch.isfinite(values).float().mean())
    raise EngineOutputError(
        f"The model's {what} are not numbers ({share:.0%} of them), seed {request.seed}, "
        f"{request.num_steps} steps. Nothing was saved. Try a lower guidance_scale or another seed; "
        "if it stays, the weights are damaged or too large for this precision: check them with "
        "playreel engines."
    )
