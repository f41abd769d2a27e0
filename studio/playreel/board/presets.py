"""Where films go: named sizes, rates and formats."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from playreel.errors import InputError


@dataclass(frozen=True, kw_only=True)
class ExportPreset:
    """A delivery format.

    Attributes:
        name: what users type.
        size: (height, width) of the film in pixels, or None for the takes' own size enlarged to
            about 512 px.
        fps: frames per second; slower takes hold their frames.
        suffixes: file endings it writes.
        safe: margins (left, top, right, bottom) as shares of width and height that players' own
            signs may cover; captions and marks stay inside.
    """

    name: str
    size: tuple[int, int] | None
    fps: Fraction
    suffixes: tuple[str, ...]
    safe: tuple[float, float, float, float] = (0.05, 0.05, 0.05, 0.05)

    def safe_box(self, size: tuple[int, int]) -> SafeBox:
        """Where captions and marks may lie on a film of ``size`` (height, width)."""
        height, width = size
        left, top, right, bottom = self.safe
        return SafeBox(
            left=math.ceil(left * width),
            top=math.ceil(top * height),
            right=math.floor((1 - right) * width),
            bottom=math.floor((1 - bottom) * height),
        )


@dataclass(frozen=True, kw_only=True)
class SafeBox:
    """Pixels that nothing covers.

    Attributes:
        left: the first column.
        top: the first row.
        right: the column after the last.
        bottom: the row after the last.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top


_FILM = (".mp4", ".mov", ".m4v")
# Phone apps lay title, caption and buttons over the top, the right edge and the bottom.
_PHONE = (0.06, 0.11, 0.14, 0.20)
PRESETS: dict[str, ExportPreset] = {
    preset.name: preset
    for preset in (
        ExportPreset(name="landscape-1080p", size=(1080, 1920), fps=Fraction(24), suffixes=_FILM),
        ExportPreset(
            name="vertical-1080p",
            size=(1920, 1080),
            fps=Fraction(24),
            suffixes=_FILM,
            safe=_PHONE,
        ),
        ExportPreset(name="square", size=(1080, 1080), fps=Fraction(24), suffixes=_FILM),
        ExportPreset(name="gif", size=None, fps=Fraction(12), suffixes=(".gif",)),
    )
}


def preset_for(
    path: str | os.PathLike[str], name: str | None, take_size: tuple[int, int]
) -> ExportPreset:
    """The preset of that name, or the one that suits the file and the first take.

    Args:
        path: where the film goes; its suffix must be one the preset writes.
        name: a key of `PRESETS`, or None to choose.
        take_size: (height, width) of the first take.

    Raises:
        InputError: an unknown name, or a suffix the preset does not write.
    """
    suffix = Path(path).suffix.lower()
    if name is None:
        height, width = take_size
        if suffix == ".gif":
            name = "gif"
        elif width == height:
            name = "square"
        else:
            name = "landscape-1080p" if width > height else "vertical-1080p"
    if name not in PRESETS:
        raise InputError(f"Unknown preset {name!r}. Use one of: {', '.join(PRESETS)}.")
    preset = PRESETS[name]
    if suffix not in preset.suffixes:
        raise InputError(
            f"The preset {name} writes {', '.join(preset.suffixes)}, not "
            f"{suffix or str(path)!r}. Change the file name or the preset."
        )
    return preset
