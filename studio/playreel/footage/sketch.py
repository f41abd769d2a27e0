"""Line sketches: what a person would draw of a frame, and a person's drawing put in the same form.

Both sides give uint8 [height, width] with ink 255 on 0 and lines one pixel wide, so that a model
taught on the first kind reads the second.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from playreel.errors import InputError

STRONG_EDGE = 46  # summed colour step over three channels that always deserves a line
FAINT_EDGE = 14  # steps below this are never drawn
INK_SHARE = 0.11  # share of pixels a person would cover; busier frames lose their weakest lines
GROWTH = 4  # pixels a line goes on as a weak crest
LEAST_STROKE = 5  # inked pixels within two of an inked pixel; less is a speck of texture
CHUNK = 8  # frames worked on at a time, so that they stay in the processor's cache
MAX_SKETCH_SIDE = 8192
MIN_CONTRAST = 24  # a drawing with less between ink and paper is blank


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


def from_user_sketch(image: np.ndarray, size: tuple[int, int] | None = None) -> np.ndarray:
    """Puts a hand drawing in the form of `line_sketch`.

    Dark lines on light paper and light lines on a dark ground both work; uneven light, as in a
    photo of paper, is taken out; filled areas become outlines; the drawing keeps its proportions
    and is centred in the frame.

    Args:
        image: uint8 gray [H, W] of any size, or [H, W, 3].
        size: (height, width) of the result; the image's own when left out.

    Returns:
        uint8 [height, width], ink 255 on 0; all 0 for a blank page.

    Raises:
        InputError: not a uint8 image, empty, or larger than MAX_SKETCH_SIDE.
    """
    gray = _as_gray(image)
    size = size or gray.shape
    ink = _ink_of(gray)
    if ink is None:
        return np.zeros(size, np.uint8)
    page = _fitted(ink, size)
    return _skeleton(_hollowed(page)).astype(np.uint8) * 255


def _as_gray(image: np.ndarray) -> np.ndarray:
    is_gray = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1)
    is_colour = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or not (is_gray or is_colour) or image.size == 0:
        raise InputError(
            f"A sketch must be a uint8 image [H, W] or [H, W, 3], got {image.dtype} "
            f"{list(image.shape)}; open it with playreel.media.load_sketch."
        )
    if max(image.shape[:2]) > MAX_SKETCH_SIDE:
        raise InputError(
            f"The sketch is {image.shape[1]}x{image.shape[0]} pixels; scale it down to at most "
            f"{MAX_SKETCH_SIDE} on its longer side."
        )
    if is_gray:
        return image.reshape(image.shape[:2])
    return (image @ np.array([77, 150, 29], np.uint32) >> 8).astype(np.uint8)


def _ink_of(gray: np.ndarray) -> np.ndarray | None:
    """How much ink each pixel carries, float [H, W] in [0, 1]; None for a blank page."""
    paper_is_light = np.median(gray) >= (int(gray.min()) + int(gray.max())) / 2
    if not paper_is_light:
        gray = 255 - gray
    drop = _paper(gray) - gray.astype(np.float32)
    contrast = float(np.percentile(drop, 99.8))
    if contrast < MIN_CONTRAST:
        contrast = float(drop.max())
    if contrast < MIN_CONTRAST:
        return None
    return np.clip((drop - 0.25 * contrast) / (0.35 * contrast), 0, 1)


def _paper(gray: np.ndarray) -> np.ndarray:
    """The page without its ink: a smooth surface through the lightest pixels of 8x8 fields."""
    height, width = gray.shape
    rows = np.linspace(0, height, min(8, height) + 1).astype(int)[:-1]
    columns = np.linspace(0, width, min(8, width) + 1).astype(int)[:-1]
    light = np.maximum.reduceat(np.maximum.reduceat(gray, rows, axis=0), columns, axis=1)
    for _ in range(8):  # a field all inked says nothing of the paper: take its neighbours' light
        inked = light < 0.4 * light.max()
        if not inked.any():
            break
        around = np.pad(light, 1)
        spread = np.maximum.reduce(
            [around[1:-1, :-2], around[1:-1, 2:], around[:-2, 1:-1], around[2:, 1:-1]]
        )
        light = np.where(inked, spread, light)
    surface = Image.fromarray(light.astype(np.float32))
    return np.asarray(surface.resize((width, height), Image.Resampling.BILINEAR))


def _fitted(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scales the whole drawing into `size` without losing thin lines; bool [height, width]."""
    height, width = size
    scale = min(height / ink.shape[0], width / ink.shape[1])
    rows = max(1, round(ink.shape[0] * scale))
    columns = max(1, round(ink.shape[1] * scale))
    if scale >= 1:
        small = Image.fromarray(ink).resize((columns, rows), Image.Resampling.NEAREST)
        cover = 0.5
    else:
        small = Image.fromarray(ink).resize((columns, rows), Image.Resampling.BOX)
        cover = 0.18  # a hair line covers little of the pixel it falls in, and still is a line
    page = np.zeros(size, bool)
    top, left = (height - rows) // 2, (width - columns) // 2
    page[top : top + rows, left : left + columns] = np.asarray(small) >= cover
    return page


def _shifted(pages: np.ndarray) -> list[np.ndarray]:
    """The eight neighbours of each pixel, clockwise from above; outside the page is blank."""
    height, width = pages.shape[-2:]
    padded = np.zeros((*pages.shape[:-2], height + 2, width + 2), pages.dtype)
    padded[..., 1:-1, 1:-1] = pages
    offsets = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return [padded[..., dy : dy + height, dx : dx + width] for dy, dx in offsets]


def _hollowed(page: np.ndarray) -> np.ndarray:
    """Turns filled areas, thicker than a line by far, into their outlines."""
    core = page
    for _ in range(3):
        core = core & np.logical_and.reduce(_shifted(core))
    if not core.any():
        return page
    for _ in range(2):
        core = core | np.logical_or.reduce(_shifted(core))
    return page & ~core


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


def _skeleton(page: np.ndarray) -> np.ndarray:
    """Thins lines of any thickness to one pixel."""
    while True:
        before = page
        for side in (0, 1):
            page = page & ~_peel(page, side)
        if np.array_equal(page, before):
            return page
