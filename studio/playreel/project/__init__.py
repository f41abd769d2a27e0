"""The project folder: readable text, media named by what they show, a history. Loads no torch."""

from __future__ import annotations

from playreel.project.disk import DiskUse, read_size
from playreel.project.folder import ProjectFolder
from playreel.project.history import History, HistoryEntry
from playreel.project.media_store import MediaStore, Take
from playreel.project.reviews import Approval, Comment, Reviews, read_comments
from playreel.project.trash import Trash

__all__ = [
    "Approval",
    "Comment",
    "DiskUse",
    "History",
    "HistoryEntry",
    "MediaStore",
    "ProjectFolder",
    "Reviews",
    "Take",
    "Trash",
    "read_comments",
    "read_size",
]
