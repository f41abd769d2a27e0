"""Call: one operation of an engine on the way from its options to its clip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from playreel.errors import EngineRefusedError, InputError, PromptError
from playreel.film.camera import camera_words, normalise_camera
from playreel.film.engines.gap import Filled, Filling, Gap, seed_of_run
from playreel.film.engines.grid import MIN_SIDE
from playreel.film.engines.keyframes import placed
from playreel.film.engines.memory import memory_told
from playreel.film.engines.operations import ASKED_BY
from playreel.film.engines.outcome import (
    Coming,
    Stretch,
    Told,
    as_they_come,
    is_long,
    joined,
    set_aside,
)
from playreel.film.engines.redraw import Redrawing, redraw
from playreel.film.engines.request import Frames, Known, Request, whole
from playreel.film.engines.sizing import Sizing
from playreel.film.engines.steps import Meter, Progress
from playreel.film.engines.store import cache_folder
from playreel.film.prompt import parse_prompt
from playreel.film.sampling import DRAFT_SHARE, Sampling
from playreel.film.schedule import PromptSchedule, TimedPrompt
from playreel.film.script import clip_text
from playreel.media import Clip, fit_frame, load_image

if TYPE_CHECKING:
    from playreel.film.engines.diffusion_engine import DiffusionEngine

DRAFT_STEPS = 4  # fewer give noise
REELS = "reels"  # in the cache folder: long takes on their way
STRETCH = 1000  # more than a stretch has runs
OTHER_RATE = 1.25  # beyond this the change of tempo is told


class Choices(TypedDict, total=False):
    """What every operation takes besides.

    Keys:
        seed: the same seed on the same machine gives the same frames; 0 by default.
        num_steps: denoising steps; the pipeline's own number by default.
        guidance_scale: pull of the prompt; the pipeline's own by default.
        negative_prompt: what is not to be seen.
        hard_lock: hold given frames fast where the model's own way is soft; True by default.
        match_colour: bring what is made to the colours of what it goes on from; True by default.
        cache: let steps reuse what hardly changed since the step before: faster, a little different; by
            default where the machine is slow with the model.
        draft: a quarter of the steps, four at least, and results of one's own size half as large; see
            `playreel.Studio.finish`.
        callback: told of denoising steps done and in all; may raise to stop.
    """

    seed: int
    num_steps: int | None
    guidance_scale: float | None
    negative_prompt: str | None
    hard_lock: bool
    match_colour: bool
    cache: bool
    draft: bool
    callback: Progress | None


@dataclass
class _Notes:
    """What was snapped, and what the recipe keeps as resolved."""

    words: list[str]
    resolved: dict[str, Any]


class Call:
    """One call of an operation, from its options to its clip."""

    def __init__(
        self,
        engine: DiffusionEngine,
        operation: str,
        choices: Choices,
        options: dict[str, Any],
        parents: tuple[Clip, ...] = (),
    ) -> None:
        for option, asked in ASKED_BY.items():
            if choices.pop(option, None) is not None:  # type: ignore[misc]
                engine.family.require(asked)
                raise InputError(
                    f"An engine takes no {option} itself: playreel.Studio has drawings painted first, "
                    "and gives it the paintings."
                )
        unknown = set(choices) - set(Choices.__annotations__)
        if unknown:
            raise InputError(
                f"Engine {engine.family.name!r} has no option {', '.join(sorted(unknown))}. Options "
                f"of every operation: {', '.join(Choices.__annotations__)}."
            )
        driver = engine.driver
        steps, scale = choices.get("num_steps"), choices.get("guidance_scale")
        sampling = Sampling(
            seed=choices.get("seed", 0),
            num_steps=driver.num_steps if steps is None else steps,
            guidance_scale=driver.guidance_scale if scale is None else scale,
        )
        self._engine, self._driver, self._operation = engine, driver, operation
        self._sampling = sampling
        self._draft = bool(choices.get("draft", False))
        self._negative = choices.get("negative_prompt")
        self._hard_lock = bool(choices.get("hard_lock", True))
        self._match_colour = bool(choices.get("match_colour", True))
        self._cache = _cache(engine, choices.get("cache"))
        self._meter = Meter(choices.get("callback"))
        self._options = {
            **options,
            "num_steps": sampling.num_steps,
            "guidance_scale": sampling.guidance_scale,
            "negative_prompt": self._negative,
            "hard_lock": self._hard_lock,
            "match_colour": self._match_colour,
            **({"cache": bool(self._cache)} if engine.family.cache else {}),
            **({"draft": True} if self._draft else {}),
        }
        self._parents = tuple(clip.content_hash for clip in parents)
        self._has_clip = bool(parents)
        self._notes = _Notes(words=[], resolved={})
        self._references: tuple[NDArray[np.uint8], ...] = ()
        self._denoised: list[Path] = []  # latents of runs that are decoded, until all are
        self.measured: dict[str, Any] = {}

    def note(self, words: str) -> None:
        """Tells the recipe what was snapped."""
        if words:
            self._notes.words.append(words)

    def show(self, references: Sequence[Any]) -> None:
        """Gives the model pictures of a character beside the words."""
        if not references:
            return
        clips = [r if isinstance(r, Clip) else Clip(load_image(r)[None]) for r in references]
        self._references = tuple(clip.frames[0] for clip in clips)
        self._parents += tuple(clip.content_hash for clip in clips)
        self._options["references"] = [clip.content_hash for clip in clips]

    # -- words -----------------------------------------------------------------------------------

    def script(
        self,
        prompt: str | None,
        num_frames: int,
        *,
        fps: float,
        camera: str | None = None,
        clip: Clip | None = None,
        required: bool = False,
    ) -> PromptSchedule:
        """The prompt over the frames to be made; None takes the clip's own."""
        parsed = parse_prompt(prompt, required_by=self._operation if required else None)
        if prompt is None and clip is not None:
            parsed = TimedPrompt(base=clip_text(clip))
            self._notes.resolved["inherited"] = [parsed.base]
        if camera is not None:
            parsed = replace(
                parsed, base=", ".join(p for p in (parsed.base, _camera(camera, parsed)) if p)
            )
        if len(parsed.timed):
            self._engine.family.require("timed-prompts")
        schedule = parsed.schedule(num_frames, fps=fps)  # type: ignore[arg-type]
        self._notes.resolved["schedule"] = schedule.rows()
        self._notes.resolved["prompt"] = [segment.text for segment in schedule.segments]
        if schedule.notes:
            self._notes.resolved["notes"] = list(schedule.notes)
        return schedule

    def schedule_beside(
        self, clip: Clip, prompt: str | None, seconds: float, camera: str | None
    ) -> PromptSchedule:
        """The prompt over what is added to a clip, at its own rate."""
        length = self._engine.family.grid.length(seconds, float(clip.fps))
        self.note(length.note)
        self.note(self.rate_note(clip))
        return self.script(prompt, length.num_frames, fps=float(clip.fps), camera=camera, clip=clip)

    def rate_note(self, clip: Clip) -> str:
        """What a clip's rate does to the tempo of what is made, "" if nothing."""
        ratio = float(clip.fps) / self._engine.family.grid.fps
        if self._driver.takes_rate or 1 / OTHER_RATE <= ratio <= OTHER_RATE:
            return ""
        return (
            f"the model learned motion at {self._engine.family.grid.fps} frames a second; at the "
            f"clip's {float(clip.fps):g} what it makes moves {ratio:.2g} times as fast"
        )

    # -- sizes -----------------------------------------------------------------------------------

    def sized(self, size: str | tuple[int, int]) -> Sizing:
        """For a result of a size that is asked for."""
        sizing = self._engine.family.grid.sizing(size)
        if self._draft and not self._has_clip:  # what has a clip keeps its size
            half = tuple(max(MIN_SIDE, side // 2) for side in sizing.result)
            sizing = self._engine.family.grid.sizing((half[0], half[1]))
        self.note(sizing.note)
        return sizing

    def enlarged(self, size: tuple[int, int]) -> Sizing:
        """For a result of a picture's size, by a whole factor where that is too small."""
        factor = self._engine.family.grid.clip_factor(size)
        return self.sized((size[0] * factor, size[1] * factor))

    def worked(self, clip: Clip) -> Sizing:
        """For a result of a clip's own size, whatever size it is worked on."""
        return replace(self.enlarged(clip.size), result=clip.size)

    # -- frames ----------------------------------------------------------------------------------

    def fill(
        self,
        schedule: PromptSchedule,
        sizing: Sizing,
        *,
        left: Frames | None = None,
        right: Frames | None = None,
        stretch: int = 0,
    ) -> Filled:
        """New frames of the working size, beside or between given ones.

        Every ``stretch`` of an operation draws its own noise.
        """
        return self._filling(schedule, sizing, left, right, stretch).whole()

    def coming(
        self,
        schedule: PromptSchedule,
        sizing: Sizing,
        *,
        left: Frames | None = None,
        right: Frames | None = None,
    ) -> Coming:
        """New frames of the result's size, made as they are asked for; as `fill` otherwise."""
        filling = self._filling(schedule, sizing, left, right, 0)
        pieces = (sizing.to_result(piece) for piece in filling.pieces())
        return Coming(num_frames=filling.num_frames, pieces=pieces)

    def last(self, frames: Frames, sizing: Sizing) -> Frames:
        """As many of a clip's last frames, of the working size, as a run goes on from."""
        return sizing.to_work(frames[-self._driver.leads_in :])

    def first(self, frames: Frames, sizing: Sizing) -> Frames:
        """As many of its first frames as a run arrives at."""
        return sizing.to_work(frames[: self._driver.leads_in + 1])

    def _filling(
        self,
        schedule: PromptSchedule,
        sizing: Sizing,
        left: Frames | None,
        right: Frames | None,
        stretch: int,
    ) -> Filling:
        model = self._request(sizing, float(schedule.fps))
        if stretch:
            model = replace(model, seed=seed_of_run(model.seed, STRETCH * stretch))
        gap = Gap(
            model=model,
            segments=tuple((s.stop - s.start, s.text) for s in schedule.segments),
            left=left,
            right=right,
            match_colour=self._match_colour,
        )

        def hold(made: Frames) -> Iterable[Frames]:
            long = is_long(schedule.segments[-1].stop, sizing.work)
            return set_aside(made, self._reels) if long else (made,)

        filling = Filling(self._driver, gap, self._pieces, self._meter, hold)
        for words in filling.notes:
            self.note(words)
        return filling

    def made(self, schedule: PromptSchedule, sizing: Sizing, fps: Fraction) -> Clip:
        """A result of nothing but new frames."""
        return self.streamed([self.coming(schedule, sizing)], fps, sizing.result)

    def redraw(
        self,
        schedule: PromptSchedule,
        sizing: Sizing,
        frames: Frames,
        fps: Fraction,
        strength: float,
        region: NDArray[np.bool_] | None = None,
    ) -> Frames:
        """All frames redrawn, of the working size; with a region, only that."""
        what = Redrawing(
            model=replace(self._request(sizing, float(fps)), strength=strength, region=region),
            frames=frames,
            segments=tuple((s.stop - s.start, s.text) for s in schedule.segments),
        )
        return redraw(self._driver, what, self._pieces, self._meter)

    def keyframed(
        self,
        schedule: PromptSchedule,
        sizing: Sizing,
        keyframes: Mapping[float, Any],
        fps: Fraction,
    ) -> Clip:
        """A take with pictures at chosen times: in one run, or from one picture to the next."""
        grid, driver = self._engine.family.grid, self._driver
        count = schedule.segments[-1].stop
        is_one_run = grid.frames(count) <= grid.max_frames and len(schedule.segments) == 1
        whole = driver.holds_pictures and is_one_run
        step = grid.frame_step if whole else 1
        pictures = placed(keyframes, count, grid, self.note, step=step)
        self._parents = (*(clip.content_hash for clip in pictures.values()), *self._parents)
        self._options["keyframes"] = {
            str(index / grid.fps): clip.content_hash for index, clip in pictures.items()
        }
        shown = {i: fitted(clip.frames[:1], sizing.result) for i, clip in pictures.items()}
        if whole:
            return self._in_one_run(schedule, sizing, shown, fps)
        return self._from_one_to_the_next(schedule, sizing, shown, fps)

    def _in_one_run(
        self, schedule: PromptSchedule, sizing: Sizing, shown: dict[int, Frames], fps: Fraction
    ) -> Clip:
        grid, held = self._engine.family.grid, self._driver.held_keyframe
        count = schedule.segments[-1].stop
        known = tuple(
            Known(
                start=max(0, index - held + 1),
                frames=np.repeat(sizing.to_work(frame), min(held, index + 1), axis=0),
            )
            for index, frame in shown.items()
        )
        request = replace(
            self._request(sizing, grid.fps), prompt=schedule.segments[0].text,
            num_frames=grid.frames(count), known=known,
        )  # fmt: skip
        self._meter.expect(self._driver.steps_of(request))
        frames = sizing.to_result(whole(self._pieces(request))[:count])
        stretches, cursor = [], 0
        for index, frame in shown.items():
            stretches += [Stretch(frames=frames[cursor:index]), Stretch(frames=frame, kept=True)]
            cursor = index + 1
        return self.clip([*stretches, Stretch(frames=frames[cursor:])], fps)

    def _from_one_to_the_next(
        self, schedule: PromptSchedule, sizing: Sizing, shown: dict[int, Frames], fps: Fraction
    ) -> Clip:
        """Each stretch goes on from all that is before it and arrives at the next picture."""
        count = schedule.segments[-1].stop
        stretches: list[Stretch] = []
        before: Frames | None = None
        cursor = 0
        for number, stop in enumerate((*shown, count)):
            arrives = sizing.to_work(shown[stop]) if stop < count else None
            if stop > cursor:
                if before is None:
                    self._engine.family.require("extend-backward")
                filled = self.fill(
                    schedule.part(cursor, stop), sizing, left=before, right=arrives, stretch=number
                )
                stretches.append(Stretch(frames=sizing.to_result(filled.frames)))
                before = _following(before, filled.frames)
            if arrives is not None:
                stretches.append(Stretch(frames=shown[stop], kept=True))
                before = _following(before, arrives)
            cursor = stop + 1
        return self.clip(stretches, fps)

    def clip(
        self,
        stretches: list[Stretch],
        fps: Fraction,
        *,
        blend: int = 0,
        wraps: bool = False,
    ) -> Clip:
        """The result with its recipe."""
        stretches = [stretch for stretch in stretches if len(stretch.frames)]
        told = self._told(sum(len(stretch.frames) for stretch in stretches))
        clip = joined(stretches, told, fps=fps, blend=blend, wraps=wraps)
        self._forget()
        return clip

    def streamed(
        self,
        parts: list[Stretch | Coming],
        fps: Fraction,
        size: tuple[int, int],
        *,
        wraps: bool = False,
    ) -> Clip:
        """The same of frames that are still to come, none of them blended; ``size`` is (height, width)."""
        told = self._told(
            sum(p.num_frames if isinstance(p, Coming) else len(p.frames) for p in parts)
        )
        clip = as_they_come(parts, told, fps=fps, size=size, folder=self._reels, wraps=wraps)
        self._forget()
        return clip

    @property
    def _reels(self) -> Path:
        return cache_folder() / REELS

    def _told(self, num_frames: int) -> Told:
        resolved = {
            "num_frames": num_frames,
            "snapped": "; ".join(dict.fromkeys(self._notes.words)),
            "layout": self._engine.layout,
            **({"cards": self._engine.cards} if self._engine.cards > 1 else {}),
            **self._notes.resolved,
        }
        return Told(
            operation=self._operation,
            engine=self._engine.name,
            weights=self._engine.weights_hash,
            seed=self._sampling.seed,
            options=self._options,
            resolved=resolved,
            parents=self._parents,
            measured=self.measured,
        )

    def _forget(self) -> None:
        """Nothing has to be decoded again: the result is whole."""
        if self._driver.latents is not None:
            self._driver.latents.drop(self._denoised)

    @property
    def _num_steps(self) -> int:
        whole = self._sampling.num_steps
        return max(min(whole, DRAFT_STEPS), whole // DRAFT_SHARE) if self._draft else whole

    def _request(self, sizing: Sizing, fps: float) -> Request:
        return Request(
            prompt="",
            negative_prompt=self._negative,
            num_frames=1,
            size=sizing.work,
            fps=fps,
            seed=self._sampling.seed,
            num_steps=self._num_steps,
            guidance_scale=self._sampling.guidance_scale,
            references=self._references,
            hard_lock=self._hard_lock,
            cache=self._cache,
        )

    def _pieces(self, request: Request) -> Iterator[Frames]:
        """A run's frames, a piece of time after the other; may be stopped between two."""
        if self._driver.latents is not None:
            self._denoised.append(self._driver.latents.path(request))
        with memory_told(
            self._engine.name,
            num_frames=request.num_frames,
            size=request.size,
            layout=self._engine.layout,
            step_down=self._engine.step_down,
        ):
            for index, piece in enumerate(self._driver.made(request, self._meter)):
                if index:
                    self._meter.check()
                yield piece


def _cache(engine: DiffusionEngine, asked: bool | None) -> str:
    """What steps reuse: as asked for, or as the engine is laid out."""
    if engine.cards > 1:  # each would decide by its own part of the frames, and wait for the others
        if asked:
            raise EngineRefusedError(
                f"A take that {engine.cards} cards share reuses nothing between its steps. Leave cache out, "
                "or cards."
            )
        return ""
    if asked is None:
        return engine.family.cache if engine.is_slow else ""
    return engine.family.require_cache() if asked else ""


def _following(before: Frames | None, frames: Frames) -> Frames:
    return frames if before is None else np.concatenate([before, frames])


def fitted(frames: Frames, size: tuple[int, int]) -> Frames:
    """Frames cropped and scaled to a size; drawn pixels stay drawn at a whole factor."""
    if frames.shape[1:3] == size:
        return frames
    rows, columns = frames.shape[1:3]
    if size[0] % rows == 0 and size[1] % columns == 0 and size[0] // rows == size[1] // columns:
        factor = size[0] // rows
        return frames.repeat(factor, axis=1).repeat(factor, axis=2)
    return np.stack([fit_frame(frame, size=size) for frame in frames])


def _camera(camera: str, prompt: TimedPrompt) -> str:
    """The words for a camera move: the known term, or what was said."""
    try:
        move = normalise_camera(camera)
    except PromptError:
        if not isinstance(camera, str):
            raise
        return " ".join(camera.split())[:200]
    chinese = any("㐀" <= char <= "鿿" for char in str(prompt))
    return camera_words(move, chinese=chinese) if move else ""
