"""Notebook widgets for Playreel: each a face on `playreel.Studio`, usable alone or together.

from playreel import Studio
from playreel_widgets import StudioApp

StudioApp(Studio("pitch"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from playreel import __version__

if TYPE_CHECKING:
    from playreel_widgets.widgets import (
        Board,
        ClipShelf,
        FilmDesk,
        SketchPad,
        StudioApp,
        WorldPad,
    )

_NAMES = ("Board", "ClipShelf", "FilmDesk", "SketchPad", "StudioApp", "WorldPad")

__all__ = [
    "Board",
    "ClipShelf",
    "FilmDesk",
    "SketchPad",
    "StudioApp",
    "WorldPad",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module("playreel_widgets.widgets"), name)
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        from playreel.errors import MissingExtraError

        raise MissingExtraError(
            f"{name} needs {error.name}, which is not installed. "
            'Install it with: pip install "playreel[lab]"'
        ) from None
