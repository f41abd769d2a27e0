"""Loop: a clip that leads back to its own start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

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


def loop(
    model: FilmModel,
    clip: Clip,
    *,
    seconds: float = 1.0,
    prompt: str | None = None,
    camera: str | None = None,
    blend: int = 0,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """The clip, pixel for pixel, and made frames that lead from its end to its first frame.

    Played over and over the last made frame is followed by the clip's first frame, which is not
    repeated. The seam of that return is measured like the other.

    Args:
        model: the network.
        clip: what to loop. Another size or rate is fitted first, and the recipe says so.
        seconds: length of the joining part; snapped to whole frames.
        prompt: what happens in the joining part; None takes the clip's own prompt.
        camera: a camera move for the joining part.
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
    fitted = fit_clip(clip)
    script = write_script(prompt, length.num_frames, camera=camera, clip=clip)
    texts = script.texts
    plan = GapPlan(
        size=fitted.size,
        texts=texts,
        left=fitted.frames,
        right=fitted.frames,
    )
    made_frames = fill_gap(model, plan, sampling, callback)
    making = Making(
        operation="loop",
        options={
            **script.options(), "seconds": float(seconds), "blend": blend
        },
        resolved={
            "num_frames": length.num_frames, "snapped": length.snapped,
            "fitted": fitted.changed, **script.resolved(),
        },
        parents=(fitted.source_hash,),
    )  # fmt: skip
    kept = Part(frames=fitted.frames, kept=True)
    return assemble(
        model, [kept, Part(frames=made_frames)], making, sampling, blend=blend, wraps=True
    )
