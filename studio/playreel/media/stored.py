"""A clip whose frames are read from its file when somebody looks at them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from playreel.errors import MediaError
from playreel.media.clip import Clip
from playreel.media.files import read_recipe
from playreel.media.rate import as_fps
from playreel.recipe import Recipe


class StoredClip(Clip):
    """A clip that is known by its content hash, so that a board of many shots opens at once.

    Args:
        path: the lossless file.
        content_hash: what the file must show; checked when the frames are read.
        num_frames: its length, if known.
        fps: frames per second, if known.
        recipe: how it was made, if known; else read from beside the file.
        related: finds the clips that recipes name as parents, by content hash.
        frames: its frames, if they are in memory.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        content_hash: str,
        *,
        num_frames: int | None = None,
        fps: Fraction | float | str | None = None,
        recipe: Recipe | None = None,
        related: Callable[[str], Clip | None] | None = None,
        frames: np.ndarray | None = None,
    ) -> None:
        known: dict[str, object] = {"path": Path(path), "content_hash": content_hash}
        known["_related"] = related
        if frames is not None:
            known["frames"] = frames
        if num_frames is not None:
            known["_num_frames"] = num_frames
        if fps is not None:
            known["fps"] = as_fps(fps)
        if recipe is not None:
            known["recipe"] = recipe
        self.__dict__.update(known)

    def __len__(self) -> int:
        return self.__dict__.get("_num_frames") or len(self.frames)

    @cached_property
    def frames(self) -> np.ndarray:  # type: ignore[override]
        """uint8 [time, height, width, 3] sRGB, read-only.

        Raises:
            MediaError: the file is missing, unreadable or shows something else.
        """
        path: Path = self.__dict__["path"]
        name = self.content_hash[:12]
        if not path.is_file():
            raise MediaError(
                f"The frames of take {name} are missing: {path}. Put the file back, bring it back "
                f"from the trash with 'playreel trash restore {name}', or make the take again from "
                "its recipe."
            )
        clip = Clip.open(path)
        if clip.content_hash != self.content_hash:
            raise MediaError(
                f"{path} has been changed: it shows {clip.content_hash[:12]}, not {name}. "
                "Put the original back; takes are never edited in place."
            )
        self.__dict__.setdefault("fps", clip.fps)
        if clip.recipe is not None:
            self.__dict__.setdefault("recipe", clip.recipe)
        return clip.frames

    @cached_property
    def fps(self) -> Fraction:  # type: ignore[override]
        """Frames per second, exact."""
        _ = self.frames
        return self.__dict__["fps"]

    @cached_property
    def recipe(self) -> Recipe | None:  # type: ignore[override]
        """How it was made; None where nothing tells, as of a clip that was brought in and is lost."""
        found = read_recipe(self.__dict__["path"])
        if found is None and "frames" not in self.__dict__:
            with contextlib.suppress(MediaError):
                _ = self.frames  # files carry it inside as well
            found = self.__dict__.get("recipe")
        return found

    def parent(self, content_hash: str) -> Clip | None:
        """A clip that this one, or one of its ancestors, was made from; None if it is not here."""
        related = self.__dict__["_related"]
        return None if related is None else related(content_hash)

    @property
    def is_missing(self) -> bool:
        """Whether its file is gone."""
        return not self.__dict__["path"].is_file()
