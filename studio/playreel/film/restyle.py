"""Restyle: the same clip drawn another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Unpack

import numpy as np

from playreel.film.fit import fit_clip
from playreel.film.result import Making, Part, assemble
from playreel.film.rework import FULL_STRENGTH, Progress, rework
from playreel.film.sampling import Choices, Sampling, check_share
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
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """The clip in another style (see `playreel.film.rework`).

    Args:
        model: the network.
        clip: what to restyle. Another size or rate is fitted first, and the recipe says so.
        prompt: the style, or a timed prompt in which styles change; may be empty.
        strength: 0 returns the same frames; up to a half the old look is mixed in; from there on less and
            less of their fine light and shade is kept, at 1 nothing of them but what is done in them.
        camera: a camera move.
        sketcher: draws the lines of the source's frames, so that shapes survive while colours go;
            it must draw as the model was taught. Lines are not used at strength 1.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        PromptError: a malformed prompt or unknown camera move.
        InputError: another option is out of range.
    """
    sampling = Sampling(**choices)
    strength = check_share("strength", strength)
    fitted = fit_clip(clip)
    script = write_script(prompt, len(fitted.frames), camera=camera)
    resolved = {"fitted": fitted.changed, **script.resolved()}
    keeps_lines = sketcher is not None and 0 < strength < 1
    if strength == 0:
        part = Part(frames=fitted.frames, kept=True)
        resolved["kept_share"] = 1.0
    else:
        lines = sketcher(fitted.frames) if keeps_lines else None
        frames = rework(
            model, fitted.frames, script.texts, strength=strength, sampling=sampling, lines=lines,
            callback=callback,
        )  # fmt: skip
        part = Part(frames=frames)
        resolved["kept_share"] = round(max(0.0, 1 - strength / FULL_STRENGTH), 4)
    making = Making(
        operation="restyle",
        options={
            **script.options(), "strength": strength, "lines": keeps_lines,
        },
        resolved=resolved,
        parents=(fitted.source_hash,),
    )  # fmt: skip
    return assemble(model, [part], making, sampling)
