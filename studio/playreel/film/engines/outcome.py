"""Outcome: kept and made frames as a clip, with a recipe that says what was measured of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from playreel.film.duration import FILM_FPS
from playreel.film.engines.request import Frames, whole
from playreel.film.measure import kept_parts, measured
from playreel.film.measuring import Measuring
from playreel.media import Clip
from playreel.media.reel import Reel
from playreel.recipe import Recipe

MAX_HELD_BYTES = 64 << 20  # a clip with more pixels than this is encoded while it is made
CHUNK = 16  # frames that are measured and written together


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


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A run of new frames that are made as they are asked for.

    Attributes:
        num_frames: how many there will be.
        pieces: uint8 (t, H, W, 3) each, in the order of time.
    """

    num_frames: int
    pieces: Iterable[Frames]


def as_they_come(
    parts: list[Stretch | Coming],
    told: Told,
    *,
    fps: Fraction,
    size: tuple[int, int],
    folder: Path,
    wraps: bool = False,
) -> Clip:
    """The clip of kept frames and of those that are still to be made, none of them blended.

    A long one is encoded while it is made, so that it is never in memory whole.

    Args:
        parts: in the order of time.
        told: for the recipe.
        fps: frames per second.
        size: (height, width) of all of them.
        folder: where a long one is written to.
        wraps: whether the last frame leads back to the first.

    Raises:
        StorageError: no room for it there.
    """
    lengths = [p.num_frames if isinstance(p, Coming) else len(p.frames) for p in parts]
    total = sum(lengths)
    if total == 1 or not is_long(total, size):
        return joined([_held(part) for part in parts], told, fps=fps, wraps=wraps)
    kept = [isinstance(part, Stretch) and part.kept for part in parts]
    schedule = told.resolved.get("schedule")
    measuring = Measuring(lengths, kept, fps=float(fps), schedule=schedule, wraps=wraps)
    reel = Reel(folder, (total, *size), fps)
    try:
        for part in parts:
            for piece in part.pieces if isinstance(part, Coming) else [part.frames]:
                for start in range(0, len(piece), CHUNK):
                    measuring.add(piece[start : start + CHUNK])
                    reel.add(piece[start : start + CHUNK])
        return reel.clip(_recipe(told, lengths, kept, measuring.figures()))
    except BaseException:
        reel.close()
        raise


def is_long(num_frames: int, size: tuple[int, int]) -> bool:
    """Whether so many frames of (height, width) are more than is held in memory."""
    return num_frames * size[0] * size[1] * 3 > MAX_HELD_BYTES


def set_aside(frames: Frames, folder: Path) -> Iterator[Frames]:
    """Frames that are wanted later, out of memory until they are; in pieces."""
    reel = Reel(folder, frames.shape[:3], FILM_FPS)
    try:
        reel.add(frames)
        clip = reel.clip()
    except BaseException:
        reel.close()
        raise
    return (frame[None] for frame in clip)


def _held(part: Stretch | Coming) -> Stretch:
    if isinstance(part, Stretch):
        return part
    return Stretch(frames=whole(part.pieces))


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
    recipe = _recipe(told, lengths, kept, figures, blended)
    # A single frame is kept as a picture, which has no rate of its own.
    return Clip(result, fps if len(result) > 1 else FILM_FPS, recipe)


def _recipe(
    told: Told,
    lengths: list[int],
    kept: list[bool],
    figures: dict[str, Any],
    blended: Sequence[int] = (),
) -> Recipe:
    resolved = {**told.resolved, **kept_parts(lengths, kept)}
    if blended:
        resolved["blended_frames"] = sorted(blended)
    return Recipe(
        operation=told.operation,
        options={
            **told.options,
            "resolved": resolved,
            "measured": {**told.measured, **figures},
        },
        seed=told.seed,
        engine=told.engine,
        weights=told.weights,
        parents=told.parents,
    )


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
