"""Decoding video files to sRGB frames."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from playreel.errors import MediaError, PlayreelWarning
from playreel.media.probe import VideoInfo, describe, opened

if TYPE_CHECKING:
    from av import VideoFrame

_UNTAGGED = 2
_RGB = 0


def read_frames(path: str | os.PathLike[str]) -> tuple[VideoInfo, Iterator[np.ndarray]]:
    """Opens a video for reading frame by frame.

    Nothing but the current frame is held, so a film of any length can be walked. A broken tail
    ends the walk with a warning that says how much was read.

    Returns:
        The header, and an iterator of uint8 [height, width, 3], upright (a phone's rotation tag is
        applied).

    Raises:
        MediaError: see `probe`; or, from the iterator, when not one frame can be decoded.
    """
    from playreel.media.probe import probe

    return probe(path), decode(path)


def decode(path: str | os.PathLike[str] | BinaryIO) -> Iterator[np.ndarray]:
    """The frames of a video, a file or one that is open; see `read_frames`."""
    import av

    with opened(path) as container:
        info = describe(container, path)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        count, broken = 0, ""
        frames = iter(container.decode(stream))
        shape: tuple[int, int] | None = None
        while True:
            try:
                frame = next(frames)
            except StopIteration:
                break
            except av.FFmpegError as error:
                broken = error.strerror or str(error)
                break
            if frame.is_corrupt:
                broken = "damaged frame"
                break
            if shape is None:
                shape = (frame.width, frame.height)
            count += 1
            yield _to_rgb(frame, shape, info)
        if count == 0:
            raise MediaError(
                f"{path} holds no frame that can be decoded{f' ({broken})' if broken else ''}. "
                "Save or download it again."
            )
        counted = stream.frames > 0  # otherwise worked out from the duration
        if broken or count < info.num_frames - (0 if counted else 1 + info.num_frames // 50):
            expected = f" of {info.num_frames}" if info.num_frames else ""
            warnings.warn(
                f"{path} has a broken tail ({broken or 'cut short'}): read the first "
                f"{count}{expected} frames.",
                PlayreelWarning,
                stacklevel=2,
            )


def _to_rgb(frame: VideoFrame, shape: tuple[int, int], info: VideoInfo) -> np.ndarray:
    from av.video.reformatter import Interpolation

    matrix = int(frame.colorspace)
    if matrix == _UNTAGGED:
        matrix = info.color_matrix
    if matrix == _UNTAGGED:  # what players assume
        matrix = 1 if max(shape) >= 1280 or min(shape) >= 720 else 5
    exact = (
        Interpolation.BICUBIC
        | Interpolation.FULL_CHR_H_INT
        | Interpolation.FULL_CHR_H_INP
        | Interpolation.ACCURATE_RND
    )
    pixels = frame.to_ndarray(
        format="rgb24",
        width=shape[0],  # a stream may change size half way
        height=shape[1],
        interpolation=exact,
        src_colorspace=None if matrix == _RGB else _SWS_MATRIX.get(matrix, 5),
    )
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


# H.273 matrix number -> swscale's number
_SWS_MATRIX = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
