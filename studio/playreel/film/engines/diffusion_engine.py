"""Diffusion engine: the film operations on a driver, with the arguments of `playreel.film`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Unpack

import numpy as np

from playreel.errors import InputError
from playreel.film.blend import check_blend
from playreel.film.engines.call import Call, Choices, fitted
from playreel.film.engines.driver import Driver
from playreel.film.engines.family import Family
from playreel.film.engines.gap import Filled
from playreel.film.engines.outcome import Stretch
from playreel.film.engines.request import Frames
from playreel.film.engines.sizing import Sizing
from playreel.film.region import kept_outside, mask_of, region_clip
from playreel.film.sampling import check_share
from playreel.media import Clip, load_image

DIRECTIONS = ("forward", "backward")


class DiffusionEngine:
    """Film operations on open weights.

    Kept frames are pasted back pixel for pixel whatever the model made of them. A clip keeps its own
    size and rate; it is worked on at a size that the model makes.

    Args:
        family: its row of the table.
        driver: runs the pipelines.
        name: for recipes.
        layout: how it lies in memory, in words.
        weights_hash: SHA-256 of the weights, for recipes.
        step_down: called when memory ran out; sees to it that the next opening needs less.
        is_slow: whether it lies in memory so that every step is slow; steps then reuse what they can.
        cards: graphics cards, or processes on the processor, that make a take together.
    """

    def __init__(
        self,
        family: Family,
        driver: Driver,
        *,
        name: str,
        layout: str,
        weights_hash: str = "",
        step_down: Callable[[], str] | None = None,
        is_slow: bool = False,
        cards: int = 1,
    ) -> None:
        self.cards = cards
        self.step_down, self.is_slow = step_down, is_slow
        self.family, self.driver = family, driver
        self.name, self.layout, self.weights_hash = name, layout, weights_hash

    def close(self) -> None:
        """Ends the processes that make its takes together, if there are some."""
        if self.driver.ranks is not None:
            self.driver.ranks.end()

    def still(
        self,
        prompt: str | None = None,
        *,
        image: Any = None,
        size: str = "16:9",
        strength: float = 0.6,
        **choices: Unpack[Choices],
    ) -> Clip:
        """A clip of one frame from words, or from a picture and words.

        Args:
            prompt: what to show.
            image: a picture to redraw: path, PIL image, array or Clip.
            size: an aspect such as "16:9", or "1280x720".
            strength: of the redrawing; 0 keeps the picture, 1 ignores it.
            **choices: see `Choices`.

        Raises:
            EngineRefusedError: the family makes none.
            PromptError: no prompt.
        """
        self.family.require("still" if image is None else "restyle")
        options: dict[str, Any] = {"prompt": prompt, "size": size}
        if image is None:
            call = Call(self, "still", choices, options)
            sizing = call.sized(size)
            schedule = call.script(prompt, 1, fps=self.family.grid.fps, required=True)
            return call.made(schedule, sizing, self._fps)
        options["strength"] = check_share("strength", strength)
        source = image if isinstance(image, Clip) else Clip(load_image(image)[None])
        call = Call(self, "still", choices, options, parents=(source,))
        sizing = call.sized(size)
        schedule = call.script(prompt, 1, fps=self.family.grid.fps, clip=source)
        given = fitted(source.frames[:1], sizing.result)
        if strength == 0:
            return call.clip([Stretch(frames=given, kept=True)], self._fps)
        frames = call.redraw(schedule, sizing, sizing.to_work(given), self._fps, strength)
        return call.clip([Stretch(frames=sizing.to_result(frames))], self._fps)

    def shoot(
        self,
        prompt: str,
        *,
        seconds: float = 2.0,
        camera: str | None = None,
        size: str = "16:9",
        keyframes: Mapping[float, Any] | None = None,
        references: Sequence[Any] = (),
        **choices: Unpack[Choices],
    ) -> Clip:
        """A take from words, with pictures at chosen times where wanted.

        Args:
            prompt: what happens, with timed brackets where wanted.
            seconds: length.
            camera: a camera move, in any words.
            size: an aspect such as "16:9", or "1280x720".
            keyframes: second -> picture; they are in the result as they are, once fitted to its size.
            references: pictures of who or what is to be in it.
            **choices: see `Choices`.

        Raises:
            EngineRefusedError: the family does not do it.
            PromptError: no prompt, or a malformed one.
            InputError: an impossible length, size or time.
            MediaError: a picture that cannot be read.
        """
        self.family.require("keyframes" if keyframes else "shoot")
        if references and not self.family.takes_references:
            raise self.family.takes_no_references()
        options = {"prompt": prompt, "seconds": seconds, "camera": camera, "size": size}
        call = Call(self, "shoot", choices, options)
        call.show(references)
        length = self.family.grid.length(seconds)
        call.note(length.note)
        sizing = call.sized(size)
        schedule = call.script(
            prompt, length.num_frames, camera=camera, fps=self.family.grid.fps, required=True
        )
        if keyframes:
            return call.keyframed(schedule, sizing, keyframes, self._fps)
        return call.made(schedule, sizing, self._fps)

    def animate(
        self,
        picture: Any,
        prompt: str | None = None,
        *,
        seconds: float = 2.0,
        camera: str | None = None,
        size: str | None = None,
        **choices: Unpack[Choices],
    ) -> Clip:
        """A take that begins with a picture.

        Args:
            picture: path, PIL image, array, or a Clip, of which the first frame is taken.
            prompt: what happens; None takes a clip's own.
            seconds: length with the picture.
            camera: a camera move.
            size: aspect or pixels; None takes the picture's own, enlarged by a whole factor where it
                is too small for the model.
            **choices: see `Choices`.
        """
        self.family.require("animate")
        source = picture if isinstance(picture, Clip) else Clip(load_image(picture)[None])
        options = {"prompt": prompt, "seconds": seconds, "camera": camera, "size": size}
        call = Call(self, "animate", choices, options, parents=(source,))
        length = self.family.grid.length(seconds)
        call.note(length.note)
        if length.num_frames < 2:
            raise InputError(
                f"A take has two frames at least: seconds must be {2 / self.family.grid.fps:.2g} or "
                f"more, got {seconds:g}."
            )
        frame = source.frames[:1]
        sizing = call.sized(size) if size else call.enlarged(frame.shape[1:3])
        first = fitted(frame, sizing.result)
        schedule = call.script(
            prompt, length.num_frames - 1, camera=camera, fps=self.family.grid.fps, clip=source
        )
        coming = call.coming(schedule, sizing, left=sizing.to_work(first))
        return call.streamed([Stretch(frames=first, kept=True), coming], self._fps, sizing.result)

    def extend(
        self,
        clip: Clip,
        *,
        seconds: float = 2.0,
        direction: str = "forward",
        prompt: str | None = None,
        camera: str | None = None,
        blend: int = 0,
        **choices: Unpack[Choices],
    ) -> Clip:
        """The clip, pixel for pixel, and what follows it or led up to it.

        Args:
            clip: what to extend; the result has its size and rate.
            seconds: how much is added.
            direction: "forward" or "backward".
            prompt: what happens in the new part; None takes the clip's own.
            camera: a camera move for the new part.
            blend: kept frames at the joint that may be cross-faded; the recipe lists them.
            **choices: see `Choices`.
        """
        if direction not in DIRECTIONS:
            raise InputError(f"direction must be 'forward' or 'backward', got {direction!r:.40}.")
        self.family.require(f"extend-{direction}")
        options = _joining(prompt, seconds, camera, blend) | {"direction": direction}
        call = Call(self, "extend", choices, options, parents=(clip,))
        schedule = call.schedule_beside(clip, prompt, seconds, camera)
        sizing = call.worked(clip)
        forward = direction == "forward"
        if not blend:
            kept = Stretch(frames=clip.frames, kept=True)
            if forward:
                coming = call.coming(schedule, sizing, left=call.last(clip.frames, sizing))
                return call.streamed([kept, coming], clip.fps, clip.size)
            coming = call.coming(schedule, sizing, right=call.first(clip.frames, sizing))
            return call.streamed([coming, kept], clip.fps, clip.size)
        work = sizing.to_work(clip.frames)
        filled = call.fill(
            schedule, sizing, left=work if forward else None, right=None if forward else work
        )
        made = Stretch(frames=sizing.to_result(filled.frames))
        kept = _kept(clip.frames, filled, sizing)
        return call.clip([kept, made] if forward else [made, kept], clip.fps, blend=blend)

    def bridge(
        self,
        first: Clip,
        last: Clip,
        *,
        seconds: float = 1.0,
        prompt: str | None = None,
        camera: str | None = None,
        blend: int = 0,
        **choices: Unpack[Choices],
    ) -> Clip:
        """Both clips and what leads from one to the other; see `extend` for the arguments.

        The last clip is brought to the size and rate of the first, and the recipe says so.
        """
        self.family.require("bridge")
        options = _joining(prompt, seconds, camera, blend)
        call = Call(self, "bridge", choices, options, parents=(first, last))
        schedule = call.schedule_beside(first, prompt, seconds, camera)
        sizing = call.worked(first)
        arriving = last.at_fps(first.fps).frames
        if last.size != first.size or last.fps != first.fps:
            call.note(f"fitted: {last!r} became {first.width}x{first.height} @{float(first.fps):g}")
            arriving = fitted(arriving, first.size)
        if not blend:
            coming = call.coming(
                schedule, sizing,
                left=call.last(first.frames, sizing), right=call.first(arriving, sizing),
            )  # fmt: skip
            ends = Stretch(frames=first.frames, kept=True), Stretch(frames=arriving, kept=True)
            return call.streamed([ends[0], coming, ends[1]], first.fps, first.size)
        filled = call.fill(
            schedule, sizing, left=sizing.to_work(first.frames), right=sizing.to_work(arriving)
        )
        made = Stretch(frames=sizing.to_result(filled.frames))
        before = _kept(first.frames, replace(filled, right=None), sizing)
        after = _kept(arriving, replace(filled, left=None), sizing)
        return call.clip([before, made, after], first.fps, blend=blend)

    def loop(
        self,
        clip: Clip,
        *,
        seconds: float = 1.0,
        prompt: str | None = None,
        camera: str | None = None,
        blend: int = 0,
        **choices: Unpack[Choices],
    ) -> Clip:
        """The clip and what leads back to its first frame; see `extend` for the arguments."""
        self.family.require("loop")
        options = _joining(prompt, seconds, camera, blend)
        call = Call(self, "loop", choices, options, parents=(clip,))
        schedule = call.schedule_beside(clip, prompt, seconds, camera)
        sizing = call.worked(clip)
        if not blend:
            left, right = call.last(clip.frames, sizing), call.first(clip.frames, sizing)
            coming = call.coming(schedule, sizing, left=left, right=right)
            kept = Stretch(frames=clip.frames, kept=True)
            return call.streamed([kept, coming], clip.fps, clip.size, wraps=True)
        work = sizing.to_work(clip.frames)
        filled = call.fill(schedule, sizing, left=work, right=work)
        made = Stretch(frames=sizing.to_result(filled.frames))
        kept = _kept(clip.frames, filled, sizing)
        return call.clip([kept, made], clip.fps, blend=blend, wraps=True)

    def restyle(
        self,
        clip: Clip,
        prompt: str,
        *,
        strength: float = 0.6,
        camera: str | None = None,
        **choices: Unpack[Choices],
    ) -> Clip:
        """The clip in another style.

        Args:
            clip: what to restyle; a clip too small for the model comes back enlarged by a whole
                factor.
            prompt: the style, or a timed prompt in which styles change.
            strength: 0 returns the same frames, 1 keeps nothing of them.
            camera: a camera move.
            **choices: see `Choices`.
        """
        self.family.require("restyle")
        strength = check_share("strength", strength)
        options = {"prompt": prompt, "strength": strength, "camera": camera, "lines": False}
        call = Call(self, "restyle", choices, options, parents=(clip,))
        call.note(call.rate_note(clip))
        schedule = call.script(prompt, len(clip), camera=camera, fps=float(clip.fps))
        sizing = call.enlarged(clip.size)
        if strength == 0:
            kept = Stretch(frames=sizing.to_result(sizing.to_work(clip.frames)), kept=True)
            return call.clip([kept], clip.fps)
        frames = call.redraw(schedule, sizing, sizing.to_work(clip.frames), clip.fps, strength)
        return call.clip([Stretch(frames=sizing.to_result(frames))], clip.fps)

    def inpaint(self, clip: Clip, prompt: str, *, region: Any, **choices: Unpack[Choices]) -> Clip:
        """The clip with something else in a region of it; all around it stays pixel for pixel.

        Args:
            clip: a take or a still; the result has its size and rate.
            prompt: what is to be seen there.
            region: see `playreel.film.region.region_clip`.
            **choices: see `Choices`.
        """
        self.family.require("inpaint")
        marked = region_clip(region, clip.size)
        options = {"prompt": prompt, "region": marked.content_hash}
        call = Call(self, "inpaint", choices, options, parents=(clip, marked))
        call.note(call.rate_note(clip))
        schedule = call.script(prompt, len(clip), fps=float(clip.fps), required=True)
        sizing = call.worked(clip)
        part = sizing.to_work(marked.frames)[0, :, :, 0] > 0
        made = sizing.to_result(
            call.redraw(schedule, sizing, sizing.to_work(clip.frames), clip.fps, 1.0, part)
        )
        mask = mask_of(marked)
        frames = np.where(mask[..., None], made, clip.frames)
        call.measured["kept_exact"] = kept_outside(clip.frames, frames, mask)
        return call.clip([Stretch(frames=frames)], clip.fps)

    @property
    def _fps(self) -> Fraction:
        return Fraction(self.family.grid.fps)


def _kept(frames: Frames, filled: Filled, sizing: Sizing) -> Stretch:
    """A clip's own frames, and what the model made of their ends, in the result's size."""

    def seen(made: Frames | None) -> Frames | None:
        return None if made is None else sizing.to_result(made)

    return Stretch(
        frames=frames, kept=True, start_seen=seen(filled.right), end_seen=seen(filled.left)
    )


def _joining(prompt: str | None, seconds: float, camera: str | None, blend: int) -> dict[str, Any]:
    """The options of what is added to a clip."""
    return {"prompt": prompt, "seconds": seconds, "camera": camera, "blend": check_blend(blend)}
