"""Fitting what users bring to what the model works in: its rate, one of its sizes, RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import InputError
from playreel.film.duration import FILM_FPS
from playreel.media import (
    SIZES,
    Clip,
    fit_frame,
    fit_sketch,
    load_image,
    load_sketch,
    nearest_shape,
    outlined,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_STILL_SIDE, MAX_STILL_SIDE = 64, 2048


@dataclass(frozen=True, kw_only=True)
class FittedClip:
    """A clip in the model's terms.

    Attributes:
        frames: uint8 (T, H, W, 3) at 12 frames per second.
        source_hash: content hash of the clip as it came.
        changed: what was done to it, in words; empty where the pixels are the clip's own.
    """

    frames: NDArray[np.uint8]
    source_hash: str
    changed: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.frames.shape[1], self.frames.shape[2]


def frame_size(size: str) -> tuple[int, int]:
    """(height, width) in pixels of an aspect ratio such as "16:9".

    Raises:
        InputError: the model makes no such size.
    """
    if isinstance(size, str) and size.strip() in SIZES:
        return SIZES[size.strip()]
    raise InputError(f"Unknown size {size!r:.40}. Use one of: {', '.join(SIZES)}.")


def still_size(size: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is drawn, and what a still is enlarged to: (height, width) each.

    Args:
        size: an aspect ratio, which is not enlarged, or pixels such as "1920x1080".

    Raises:
        InputError: no size, or more than `MAX_STILL_SIDE` on a side.
    """
    width, cross, height = str(size).strip().lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        drawn = frame_size(size)
        return drawn, drawn
    wanted = int(height), int(width)
    if not all(MIN_STILL_SIDE <= side <= MAX_STILL_SIDE for side in wanted):
        raise InputError(
            f"A still of {size.strip():.20} pixels cannot be made: each side must be {MIN_STILL_SIDE} to "
            f"{MAX_STILL_SIDE}."
        )
    return nearest_size(*wanted), wanted


def enlarged(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A drawn frame (H, W, 3) enlarged by a whole factor, its middle cut out in (height, width)."""
    if frame.shape[:2] == size:
        return frame
    factor = max(-(-side // own) for side, own in zip(size, frame.shape[:2], strict=True))
    large = frame.repeat(factor, axis=0).repeat(factor, axis=1)
    top, left = ((have - want) // 2 for have, want in zip(large.shape[:2], size, strict=True))
    return large[top : top + size[0], left : left + size[1]]


def nearest_size(height: int, width: int) -> tuple[int, int]:
    """The model's (height, width) whose aspect ratio is nearest to that of the picture."""
    return nearest_shape((height, width))


def fit_clip(clip: Clip, size: tuple[int, int] | None = None) -> FittedClip:
    """``clip`` at 12 frames per second in ``size`` (None: the nearest aspect ratio).

    A clip that fits already keeps its pixels. Frames are picked, never mixed.

    Raises:
        InputError: it is no clip.
    """
    if not isinstance(clip, Clip):
        raise InputError(
            f"Expected a Clip, got {type(clip).__name__}. Open a file with Clip.open(path) first."
        )
    changed = []
    timed = clip.at_fps(FILM_FPS)
    frames = timed.frames
    if timed is not clip and len(clip) > 1:
        changed.append(
            f"{len(clip)} frames at {float(clip.fps):.5g} fps became {len(frames)} at {FILM_FPS}"
        )
    height, width = frames.shape[1:3]
    target = size or nearest_size(height, width)
    if (height, width) != target:
        frames = np.stack([fit_frame(frame, size=target) for frame in frames])
        changed.append(f"{width}x{height} pixels became {target[1]}x{target[0]}")
    return FittedClip(
        frames=frames,
        source_hash=clip.content_hash,
        changed="; ".join(changed) and "fitted: " + "; ".join(changed),
    )


def picture_clip(image: Any, size: tuple[int, int] | None = None) -> Clip:
    """A picture in the model's size as a clip of one frame; what a recipe names as its parent.

    Args:
        image: a path, PIL image, array, or a Clip (its first frame).
        size: (height, width); None takes the nearest aspect ratio.

    Raises:
        MediaError: it is no picture.
    """
    frame = image.frames[0] if isinstance(image, Clip) else load_image(image)
    target = size or nearest_size(*frame.shape[:2])
    if frame.shape[:2] != target:
        frame = fit_frame(frame, size=target)
    return Clip(frames=np.ascontiguousarray(frame)[None], fps=FILM_FPS)


def sketch_clip(sketch: Any, size: tuple[int, int]) -> Clip:
    """A drawing in the model's terms (ink 255 on 0, three equal channels) as a clip of one frame.

    A Clip is taken to be such a drawing already; anything else is read as a person's drawing.

    Raises:
        MediaError: it is no picture.
    """
    if not isinstance(sketch, Clip):
        return drawing_clip(sketch, size)
    ink = sketch.frames[0].max(axis=-1)
    return _ink_clip(ink if ink.shape == size else fit_sketch(ink, size))


def drawing_clip(drawing: Any, size: tuple[int, int]) -> Clip:
    """A person's drawing in the model's terms, as `sketch_clip` gives them.

    Filled areas become outlines: the model was taught on lines, and meets a filled one as a heap of small
    things. Lines keep their width: thinned to a pixel, as those of the footage are, they guide it less.

    Args:
        drawing: what `playreel.media.load_sketch` takes.
        size: (height, width) in pixels.

    Raises:
        MediaError: it is no picture.
    """
    return _ink_clip(outlined(load_sketch(drawing, size=size)))


def _ink_clip(ink: np.ndarray) -> Clip:
    frame = np.repeat(np.ascontiguousarray(ink)[..., None], 3, axis=-1)
    return Clip(frames=frame[None], fps=FILM_FPS)
