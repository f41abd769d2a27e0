"""Another aspect from the same take: a window that follows key frames. Nothing is made anew.

Keys say where the eye belongs, as shares of width and height, whatever the aspect; the window of each
aspect is laid around it and kept inside the picture. Keys that a user gave count; else they are found
by `playreel.board.subject`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

from playreel.board.subject import find_subject
from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.media.fit import enlarge

_PIXEL_ART = 480  # px: takes whose shorter side is smaller are enlarged by whole factors
_LAG = 0.12  # of the window's side: somebody may move so far before the window does
_KEY = re.compile(r"(\d{1,6}):(\d*\.?\d+),(\d*\.?\d+)")
MAX_KEYS = 500


@dataclass(frozen=True)
class FramingKey:
    """Where the eye belongs at one frame of a take.

    Attributes:
        frame: of the take, from 0.
        x: share of the width.
        y: share of the height.
    """

    frame: int
    x: float
    y: float

    def __post_init__(self) -> None:
        if self.frame < 0 or not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise InputError(
                f"A framing key is a frame and two shares from 0 to 1, not {self.frame}:"
                f"{self.x:g},{self.y:g}."
            )

    def __str__(self) -> str:
        return f"{self.frame}:{self.x:.3f},{self.y:.3f}"


def keys_from(text: str) -> tuple[FramingKey, ...]:
    """Keys as `Shot.framing` keeps them: ``"0:0.3,0.5 24:0.7,0.5"``, in order.

    Raises:
        InputError: anything else.
    """
    keys = []
    for word in text.split():
        found = _KEY.fullmatch(word)
        if found is None or len(keys) >= MAX_KEYS:
            raise InputError(
                f"Framing is written as FRAME:X,Y with shares from 0 to 1, such as "
                f"'0:0.3,0.5 24:0.7,0.5', not {word[:40]!r}."
            )
        keys.append(FramingKey(int(found[1]), float(found[2]), float(found[3])))
    frames = [key.frame for key in keys]
    if frames != sorted(set(frames)):
        raise InputError(f"Framing keys stand in the order of their frames, each once: {frames}.")
    return tuple(keys)


def keys_text(keys: Sequence[FramingKey]) -> str:
    """The reverse of `keys_from`."""
    return " ".join(str(key) for key in keys)


def keys_since(text: str, frame: int) -> str:
    """The keys of what is left when a take is cut at a frame."""
    keys = keys_from(text)
    if not keys:
        return ""
    x, y = (round(float(value), 3) for value in centers_of(keys, frame + 1)[frame])
    later = [FramingKey(key.frame - frame, key.x, key.y) for key in keys if key.frame > frame]
    return keys_text([FramingKey(0, x, y), *later])


def find_keys(take: Clip, aspect: float) -> tuple[FramingKey, ...]:
    """Few keys that keep who moves inside a window of that aspect (width over height).

    The window rests while somebody moves inside its middle, and moves evenly between keys.
    """
    centers = find_subject(take).centers
    height, width = take.size
    window = np.array([min(1.0, height * aspect / width), min(1.0, width / aspect / height)])
    lag = _LAG * window
    path = np.empty_like(centers)
    at = centers[0].copy()
    for index, center in enumerate(centers):
        at = np.clip(at, center - lag, center + lag)
        path[index] = at
    return _simplified(path, tolerance=0.08 * float(window.min()))


def centers_of(keys: Sequence[FramingKey], count: int) -> np.ndarray:
    """Float [count, 2] between keys, eased at both ends; the middle where there is no key."""
    if not keys:
        return np.full((count, 2), 0.5)
    frames = np.array([key.frame for key in keys])
    points = np.array([(key.x, key.y) for key in keys])
    index = np.arange(count)
    place = np.clip(np.searchsorted(frames, index, side="right") - 1, 0, len(keys) - 1)
    after = np.minimum(place + 1, len(keys) - 1)
    span = np.maximum(frames[after] - frames[place], 1)
    part = np.clip((index - frames[place]) / span, 0, 1)
    part = (part * part * (3 - 2 * part))[:, None]
    return points[place] * (1 - part) + points[after] * part


class ReframedClip(Clip):
    """A take seen through a window that moves, at the size of the film, a frame at a time.

    It goes by the content hash of the take that it shows.

    Args:
        take: what is shown.
        size: (height, width) of the result.
        keys: where the eye belongs.
    """

    def __init__(self, take: Clip, size: tuple[int, int], keys: Sequence[FramingKey]) -> None:
        self.__dict__.update(
            take=take,
            fps=take.fps,
            recipe=take.recipe,
            content_hash=take.content_hash,
            view=f"{size[0]}x{size[1]} {keys_text(keys)}",
            size=size,
            _keys=tuple(keys),
        )

    def __len__(self) -> int:
        return len(self.__dict__["take"])

    @cached_property
    def frames(self) -> _Window:  # type: ignore[override]
        """Looks like uint8 [time, height, width, 3]; each frame is cut out when it is asked for."""
        return _Window(self.__dict__["take"], self.size, self.__dict__["_keys"])

    def parent(self, content_hash: str) -> Clip | None:
        """As the take that is shown tells it."""
        look = getattr(self.__dict__["take"], "parent", None)
        return None if look is None else look(content_hash)


class _Window:
    """Frames on demand."""

    def __init__(self, take: Clip, size: tuple[int, int], keys: Sequence[FramingKey]) -> None:
        self._take, self._size = take, size
        self._centers = centers_of(keys, len(take))
        self.shape = (len(take), *size, 3)

    def __len__(self) -> int:
        return len(self._take)

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, slice):
            return np.stack([self[place] for place in range(*index.indices(len(self)))])
        return window_of(self._take.frames[index], self._size, self._centers[int(index)])


def window_of(frame: np.ndarray, size: tuple[int, int], center: np.ndarray) -> np.ndarray:
    """The largest window of that shape around a point, brought to ``size``.

    Small frames are pixel art: they are enlarged by a whole factor, and the window moves by pixels of
    the result, so that squares stay squares and motion stays smooth.

    Args:
        frame: uint8 [height, width, 3].
        size: (height, width) wanted.
        center: column and row as shares of width and height.
    """
    height, width = frame.shape[:2]
    tall, wide = size
    if min(height, width) < _PIXEL_ART:
        factor = max(1, math.ceil(tall / height), math.ceil(wide / width))
        top = _inside(center[1] * height * factor - tall / 2, height * factor - tall)
        left = _inside(center[0] * width * factor - wide / 2, width * factor - wide)
        rows = slice(top // factor, -(-(top + tall) // factor))
        columns = slice(left // factor, -(-(left + wide) // factor))
        big = enlarge(np.ascontiguousarray(frame[rows, columns]), factor)
        y, x = top - rows.start * factor, left - columns.start * factor
        return np.ascontiguousarray(big[y : y + tall, x : x + wide])
    ratio = max(tall / height, wide / width)
    rows_seen, columns_seen = tall / ratio, wide / ratio
    top_at = min(max(center[1] * height - rows_seen / 2, 0.0), height - rows_seen)
    left_at = min(max(center[0] * width - columns_seen / 2, 0.0), width - columns_seen)
    box = (left_at, top_at, left_at + columns_seen, top_at + rows_seen)
    picture = Image.fromarray(frame).resize((wide, tall), Image.Resampling.LANCZOS, box=box)
    return np.asarray(picture)


def _inside(at: float, last: int) -> int:
    return min(max(round(at), 0), last)


def _simplified(path: np.ndarray, tolerance: float) -> tuple[FramingKey, ...]:
    """Keys whose eased way stays within ``tolerance`` of ``path`` [time, 2]."""
    kept = {0, len(path) - 1}
    while len(kept) < min(len(path), MAX_KEYS):
        keys = [_key(path, index) for index in sorted(kept)]
        gap = np.abs(centers_of(keys, len(path)) - path).max(axis=1)
        gap[list(kept)] = 0
        worst = int(gap.argmax())
        if gap[worst] <= tolerance:
            break
        kept.add(worst)
    return tuple(_key(path, index) for index in sorted(kept))


def _key(path: np.ndarray, index: int) -> FramingKey:
    x, y = (round(float(value), 3) for value in np.clip(path[index], 0, 1))
    return FramingKey(index, x, y)
