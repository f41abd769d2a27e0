"""Where films go: named sizes, rates and formats."""

from __future__ import annotations

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
    """

    name: str
    size: tuple[int, int] | None
    fps: Fraction
    suffixes: tuple[str, ...]


_FILM = (".mp4", ".mov", ".m4v")
PRESETS: dict[str, ExportPreset] = {
    preset.name: preset
    for preset in (
        ExportPreset(name="landscape-1080p", size=(1080, 1920), fps=Fraction(24), suffixes=_FILM),
        ExportPreset(name="vertical-1080p", size=(1920, 1080), fps=Fraction(24), suffixes=_FILM),
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
