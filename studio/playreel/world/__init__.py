"""Playing a picture: worlds, their sessions, previews, policies and a Gymnasium face."""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "ActionSet": "actions",
    "Policy": "policy",
    "POLICIES": "policy",
    "Replay": "session",
    "Session": "session",
    "Button": "steered",
    "SteeredWorld": "steered",
    "StoreConfig": "store",
    "World": "world",
    "WorldEnv": "env",
    "parse_script": "script",
    "register_env": "env",
    "replay_capture": "capture",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
