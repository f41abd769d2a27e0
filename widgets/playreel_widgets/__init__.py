"""Notebook widgets for Playreel."""

from __future__ import annotations

from playreel import __version__

__all__ = ["__version__"]
