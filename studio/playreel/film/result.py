"""Result: kept and made frames joined into a clip that says how it was made and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import InputError
from playreel.film.duration import FILM_FPS
from playreel.film.figures import KeptRange, drift, kept_exact, seam
from playreel.media import Clip
from playreel.recipe import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling

ENGINE = "bundled"
MAX_BLEND = 12


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of frames of a result.

    Attributes:
        frames: uint8 (T, H, W, 3).
        kept: whether they are the source's own pixels.
        head_drawn: the first frames as the network draws them, for a blend with what comes before.
        tail_drawn: the last frames as the network draws them, for a blend with what comes after.
    """

    frames: NDArray[np.uint8]
    kept: bool = False
    head_drawn: NDArray[np.uint8] | None = None
    tail_drawn: NDArray[np.uint8] | None = None


@dataclass(frozen=True, kw_only=True)
class Making:
    """How a result came about: all that its recipe keeps besides the measurements."""

    operation: str
    options: dict[str, Any]
    resolved: dict[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    measured: dict[str, Any] = field(default_factory=dict)


def assemble(
    model: FilmModel,
    parts: list[Part],
    making: Making,
    sampling: Sampling,
    *,
    blend: int = 0,
    wraps: bool = False,
) -> Clip:
    """The clip of ``parts`` with its recipe.

    Kept frames are pasted in as they are. With ``blend`` the kept frames nearest to each joint are
    mixed with their drawn selves; the recipe lists them, and they do not count as kept.

    Args:
        model: what made them; its weights' hash goes into the recipe.
        parts: runs of frames in order.
        making: operation, options and parents.
        sampling: seed and sampling options.
        blend: kept frames mixed at each joint.
        wraps: whether the last frame leads back to the first.
    """
    parts = [part for part in parts if len(part.frames)]
    joined = np.concatenate([part.frames for part in parts])
    starts = np.cumsum([0, *(len(part.frames) for part in parts)])
    blended = _blend(joined, parts, starts, blend)
    joints = [int(s) for s in starts[1 : None if wraps else -1]] if len(parts) > 1 else []
    mapping = [
        KeptRange(source_start=int(s), result_start=int(s), num_frames=len(part.frames))
        for s, part in zip(starts, parts, strict=False)
        if part.kept
    ]
    measured: dict[str, Any] = {}
    if joints:
        measured["joints"] = joints
        measured["seam"] = [round(seam(joined, j, joints=joints), 3) for j in joints]
    if mapping:
        source = np.concatenate([part.frames for part in parts])
        exact = kept_exact(source, joined, mapping, blended=blended)
        measured["kept_exact"] = exact
        measured["kept_frames"] = sum(kept.num_frames for kept in mapping) - len(blended)
    if len(joined) > 1:
        change = drift(joined, fps=FILM_FPS)
        measured["drift"] = {
            "colour": round(change.colour, 3),
            "sharpness": round(change.sharpness, 4),
        }
    resolved = dict(making.resolved)
    if blended:
        resolved["blended_frames"] = sorted(blended)
    options = {
        **making.options,
        **sampling.options(),
        "resolved": resolved,
        "measured": measured | making.measured,
    }
    recipe = Recipe(
        operation=making.operation,
        options=options,
        seed=int(sampling.seed),
        engine=ENGINE,
        weights=model.weights_hash,
        parents=making.parents,
    )
    return Clip(frames=joined, fps=FILM_FPS, recipe=recipe)


def check_blend(blend: int) -> int:
    """The number of frames to blend at each joint.

    Raises:
        InputError: not a whole number from 0 to `MAX_BLEND`.
    """
    if isinstance(blend, bool) or not isinstance(blend, int) or not 0 <= blend <= MAX_BLEND:
        raise InputError(
            f"blend must be a whole number of frames from 0 to {MAX_BLEND}, got {blend!r}. "
            "0 keeps every frame of the clip as it is."
        )
    return blend


def _blend(
    joined: NDArray[np.uint8], parts: list[Part], starts: NDArray[np.int64], blend: int
) -> set[int]:
    """Mix kept frames into their drawn selves towards each joint, in place; returns which."""
    blended: set[int] = set()
    if blend == 0:
        return blended
    for start, part in zip(starts, parts, strict=False):
        if not part.kept:
            continue
        length = len(part.frames)
        for drawn, at_end in ((part.head_drawn, False), (part.tail_drawn, True)):
            count = 0 if drawn is None else min(blend, len(drawn), length)
            for i in range(count):  # i = 0 lies at the joint
                weight = (blend - i) / (blend + 1)
                index = int(start) + (length - 1 - i if at_end else i)
                own = joined[index].astype(np.float32)
                other = drawn[-1 - i if at_end else i].astype(np.float32)
                joined[index] = np.rint(own + weight * (other - own)).astype(np.uint8)
                blended.add(index)
    return blended
