"""Where footage is cut, and which stretches of it teach nothing.

Works on the small frames that are trained on, so that it costs little beside the decoding. A cut is
a frame pair that no camera move explains: the colours of the four quarters change at once, or what
is left after the best shift of the picture stands out from its neighbours.
"""

from __future__ import annotations

import numpy as np

COLOR_JUMP = 0.35  # share of a quarter's pixels that change their colour bin
SHIFT_RESIDUAL = 17.0  # mean luma difference left after the best shift
SLIGHT_RESIDUAL = 6.0  # below it, nothing but noise has changed
STANDS_OUT = 3.0  # times the median of the neighbours
NEIGHBOURS = 8  # frames on either side
BLANK_STD = 4.0  # luma deviation below which a frame shows nothing
STILL_PIXELS = 0.0004  # share of changed pixels below which nothing moved
MAX_STILL = 12  # frames of standing still that are kept: "stay" is an action too


def luma(frames: np.ndarray) -> np.ndarray:
    """float32 (T, H, W) BT.601 luma of uint8 (T, H, W, 3)."""
    return frames.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def cut_points(frames: np.ndarray) -> list[int]:
    """Indices of the first frames of new shots.

    Args:
        frames: uint8 (T, H, W, 3).

    Returns:
        Ascending frame indices, 0 not among them.
    """
    if len(frames) < 3:
        return []
    colors = _color_change(frames)
    residual = _shift_residual(frames)
    found = []
    for pair in range(len(colors)):
        # A flat sky at the edge of a colour bin flips by noise alone: the pixels must change too.
        jumps = (
            colors[pair] > COLOR_JUMP
            and residual[pair] > SLIGHT_RESIDUAL
            and _stands_out(colors, pair)
        )
        torn = residual[pair] > SHIFT_RESIDUAL and _stands_out(residual, pair)
        if (jumps or torn) and not _is_flash(frames, pair + 1):
            found.append(pair + 1)
    return found


def lively_stretches(
    frames: np.ndarray, *, min_frames: int, region: tuple[slice, slice] | None = None
) -> list[slice]:
    """Parts of one shot that are neither blank nor frozen.

    Args:
        frames: uint8 (T, H, W, 3), one shot.
        min_frames: Shorter parts are dropped.
        region: Rows and columns that hold the picture (the rest are bars).
    """
    rows, columns = region or (slice(None), slice(None))
    inside = frames[:, rows, columns]
    grey = luma(inside)
    keep = grey.std(axis=(1, 2)) >= BLANK_STD
    changed = np.abs(np.diff(grey, axis=0)) > 6
    still = changed.mean(axis=(1, 2)) < STILL_PIXELS
    run = 0
    for pair, is_still in enumerate(still):
        run = run + 1 if is_still else 0
        if run > MAX_STILL:
            keep[pair + 1] = False
    stretches, start = [], None
    for index in range(len(keep) + 1):
        alive = index < len(keep) and bool(keep[index])
        if alive and start is None:
            start = index
        elif not alive and start is not None:
            if index - start >= min_frames and not still[start : index - 1].all():
                stretches.append(slice(start, index))
            start = None
    return stretches


def _color_change(frames: np.ndarray) -> np.ndarray:
    """(T - 1,), median over the four quarters of the share of pixels that change bin."""
    height, width = frames.shape[1] // 2, frames.shape[2] // 2
    bins = (frames >> 6).astype(np.int16)  # 4 levels a channel
    bins = bins[..., 0] * 16 + bins[..., 1] * 4 + bins[..., 2]
    parts = [
        bins[:, top : top + height, left : left + width].reshape(len(frames), -1)
        for top in (0, height)
        for left in (0, width)
    ]
    changes = []
    for part in parts:
        counts = np.stack([np.bincount(row, minlength=64) for row in part]) / part.shape[1]
        changes.append(0.5 * np.abs(np.diff(counts, axis=0)).sum(axis=1))
    return np.median(np.stack(changes), axis=0)


def _shift_residual(frames: np.ndarray, step: int = 4, reach: int = 5) -> np.ndarray:
    """(T - 1,), mean luma difference left after the best shift of up to `reach * step` px."""
    grey = luma(frames)
    height, width = grey.shape[1] // step * step, grey.shape[2] // step * step
    small = grey[:, :height, :width].reshape(len(grey), height // step, step, width // step, step)
    small = small.mean(axis=(2, 4))
    tall, wide = small.shape[1:]
    down, along = min(reach, (tall - 1) // 2), min(reach, (wide - 1) // 2)
    after = small[1:, down : tall - down, along : wide - along]
    best = np.full(len(after), np.inf, np.float32)
    for y in range(2 * down + 1):
        for x in range(2 * along + 1):
            before = small[:-1, y : y + after.shape[1], x : x + after.shape[2]]
            best = np.minimum(best, np.abs(after - before).mean(axis=(1, 2)))
    return best


def _stands_out(values: np.ndarray, at: int) -> bool:
    around = np.concatenate(
        [values[max(0, at - NEIGHBOURS) : at], values[at + 1 : at + 1 + NEIGHBOURS]]
    )
    return not len(around) or bool(values[at] > STANDS_OUT * np.median(around))


def _is_flash(frames: np.ndarray, at: int) -> bool:
    """Whether the picture before `at` is back within two frames (lightning, a hit), or just was."""
    for before, after in ((at - 1, at + 1), (at - 1, at + 2), (at - 2, at), (at - 3, at)):
        if before >= 0 and after < len(frames):
            pair = np.stack([frames[before], frames[after]])
            if _color_change(pair)[0] < 0.15 and _shift_residual(pair)[0] < SHIFT_RESIDUAL / 2:
                return True
    return False
