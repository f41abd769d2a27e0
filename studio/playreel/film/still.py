"""Still: one frame from a sentence, a sketch, a picture, or any of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from playreel.film.casting import TRIES, cast
from playreel.film.fit import enlarged, picture_clip, sketch_clip, still_size
from playreel.film.gap import GapPlan, fill_gap
from playreel.film.result import Making, Part, assemble
from playreel.film.rework import rework
from playreel.film.sampling import Choices, Sampling, check_share
from playreel.film.script import write_script

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.media import Clip


def still(
    model: FilmModel,
    prompt: str | None = None,
    *,
    sketch: Any = None,
    image: Any = None,
    hero: Any = None,
    size: str = "16:9",
    strength: float = 0.6,
    **choices: Unpack[Choices],
) -> Clip:
    """Make a still.

    With an image and neither prompt nor sketch, the fitted image itself comes back. With more to
    go by, the image is painted over in the look that the words ask for; at strength 1 it is ignored.

    Args:
        model: the network.
        prompt: what to show; may be empty if there is a sketch or an image.
        sketch: a hand drawing: path, PIL image, array or Clip.
        image: a picture to start from: path, PIL image, array or Clip.
        hero: a picture whose hero is in the still, pixel for pixel; see `playreel.film.casting`.
        size: aspect ratio, "16:9", "9:16" or "1:1", or pixels up to "2048x2048": drawn in the nearest
            aspect, enlarged by a whole factor, and its middle cut out.
        strength: 0 keeps the image, 1 ignores it.
        **choices: see `playreel.film.sampling.Choices`.

    Returns:
        A clip of one frame.

    Raises:
        PromptError: nothing to go by, or a malformed prompt.
        MediaError: an unreadable image or sketch.
        InputError: another option is out of range, or nobody is found in the picture of the hero.
    """
    sampling = Sampling(**choices)
    strength = check_share("strength", strength)
    hw, wanted = still_size(size)
    has_picture = sketch is not None or image is not None
    script = write_script(prompt, 1, required_by=None if has_picture else "a still")
    ink = None if sketch is None else sketch_clip(sketch, hw)
    picture = None if image is None else picture_clip(image, hw)
    shown = None if hero is None else picture_clip(hero)
    sketches = {} if ink is None else {0: ink.frames[0, :, :, 0]}
    options: dict[str, Any] = {"prompt": script.prompt, "size": size}
    if picture is not None:
        options["strength"] = strength
    parents = {"sketch": ink, "image": picture, "hero": shown}
    inputs = {name: clip.content_hash for name, clip in parents.items() if clip is not None}

    is_kept = picture is not None and (strength == 0 or not (script.prompt or sketches))

    def drawn(seed: int) -> NDArray[np.uint8]:
        chosen = replace(sampling, seed=seed)
        if picture is None:
            return fill_gap(model, GapPlan(size=hw, texts=script.texts, sketches=sketches), chosen)
        if is_kept:
            return picture.frames
        return rework(
            model, picture.frames, script.texts, strength=strength, sampling=chosen,
            lines=None if ink is None else ink.frames[..., 0],
        )  # fmt: skip

    resolved = script.resolved() | _told(hw, wanted)
    if shown is None:
        part = Part(frames=drawn(sampling.seed), kept=is_kept)
    else:
        tries = TRIES if picture is None else 1
        frame, resolved["hero"] = cast(
            model, shown.frames[0], lambda seed: drawn(seed)[0], seed=sampling.seed, tries=tries
        )
        part = Part(frames=frame[None])
    making = Making(
        operation="still",
        options=options | {"inputs": inputs},
        resolved=resolved,
        parents=tuple(inputs.values()),
    )
    whole = Part(frames=enlarged(part.frames[0], wanted)[None], kept=part.kept)
    return assemble(model, [whole], making, sampling)


def _told(drawn: tuple[int, int], wanted: tuple[int, int]) -> dict[str, str]:
    if drawn == wanted:
        return {}
    return {
        "snapped": f"drawn at {drawn[1]}x{drawn[0]}, enlarged by a whole factor and cut to "
        f"{wanted[1]}x{wanted[0]}"
    }
