"""Bounded memory for a session's frames and model states."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
import weakref
import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from playreel.errors import StorageError


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    """How much one session may keep in memory.

    Attributes:
        frame_bytes: compressed frames; beyond it all of them move to a temporary file.
        state_bytes: model states; beyond it older ones are computed again when needed.
        stride: one state in so many is kept longer; doubles as the session grows.
    """

    frame_bytes: int = 16 * 2**20
    state_bytes: int = 48 * 2**20
    stride: int = 16


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


class StateStore:
    """Model states by node: the latest, and a thinning trail of older ones.

    The trail bounds how far back computing a state again must start: at most ``stride`` steps. The
    stride doubles each time the trail takes half of the memory. Tensors that states share (a
    frame's keys and values are in every state that looks back on it) count once.
    """

    def __init__(self, max_bytes: int, stride: int) -> None:
        self._max_bytes = max_bytes
        self._stride = stride
        self._entries: OrderedDict[int, tuple[int, dict[int, int], Any]] = OrderedDict()
        self._users: Counter[int] = Counter()  # buffer -> states that hold it
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, node: int) -> Any | None:
        """The state after ``node``, or None where it was let go."""
        entry = self._entries.get(node)
        if entry is None:
            return None
        self._entries.move_to_end(node)
        return entry[2]

    def put(self, node: int, depth: int, state: Any) -> None:
        """Keeps a state, letting others go where memory is short."""
        self._drop(node)
        buffers = dict(_buffers(state))
        for buffer, size in buffers.items():
            self.nbytes += 0 if self._users[buffer] else size
            self._users[buffer] += 1
        self._entries[node] = (depth, buffers, state)
        if self.nbytes <= self._max_bytes:
            return
        for key in [key for key in self._entries if key != node and not self._on_trail(key)]:
            self._drop(key)
            if self.nbytes <= self._max_bytes // 2:  # not at every press
                return
        while self.nbytes > self._max_bytes // 2:
            trail = [key for key, (depth, _, _) in self._entries.items() if depth and key != node]
            if not trail:
                return
            self._stride *= 2
            for key in [key for key in trail if not self._on_trail(key)]:
                self._drop(key)

    def _on_trail(self, node: int) -> bool:
        return self._entries[node][0] % self._stride == 0

    def _drop(self, node: int) -> None:
        entry = self._entries.pop(node, None)
        if entry is None:
            return
        for buffer, size in entry[1].items():
            self._users[buffer] -= 1
            if not self._users[buffer]:
                del self._users[buffer]
                self.nbytes -= size


def _buffers(state: Any) -> Iterator[tuple[int, int]]:
    """Address and bytes of every buffer within nested dataclasses, tuples, lists and mappings."""
    if hasattr(state, "untyped_storage"):  # a view keeps its whole storage alive
        storage = state.untyped_storage()
        yield storage.data_ptr(), storage.nbytes()
    elif isinstance(state, np.ndarray):
        while isinstance(state.base, np.ndarray):
            state = state.base
        yield state.ctypes.data, state.nbytes
    elif dataclasses.is_dataclass(state):
        for field in dataclasses.fields(state):
            yield from _buffers(getattr(state, field.name))
    elif isinstance(state, Mapping):
        for value in state.values():
            yield from _buffers(value)
    elif isinstance(state, tuple | list):
        for value in state:
            yield from _buffers(value)
