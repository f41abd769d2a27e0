"""What reviewers say: comments on frames, drawings, what is dealt with, what is approved."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.errors import NotAllowedError
from playreel.front.parts.part import Part
from playreel.front.roles import EDITOR, REVIEWER, covers
from playreel.project.reviews import MAX_STROKES

if TYPE_CHECKING:
    from playreel.front.desk import Desk

MAX_FILE = 4 << 20


class Reviewing(Part):
    """Verbs: comments, comment, resolve, approve, merge_comments, export_comments."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.reviews = desk.studio.reviews
        words = "review"
        self.verbs = {
            "comments": Verb(run=self.comments, role=REVIEWER, words=words),
            "comment": Verb(run=self.comment, role=REVIEWER, words=words),
            "resolve": Verb(run=self.resolve, role=REVIEWER, words=words),
            "approve": Verb(run=self.approve, role=REVIEWER, words="approve versions"),
            "merge_comments": Verb(run=self.merge, role=EDITOR, words="merge comments"),
            "export_comments": Verb(run=self.export, role=REVIEWER, words=words),
        }

    def comments(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """What was said of a shot or a take, or of everything."""
        shot, take = asked.name("shot", "") or None, asked.name("take", "") or None
        found = self.reviews.comments(shot=shot, take=take)
        approvals = self.reviews.approvals()
        return {
            "comments": [asdict(comment) for comment in found],
            "approvals": {uid: asdict(approval) for uid, approval in approvals.items()},
        }

    def comment(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Says something about a frame or a range of frames, in words or by drawing."""
        self.desk.meter.take(visit.id, "comments")
        take = self.studio.project.media.find(asked.name("take"))
        last = max(0, take.num_frames - 1)
        start = asked.whole("start", 0, high=last)
        stop = asked.whole("stop", start + 1, low=start + 1, high=take.num_frames)
        shot = asked.name("shot", "")
        if shot and shot not in {entry.uid for entry in self.studio.board.shots}:
            raise InputError(f"There is no shot {shot!r:.40} on the board.")
        made = self.reviews.comment(
            asked.text("text", ""),
            take=take.content_hash,
            shot=shot,
            start=start,
            stop=stop,
            author=visit.name,
            role=visit.role,
            drawing=asked.items("drawing", limit=MAX_STROKES),
            reply_to=asked.name("reply_to", ""),
        )
        return asdict(made)

    def resolve(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Says that a comment is dealt with, or not: its author, and editors."""
        uid = asked.name("comment")
        found = next((entry for entry in self.reviews.comments() if entry.uid == uid), None)
        if found is None:
            raise InputError(f"There is no comment {uid!r:.40}.")
        if found.author != visit.name and not covers(visit.role, EDITOR):
            raise NotAllowedError(
                f"This comment is by {found.author or 'someone else'}: its author and editors "
                "resolve it."
            )
        return asdict(self.reviews.resolve(uid, on=asked.flag("on", True), author=visit.name))

    def approve(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Approves the version of a shot, which then stays; or takes that back."""
        uid, on = asked.name("shot"), asked.flag("on", True)
        with self.desk.lock:
            shot = next((s for s in self.studio.board.shots if s.uid == uid), None)
            if shot is None:
                raise InputError(f"There is no shot {uid!r:.40} on the board.")
            take = asked.name("take", "") or shot.take.content_hash
            versions = (shot.take.content_hash, *shot.versions)
            whole = [version for version in versions if version.startswith(take)]
            if len(take) < 4 or not whole:
                raise InputError(f"Shot {shot.number} has no version {take!r:.40}.")
            if on and whole[0] != shot.take.content_hash:
                raise InputError(
                    f"Shot {shot.number} shows another version now. Have an editor choose "
                    f"{whole[0][:12]} first."
                )
            self.reviews.approve(uid, whole[0], on=on, author=visit.name)
        approval = self.reviews.approvals().get(uid)
        return {"shot": uid, "approved": approval and asdict(approval)}

    def merge(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Adds the comments of a file that an offline review page saved."""
        text = asked.text("file", limit=MAX_FILE)
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError("This is no file of comments: it is not JSON.") from None
        return {"added": self.reviews.merge(document)}

    def export(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """All comments as JSON and as CSV."""
        return {"json": json.dumps(self.reviews.document()), "csv": self.reviews.table()}
