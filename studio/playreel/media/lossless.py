"""Takes at rest: pixels that come back bit for bit.

Matroska with H.264 in RGB at ``crf 0``: on scrolling pixel art a quarter of FFV1's size, decoded by
the same libraries as any other video. Where an FFmpeg was built without x264, FFV1 (RFC 9043).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np

from playreel.media.atomic import replacing
from playreel.media.rate import as_fps


def write_lossless(
    path: str | os.PathLike[str],
    frames: Iterable[np.ndarray],
    fps: Fraction | float | str,
    *,
    comment: str = "",
) -> Path:
    """Writes ``.mkv`` from which `Clip.open` reads identical frames.

    Args:
        path: where to.
        frames: uint8 [height, width, 3] each, all of one size.
        fps: frames per second, kept exactly in a tag beside Matroska's own.
        comment: text for the container's comment (the recipe).

    Raises:
        StorageError: the disk is full or the folder cannot be written; an old file survives.
    """
    import av

    rate = as_fps(fps)
    if "libx264rgb" in av.codecs_available:
        codec, pixel_format, options = "libx264rgb", "rgb24", {"crf": "0", "preset": "medium"}
    else:
        codec, pixel_format, options = "ffv1", "bgr0", {"level": "3", "slicecrc": "1"}
    with replacing(path) as temporary:
        try:
            with av.open(str(temporary), "w", format="matroska") as container:
                container.metadata["PLAYREEL_FPS"] = f"{rate.numerator}/{rate.denominator}"
                if comment:
                    container.metadata["COMMENT"] = comment
                stream = container.add_stream(codec, rate=rate, options=options)
                stream.pix_fmt = pixel_format
                for index, pixels in enumerate(frames):
                    if index == 0:
                        stream.height, stream.width = pixels.shape[:2]
                    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
                    if pixel_format != "rgb24":
                        frame = frame.reformat(format=pixel_format)
                    frame.pts, frame.time_base = index, 1 / rate
                    container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
        except av.FFmpegError as error:
            number = error.errno if 0 < (error.errno or 0) < 200 else 0
            raise OSError(number, error.strerror or str(error)) from error
    return Path(path)
