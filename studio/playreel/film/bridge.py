"""Bridge: frames that lead from the end of one clip to the start of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from playreel.film.blend import check_blend
from playreel.film.duration import FILM_FPS, resolve_seconds
from playreel.film.fit import fit_clip
from playreel.film.gap import GapPlan, Progress, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Choices, Sampling
from playreel.film.script import write_script

if TYPE_CHECKING:
    from playreel.core import FilmModel
    from playreel.media import Clip


def bridge(
    model: FilmModel,
    first: Clip,
    last: Clip,
    *,
    seconds: float = 1.0,
    prompt: str | None = None,
    camera: str | None = None,
    blend: int = 0,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """``first``, made frames, ``last``: both clips pixel for pixel.

    Args:
        model: the network.
        first: the clip to leave; the result has its size.
        last: the clip to arrive at.
        seconds: length of the middle; snapped to whole frames.
        prompt: what happens in the middle, time 0 being its first frame; None passes from the first
            clip's own prompt to the last one's half-way.
        camera: a camera move for the middle.
        blend: kept frames at each joint that may be melted for a softer seam; the recipe lists
            them.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        PromptError: a malformed prompt or unknown camera move.
        InputError: another option is out of range.
    """
    sampling = Sampling(**choices)
    blend = check_blend(blend)
    length = resolve_seconds(seconds)
    left = fit_clip(first)
    right = fit_clip(last, left.size)
    script = write_script(prompt, length.num_frames, camera=camera, clip=first)
    texts = script.texts
    resolved = {
        "num_frames": length.num_frames,
        "snapped": length.snapped,
        "fitted": [left.changed, right.changed],
        **script.resolved(),
    }
    if prompt is None:
        arrival = write_script(None, length.num_frames, camera=camera, clip=last)
        half = length.num_frames // 2
        texts = texts[:half] + arrival.texts[half:]
        resolved["inherited"] = [script.inherited, arrival.inherited]
        resolved["schedule"] = [
            [0, half / FILM_FPS, script.prompt],
            [half / FILM_FPS, length.duration_s, arrival.prompt],
        ]
    plan = GapPlan(
        size=left.size,
        texts=texts,
        left=left.frames,
        right=right.frames,
    )
    made_frames = fill_gap(model, plan, sampling, callback)
    making = Making(
        operation="bridge",
        options={
            **script.options(), "seconds": float(seconds), "blend": blend
        },
        resolved=resolved,
        parents=(left.source_hash, right.source_hash),
    )  # fmt: skip
    parts = [
        Part(frames=left.frames, kept=True),
        Part(frames=made_frames),
        Part(frames=right.frames, kept=True),
    ]
    return assemble(model, parts, making, sampling, blend=blend)
