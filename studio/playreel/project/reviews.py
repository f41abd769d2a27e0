"""What a team says about takes: comments on frames, drawings, and which version is approved.

One line of JSON for each thing said, only added to, so that two people's files merge by union. No
order hangs on a clock: what takes something back names how many changes it knew of.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.media.lock import FileLock
from playreel.project.ledger import Ledger

COMMENTS = "comments.ndjson"
FORMAT = "playreel-comments"
VERSION = 1
MAX_TEXT, MAX_NAME, MAX_FRAME = 4000, 60, 10**7
MAX_STROKES, MAX_POINTS = 200, 6000
MAX_EVENTS = 20_000  # in a file that is merged
_GIT = "comments.ndjson merge=union\n"

Event = dict[str, Any]
Stroke = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """Something said about a stretch of frames.

    Attributes:
        uid: names it.
        shot: uid of the shot it is about, or "" for a take that is on no board.
        take: content hash of the take; it stays true when the shot gets another one.
        start: first frame, 0-based.
        stop: the frame after the last.
        text: what was said.
        author: what the author calls himself.
        role: the author's role in the share, or "".
        at: when, in seconds since 1970, by the author's clock; only to be shown.
        reply_to: uid of the comment that it answers, or "".
        drawing: strokes ``{"color": "#rrggbb", "width": w, "points": [[x, y], ...]}``, all of them
            in shares of the frame's width and height.
        resolved: whether it is dealt with.
    """

    uid: str
    shot: str
    take: str
    start: int
    stop: int
    text: str
    author: str
    role: str = ""
    at: float = 0.0
    reply_to: str = ""
    drawing: tuple[Stroke, ...] = field(default=(), repr=False)
    resolved: bool = False


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A version of a shot that was approved.

    Attributes:
        shot: uid of the shot.
        take: content hash of the approved take.
        author: who approved it.
        at: when, by the author's clock.
    """

    shot: str
    take: str
    author: str
    at: float


