"""The studio in a browser, for a team: a share that asks who is there, and keeps to a role's bounds.

from playreel import Studio
from playreel.front import share

share(Studio("pitch"))  # in a notebook; `playreel share pitch` in a terminal
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playreel.front.access import Access, Pass, Visit
    from playreel.front.app import ShareApp
    from playreel.front.client import connect
    from playreel.front.limits import Limits, Rate
    from playreel.front.server import Share, mount, share

_WHERE = {
    "Access": "access",
    "Limits": "limits",
    "Pass": "access",
    "Rate": "limits",
    "Share": "server",
    "ShareApp": "app",
    "Visit": "access",
    "connect": "client",
    "mount": "server",
    "share": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"playreel.front.{_WHERE[name]}"), name)


__all__ = [
    "Access",
    "Limits",
    "Pass",
    "Rate",
    "Share",
    "ShareApp",
    "Visit",
    "connect",
    "mount",
    "share",
]
