"""The shot board: its table, its order, and the film cut from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playreel.board import PRESETS, SHOT_SIZES
from playreel.board.vocabulary import TRANSITIONS
from playreel.errors import InputError
from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel.board import Shot
    from playreel_widgets.host import Host

FIELDS = ("size", "description", "dialogue", "fade_s", "transition")


def shot_entry(shot: Shot) -> dict[str, Any]:
    """A shot as a panel lists it."""
    return {
        "uid": shot.uid,
        "number": shot.number,
        "take": shot.take.content_hash,
        "seconds": round(shot.take.duration_s, 3),
        "frames": len(shot.take),
        **{name: getattr(shot, name) for name in FIELDS},
    }


class Boarding:
    """Verbs: board and its acts (add, update, move, remove, undo, redo), presets, export."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.quick = {"presets": self.presets}
        self.verbs = {
            "board": self.board,
            "board-add": self.add,
            "board-update": self.update,
            "board-move": self.move,
            "board-remove": self.remove,
            "board-undo": lambda asked: self._step(self.host.studio.undo),
            "board-redo": lambda asked: self._step(self.host.studio.redo),
            "export": self.export,
        }

    def presets(self, asked: Asked) -> dict[str, Any]:
        """What a shot and a film can be."""
        presets = [
            {
                "name": preset.name,
                "size": None if preset.size is None else list(preset.size),
                "fps": float(preset.fps),
                "suffixes": list(preset.suffixes),
            }
            for preset in PRESETS.values()
        ]
        words = {code: list(words) for code, words in TRANSITIONS.terms.items()}
        return {"presets": presets, "sizes": dict(SHOT_SIZES), "transitions": words}

    def board(self, asked: Asked) -> list[dict[str, Any]]:
        """Every shot in order."""
        return [shot_entry(shot) for shot in self.host.studio.board.shots]

    def add(self, asked: Asked) -> str:
        """A take becomes a shot."""
        clip = self.host.studio.open(asked.text("take", limit=80))
        shot = self.host.studio.board.add(clip, at=asked.maybe_whole("at"))
        self._changed()
        return shot.uid

    def update(self, asked: Asked) -> None:
        """Changes fields of a shot."""
        changes = asked.mapping("changes")
        unknown = set(changes) - {*FIELDS, "take"}
        if unknown:
            raise InputError(f"A shot has no {sorted(unknown)[0]!r:.40}. Use: {', '.join(FIELDS)}.")
        if "take" in changes:
            changes["take"] = self.host.studio.open(str(changes["take"]))
        self.host.studio.board.update(asked.text("uid", limit=80), **changes)
        self._changed()

    def move(self, asked: Asked) -> None:
        """Gives a shot another number."""
        self.host.studio.board.move(asked.text("uid", limit=80), asked.whole("to"))
        self._changed()

    def remove(self, asked: Asked) -> None:
        """Takes a shot off the board; its take stays."""
        self.host.studio.board.remove(asked.text("uid", limit=80))
        self._changed()

    def export(self, asked: Asked) -> dict[str, Any]:
        """Cuts the film, in the folder `films` of the project."""
        name = asked.text("name", "film.mp4", limit=120).strip()
        if not name or name.startswith(".") or any(sign in name for sign in '/\\:*?"<>|\0'):
            raise InputError(f"A film's name is a plain file name such as film.mp4, not {name!r}.")
        folder = self.host.studio.path.resolve() / "films"
        folder.mkdir(exist_ok=True)
        preset = asked.maybe_text("preset")
        return self.host.parts["making"].submit("export", folder / name, preset=preset)

    def _step(self, step: Callable[[], object]) -> None:
        step()
        self._changed()

    def _changed(self) -> None:
        self.host.tell("board", [shot_entry(shot) for shot in self.host.studio.board.shots])
