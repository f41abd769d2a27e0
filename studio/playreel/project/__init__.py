"""The project folder: readable text, and media named by what they show. Loads no torch."""

from __future__ import annotations

from playreel.project.folder import ProjectFolder
from playreel.project.media_store import MediaStore, Take

__all__ = ["MediaStore", "ProjectFolder", "Take"]
