"""Sketch a world, play it, cut the film, without leaving the notebook.

Names are loaded when they are first used, so that ``import playreel`` is quick and loads no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from playreel.core import load_bundle
    from playreel.errors import PlayreelError
    from playreel.media import Clip
    from playreel.recipe import Recipe
    from playreel.studio import Studio

_HOMES = {
    "Clip": "playreel.media",
    "PlayreelError": "playreel.errors",
    "Recipe": "playreel.recipe",
    "Studio": "playreel.studio",
    "load_bundle": "playreel.core",
}

__all__ = ["Clip", "PlayreelError", "Recipe", "Studio", "__version__", "load_bundle"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
