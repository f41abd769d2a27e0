"""Teaching the models: one loop, from procedural footage or a folder of anyone's videos.

Nothing here loads torch before it is used.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "Task": "task",
    "train": "loop",
    "EpisodePool": "pool",
    "VideoFolder": "videos",
    "RunFolder": "run_folder",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