class Reviews:
    """The comments of a project.

    Args:
        folder: of the project.
        lock: held while it is written.
    """

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.path = folder / COMMENTS
        self._folder, self._lock = folder, lock
        self._ledger = Ledger(self.path)
        self._events: dict[str, Event] = {}
        self._reading = threading.Lock()

    # -- looking ---------------------------------------------------------------------------------

    def comments(self, *, shot: str | None = None, take: str | None = None) -> tuple[Comment, ...]:
        """Comments as they stand, in the order of the file.

        Args:
            shot: only those on this shot.
            take: only those on this take.
        """
        said = list(self._read().values())
        resolved = _latest(said, "resolve", lambda event: event["comment"])
        found = [
            Comment(
                **{name: event[name] for name in _COMMENT if name in event},
                drawing=tuple(event.get("drawing", ())),
                resolved=event["uid"] in resolved,
            )
            for event in said
            if event["kind"] == "comment"
            and shot in (None, event.get("shot", ""))
            and take in (None, event["take"])
        ]
        return tuple(found)

    def __iter__(self) -> Iterator[Comment]:
        return iter(self.comments())

    def __len__(self) -> int:
        return len(self.comments())

    def approvals(self) -> dict[str, Approval]:
        """The approved version of each shot that has one, by the shot's uid."""
        found = {}
        for event in _latest(
            self._read().values(), "approve", lambda event: event["shot"]
        ).values():
            found[event["shot"]] = Approval(
                shot=event["shot"],
                take=event["take"],
                author=event.get("author", ""),
                at=event.get("at", 0.0),
            )
        return found

    # -- saying ----------------------------------------------------------------------------------

    def comment(
        self,
        text: str,
        *,
        take: str,
        start: int,
        stop: int | None = None,
        shot: str = "",
        author: str = "",
        role: str = "",
        drawing: Iterable[Stroke] = (),
        reply_to: str = "",
    ) -> Comment:
        """Says something about frames.

        Args:
            text: what; may be empty where there is a drawing.
            take: content hash of the take.
            start: first frame, 0-based.
            stop: the frame after the last; one frame if not given.
            shot: uid of the shot that shows the take.
            author: who says it.
            role: the author's role in a share.
            drawing: strokes, see `Comment`.
            reply_to: uid of the comment that this answers.

        Raises:
            InputError: nothing said, or a range, drawing or comment that is none.
            StorageError: it cannot be written; nothing was added.
        """
        if reply_to:
            self._known(reply_to)
        event = {
            "kind": "comment",
            "uid": _uid("c"),
            "shot": shot,
            "take": take,
            "start": start,
            "stop": start + 1 if stop is None else stop,
            "text": text,
            "author": author,
            "role": role,
            "at": round(time.time(), 1),
            "reply_to": reply_to,
            "drawing": list(drawing),
        }
        self._add(event)
        return next(found for found in self.comments() if found.uid == event["uid"])

    def resolve(self, uid: str, *, on: bool = True, author: str = "") -> Comment:
        """Says that a comment is dealt with, or with ``on=False`` that it is not.

        Raises:
            InputError: there is no such comment.
        """
        self._known(uid)
        self._step("resolve", {"comment": uid, "on": on, "author": author})
        return next(found for found in self.comments() if found.uid == uid)

    def approve(self, shot: str, take: str, *, on: bool = True, author: str = "") -> None:
        """Says that this version of a shot is the one, or with ``on=False`` takes that back."""
        self._step("approve", {"shot": shot, "take": take, "on": on, "author": author})

    def _known(self, uid: str) -> Event:
        event = self._read().get(uid)
        if event is None or event["kind"] != "comment":
            raise InputError(f"There is no comment {uid!r:.40} in {self.path}.")
        return event

    def _step(self, kind: str, given: Event) -> None:
        with self._lock:
            step = 1 + self.steps().get(_KEYS[kind](given), 0)
            self._add(
                {"kind": kind, "uid": _uid("e"), **given, "step": step, "at": round(time.time(), 1)}
            )

    # -- to files and back -----------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """All that was said, as JSON values that `merge` takes."""
        return {"format": FORMAT, "version": VERSION, "events": list(self._read().values())}

    def table(self) -> str:
        """Comments as CSV."""
        out = io.StringIO()
        names = [name for name in _COMMENT if name != "drawing"]
        writer = csv.DictWriter(out, [*names, "resolved", "strokes"], lineterminator="\n")
        writer.writeheader()
        for comment in self.comments():
            values = asdict(comment)
            row = {name: _cell(values[name]) for name in names}
            writer.writerow({**row, "resolved": comment.resolved, "strokes": len(comment.drawing)})
        return out.getvalue()

    def steps(self) -> dict[str, int]:
        """How often each comment was resolved or opened again, and each shot approved or not."""
        steps: dict[str, int] = {}
        for event in self._read().values():
            if event["kind"] in _KEYS:
                key = _KEYS[event["kind"]](event)
                steps[key] = max(steps.get(key, 0), event["step"])
        return steps

    def merge(self, document: Any) -> int:
        """Adds what another file says and this one does not; returns how much that was.

        What is here already stays as it is, so that merging twice, or in any order, is the same.

        Args:
            document: what `document` or an offline review page gave.

        Raises:
            InputError: it is no such file; nothing was added.
        """
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise InputError(
                "This is no file of comments: an offline review page saves such files."
            )
        if document.get("version") != VERSION:
            raise InputError(
                f"These comments have version {document.get('version')!r:.20}; {VERSION} is known "
                "here. Upgrade with: pip install -U playreel"
            )
        events = document.get("events")
        if not isinstance(events, list) or len(events) > MAX_EVENTS:
            raise InputError(f"A file of comments holds a list of at most {MAX_EVENTS} events.")
        checked = [checked_event(event) for event in events]
        with self._lock:
            known = self._read()
            new = {event["uid"]: event for event in checked if event["uid"] not in known}
            for event in new.values():
                self._add(event)
        return len(new)

    def _add(self, event: Event) -> None:
        event = checked_event(event)
        with self._lock:
            if not self.path.exists():
                self._tell_git()
            self._ledger.append(event)

    def _tell_git(self) -> None:
        """Git is to merge this file by keeping both sides' lines."""
        path = self._folder / ".gitattributes"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if COMMENTS not in text:
            write_bytes(path, (text + _GIT).encode())

    def _read(self) -> dict[str, Event]:
        """What is said in the file, by uid; a line that is no event is passed over."""
        with self._reading:
            rewritten, lines = self._ledger.read_new()
            if rewritten:
                self._events = {}
            for line in lines:
                with contextlib.suppress(InputError):
                    event = checked_event(line)
                    self._events.setdefault(event["uid"], event)
            return dict(self._events)


# -- checking --------------------------------------------------------------------------------------

_COMMENT = (
    *("uid", "shot", "take", "start", "stop", "text", "author", "role", "at"),
    "reply_to",
)
_KEYS: dict[str, Callable[[Event], Any]] = {
    "resolve": lambda event: event["comment"],
    "approve": lambda event: event["shot"],
}
_UID = re.compile(r"[a-z0-9-]{1,80}")
_HASH = re.compile(r"[0-9a-f]{8,64}")
_COLOR = re.compile(r"#[0-9a-f]{6}")


