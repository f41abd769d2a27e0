"""Extend: what follows a clip, or what led up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from playreel.errors import InputError
from playreel.film.blend import check_blend
from playreel.film.duration import resolve_seconds
from playreel.film.fit import fit_clip
from playreel.film.gap import GapPlan, Progress, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Choices, Sampling
from playreel.film.script import write_script

if TYPE_CHECKING:
    from playreel.core import FilmModel
    from playreel.media import Clip

DIRECTIONS = ("forward", "backward")


def extend(
    model: FilmModel,
    clip: Clip,
    *,
    seconds: float = 2.0,
    direction: str = "forward",
    prompt: str | None = None,
    camera: str | None = None,
    blend: int = 0,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """The clip, pixel for pixel, with new frames after it or before it.

    Args:
        model: the network.
        clip: what to extend. Another size or rate is fitted first, and the recipe says so.
        seconds: how much is added; snapped to whole frames.
        direction: "forward" or "backward".
        prompt: what happens in the new part, time 0 being its first frame; None takes the clip's
            own prompt, "" goes by the picture alone.
        camera: a camera move for the new part.
        blend: kept frames at the joint that may be melted for a softer seam; the recipe lists them.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        PromptError: a malformed prompt or unknown camera move.
        InputError: another option is out of range.
    """
    sampling = Sampling(**choices)
    if direction not in DIRECTIONS:
        raise InputError(f"direction must be 'forward' or 'backward', got {direction!r:.40}.")
    blend = check_blend(blend)
    length = resolve_seconds(seconds)
    fitted = fit_clip(clip)
    script = write_script(prompt, length.num_frames, camera=camera, clip=clip)
    texts, forward = script.texts, direction == "forward"
    plan = GapPlan(
        size=fitted.size,
        texts=texts,
        left=fitted.frames if forward else None,
        right=None if forward else fitted.frames,
    )
    made_frames = fill_gap(model, plan, sampling, callback)
    made = Part(frames=made_frames)
    if forward:
        parts = [Part(frames=fitted.frames, kept=True), made]
    else:
        parts = [made, Part(frames=fitted.frames, kept=True)]
    making = Making(
        operation="extend",
        options={
            **script.options(), "seconds": float(seconds), "direction": direction,
            "blend": blend
        },
        resolved={
            "num_frames": length.num_frames, "snapped": length.snapped,
            "fitted": fitted.changed, **script.resolved(),
        },
        parents=(fitted.source_hash,),
    )  # fmt: skip
    return assemble(model, parts, making, sampling, blend=blend)
