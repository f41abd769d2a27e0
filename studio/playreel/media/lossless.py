"""Takes at rest: pixels that come back bit for bit.

Matroska with H.264 in RGB at ``crf 0``: on scrolling pixel art a quarter of FFV1's size, decoded by
the same libraries as any other video. Where an FFmpeg was built without x264, FFV1 (RFC 9043).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from playreel.media.atomic import replacing
from playreel.media.rate import as_fps


class LosslessEncoder:
    """A Matroska file that grows frame by frame.

    Args:
        target: a path, or a file that can be sought in.
        fps: frames per second, kept exactly in a tag beside Matroska's own.
        comment: text for the container's comment (the recipe).
    """

    def __init__(self, target: Any, fps: Fraction | float | str, *, comment: str = "") -> None:
        import av

        self._rate = as_fps(fps)
        if "libx264rgb" in av.codecs_available:
            codec, self._format = "libx264rgb", "rgb24"
            options = {"crf": "0", "preset": "medium"}
        else:
            codec, self._format = "ffv1", "bgr0"
            options = {"level": "3", "slicecrc": "1"}
        with _told_by_number():
            self._container = av.open(target, "w", format="matroska")
            _tag(self._container, self._rate, comment)
            self._stream = self._container.add_stream(codec, rate=self._rate, options=options)
        self._stream.pix_fmt = self._format
        self.num_frames = 0

    def add(self, pixels: np.ndarray) -> None:
        """Adds a frame, uint8 [height, width, 3], of the size of the others.

        Raises:
            OSError: it cannot be written.
        """
        import av

        if not self.num_frames:
            self._stream.height, self._stream.width = pixels.shape[:2]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
        if self._format != "rgb24":
            frame = frame.reformat(format=self._format)
        frame.pts, frame.time_base = self.num_frames, 1 / self._rate
        with _told_by_number():
            self._container.mux(self._stream.encode(frame))
        self.num_frames += 1

    def finish(self) -> None:
        """Writes what the encoder still holds.

        Raises:
            OSError: it cannot be written.
        """
        with _told_by_number():
            self._container.mux(self._stream.encode(None))
            self._container.close()

    def close(self) -> None:
        """Lets go of the file, whole or not."""
        with contextlib.suppress(Exception):  # a disk that is full was told before
            self._container.close()


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
    with replacing(path) as temporary:
        encoder = LosslessEncoder(str(temporary), fps, comment=comment)
        try:
            for pixels in frames:
                encoder.add(pixels)
            encoder.finish()
        finally:
            encoder.close()
    return Path(path)


def copy_lossless(
    source: Any, path: str | os.PathLike[str], fps: Fraction | float | str, *, comment: str = ""
) -> Path:
    """Writes the very pictures of an encoded file to ``.mkv``, with another comment; nothing is decoded.

    Args:
        source: a file that `LosslessEncoder` wrote, open for reading.
        path: where to.
        fps: frames per second.
        comment: text for the container's comment (the recipe).

    Raises:
        StorageError: see `write_lossless`.
    """
    import av

    with (
        replacing(path) as temporary,
        _told_by_number(),
        av.open(source, format="matroska") as old,
        av.open(str(temporary), "w", format="matroska") as new,
    ):
        _tag(new, as_fps(fps), comment)
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return Path(path)


def _tag(container: Any, rate: Fraction, comment: str) -> None:
    container.metadata["PLAYREEL_FPS"] = f"{rate.numerator}/{rate.denominator}"
    if comment:
        container.metadata["COMMENT"] = comment


@contextlib.contextmanager
def _told_by_number() -> Iterator[None]:
    """FFmpeg's failures to write, as the system's own."""
    import av

    try:
        yield
    except av.FFmpegError as error:
        number = error.errno if 0 < (error.errno or 0) < 200 else 0
        raise OSError(number, error.strerror or str(error)) from error
