"""Outcome: kept and made frames as a clip, with a recipe that says what was measured of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from playreel.film.duration import FILM_FPS
from playreel.film.engines.request import Frames
from playreel.film.measure import kept_parts, measured
from playreel.media import Clip
from playreel.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A run of frames of a result.

    Attributes:
        frames: uint8 (T, H, W, 3).
        kept: whether they are a source's own pixels.
        start_seen: what the model made of the first kept frames, for a blend at the start.
        end_seen: what it made of the last kept frames, for a blend at the end.
    """

    frames: Frames
    kept: bool = False
    start_seen: Frames | None = None
    end_seen: Frames | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a recipe keeps besides what is measured."""

    operation: str
    engine: str
    weights: str
    seed: int
    options: dict[str, Any]
    resolved: dict[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    measured: dict[str, Any] = field(default_factory=dict)


def joined(
    stretches: list[Stretch], told: Told, *, fps: Fraction, blend: int = 0, wraps: bool = False
) -> Clip:
    """The clip of ``stretches``; kept frames are pasted in as they are outside the blend.

    Args:
        stretches: in the order of time.
        told: for the recipe.
        fps: frames per second.
        blend: kept frames at each joint that are cross-faded with what the model made of them.
        wraps: whether the last frame leads back to the first.
    """
    stretches = [stretch for stretch in stretches if len(stretch.frames)]
    parts = [stretch.frames for stretch in stretches]
    source = parts[0] if len(parts) == 1 else np.concatenate(parts)
    starts = [int(s) for s in np.cumsum([0, *(len(s.frames) for s in stretches)])]
    result = source.copy() if blend else source  # a long take is not held twice
    blended: list[int] = []
    for start, stretch in zip(starts, stretches, strict=False):
        blended += _blend(result, start, stretch, blend)
    lengths, kept = [len(s.frames) for s in stretches], [s.kept for s in stretches]
    figures = measured(
        source,
        result,
        lengths,
        kept,
        fps=float(fps),
        schedule=told.resolved.get("schedule"),
        blended=blended,
        wraps=wraps,
    )
    resolved = {**told.resolved, **kept_parts(lengths, kept)}
    if blended:
        resolved["blended_frames"] = sorted(blended)
    figures = {**told.measured, **figures}
    recipe = Recipe(
        operation=told.operation,
        options={**told.options, "resolved": resolved, "measured": figures},
        seed=told.seed,
        engine=told.engine,
        weights=told.weights,
        parents=told.parents,
    )
    # A single frame is kept as a picture, which has no rate of its own.
    return Clip(result, fps if len(result) > 1 else FILM_FPS, recipe)


def _blend(result: Frames, start: int, stretch: Stretch, blend: int) -> list[int]:
    """Cross-fades the ends of a kept stretch in place; returns which frames."""
    if not (blend and stretch.kept):
        return []
    half = len(stretch.frames) // 2
    blended: list[int] = []
    for seen, at_start in ((stretch.start_seen, True), (stretch.end_seen, False)):
        if seen is None:
            continue
        count = min(blend, half, len(seen))
        if not count:
            continue
        share = (np.arange(count) + 1) / (count + 1)  # of what the model made
        first = start if at_start else start + len(stretch.frames) - count
        made = seen[:count] if at_start else seen[-count:]
        share = (share[::-1] if at_start else share)[:, None, None, None]
        place = slice(first, first + count)
        result[place] = (result[place] * (1 - share) + made * share + 0.5).astype(np.uint8)
        blended += range(first, first + count)
    return blended
