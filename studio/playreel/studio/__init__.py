"""The facade that every front stands on. Loads torch only when something is made."""

from __future__ import annotations

from playreel.studio.facade import Studio
from playreel.studio.played import StudioWorld

__all__ = ["Studio", "StudioWorld"]
