"""The shot board: grid, order and words. A version that is approved stays."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from playreel.board import PRESETS
from playreel.board.vocabulary import SIZES
from playreel.errors import InputError, MediaError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.errors import NotAllowedError
from playreel.front.parts.part import Part
from playreel.front.roles import EDITOR, REVIEWER

if TYPE_CHECKING:
    from playreel.board import Shot
    from playreel.front.desk import Desk

TEXTS = ("size", "description", "dialogue", "notes")


class Boarding(Part):
    """Verbs: board, and its acts: add, change, move, remove, undo, redo."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        words = "edit the board"
        self.verbs = {
            "board": Verb(run=self.board, role=REVIEWER, words="look at the board"),
            "add_shot": Verb(run=self.add, role=EDITOR, words=words),
            "change_shot": Verb(run=self.change, role=EDITOR, words=words),
            "move_shot": Verb(run=self.move, role=EDITOR, words=words),
            "remove_shot": Verb(run=self.remove, role=EDITOR, words=words),
            "undo": Verb(run=self.undo, role=EDITOR, words=words),
            "redo": Verb(run=self.redo, role=EDITOR, words=words),
        }

    def board(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Every shot in order, with its versions and what was said of them."""
        return {
            "shots": self.entries(),
            "sizes": {code: [SIZES.text(code), SIZES.text(code, "zh")] for code in SIZES},
            "presets": list(PRESETS),
        }

    def entries(self) -> list[dict[str, Any]]:
        """The shots as pages list them."""
        approvals, reviews = self.studio.reviews.approvals(), self.studio.reviews.comments()
        entries = []
        for shot in self.studio.board.shots:
            approval = approvals.get(shot.uid)
            said = [comment for comment in reviews if comment.shot == shot.uid]
            entries.append(
                {
                    **shot_entry(shot),
                    "lengths": self._lengths(shot),
                    "approved": approval and {"take": approval.take, "author": approval.author},
                    "comments": len(said),
                    "unresolved": sum(not c.resolved and not c.reply_to for c in said),
                }
            )
        return entries

    def _lengths(self, shot: Shot) -> dict[str, dict[str, float]]:
        """Frames and rate of the shot's versions, the one shown included."""
        takes = map(self.studio.project.media.known, (shot.take.content_hash, *shot.versions))
        return {
            take.content_hash: {"frames": take.num_frames, "fps": float(Fraction(take.fps))}
            for take in takes
            if take is not None
        }

    def add(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A take becomes a shot."""
        clip = self.studio.project.media.open(
            self.studio.project.media.find(asked.name("take")).content_hash
        )
        with self.desk.lock:
            shot = self.studio.board.add(
                clip, at=asked.maybe_whole("at", low=1, high=100_000), **self._texts(asked)
            )
        return shot_entry(shot)

    def change(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Changes what a shot says, or which take it shows."""
        uid, changes = self._uid(asked), self._texts(asked)
        with self.desk.lock:
            if asked.has("take"):
                self._check_approved(uid)
                take = self.studio.project.media.find(asked.name("take")).content_hash
                changes["take"] = self.studio.project.media.open(take)
            return shot_entry(self.studio.board.update(uid, **changes))

    def move(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Gives a shot another number."""
        with self.desk.lock:
            to = asked.whole("to", low=1, high=max(1, len(self.studio.board)))
            return shot_entry(self.studio.board.move(self._uid(asked), to))

    def remove(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Takes a shot off the board; its take stays."""
        with self.desk.lock:
            uid = self._uid(asked)
            self._check_approved(uid)
            return shot_entry(self.studio.board.remove(uid))

    def undo(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Takes back the last act on the project's board or settings."""
        entry = self.studio.undo()
        return {"did": entry.words if entry else ""}

    def redo(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Does it again."""
        entry = self.studio.redo()
        return {"did": entry.words if entry else ""}

    def _uid(self, asked: Asked) -> str:
        uid = asked.name("shot")
        if uid not in {shot.uid for shot in self.studio.board.shots}:
            raise InputError(f"There is no shot {uid!r:.40} on the board.")
        return uid

    def _texts(self, asked: Asked) -> dict[str, Any]:
        return {name: asked.text(name) for name in TEXTS if asked.has(name)}

    def _check_approved(self, uid: str) -> None:
        approval = self.studio.reviews.approvals().get(uid)
        if approval is not None:
            raise NotAllowedError(
                f"This version of the shot was approved by {approval.author or 'a reviewer'} and "
                "stays. Take the approval back first."
            )


def shot_entry(shot: Shot) -> dict[str, Any]:
    """A shot as pages list it."""
    try:
        frames, seconds, size = len(shot.take), round(shot.take.duration_s, 3), shot.take.size
        fps = float(shot.take.fps)
    except MediaError:  # its file is gone: a card in the film
        frames, seconds, size, fps = 0, 0.0, (0, 0), 12.0
    return {
        "shot": shot.uid,
        "number": shot.number,
        "take": shot.take.content_hash,
        "versions": [*shot.versions],
        "frames": frames,
        "seconds": seconds,
        "fps": fps,
        "take_size": list(size),
        **{name: getattr(shot, name) for name in TEXTS},
        "status": shot.status,
    }
