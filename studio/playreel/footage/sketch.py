"""Line sketches: what a person would draw of a frame, in lines one pixel wide.

A person's own drawing is brought to this form by `playreel.film.fit.drawing_clip`.
"""

from __future__ import annotations

import numpy as np

from playreel.errors import InputError

STRONG_EDGE = 46  # summed colour step over three channels that always deserves a line
FAINT_EDGE = 14  # steps below this are never drawn
INK_SHARE = 0.11  # share of pixels a person would cover; busier frames lose their weakest lines
GROWTH = 4  # pixels a line goes on as a weak crest
LEAST_STROKE = 5  # inked pixels within two of an inked pixel; less is a speck of texture
CHUNK = 8  # frames worked on at a time, so that they stay in the processor's cache


def line_sketch(frames: np.ndarray) -> np.ndarray:
    """Draws the lines of each frame.

    A colour step gives one line between two areas, a thin stroke gives one line on the stroke.
    Weak lines are kept only where they carry on a strong one (hysteresis as in Canny, 1986);
    texture, which does not outlive a blur, and specks are dropped; what is left is thinned.

    Args:
        frames: uint8 [T, H, W, 3].

    Returns:
        uint8 [T, H, W], ink 255 on 0.

    Raises:
        InputError: `frames` has another shape or type.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise InputError(
            f"line_sketch takes frames as uint8 [T, H, W, 3], got {frames.dtype} "
            f"{list(frames.shape)}; stack the frames and convert them first."
        )
    sketches = np.zeros(frames.shape[:3], np.uint8)
    if min(frames.shape[1:3], default=0) < 3:
        return sketches
    for start in range(0, len(frames), CHUNK):
        sketches[start : start + CHUNK] = _sketch_chunk(frames[start : start + CHUNK])
    return sketches


def _sketch_chunk(frames: np.ndarray) -> np.ndarray:
    shape = frames.shape[:3]
    width = shape[2]
    # All pixels of all frames in one row: neighbours are then plain slices, and the false steps
    # where rows and frames meet fall on the border, which is left blank.
    planes = np.ascontiguousarray(frames.reshape(-1, 3).T).astype(np.int16)
    strength = np.maximum(_contours(planes, 1), _contours(planes, width))
    # What survives a blur is a shape, what does not is texture: only shapes keep their full weight.
    soft = _blurred(_blurred(planes, width), width)
    shapes = np.maximum(_change(soft, 2), _change(soft, 2 * width))
    strength = np.minimum(strength, shapes + (strength >> 3))
    _blank_border(strength.reshape(shape))
    lines = strength.reshape(len(frames), -1)
    thresholds = np.array([_threshold(line) for line in lines], np.int16)[:, None]
    ink = (lines >= thresholds).reshape(-1)
    weak = (lines >= np.maximum(thresholds // 2, FAINT_EDGE)).reshape(-1)
    for _ in range(GROWTH):
        ink = _grown(ink, width) & weak
    ink &= _crowd(ink, width, reach=2) >= LEAST_STROKE
    pages = ink.reshape(shape)
    for side in (0, 1):
        pages = pages & ~_peel(pages, side)
    return pages.view(np.uint8) * 255


def _contours(planes: np.ndarray, step: int) -> np.ndarray:
    """Strength of the line through each pixel, from colour steps along one axis.

    The line of a step lies on its darker side, so that the two sides of a dark outline fall
    together and areas get closed outlines; a thin bright stroke is its own line.
    """
    difference = planes[:, step:] - planes[:, :-step]
    rise = difference.sum(axis=0, dtype=np.int16)
    size = np.abs(difference, out=difference).sum(axis=0, dtype=np.int16)
    # Of several steps the same way, a soft edge, only the steepest counts.
    same_way = (rise[:-step] ^ rise[step:]) >= 0
    steeper_after = same_way & (size[:-step] < size[step:])
    steeper_before = same_way & (size[:-step] >= size[step:])
    kept = size.copy()
    kept[:-step][steeper_after] = 0
    kept[step:][steeper_before] = 0
    # Bright strokes, one pixel wide.
    both = np.minimum(kept[:-step], kept[step:])
    stroke = (
        (rise[:-step] > 0) & (rise[step:] < 0) & (both > np.maximum(kept[:-step], kept[step:]) // 2)
    )
    line = np.zeros(planes.shape[1], np.int16)
    line[step:-step] = both * stroke
    kept[:-step][stroke] = 0
    kept[step:][stroke] = 0
    upward = rise > 0
    np.maximum(line[:-step], kept * upward, out=line[:-step])
    np.maximum(line[step:], kept * ~upward, out=line[step:])
    return line


def _change(planes: np.ndarray, step: int) -> np.ndarray:
    """Colour change along one axis: first difference at an edge, second on a thin stroke."""
    before, here, after = planes[:, : -2 * step], planes[:, step:-step], planes[:, 2 * step :]
    slope = np.abs(after - before)
    bend = np.abs(here + here - before - after)
    np.maximum(slope, bend, out=slope)
    change = np.zeros(planes.shape[1], np.int16)
    np.sum(slope, axis=0, dtype=np.int16, out=change[step:-step])
    return change


def _blank_border(stack: np.ndarray) -> None:
    stack[:, 0] = stack[:, -1] = 0
    stack[:, :, 0] = stack[:, :, -1] = 0


def _blurred(planes: np.ndarray, width: int) -> np.ndarray:
    """A 3x3 box blur of flat planes; exact but for the border."""
    rows = planes.copy()
    rows[:, 1:-1] += planes[:, :-2]
    rows[:, 1:-1] += planes[:, 2:]
    total = rows.copy()
    total[:, width:-width] += rows[:, : -2 * width]
    total[:, width:-width] += rows[:, 2 * width :]
    return total // 9


def _threshold(line: np.ndarray) -> int:
    """The weakest line drawn from scratch: STRONG_EDGE, moved to keep the ink share drawable."""
    levels = np.minimum(line, 255).astype(np.uint8).reshape(-1)
    counts = np.bincount(levels, minlength=256)
    at_least = counts[::-1].cumsum()[::-1]
    allowed = int(np.argmax(at_least <= INK_SHARE * levels.size))
    sparse = int(np.argmax(at_least <= 0.4 * INK_SHARE * levels.size))
    return max(min(STRONG_EDGE, sparse), allowed, FAINT_EDGE)


def _grown(ink: np.ndarray, width: int) -> np.ndarray:
    grown = ink.copy()
    grown[1:] |= ink[:-1]
    grown[:-1] |= ink[1:]
    wide = grown.copy()
    wide[width:] |= grown[:-width]
    wide[:-width] |= grown[width:]
    return wide


def _crowd(ink: np.ndarray, width: int, reach: int = 1) -> np.ndarray:
    """How many pixels of the square around each are inked, itself included; uint8."""
    row = ink.astype(np.uint8)
    marks = row.copy()
    for shift in range(1, reach + 1):
        row[shift:] += marks[:-shift]
        row[:-shift] += marks[shift:]
    total = row.copy()
    for shift in range(width, reach * width + 1, width):
        total[shift:] += row[:-shift]
        total[:-shift] += row[shift:]
    return total


def _shifted(pages: np.ndarray) -> list[np.ndarray]:
    """The eight neighbours of each pixel, clockwise from above; outside the page is blank."""
    height, width = pages.shape[-2:]
    padded = np.zeros((*pages.shape[:-2], height + 2, width + 2), pages.dtype)
    padded[..., 1:-1, 1:-1] = pages
    offsets = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return [padded[..., dy : dy + height, dx : dx + width] for dy, dx in offsets]


def _peel(pages: np.ndarray, side: int) -> np.ndarray:
    """Ink to take off one side of thick lines: half a step of Zhang and Suen's thinning (1984)."""
    near = _shifted(pages.view(np.uint8))
    count = near[0] + near[1]
    for ink in near[2:]:
        count += ink
    turns = near[0] > near[7]
    turns = turns.view(np.uint8)
    for here, before in zip(near[1:], near[:-1], strict=True):
        turns += here > before
    up, right, down, left = near[0], near[2], near[4], near[6]
    closed = right & down & (up | left) if side == 0 else up & left & (right | down)
    # The original also takes pixels with two neighbours, the bends of stairs; here bends stay.
    return pages & (count >= 3) & (count <= 6) & (turns == 1) & ~closed.view(bool)
