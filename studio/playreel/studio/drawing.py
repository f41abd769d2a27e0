"""A person's drawing, brought to the lines the model was taught on."""

from __future__ import annotations

from typing import Any

import numpy as np

from playreel.media import Clip, load_sketch


def drawing_clip(sketch: Any, size: tuple[int, int]) -> Clip:
    """Ink as a clip of one frame: 255 on 0, lines one pixel wide, three equal channels.

    Args:
        sketch: what `playreel.media.load_sketch` takes.
        size: (height, width) in pixels.

    Raises:
        MediaError: it is no picture.
    """
    from playreel.footage.sketch import from_user_sketch

    page = 255 - load_sketch(sketch)  # dark on light again, evenly lit
    ink = from_user_sketch(page, size)
    return Clip(np.repeat(ink[..., None], 3, axis=-1)[None], 12)
