"""Restyle: the same clip drawn another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.film.canvas import Progress
from playreel.film.fit import fit_clip
from playreel.film.result import Making, Part, assemble
from playreel.film.rework import NUM_ROUNDS, rework
from playreel.film.sampling import Sampling, check_share
from playreel.film.script import write_script

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.media import Clip

Sketcher = Callable[["NDArray[np.uint8]"], "NDArray[np.uint8]"]  # (T, H, W, 3) -> (T, H, W)


def restyle(
    model: FilmModel,
    clip: Clip,
    prompt: str | None = None,
    *,
    strength: float = 0.6,
    camera: str | None = None,
    sketcher: Sketcher | None = None,
    num_rounds: int = NUM_ROUNDS,
    seed: int = 0,
    num_steps: int = 12,
    guidance_scale: float = 3.0,
    temperature: float = 0.6,
    context_frames: int | None = None,
    callback: Progress | None = None,
) -> Clip:
    """The clip in another style: SDEdit with masks (see `playreel.film.rework`).

    Args:
        model: the network.
        clip: what to restyle. Another size or rate is fitted first, and the recipe says so.
        prompt: the style, or a timed prompt in which styles change; may be empty.
        strength: 0 returns the same frames, 1 keeps nothing of them.
        camera: a camera move.
        sketcher: draws the lines of the source's frames, so that shapes survive while colours go;
            it must draw as the model was taught. Lines are not used at strength 1.
        num_rounds: rounds of redrawing; more move further from the source's style.
        seed: same seed, same frames.
        num_steps: rounds in which a window's tokens are settled, before ``strength`` scales them.
        guidance_scale: how far the prompt is followed.
        temperature: 1 draws as the model was trained, less is tamer.
        context_frames: overlap of windows in frames.
        callback: told of windows done and windows in all.

    Raises:
        PromptError: a malformed prompt or unknown camera move.
        InputError: another option is out of range.
    """
    sampling = Sampling(
        seed=seed, num_steps=num_steps, guidance_scale=guidance_scale, temperature=temperature,
        context_frames=context_frames,
    )  # fmt: skip
    strength = check_share("strength", strength)
    if isinstance(num_rounds, bool) or not isinstance(num_rounds, int) or not 1 <= num_rounds <= 16:
        raise InputError(f"num_rounds must be a whole number from 1 to 16, got {num_rounds!r}.")
    fitted = fit_clip(clip)
    script = write_script(prompt, len(fitted.frames), camera=camera)
    resolved = {"fitted": fitted.changed, **script.resolved()}
    keeps_lines = sketcher is not None and 0 < strength < 1
    if strength == 0:
        part = Part(frames=fitted.frames, kept=True)
        resolved |= {"kept_share": 1.0, "num_rounds": 0}
    else:
        lines = dict(enumerate(sketcher(fitted.frames))) if keeps_lines else None
        done = rework(
            model, fitted.frames, script.texts, strength=strength, sampling=sampling,
            sketches=lines, num_rounds=num_rounds, callback=callback,
        )  # fmt: skip
        part = Part(frames=done.frames)
        resolved |= {"kept_share": round(done.kept_share, 4), "num_rounds": done.num_rounds}
    making = Making(
        operation="restyle",
        options={
            **script.options(), "strength": strength, "lines": keeps_lines,
            "num_rounds": num_rounds,
        },
        resolved=resolved,
        parents=(fitted.source_hash,),
    )  # fmt: skip
    return assemble(model, [part], making, sampling)
