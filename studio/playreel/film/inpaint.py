"""Inpaint: a region of a clip made anew; everything around it stays pixel for pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from playreel.core.watch import show
from playreel.film.contrast import contrasts
from playreel.film.fit import fit_clip
from playreel.film.gap import Progress
from playreel.film.region import kept_outside, mask_of, region_clip
from playreel.film.result import Making, Part, assemble
from playreel.film.sampling import Choices, Sampling
from playreel.film.script import write_script

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.media import Clip


def inpaint(
    model: FilmModel,
    clip: Clip,
    prompt: str,
    *,
    region: Any,
    callback: Progress | None = None,
    **choices: Unpack[Choices],
) -> Clip:
    """The clip with something else in a region of it.

    The first frame's region is drawn; in the frames after it, it is moved on from there by what happens
    in the clip, so that it goes with the scenery and what comes into the region comes from around it.

    Args:
        model: the network.
        clip: a take or a still. Another size or rate is fitted first, and the recipe says so.
        prompt: what is to be seen there.
        region: see `playreel.film.region.region_clip`.
        callback: told of frames done and frames in all; may raise to stop.
        **choices: see `playreel.film.sampling.Choices`.

    Raises:
        PromptError: an empty or malformed prompt.
        InputError: no usable region, or another option is out of range.
        MediaError: a mask that cannot be read.
    """
    sampling = Sampling(**choices)
    fitted = fit_clip(clip)
    marked = region_clip(region, fitted.size)
    mask = mask_of(marked)
    script = write_script(prompt, len(fitted.frames), required_by="an inpainting")
    frames = _filled(model, fitted.frames, mask, script.texts, sampling, callback)
    making = Making(
        operation="inpaint",
        options={"prompt": script.prompt, "region": marked.content_hash},
        resolved={
            "fitted": fitted.changed,
            "region_share": round(float(mask.mean()), 4),
            **script.resolved(),
        },
        parents=(fitted.source_hash, marked.content_hash),
        measured={"kept_exact": kept_outside(fitted.frames, frames, mask)},
    )
    return assemble(model, [Part(frames=frames)], making, sampling)


def _filled(
    model: FilmModel,
    frames: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    texts: list[str],
    sampling: Sampling,
    callback: Progress | None,
) -> NDArray[np.uint8]:
    from playreel.core.sampler import SamplerOptions  # torch, which the model has loaded by now

    total = len(frames)
    tell = callback or (lambda done, total: None)
    tell(0, total)
    first = model.draw(
        texts[0],
        size=mask.shape,
        around=frames[0],
        region=mask,
        options=SamplerOptions(**sampling.sampler()),
        contrasts=contrasts(texts[0]),
        seed=sampling.seed,
    )
    where = mask[..., None]
    made = [np.where(where, first, frames[0])]
    show(made[0])
    tell(1, total)
    actions = model.world.lam.infer_frames(np.ascontiguousarray(frames)).tolist()
    for index, action in enumerate(actions, 1):
        moved = model.roll(
            np.stack(made[-2:]), [action], texts=[texts[index]], seed=sampling.seed + index
        )
        made.append(np.where(where, moved[0], frames[index]))
        tell(index + 1, total)
    return np.stack(made)
