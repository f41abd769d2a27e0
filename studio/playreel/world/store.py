"""Bounded memory for a session's frames."""

from __future__ import annotations

import tempfile
import threading
import weakref
import zlib
from dataclasses import dataclass

import numpy as np

from playreel.errors import StorageError


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    """How much one session may keep in memory.

    Attributes:
        frame_bytes: compressed frames; beyond it all of them move to a temporary file.
        num_states: the last model states, under half a megabyte each; others are played again.
        num_landmarks: more of them, packed into some 30 KB each and spread over the whole session,
            to play on from.
    """

    frame_bytes: int = 16 * 2**20
    num_states: int = 16
    num_landmarks: int = 24


class FrameStore:
    """Frames by node, lossless: zlib in memory, then in an unnamed temporary file."""

    def __init__(self, size: tuple[int, int], max_bytes: int) -> None:
        self._shape = (*size, 3)
        self._file = tempfile.SpooledTemporaryFile(max_size=max_bytes)  # noqa: SIM115 - lives on
        weakref.finalize(self, self._file.close)
        self._places: dict[int, tuple[int, int]] = {}
        self._end = 0
        self._lock = threading.Lock()

    def __contains__(self, node: int) -> bool:
        return node in self._places

    def put(self, node: int, frame: np.ndarray) -> None:
        """Keeps uint8 [height, width, 3] under ``node``.

        Raises:
            StorageError: the temporary folder is full.
        """
        data = zlib.compress(np.ascontiguousarray(frame).data, 1)
        with self._lock:
            try:
                self._file.seek(self._end)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise StorageError(
                    f"No room for played frames in {tempfile.gettempdir()}: {error.strerror}. "
                    "Free some space there; the session is kept up to the frame before."
                ) from error
            self._places[node] = (self._end, len(data))
            self._end += len(data)

    def get(self, node: int) -> np.ndarray | None:
        """A fresh uint8 [height, width, 3], or None."""
        with self._lock:
            place = self._places.get(node)
            if place is None:
                return None
            self._file.seek(place[0])
            data = self._file.read(place[1])
        return np.frombuffer(bytearray(zlib.decompress(data)), np.uint8).reshape(self._shape)
