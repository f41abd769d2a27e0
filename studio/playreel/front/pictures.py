"""Takes as browsers show them: PNG, encoded once, in bounded memory."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.studio import Studio

POSTER_SIDE, FRAME_SIDE = 256, 640
CHUNK = 24  # frames in one strip; browsers show pictures of up to some 32000 pixels in height
MAX_BYTES = 64 << 20  # of encoded pictures in memory


def png(frame: np.ndarray, level: int = 1) -> bytes:
    """uint8 [height, width, 3] as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(frame)).save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def small(frame: np.ndarray, side: int) -> np.ndarray:
    """The frame with its longer side at most ``side`` pixels; small frames stay as they are."""
    height, width = frame.shape[:2]
    ratio = side / max(height, width)
    if ratio >= 1:
        return frame
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BOX))


def stacked(frames: Sequence[np.ndarray] | np.ndarray, side: int = FRAME_SIDE) -> bytes:
    """Frames one under the other in one PNG."""
    return png(np.concatenate([small(frame, side) for frame in frames]), level=3)


class Pictures:
    """Pictures of a project's takes by content hash.

    Args:
        studio: the project.
    """

    def __init__(self, studio: Studio) -> None:
        self._media = studio.project.media
        self._lock = threading.Lock()
        self._decoding = threading.Lock()  # one clip in memory at a time
        self._kept: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._bytes = 0

    def poster(self, take: str) -> bytes:
        """A small picture of a take's middle frame."""
        return self._picture("poster", take, 0)

    def strip(self, take: str, chunk: int) -> bytes:
        """Frames ``chunk * 24`` and on, one under the other.

        Raises:
            InputError: no such take, or it has not so many frames.
        """
        return self._picture("strip", take, chunk)

    def _picture(self, kind: str, reference: str, chunk: int) -> bytes:
        take = self._media.find(reference).content_hash  # also: it is not in the trash
        found = self._look(kind, take, chunk)
        if found is not None:
            return found
        with self._decoding:
            found = self._look(kind, take, chunk)
            if found is not None:
                return found
            frames = self._media.open(take).frames
            self._keep("poster", take, 0, png(small(frames[len(frames) // 2], POSTER_SIDE)))
            if kind == "strip":
                for number in range((len(frames) + CHUNK - 1) // CHUNK):
                    part = frames[number * CHUNK : (number + 1) * CHUNK]
                    made = stacked(part)
                    self._keep("strip", take, number, made)
                    found = made if number == chunk else found
            else:
                found = self._look(kind, take, 0)
        if found is None:
            raise InputError(f"Take {take[:12]} has no frames {chunk * CHUNK} and on.")
        return found

    def _look(self, kind: str, take: str, chunk: int) -> bytes | None:
        with self._lock:
            found = self._kept.get((kind, take, chunk))
            if found is not None:
                self._kept.move_to_end((kind, take, chunk))
            return found

    def _keep(self, kind: str, take: str, chunk: int, data: bytes) -> None:
        with self._lock:
            self._bytes -= len(self._kept.pop((kind, take, chunk), b""))
            self._kept[kind, take, chunk] = data
            self._bytes += len(data)
            while self._bytes > MAX_BYTES and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
