"""Key frames: pictures at chosen times, placed on the frames of a take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playreel.errors import InputError
from playreel.film.duration import frame_at
from playreel.film.engines.grid import Grid
from playreel.media import Clip, load_image


def placed(
    keyframes: Mapping[float, Any],
    count: int,
    grid: Grid,
    note: Callable[[str], None],
    *,
    step: int = 1,
) -> dict[int, Clip]:
    """Frame -> picture, in the order of time.

    Args:
        keyframes: second -> picture: path, PIL image, array or Clip.
        count: frames of the take.
        grid: its rate.
        note: told what was moved and why.
        step: pictures are held at every so many frames only.

    Raises:
        InputError: a time outside the take, or two pictures on one frame.
        MediaError: a picture that cannot be read.
    """
    pictures: dict[int, Clip] = {}
    for at, picture in keyframes.items():
        clip = picture if isinstance(picture, Clip) else Clip(load_image(picture)[None], grid.fps)
        wanted = frame_at(at, count, what="the time of a key frame", fps=grid.fps)
        index = min(round(wanted / step) * step, grid.frames(count) - 1 if step > 1 else count - 1)
        index -= step if index >= count else 0
        if index in pictures:
            every = f"the model takes one every {step} frames ({step / grid.fps:.2g} s). "
            raise InputError(
                f"Two key frames fall on frame {index}{f': {every}' if step > 1 else '. '}Move one."
            )
        if index != wanted:
            note(
                f"the picture at {at:g} s was moved to {index / grid.fps:.4g} s: the model takes "
                f"one every {step} frames"
            )
        pictures[index] = clip
    return dict(sorted(pictures.items()))
