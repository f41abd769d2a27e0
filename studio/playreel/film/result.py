"""Result: kept and made frames joined into a clip that says how it was made and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.film.blend import blend_end, blend_start
from playreel.film.duration import FILM_FPS
from playreel.film.measure import kept_parts, measured
from playreel.media import Clip
from playreel.recipe import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling

ENGINE = "bundled"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of frames of a result.

    Attributes:
        frames: uint8 (T, H, W, 3).
        kept: whether they are the source's own pixels.
    """

    frames: NDArray[np.uint8]
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class Making:
    """How a result came about: all that its recipe keeps besides what is measured of any."""

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
    melted into the made ones; the recipe lists them, and they do not count as kept.

    Args:
        model: what made them; its weights' hash goes into the recipe.
        parts: runs of frames in order.
        making: operation, options and parents.
        sampling: seed and sampling options.
        blend: kept frames melted at each joint, at most half of a kept part.
        wraps: whether the last frame leads back to the first.
    """
    parts = [part for part in parts if len(part.frames)]
    joined = np.concatenate([part.frames for part in parts])
    source = joined.copy() if blend else joined
    blended = _blend(model, joined, parts, blend=blend, seed=sampling.seed, wraps=wraps)
    lengths, kept = [len(part.frames) for part in parts], [part.kept for part in parts]
    figures = measured(
        source,
        joined,
        lengths,
        kept,
        fps=FILM_FPS,
        schedule=making.resolved.get("schedule"),
        blended=blended,
        wraps=wraps,
    )
    resolved = {**making.resolved, **kept_parts(lengths, kept)}
    if blended:
        resolved["blended_frames"] = blended
    options = {
        **making.options,
        **sampling.options(),
        "resolved": resolved,
        "measured": {**making.measured, **figures},
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


def _blend(
    model: FilmModel,
    joined: NDArray[np.uint8],
    parts: list[Part],
    *,
    blend: int,
    seed: int,
    wraps: bool,
) -> list[int]:
    """Melt kept frames into the made ones at each joint, in place; returns which."""
    blended: set[int] = set()
    start = 0
    for index, part in enumerate(parts):
        stop = start + len(part.frames)
        before = parts[index - 1] if index or wraps else None
        after = parts[(index + 1) % len(parts)] if index + 1 < len(parts) or wraps else None
        count = min(blend, len(part.frames) // 2)  # each end has its own half
        if part.kept and count:
            if before is not None and not before.kept:
                joined[start : start + count] = blend_start(
                    model, part.frames, before.frames, blend=count, seed=seed
                )
                blended |= set(range(start, start + count))
            if after is not None and not after.kept:
                joined[stop - count : stop] = blend_end(
                    model, part.frames, after.frames, blend=count, seed=seed
                )
                blended |= set(range(stop - count, stop))
        start = stop
    return sorted(blended)
