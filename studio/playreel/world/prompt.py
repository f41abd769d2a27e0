"""What a world starts from, as frames of the model's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.media.fit import fit_frame
from playreel.media.image import load_image

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel
    from playreel.media.clip import Clip
    from playreel.media.image import ImageSource


def frames_from_image(image: ImageSource, size: tuple[int, int]) -> np.ndarray:
    """Any picture as one frame, uint8 [1, height, width, 3].

    Raises:
        MediaError: the picture cannot be read.
    """
    return fit_frame(load_image(image), size)[None]


def frames_from_clip(clip: Clip, model: WorldModel) -> np.ndarray:
    """The end of a clip at the model's size and rate, uint8 [k, height, width, 3].

    The clip's last frame is kept last whatever the rates.
    """
    step = float(clip.fps) / float(model.fps)
    last = len(clip) - 1
    count = min(num_context(model), 1 + int(last / step))
    indices = [last - round(back * step) for back in reversed(range(count))]
    return np.stack([fit_frame(clip.frames[index], model.size) for index in indices])


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
    height, width = model.size
    array = np.asarray(frames)
    if array.ndim == 3:
        array = array[None]
    if array.dtype != np.uint8 or array.ndim != 4 or not len(array):
        raise InputError(
            "A world starts from uint8 frames [height, width, 3] or [k, height, width, 3], not "
            f"{array.dtype} {list(np.shape(frames))}. World.from_image takes any picture."
        )
    if array.shape[1:] != (height, width, 3):
        raise InputError(
            f"This model plays frames of {width}x{height}; the prompt has "
            f"{array.shape[2]}x{array.shape[1]} with {array.shape[3]} channels. "
            "World.from_image fits any picture."
        )
    kept = np.array(array[-num_context(model) :], order="C")
    kept.flags.writeable = False
    return kept


def num_context(model: WorldModel) -> int:
    """How many frames the model looks back on."""
    return max(1, model.num_context)
