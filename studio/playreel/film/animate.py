"""Animate: a picture comes to life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from playreel.errors import InputError
from playreel.film.duration import resolve_seconds
from playreel.film.fit import frame_size, picture_clip
from playreel.film.gap import GapPlan, Progress, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Choices, Sampling
from playreel.film.script import write_script
from playreel.media import Clip

if TYPE_CHECKING:
    from playreel.core import FilmModel


def animate(
    model: FilmModel,
    picture: Any,
    prompt: str | None = None,
    *,
    seconds: float = 2.0,
    camera: str | None = None,
    size: str | None = None,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """Make a take whose first frame is the picture, pixel for pixel once it is fitted.

    Args:
        model: the network.
        picture: a path, PIL image, array, or a Clip, of which the first frame is taken.
        prompt: what happens; time 0 is the picture. None takes a clip's own prompt.
        seconds: length of the take with the picture; snapped to whole frames, two at least.
        camera: a camera move such as "zoom in".
        size: aspect ratio; None takes the one nearest to the picture.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        MediaError: an unreadable picture.
        PromptError: a malformed prompt or unknown camera move.
        InputError: another option is out of range.
    """
    sampling = Sampling(**choices)
    length = resolve_seconds(seconds)
    if length.num_frames < 2:
        raise InputError(
            f"seconds is {float(seconds):g}, one frame: the picture itself. Ask for at least 0.2."
        )
    first = picture_clip(picture, None if size is None else frame_size(size))
    clip = picture if isinstance(picture, Clip) else None
    script = write_script(prompt, length.num_frames, camera=camera, clip=clip)
    texts = script.texts
    plan = GapPlan(
        size=first.size,
        texts=texts[1:],
        left=first.frames,
    )
    made_frames = fill_gap(model, plan, sampling, callback)
    options = {**script.options(), "seconds": float(seconds), "size": size}
    making = Making(
        operation="animate",
        options=options,
        resolved={
            "num_frames": length.num_frames, "snapped": length.snapped, **script.resolved()
        },
        parents=(first.content_hash,),
    )  # fmt: skip
    return assemble(
        model, [Part(frames=first.frames, kept=True), Part(frames=made_frames)], making, sampling
    )
