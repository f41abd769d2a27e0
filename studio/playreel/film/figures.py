"""Figures that a result promises: how visible its joints are, what was kept, how far it drifts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.media import Clip

    Frames = Clip | NDArray[np.uint8]

LUMA_709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CHUNK = 64  # frames looked at together, so that a long clip needs no float copy
MAX_REACH = 48  # frames between two changes that are looked at
MIN_STEP = 0.5  # luma levels; a step below this cannot be seen, so no seam is measured against less


@dataclass(frozen=True, kw_only=True)
class KeptRange:
    """``num_frames`` of a source from ``source_start`` on, held by a result at ``result_start``."""

    source_start: int
    result_start: int
    num_frames: int


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Change from the start of a clip to its end, scaled to 10 s.

    Attributes:
        colour: mean absolute change of the channel means, in levels of 255.
        sharpness: change of the gradient energy as a share of the start's; 0 is none, negative is
            softer.
    """

    colour: float
    sharpness: float


def luma_steps(clip: Frames) -> NDArray[np.float32]:
    """Mean absolute luma change (T - 1,) from each frame to the next, in levels of 255."""
    frames = _frames(clip)
    steps = [
        np.abs(np.diff(frames[i : i + _CHUNK + 1] @ LUMA_709, axis=0)).mean(axis=(1, 2))
        for i in range(0, len(frames) - 1, _CHUNK)
    ]
    return np.concatenate(steps) if steps else np.zeros(0, np.float32)


def seam(clip: Frames, joint: int, *, joints: Collection[int] = ()) -> float:
    """Luma step at a joint over the median step inside the clip; 1 is invisible.

    Args:
        clip: the result, as a clip or frames uint8 (T, H, W, 3).
        joint: index of the first frame after the joint; T is where a loop starts over.
        joints: other joints, left out of the median.

    Raises:
        InputError: there is no such joint.
    """
    frames = _frames(clip)
    num_frames = len(frames)
    if not 1 <= joint <= num_frames or num_frames < 2:
        raise InputError(
            f"A clip of {num_frames} frames has no joint at {joint}. Use 1 to {num_frames}."
        )
    steps = luma_steps(frames)
    if joint == num_frames:
        last = float(luma_steps(np.stack([frames[-1], frames[0]]))[0])
        return seam_of(np.append(steps, last), joint, joints=(*joints, num_frames))
    return seam_of(steps, joint, joints=joints)


def seam_of(steps: NDArray[np.float32], joint: int, *, joints: Collection[int] = ()) -> float:
    """The same of luma steps; that at a loop's joint, where there is one, is the last of them."""
    inside = np.ones(len(steps), bool)
    inside[[j - 1 for j in {joint, *joints} if 1 <= j <= len(steps)]] = False
    median = float(np.median(steps[inside])) if inside.any() else MIN_STEP
    return float(steps[joint - 1]) / max(median, MIN_STEP)


def kept_exact(
    source: Frames,
    result: Frames,
    mapping: Iterable[KeptRange],
    *,
    blended: Collection[int] = (),
) -> float:
    """Share of kept frames that are bit-identical in the result; 1.0 if none were to be kept.

    Args:
        source: what was kept from.
        result: what came out.
        mapping: which frames of the source are where in the result.
        blended: frames of the result that lie in the declared blend, which do not count.
    """
    before, after = _frames(source), _frames(result)
    same = [
        _same(before, kept.source_start + i, after, kept.result_start + i)
        for kept in mapping
        for i in range(kept.num_frames)
        if kept.result_start + i not in blended
    ]
    return float(np.mean(same)) if same else 1.0


def timing(clip: Frames, changes: Sequence[int]) -> list[int]:
    """By how many frames each asked-for change of the picture missed its time.

    A change is taken to land where the frames before and after differ most, within half the way to its
    neighbours. Where nothing changes at all it counts as missed by all of that way.

    Args:
        clip: frames (T, H, W, 3).
        changes: frames at which something else was to begin, in order.
    """
    frames = _frames(clip)
    bounds = [0, *changes, len(frames)]
    errors = []
    for before, at, after in zip(bounds, bounds[1:], bounds[2:], strict=False):
        reach = reach_of(before, at, after)
        scores = {t: _difference(frames, t, reach) for t in range(at - reach, at + reach + 1)}
        places = [t for t in scores if 0 < t < len(frames)]
        best = max(places, key=lambda t: (scores[t], -abs(t - at)))
        errors.append(abs(best - at) if scores[best] >= MIN_STEP else reach)
    return errors


def reach_of(before: int, at: int, after: int) -> int:
    """Frames by which a change may miss its time and is still looked for."""
    return max(1, min(at - before, after - at, MAX_REACH) // 2)


def _difference(frames: NDArray[np.uint8], at: int, reach: int) -> float:
    """Mean difference of what is seen before a frame and from it on."""
    before, after = frames[max(0, at - reach) : at], frames[at : at + reach]
    if not len(before) or not len(after):
        return 0.0
    return float(np.abs(after.mean(axis=0) - before.mean(axis=0)).mean())


def drift(clip: Frames, *, fps: float | None = None, span_s: float = 0.5) -> Drift:
    """Colour and sharpness of the last ``span_s`` seconds against the first, scaled to 10 s.

    Args:
        clip: a clip, or frames uint8 (T, H, W, 3) with ``fps``.
        fps: frames per second of frames that are no clip.
        span_s: how much of either end is averaged, at most half of the clip.

    Raises:
        InputError: fewer than two frames, or frames without a rate.
    """
    frames = _frames(clip)
    rate = float(getattr(clip, "fps", None) or fps or 0)
    if len(frames) < 2 or rate <= 0:
        raise InputError(
            f"Drift needs two frames and a rate, got {len(frames)} frames at {rate:g} fps."
        )
    span = drift_span(len(frames), rate, span_s)
    return drift_between(frames[:span], frames[-span:], len(frames), rate)


def drift_span(num_frames: int, rate: float, span_s: float = 0.5) -> int:
    """Frames at either end that are averaged."""
    return max(1, min(round(span_s * rate), num_frames // 2))


def drift_between(
    head: NDArray[np.uint8], tail: NDArray[np.uint8], num_frames: int, rate: float
) -> Drift:
    """Drift from the first frames of a clip to its last.

    Args:
        head: the first `drift_span` frames.
        tail: as many, the last.
        num_frames: of the clip.
        rate: frames per second.
    """
    start, end = head.astype(np.float32), tail.astype(np.float32)
    per_10s = 10.0 * rate / (num_frames - len(head))
    colour = np.abs(end.mean(axis=(0, 1, 2)) - start.mean(axis=(0, 1, 2))).mean()
    before, after = _gradient_energy(start), _gradient_energy(end)
    change = (after - before) / before if before > 0 else 0.0
    return Drift(colour=float(colour * per_10s), sharpness=float(change * per_10s))


def _gradient_energy(frames: NDArray[np.float32]) -> float:
    luma = frames @ LUMA_709
    return float((np.diff(luma, axis=1) ** 2).mean() + (np.diff(luma, axis=2) ** 2).mean())


def _frames(clip: Frames) -> NDArray[np.uint8]:
    return clip if isinstance(clip, np.ndarray) else clip.frames


def _same(before: NDArray[np.uint8], i: int, after: NDArray[np.uint8], j: int) -> bool:
    inside = 0 <= i < len(before) and 0 <= j < len(after)
    return inside and np.array_equal(before[i], after[j])
