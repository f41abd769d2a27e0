"""Request: one run of a pipeline, in pixels and words, whichever family makes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]  # (T, H, W, 3)


def whole(pieces: Iterable[Frames]) -> Frames:
    """All pieces as one."""
    parts = list(pieces)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, kw_only=True)
class Known:
    """Frames that are given.

    Attributes:
        start: index of the first of them in what is made.
        frames: uint8 (k, H, W, 3) of the request's size.
    """

    start: int
    frames: Frames

    @property
    def stop(self) -> int:
        """Index after the last of them."""
        return self.start + len(self.frames)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a driver is to make.

    Attributes:
        prompt: what is said of all of it.
        negative_prompt: what is not to be seen; None leaves the pipeline's own way.
        num_frames: on the family's grid.
        size: (height, width) on the family's grid.
        fps: frames per second at which it will be shown.
        known: frames that are given, in order, without overlap.
        source: frames to be redrawn (restyle), as many as ``num_frames``; None makes anew.
        strength: how much of ``source`` is redrawn, above 0 up to 1.
        region: bool (H, W); with ``source``: only this part of it is made, and made anew.
        seed: of all that is drawn.
        num_steps: denoising steps.
        guidance_scale: how far the prompt is followed.
        references: pictures uint8 (H, W, 3), of any size, of who or what is to be in it.
        hard_lock: hold known frames fast at every step where the family's own way is soft.
        cache: what steps reuse of the step before, one of `playreel.film.engines.cache.Cache`, or "".
    """

    prompt: str
    num_frames: int
    size: tuple[int, int]
    fps: float
    seed: int
    num_steps: int
    guidance_scale: float
    negative_prompt: str | None = None
    known: tuple[Known, ...] = ()
    source: Frames | None = None
    strength: float = 1.0
    region: NDArray[np.bool_] | None = None
    references: tuple[NDArray[np.uint8], ...] = ()
    hard_lock: bool = True
    cache: str = ""

    @property
    def redraws(self) -> bool:
        """Whether all of a clip is to be redrawn."""
        return self.source is not None and self.region is None

    def filled(self, value: int | None = None) -> Frames:
        """All frames (num_frames, H, W, 3): those known, and between them ``value``.

        None repeats the nearest known frame, so that an encoder that looks back sees no cut.
        """
        if self.source is not None:
            return self.source
        if value is not None or not self.known:
            frames = np.full((self.num_frames, *self.size, 3), value or 0, np.uint8)
            for known in self.known:
                frames[known.start : known.stop] = known.frames
            return frames
        index = np.concatenate([np.arange(known.start, known.stop) for known in self.known])
        given = np.concatenate([known.frames for known in self.known])
        nearest = np.abs(np.arange(self.num_frames)[:, None] - index[None]).argmin(axis=1)
        return given[nearest]

    def is_known(self) -> NDArray[np.bool_]:
        """(num_frames,): which frames are given."""
        mask = np.zeros(self.num_frames, bool)
        for known in self.known:
            mask[known.start : known.stop] = True
        return mask
