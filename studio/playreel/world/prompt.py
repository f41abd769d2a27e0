"""What a world starts from, as frames of the model's size."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.media.fit import SIZES, fit_frame, nearest_shape, size_of
from playreel.media.image import load_image

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel
    from playreel.media.clip import Clip
    from playreel.media.image import ImageSource


NUM_CONTEXT = 2
"""Frames a `PlayState` looks back on, besides the prompt's first: `WorldModel.begin` builds a state
again, bit for bit, from these."""


def frames_from_image(image: ImageSource, size: tuple[int, int]) -> np.ndarray:
    """Any picture as one frame, uint8 [1, height, width, 3].

    Raises:
        MediaError: the picture cannot be read.
    """
    return fit_frame(load_image(image), size)[None]


def frames_from_clip(clip: Clip, size: tuple[int, int], fps: Fraction) -> np.ndarray:
    """The end of a clip at another size and rate, uint8 [k, height, width, 3].

    The clip's last frame is kept last whatever the rates.
    """
    step = float(clip.fps / fps)
    last = len(clip) - 1
    count = min(NUM_CONTEXT, 1 + int(last / step))
    indices = [last - round(back * step) for back in reversed(range(count))]
    return np.stack([fit_frame(clip.frames[index], size) for index in indices])


def playable_sizes(model: WorldModel) -> tuple[tuple[int, int], ...]:
    """The (height, width) that a model plays, its own first."""
    return tuple(dict.fromkeys([model.size, *SIZES.values()]))


def nearest_playable(model: WorldModel, size: tuple[int, int]) -> tuple[int, int]:
    """That of `playable_sizes` whose aspect ratio is nearest to a (height, width)."""
    return nearest_shape(size, playable_sizes(model))


def checked_size(model: WorldModel, size: str | tuple[int, int] | None) -> tuple[int, int]:
    """One of `playable_sizes`, the model's own for None.

    Raises:
        MediaError: an aspect that is not known.
        InputError: another size.
    """
    if size is None:
        return model.size
    wanted = size_of(size)
    if wanted not in playable_sizes(model):
        raise InputError(f"{_playable(model)}, not {wanted[1]}x{wanted[0]}.")
    return wanted


def context_frames(model: WorldModel, frames: np.ndarray) -> np.ndarray:
    """Checks frames and keeps the last ones that the model can look back on.

    Args:
        model: the weights.
        frames: uint8 [height, width, 3] or [k, height, width, 3].

    Returns:
        uint8 [k, height, width, 3], its own memory, read-only.

    Raises:
        InputError: another type, shape or size.
    """
    array = np.asarray(frames)
    if array.ndim == 3:
        array = array[None]
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[3] != 3 or not len(array):
        raise InputError(
            "A world starts from uint8 frames [height, width, 3] or [k, height, width, 3], not "
            f"{array.dtype} {list(np.shape(frames))}. World.from_image takes any picture."
        )
    if array.shape[1:3] not in playable_sizes(model):
        raise InputError(
            f"{_playable(model)}, not {array.shape[2]}x{array.shape[1]}. World.from_image fits "
            "any picture."
        )
    kept = np.array(array[-NUM_CONTEXT:], order="C")
    kept.flags.writeable = False
    return kept


def _playable(model: WorldModel) -> str:
    sizes = ", ".join(f"{width}x{height}" for height, width in playable_sizes(model))
    return f"This model plays frames of {sizes} pixels"
