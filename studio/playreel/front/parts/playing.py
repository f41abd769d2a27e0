"""Worlds that visitors play: each has his own."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.errors import TooManyError
from playreel.front.model_thread import ModelThread
from playreel.front.parts.part import Part
from playreel.front.pictures import stacked
from playreel.front.places import Place, Places
from playreel.front.roles import PLAYER

if TYPE_CHECKING:
    from playreel.front.desk import Desk
    from playreel.studio import StudioWorld

MAX_PRESS = 12  # frames in one request: a second


@dataclass
class Open:
    """A world that a visitor plays."""

    world: StudioWorld
    log: str = ""  # as it was remembered last
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Its session's."""
        return self.world.session.header.session_id

    @property
    def played(self) -> int:
        """Frames that were made in it, on all branches."""
        return len(self.world.session) - 1


class Playing(Part):
    """Verbs: world, reenter, press, seek, capture."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.places = Places(desk.access.folder)
        self._open: OrderedDict[str, Open] = OrderedDict()  # by visit: one world each
        self._lock = threading.Lock()
        self._model = ModelThread()
        words = "play worlds"
        self.verbs = {
            "world": Verb(run=self.world, role=PLAYER, words=words),
            "reenter": Verb(run=self.reenter, role=PLAYER, words=words),
            "press": Verb(run=self.press, role=PLAYER, words=words),
            "seek": Verb(run=self.seek, role=PLAYER, words=words),
            "capture": Verb(run=self.capture, role=PLAYER, words="capture takes"),
        }

    def close(self) -> None:
        """Puts all worlds away; their logs are in the project."""
        with self._lock:
            self._open.clear()
        self._model.close()

    def world(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A world of one's own that starts where a take ends; it takes the place of the last one."""
        take = self.studio.project.media.find(asked.name("take", "last")).content_hash
        seed = asked.maybe_whole("seed", high=2**53)
        self.desk.meter.take(visit.id, "frames", 12)

        def begun() -> StudioWorld:
            return _ready(self.studio.world(take, seed=seed, name=visit.name or "world"))

        return self._entered(visit, Open(self._model.run(begun)))

    def reenter(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """The world played last, or another of one's own, as it was left; {} where there is none."""
        name = asked.name("world", "")
        with self._lock:
            opened = self._open.get(visit.id)
        if opened is None or (name and opened.name != name):
            place = self.places.of(visit.id, name) if name else self.places.last(visit.id)
            if place is None and not name:
                return {}
            self.desk.meter.take(visit.id, "frames", 12)
            opened = self._found(place, name)
        return self._entered(visit, opened)

    def _found(self, place: Place | None, name: str) -> Open:
        """A world from its log.

        Raises:
            InputError: it is no world of this visitor's, or its log is gone.
            RecipeError: the log is damaged, or was played on other weights.
        """
        if place is None or not (self.studio.project.sessions / f"{place.log}.ndjson").is_file():
            raise InputError(
                f"The world {name or (place and place.world)!r:.40} is not open for you: it is gone, "
                "or is another visitor's. Start one from a take."
            )
        log = place.log

        def found() -> StudioWorld:
            return _ready(_with_what_is_ahead(self.studio.open_world(log)))

        return Open(self._model.run(found), log)

    def _entered(self, visit: Visit, opened: Open) -> dict[str, Any]:
        """Puts a visitor into a world; whose was not played for longest is put away."""
        with self._lock:
            self._open[visit.id] = opened
            self._open.move_to_end(visit.id)
            idle = [name for name, other in self._open.items() if not other.lock.locked()]
            for name in idle[: max(0, len(self._open) - self.desk.limits.worlds)]:
                del self._open[name]
        with opened.lock:
            world, opened.log = opened.world, ""
            self._remember(visit, opened)
            return {
                **self._told(opened, world.frame[None]),
                "actions": list(world.actions),
                "fps": float(world.fps),
                "size": list(world.size),
                "seed": world.seed,
            }

    def _remember(self, visit: Visit, opened: Open) -> None:
        log = opened.world.log  # another one when the session is played elsewhere, too
        if log is not None and log.stem != opened.log:
            self.places.entered(visit.id, Place(opened.name, log.stem))
            opened.log = log.stem

    def press(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Holds a button for some frames, and returns them."""
        action, count = (
            asked.text("action", limit=40),
            asked.whole("count", 1, low=1, high=MAX_PRESS),
        )
        with self._of(visit, asked) as opened:
            most = self.desk.limits.world_frames
            if opened.played + count > most:
                raise TooManyError(
                    f"A world that is shared plays {most} frames. Capture what you like, and start "
                    "another from it."
                )
            opened.world.action_set.resolve(action)  # told before a frame is counted
            self.desk.meter.take(visit.id, "frames", count)
            frames, begun = [], time.monotonic()
            for _ in range(count):  # others get a turn between two frames
                frames.append(self._model.run(opened.world.step, action))
            self._remember(visit, opened)
            return {
                **self._told(opened, frames),
                "action": action,
                "count": count,
                "ms": round((time.monotonic() - begun) * 1000, 1),
            }

    def seek(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Stands at another frame; playing on from there begins another branch."""
        with self._of(visit, asked) as opened:
            world = opened.world
            behind = world.cursor - asked.whole("frame", high=world.length - 1)
            move = world.rewind if behind >= 0 else world.forward
            frame = self._model.run(move, abs(behind))
            return self._told(opened, frame[None])

    def capture(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A stretch of play as a take of the project."""
        self.desk.meter.take(visit.id, "jobs", 0.25)
        self.studio.project.check_room()
        stretch = asked.whole("start", 0), asked.maybe_whole("stop")
        with self._of(visit, asked) as opened:
            clip = self._model.run(opened.world.capture, *stretch)
        return {"take": clip.content_hash, "frames": len(clip)}

    @contextlib.contextmanager
    def _of(self, visit: Visit, asked: Asked) -> Iterator[Open]:
        """Holds the world that a visitor names; one that was put away is opened again.

        Raises:
            InputError: it is none of this visitor's, or he has entered another one since.
        """
        name = asked.name("world")
        while True:
            with self._lock:
                opened = self._open.get(visit.id)
            if opened is None:
                self._reopen(visit, name)
                continue
            if opened.name != name:
                raise InputError(
                    f"The world {name!r:.40} is not open for you: you are in another one, or it is "
                    "another visitor's. Start one from a take, or re-enter it."
                )
            with opened.lock:
                with self._lock:  # it was not put away in the meantime
                    if self._open.get(visit.id) is not opened:
                        continue
                    self._open.move_to_end(visit.id)
                yield opened
                return

    def _reopen(self, visit: Visit, name: str) -> None:
        place = self.places.of(visit.id, name)
        self.desk.meter.take(visit.id, "frames", 12)
        found = self._found(place if place == self.places.last(visit.id) else None, name)
        with self._lock:
            opened = self._open.setdefault(visit.id, found)
        if opened is found:
            self._entered(visit, opened)

    def _told(self, opened: Open, frames: Any) -> dict[str, Any]:
        world = opened.world
        return {
            "world": world.session.header.session_id,
            "cursor": world.cursor,
            "length": world.length,
            "frames": len(frames),
            "png": base64.b64encode(stacked(frames)).decode(),
            "sha256": hashlib.sha256(frames[-1].tobytes()).hexdigest(),
        }


def _ready(world: StudioWorld) -> StudioWorld:
    """The same, with its first state made, so that the first press is quick."""
    world.frame  # noqa: B018
    return world


def _with_what_is_ahead(world: StudioWorld) -> StudioWorld:
    """The same place, with the frames played last ahead of it, as before a rewind."""
    session, node = world.session, world.node
    tips = [leaf for leaf in session.leaves() if node in session.path(leaf)]
    return world.visit(max(tips), world.cursor)
