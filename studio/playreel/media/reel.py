"""Reel: a clip that is encoded while it is made, so that a long one is never in memory whole."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from playreel.errors import StorageError
from playreel.media.clip import SHOWN, Clip
from playreel.media.lossless import LosslessEncoder, copy_lossless
from playreel.media.rate import as_fps
from playreel.media.read import decode
from playreel.recipe import Recipe, clip_digest


class Reel:
    """Frames on their way into a file without a name: it goes with the process, however that ends.

    Args:
        folder: of a disk with room for it; made if missing.
        shape: (time, height, width) of the clip that it will be.
        fps: frames per second.

    Raises:
        StorageError: the folder cannot be written.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        shape: tuple[int, int, int],
        fps: Fraction | float | str,
    ) -> None:
        self._shape, self._fps, self._folder = shape, as_fps(fps), Path(folder)
        with self._told():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115
        self._encoder = LosslessEncoder(self._file, self._fps)
        self._digest = clip_digest((*shape, 3), self._fps)
        self._shown: np.ndarray | None = None

    def add(self, frames: np.ndarray) -> None:
        """Adds frames, uint8 [time, height, width, 3].

        Raises:
            StorageError: the disk is full.
        """
        assert frames.shape[1:3] == self._shape[1:], "a reel has one size"
        with self._told():
            for frame in frames:
                if self._encoder.num_frames == int(self._shape[0] * SHOWN):
                    self._shown = frame.copy()
                self._digest.update(np.ascontiguousarray(frame).data)
                self._encoder.add(frame)

    def clip(self, recipe: Recipe | None = None) -> ReelClip:
        """The clip, once all frames are in.

        Raises:
            StorageError: the disk is full.
        """
        assert self._encoder.num_frames == self._shape[0], "a reel is as long as was said"
        assert self._shown is not None
        with self._told():
            self._encoder.finish()
        source = _Shared(self._file)
        return ReelClip(
            source, self._digest.hexdigest(), self._shape, self._fps, recipe, shown=self._shown
        )

    def close(self) -> None:
        """Lets go of a reel that is not to become a clip."""
        self._encoder.close()
        self._file.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"A take could not be written on its way in {self._folder}: {error.strerror or error}. "
                "Free some space there, or name another folder in XDG_CACHE_HOME; what was denoised is kept."
            ) from error


class ReelClip(Clip):
    """A clip in a file without a name; its frames are read when somebody looks at them.

    Walking it, saving it as ``.mkv`` and its poster hold no more than a few of its frames.
    """

    def __init__(
        self,
        source: _Shared,
        content_hash: str,
        shape: tuple[int, int, int],
        fps: Fraction,
        recipe: Recipe | None,
        *,
        shown: np.ndarray,
    ) -> None:
        self.__dict__.update(
            _source=source, content_hash=content_hash, _shape=shape, fps=fps, recipe=recipe,
            _shown=shown,
        )  # fmt: skip

    def __len__(self) -> int:
        return self.__dict__["_shape"][0]

    def __iter__(self) -> Iterator[np.ndarray]:
        if "frames" in self.__dict__:
            return iter(self.frames)
        return decode(cast("BinaryIO", self.__dict__["_source"].reader()))

    @cached_property
    def size(self) -> tuple[int, int]:  # type: ignore[override]
        """(height, width) in pixels."""
        return self.__dict__["_shape"][1:]

    @cached_property
    def frames(self) -> np.ndarray:  # type: ignore[override]
        """uint8 [time, height, width, 3] sRGB, read-only."""
        frames = np.empty((*self.__dict__["_shape"], 3), np.uint8)
        for place, frame in zip(frames, self, strict=True):
            place[:] = frame
        frames.flags.writeable = False
        return frames

    @property
    def poster(self) -> np.ndarray:  # type: ignore[override]
        """The frame that stands for it, uint8 [height, width, 3]."""
        return self.__dict__["_shown"]

    def with_recipe(self, recipe: Recipe | None) -> Clip:
        """The same pictures with another recipe."""
        known = self.__dict__
        return ReelClip(
            known["_source"],
            self.content_hash,
            known["_shape"],
            self.fps,
            recipe,
            shown=self.poster,
        )

    def copy_to(self, path: Path, comment: str) -> None:
        """Writes its ``.mkv`` without encoding anew.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        reader = cast("BinaryIO", self.__dict__["_source"].reader())
        copy_lossless(reader, path, self.fps, comment=comment)


class _Shared:
    """One open file with a place in it for each of its readers."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._lock = file, threading.Lock()
        weakref.finalize(self, file.close)

    def reader(self) -> io.RawIOBase:
        return _Reader(self)

    def read(self, at: int, count: int) -> bytes:
        with self._lock:
            self._file.seek(at)
            return self._file.read(count)

    @property
    def num_bytes(self) -> int:
        with self._lock:
            return self._file.seek(0, os.SEEK_END)


class _Reader(io.RawIOBase):
    def __init__(self, shared: _Shared) -> None:
        self._shared, self._at = shared, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._shared.num_bytes}
        self._at = max(0, start[whence] + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        data = self._shared.read(self._at, size)
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
