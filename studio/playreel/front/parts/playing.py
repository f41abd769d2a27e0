"""Worlds that visitors play: each has his own."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.front.access import Visit
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.errors import TooManyError
from playreel.front.parts.part import Part
from playreel.front.pictures import stacked
from playreel.front.roles import PLAYER

if TYPE_CHECKING:
    from playreel.front.desk import Desk
    from playreel.studio import StudioWorld

MAX_PRESS = 12  # frames in one request: a second


@dataclass
class Open:
    """A world that a visitor plays."""

    world: StudioWorld
    visit: str
    played: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Playing(Part):
    """Verbs: world, press, seek, capture."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._open: OrderedDict[str, Open] = OrderedDict()  # by visit: one world each
        self._lock = threading.Lock()
        self._model = threading.Lock()  # frames are made one at a time, in the order asked
        words = "play worlds"
        self.verbs = {
            "world": Verb(run=self.world, role=PLAYER, words=words),
            "press": Verb(run=self.press, role=PLAYER, words=words),
            "seek": Verb(run=self.seek, role=PLAYER, words=words),
            "capture": Verb(run=self.capture, role=PLAYER, words="capture takes"),
        }

    def close(self) -> None:
        """Puts all worlds away; their logs are in the project."""
        with self._lock:
            self._open.clear()

    def world(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A world of one's own that starts where a take ends; it takes the place of the last one."""
        take = self.studio.project.media.find(asked.name("take", "last")).content_hash
        seed = asked.maybe_whole("seed", high=2**53)
        self.desk.meter.take(visit.id, "frames", 12)
        with self._model:
            world = self.studio.world(take, seed=seed, name=visit.name or "world")
            world.frame  # noqa: B018 - made now, so that the first press is quick
        opened = Open(world, visit.id)
        with self._lock:
            self._open[visit.id] = opened
            self._open.move_to_end(visit.id)
            while len(self._open) > self.desk.limits.worlds:
                self._open.popitem(last=False)
        with opened.lock:
            return {
                **self._told(opened, world.frame[None]),
                "actions": list(world.actions),
                "fps": float(world.fps),
                "size": list(world.size),
                "seed": world.seed,
            }

    def press(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Holds a button for some frames, and returns them."""
        opened = self._of(visit, asked)
        action, count = (
            asked.text("action", limit=40),
            asked.whole("count", 1, low=1, high=MAX_PRESS),
        )
        with opened.lock:
            most = self.desk.limits.world_frames
            if opened.played + count > most:
                raise TooManyError(
                    f"A world that is shared plays {most} frames. Capture what you like, and start "
                    "another from it."
                )
            opened.world.action_set.resolve(action)  # told before a frame is counted
            self.desk.meter.take(visit.id, "frames", count)
            frames, begun = [], time.monotonic()
            for _ in range(count):
                with self._model:
                    frames.append(opened.world.step(action))
            opened.played += count
            return {
                **self._told(opened, frames),
                "action": action,
                "count": count,
                "ms": round((time.monotonic() - begun) * 1000, 1),
            }

    def seek(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Stands at another frame; playing on from there begins another branch."""
        opened = self._of(visit, asked)
        with opened.lock:
            world = opened.world
            behind = world.cursor - asked.whole("frame", high=world.length - 1)
            with self._model:
                frame = world.rewind(behind) if behind >= 0 else world.forward(-behind)
            return self._told(opened, frame[None])

    def capture(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A stretch of play as a take of the project."""
        opened = self._of(visit, asked)
        self.desk.meter.take(visit.id, "jobs", 0.25)
        self.studio.project.check_room()
        with opened.lock, self._model:
            clip = opened.world.capture(asked.whole("start", 0), asked.maybe_whole("stop"))
        return {"take": clip.content_hash, "frames": len(clip)}

    def _of(self, visit: Visit, asked: Asked) -> Open:
        with self._lock:
            opened = self._open.get(visit.id)
            if opened is not None:
                self._open.move_to_end(visit.id)
        session = asked.text("world", limit=64)
        if opened is None or opened.world.session.header.session_id != session:
            raise InputError(
                f"The world {session!r:.40} is not open for you: it was put away, or is another "
                "visitor's. Start one from a take."
            )
        return opened

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