def checked_event(event: Any) -> Event:
    """An event with only the fields that it has to have; it may come from anywhere.

    Raises:
        InputError: it is none.
    """
    if not isinstance(event, Mapping):
        raise InputError("An event of a review is a JSON object.")
    kind = event.get("kind")
    author = _plain(event, "author")
    common = {"kind": kind, "uid": _word(event, "uid", _UID), "author": author, "at": _time(event)}
    if kind == "comment":
        start, stop = _whole(event, "start"), _whole(event, "stop")
        drawing = _drawing(event.get("drawing", []))
        text = _text(event.get("text", ""))
        if stop <= start:
            raise InputError(
                f"A comment is on frames {start} to {stop}: the end lies after the start."
            )
        if not text.strip() and not drawing:
            raise InputError("A comment says something or draws something.")
        return {
            **common,
            "shot": _word(event, "shot", _UID) if event.get("shot") else "",
            "take": _word(event, "take", _HASH),
            "start": start,
            "stop": stop,
            "text": text,
            "role": _plain(event, "role"),
            "reply_to": _word(event, "reply_to", _UID) if event.get("reply_to") else "",
            "drawing": drawing,
        }
    if kind in _KEYS:
        if not isinstance(event.get("on"), bool):
            raise InputError(f"'on' of a {kind} is true or false.")
        names = {"comment": _UID} if kind == "resolve" else {"shot": _UID, "take": _HASH}
        return {
            **common,
            **{name: _word(event, name, pattern) for name, pattern in names.items()},
            "on": event["on"],
            "step": _whole(event, "step"),
        }
    raise InputError(f"There is no event {kind!r:.40} in a review.")


def _latest(events: Iterable[Event], kind: str, key: Callable[[Event], Any]) -> dict[Any, Event]:
    """What is on, by the highest step; of two that did not know of each other, off counts."""
    steps: dict[Any, tuple[int, bool]] = {}
    on: dict[Any, Event] = {}
    for event in events:
        if event["kind"] != kind:
            continue
        name, rank = key(event), (event["step"], not event["on"])
        if rank >= steps.get(name, (-1, False)):
            steps[name] = rank
            on.pop(name, None)
            if event["on"]:
                on[name] = event
    return on


def _uid(letter: str) -> str:
    return f"{letter}-{secrets.token_hex(8)}"


def _word(event: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InputError(f"{name} of an event is a plain name, not {value!r:.60}.")
    return value


def _plain(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    if not isinstance(value, str):
        raise InputError(f"{name} of an event is a text.")
    return " ".join("".join(s if s.isprintable() else " " for s in value).split())[:MAX_NAME]


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise InputError(f"A comment is a text of at most {MAX_TEXT} characters.")
    return "".join(s for s in value if s.isprintable() or s in "\n\t")


def _whole(event: Mapping[str, Any], name: str) -> int:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_FRAME:
        raise InputError(f"{name} of an event is a whole number from 0, not {value!r:.40}.")
    return value


def _time(event: Mapping[str, Any]) -> float:
    value = event.get("at", 0)
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11
    return float(value) if fits else 0.0


def _drawing(strokes: Any) -> list[Stroke]:
    if not isinstance(strokes, list) or len(strokes) > MAX_STROKES:
        raise InputError(f"A drawing is a list of at most {MAX_STROKES} strokes.")
    checked, points_in_all = [], 0
    for stroke in strokes:
        if not isinstance(stroke, Mapping) or not isinstance(stroke.get("points"), list):
            raise InputError("A stroke has points.")
        points = stroke["points"]
        points_in_all += len(points)
        color, width = stroke.get("color"), stroke.get("width")
        if points_in_all > MAX_POINTS:
            raise InputError(f"A drawing has at most {MAX_POINTS} points.")
        if not isinstance(color, str) or not _COLOR.fullmatch(color):
            raise InputError(f"A stroke's colour is such as #e8973a, not {color!r:.20}.")
        if not _share(width) or not all(
            isinstance(p, list | tuple) and len(p) == 2 and all(map(_share, p)) for p in points
        ):
            raise InputError("Widths and points of a stroke are numbers from 0 to 1.")
        if points:
            checked.append(
                {
                    "color": color,
                    "width": round(float(width), 4),
                    "points": [[round(float(x), 4), round(float(y), 4)] for x, y in points],
                }
            )
    return checked


def _share(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and -0.001 <= value <= 1.001


def _cell(value: Any) -> Any:
    """A spreadsheet must not take what somebody wrote for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return value


def read_comments(path: Path) -> Any:
    """A file of comments as JSON values.

    Raises:
        InputError: it cannot be read as one.
    """
    try:
        if path.stat().st_size > 32 << 20:
            raise InputError(f"{path} is larger than 32 MiB. Did a review page save it?")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no file of comments: it is not JSON.") from None
