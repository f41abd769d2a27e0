"""A person's drawing, brought to the lines the model was taught on."""

from __future__ import annotations

from typing import Any

import numpy as np

from playreel.media import Clip, load_sketch


def drawing_clip(sketch: Any, size: tuple[int, int]) -> Clip:
    """Ink as a clip of one frame: 255 on 0, three equal channels.

    Lines keep their width: thinned to a pixel, as those of the footage are, they guide the model less.

    Args:
        sketch: what `playreel.media.load_sketch` takes.
        size: (height, width) in pixels.

    Raises:
        MediaError: it is no picture.
    """
    ink = load_sketch(sketch, size=size)
    return Clip(np.repeat(ink[..., None], 3, axis=-1)[None], 12)
