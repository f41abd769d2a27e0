"""Measure: what every result promises, as its recipe keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.film.figures import Drift, KeptRange, drift, kept_exact, luma_steps, seam_of, timing

if TYPE_CHECKING:
    from numpy.typing import NDArray


def measured(
    source: NDArray[np.uint8],
    result: NDArray[np.uint8],
    lengths: Sequence[int],
    kept: Sequence[bool],
    *,
    fps: float,
    schedule: object = (),
    blended: Sequence[int] = (),
    wraps: bool = False,
) -> dict[str, Any]:
    """Seams, what was kept, drift, and by how many frames timed words missed their time.

    Args:
        source: frames (T, H, W, 3) before any blend.
        result: frames as they are given out.
        lengths: frames of each part, in order.
        kept: whether each part is a source's own.
        fps: frames per second.
        schedule: rows [start_s, end_s, text] over what was made, as a recipe keeps them.
        blended: frames in the declared blend.
        wraps: whether the last frame leads back to the first.
    """
    starts = [int(s) for s in np.cumsum([0, *lengths])]
    out: dict[str, Any] = {}
    joints = joints_of(lengths, wraps=wraps)
    if joints:
        back = [np.stack([result[-1], result[0]])] if wraps else []
        steps = np.concatenate([luma_steps(part) for part in (result, *back)])
        out |= told_seams(steps, joints)
    mapping = [
        KeptRange(source_start=start, result_start=start, num_frames=count)
        for start, count, is_kept in zip(starts, lengths, kept, strict=False)
        if is_kept
    ]
    if mapping:
        out["kept_exact"] = kept_exact(source, result, mapping, blended=blended)
        out["kept_frames"] = sum(part.num_frames for part in mapping) - len(blended)
    if len(result) > 1:
        out |= told_drift(drift(result, fps=fps))
    offset, changes, length = changes_of(lengths, kept, schedule, fps)
    errors = timing(result[offset : offset + length], changes) if changes else []
    return out | ({"timing": errors} if errors else {})


def told_seams(steps: NDArray[np.float32], joints: list[int]) -> dict[str, Any]:
    """Joints and their seams, of luma steps of which a loop's own is the last."""
    seams = [round(seam_of(steps, joint, joints=joints), 3) for joint in joints]
    return {"joints": joints, "seam": seams}


def told_drift(change: Drift) -> dict[str, Any]:
    """A drift as recipes keep it."""
    return {"drift": {"colour": round(change.colour, 3), "sharpness": round(change.sharpness, 4)}}


def joints_of(lengths: Sequence[int], *, wraps: bool) -> list[int]:
    """Index of the first frame after each joint of parts; the end counts where it leads back."""
    starts = [int(s) for s in np.cumsum([0, *lengths])]
    return starts[1 : None if wraps else -1] if len(lengths) > 1 else []


def changes_of(
    lengths: Sequence[int], kept: Sequence[bool], schedule: object, fps: float
) -> tuple[int, list[int], int]:
    """Where timed words ask for a change: (first frame that counts, frames from it on, how many count)."""
    starts = [int(s) for s in np.cumsum([0, *lengths])]
    rows = list(schedule) if isinstance(schedule, list | tuple) else []
    changes = [round(float(row[0]) * fps) for row in rows[1:]]
    made = [i for i, is_kept in enumerate(kept) if not is_kept]
    if not changes or len(made) != 1:
        return 0, [], starts[-1]
    whole = round(float(rows[-1][1]) * fps) == starts[-1]  # the times count from the first frame
    offset, length = (0, starts[-1]) if whole else (starts[made[0]], lengths[made[0]])
    return offset, [at for at in changes if 0 < at < length], length


def kept_parts(lengths: Sequence[int], kept: Sequence[bool]) -> dict[str, Any]:
    """Where a recipe says that its parents are: [parent, first frame here, frames], in their order."""
    starts = np.cumsum([0, *lengths])
    parts = [
        [int(start), count]
        for start, count, is_kept in zip(starts, lengths, kept, strict=False)
        if is_kept
    ]
    return {"kept": [[n, *part] for n, part in enumerate(parts)]} if parts else {}
