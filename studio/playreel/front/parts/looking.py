"""What is there to look at: takes and films."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.parts.part import Part
from playreel.front.pictures import CHUNK, Pictures
from playreel.front.roles import REVIEWER

if TYPE_CHECKING:
    from playreel.front.desk import Desk
    from playreel.project import Take

FILMS = "films"
FILM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(mp4|mov|m4v|gif)")
MAX_LISTED = 400


class Looking(Part):
    """Verbs: takes, films. Pictures of takes have routes of their own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.pictures = Pictures(desk.studio)
        words = "look at the project"
        self.verbs = {
            "takes": Verb(run=self.takes, role=REVIEWER, words=words),
            "films": Verb(run=self.films, role=REVIEWER, words=words),
        }

    def takes(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """The latest takes, newest first."""
        takes = self.studio.takes[::-1]
        return {
            "takes": [take_entry(take) for take in takes[:MAX_LISTED]],
            "in_all": len(takes),
            "chunk": CHUNK,
        }

    def films(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Films that were exported here."""
        folder = self.studio.path / FILMS
        names = sorted(path.name for path in folder.glob("*") if FILM_NAME.fullmatch(path.name))
        return {"films": names[:200]}

    def film(self, name: str) -> Path:
        """Where a film lies.

        Raises:
            InputError: there is none of that name.
        """
        folder = (self.studio.path / FILMS).resolve()
        path = folder / name
        if not FILM_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise InputError(f"There is no film {name!r:.80}.")
        return path


def take_entry(take: Take) -> dict[str, Any]:
    """A take as pages list it."""
    return {
        "hash": take.content_hash,
        "name": take.name,
        "operation": take.operation,
        "text": take.text,
        "frames": take.num_frames,
        "fps": take.fps,
        "size": list(take.size),
    }
