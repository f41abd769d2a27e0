"""The clip: frames, a rate and how they were made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from playreel.errors import MediaError
from playreel.media.rate import as_fps, retimed_indices
from playreel.recipe import Recipe, content_hash

SHOWN = 0.5  # of a clip: where the frame is that stands for it


class Clip:
    """A stretch of moving pictures that never changes.

    Attributes:
        frames: uint8 [time, height, width, 3] sRGB, read-only.
        fps: frames per second, exact.
        recipe: everything that made it, or None for footage from elsewhere.
    """

    def __init__(
        self,
        frames: np.ndarray | Iterable[np.ndarray],
        fps: Fraction | float | str = 12,
        recipe: Recipe | None = None,
    ) -> None:
        """Freezes the frames.

        Args:
            frames: uint8 [time, height, width, 3], or an iterable of [height, width, 3]. Arrays
                that could still change are copied.
            fps: frames per second.
            recipe: how it was made.

        Raises:
            MediaError: no frames, or another shape or type.
        """
        self.frames = _frozen(frames)
        self.fps = as_fps(fps)
        self.recipe = recipe

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__:
            raise AttributeError(f"A Clip never changes; make a new one instead of setting {name}.")
        object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.frames)

    def __getitem__(self, key: slice) -> Clip:
        """A stretch of the clip, ``clip[a:b]``; its recipe says which."""
        if not isinstance(key, slice):
            raise TypeError("Take a stretch with clip[a:b]; a single frame is clip.frames[i].")
        start, stop, step = key.indices(len(self))
        frames = self.frames[start:stop:step]
        if not len(frames):
            raise MediaError(
                f"clip[{key.start}:{key.stop}] holds no frame; this clip has {len(self)} "
                "(0-based, end exclusive)."
            )
        recipe = Recipe(
            operation="cut",
            options={"start": start, "stop": stop, "step": step},
            parents=(self.content_hash,),
            engine=self.recipe.engine if self.recipe else "",
            weights=self.recipe.weights if self.recipe else "",
        )
        return Clip(frames, self.fps, recipe)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Clip):
            return NotImplemented
        return (self.content_hash, self.recipe) == (other.content_hash, other.recipe)

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __reduce__(self) -> tuple[object, ...]:
        return Clip, (self.frames, self.fps, self.recipe)

    def __repr__(self) -> str:
        made = f", {self.recipe.operation}" if self.recipe else ""
        return f"<Clip {len(self)} frames {self.width}x{self.height} @{float(self.fps):g}{made}>"

    @cached_property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.frames.shape[1], self.frames.shape[2]

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.size[0]

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.size[1]

    @property
    def is_missing(self) -> bool:
        """Whether its frames lie in a file that is gone."""
        return False

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(len(self) / self.fps)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of shape, rate and pixels; the clip's name in other clips' recipes."""
        return content_hash(self.frames, self.fps)

    @property
    def poster(self) -> np.ndarray:
        """The frame that stands for it, its middle one, uint8 [height, width, 3]."""
        return self.frames[int(len(self) * SHOWN)]

    def with_recipe(self, recipe: Recipe | None) -> Clip:
        """The same pictures with another recipe."""
        return Clip(self.frames, self.fps, recipe)

    def at_fps(self, fps: Fraction | float | str) -> Clip:
        """The same motion at another rate: frames are held or left out, never blended."""
        target = as_fps(fps)
        if target == self.fps:
            return self
        index = retimed_indices(len(self), self.fps, target)
        return Clip(self.frames[index], target, self.recipe)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Clip:
        """Reads a video, an animation or a picture, with its recipe where it carries one.

        Args:
            path: MP4, MOV, MKV, WebM, AVI (anything PyAV decodes), GIF, PNG, APNG, WebP, JPEG...
                A still becomes a clip of one frame.

        Raises:
            MediaError: the file cannot be read, or its frames would need more than 2 GiB.
        """
        from playreel.media.files import open_clip

        return open_clip(path)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        fps: Fraction | float | str | None = None,
        scale: int | None = None,
    ) -> Path:
        """Writes the clip; the suffix decides how.

        | suffix | what | frames come back |
        |---|---|---|
        | ``.mp4`` ``.mov`` ``.m4v`` | H.264, BT.709, plays everywhere | nearly |
        | ``.mkv`` | lossless H.264 RGB, for takes | identical |
        | ``.png`` ``.apng`` | PNG; animated when there are several frames | identical |
        | ``.gif`` | 256 colours, at most 50 fps | identical up to 256 colours |

        The recipe goes into the file and into ``FILE.recipe.json`` beside it.

        Args:
            path: where to; missing folders are made; an existing file is replaced only by a whole
                new one.
            fps: another rate; frames are held or left out.
            scale: whole factor of nearest-neighbour enlargement.

        Returns:
            The path.

        Raises:
            MediaError: unknown suffix, or a factor that is not a whole number.
            StorageError: the disk is full or the folder cannot be written.
        """
        from playreel.media.files import save_clip

        return save_clip(self, path, fps=fps, scale=scale)


def _frozen(frames: np.ndarray | Iterable[np.ndarray]) -> np.ndarray:
    if not isinstance(frames, np.ndarray):
        frames = list(frames)
        shapes = {np.shape(frame) for frame in frames}
        if len(shapes) > 1:
            raise MediaError(f"All frames of a clip must have one size; seen: {sorted(shapes)}.")
        frames = np.stack(frames) if frames else np.zeros((0, 0, 0, 3), np.uint8)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3:
        raise MediaError(
            "A clip takes uint8 frames of shape [time, height, width, 3], not "
            f"{frames.dtype} {list(frames.shape)}. Convert them first, for example with "
            "playreel.media.load_image."
        )
    if 0 in frames.shape:
        raise MediaError(f"A clip needs at least one frame of 1x1; seen {list(frames.shape)}.")
    if _can_change(frames) or type(frames) is not np.ndarray:
        frames = np.array(frames, copy=True, order="C", subok=False)
        frames.flags.writeable = False
    return frames


def _can_change(array: np.ndarray) -> bool:
    owner: object = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        if owner.base is None:
            return False
        owner = owner.base
    return not isinstance(owner, bytes)
