"""Sizing: a result's size, the size in which a model works for it, and the way between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Size = tuple[int, int]  # (height, width) in pixels


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """How frames of a result's size are worked on; all sizes are (height, width).

    Attributes:
        result: size of the result.
        work: size that the model makes.
        inner: the part of ``work``, from the top left, that shows the result.
        note: what differs and why, "" if the model makes the result's size.
    """

    result: Size
    work: Size
    inner: Size
    note: str = ""

    @classmethod
    def rounded_up(cls, inner: Size, result: Size, multiple: int) -> Sizing:
        """``inner`` rounded up to a multiple and cropped, then enlarged to ``result``."""
        height, width = (-(-side // multiple) * multiple for side in inner)
        work = height, width
        notes = []
        if work != inner:
            notes.append(
                f"the model makes multiples of {multiple} pixels: {_named(work)} is made and "
                f"cropped to {_named(inner)}"
            )
        if inner != result:
            notes.append(
                f"{_named(inner)} is enlarged to {_named(result)}: more is too much for it"
            )
        return cls(result=result, work=work, inner=inner, note="; ".join(notes))

    @classmethod
    def inside(cls, result: Size, work: Size) -> Sizing:
        """The largest part of ``work`` that has the shape of ``result``."""
        scale = min(work[0] / result[0], work[1] / result[1])
        inner = min(work[0], round(result[0] * scale)), min(work[1], round(result[1] * scale))
        note = ""
        if work != result:
            note = f"the model makes {_named(work)} only, cropped to {_named(inner)}"
            note += f" and scaled to {_named(result)}" if inner != result else ""
        return cls(result=result, work=work, inner=inner, note=note)

    def to_work(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (T, H, W, 3) of the result's size in the model's, edges repeated where it is larger."""
        frames = _scaled(frames, self.inner)
        below, right = (w - i for w, i in zip(self.work, self.inner, strict=True))
        if below or right:
            frames = np.pad(frames, ((0, 0), (0, below), (0, right), (0, 0)), mode="edge")
        return frames

    def to_result(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (T, h, w, 3) of the model's size in the result's."""
        return _scaled(frames[:, : self.inner[0], : self.inner[1]], self.result)


def _scaled(frames: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    if frames.shape[1:3] == size:
        return frames
    height, width = size
    rows, columns = frames.shape[1:3]
    whole = height % rows == 0 and width % columns == 0 and height // rows == width // columns
    # Drawn pixels stay drawn pixels: a whole factor repeats them.
    how = Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS
    pictures = [Image.fromarray(frame).resize((width, height), how) for frame in frames]
    return np.stack([np.asarray(picture) for picture in pictures])


def _named(size: Size) -> str:
    return f"{size[1]}x{size[0]}"
