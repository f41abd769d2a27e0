"""Worlds on stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playreel.errors import InputError
from playreel_widgets.asked import Asked
from playreel_widgets.host import Answer
from playreel_widgets.pictures import png
from playreel_widgets.stage import Stage

if TYPE_CHECKING:
    from playreel.studio import StudioWorld
    from playreel_widgets.host import Host


class Playing:
    """Verbs: world, enter, hold, live, speed, seek, visit, seen, capture, sessions."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._stages: dict[str, Stage] = {}
        self.latest: str | None = None
        self.slow = {}
        self.quick = {
            "hold": self.hold,
            "live": self.live,
            "speed": self.speed,
            "seek": self.seek,
            "visit": self.visit,
            "seen": self.seen,
        }
        self.verbs = {
            "world": self.world,
            "enter": self.enter,
            "sessions": self.sessions,
            "capture": self.capture,
        }

    def put(self, world: StudioWorld) -> Stage:
        """Puts a world on stage; one that stands there already stays."""
        session = world.session.header.session_id
        if session not in self._stages:
            self._stages[session] = Stage(world, self.host.tell)
        self.latest = session
        return self._stages[session]

    def _stage(self, asked: Asked) -> Stage:
        session = asked.text("session", limit=64)
        if session not in self._stages:
            raise InputError(
                f"The world {session!r} is not open in this kernel. Open it again from the list."
            )
        return self._stages[session]

    def world(self, asked: Asked) -> Answer:
        """A new world from a take."""
        world = self.host.studio.world(asked.text("take", limit=80), seed=asked.maybe_whole("seed"))
        stage = self.put(world)
        answer = self._entered(stage)
        self.host.tell("entered", answer.value, answer.buffers)
        return answer

    def enter(self, asked: Asked) -> Answer | None:
        """A world played before, or the latest one; None where there is none."""
        session = asked.maybe_text("session") or self.latest
        if session is None:
            names = self.host.studio.sessions
            if not names:
                return None
            session = names[-1]
        if session not in self._stages:
            self.put(self.host.studio.open_world(session))
        return self._entered(self._stages[session])

    def _entered(self, stage: Stage) -> Answer:
        stage.want_previews()
        return Answer(stage.status(), png(stage.world.frame))

    def sessions(self, asked: Asked) -> list[str]:
        """Names of sessions, the latest first."""
        return list(reversed(self.host.studio.sessions))[:100]

    def hold(self, asked: Asked) -> None:
        """The buttons that are down."""
        self._stage(asked).hold(asked.names("names", limit=4), asked.whole("press", 0))

    def live(self, asked: Asked) -> None:
        """Play or pause."""
        self._stage(asked).live(asked.flag("on"))

    def speed(self, asked: Asked) -> None:
        """Faster or slower."""
        self._stage(asked).speed(asked.number("factor"))

    def seek(self, asked: Asked) -> None:
        """Rewind, or go ahead again."""
        self._stage(asked).seek(asked.whole("frame"))

    def visit(self, asked: Asked) -> None:
        """Another branch."""
        self._stage(asked).visit(asked.whole("tip"), asked.whole("at"))

    def seen(self, asked: Asked) -> None:
        """A frame was shown."""
        self._stage(asked).seen(asked.whole("number"))

    def capture(self, asked: Asked) -> str:
        """A stretch of play as a take."""
        clip = self._stage(asked).world.capture(asked.whole("start"), asked.whole("stop"))
        self.host.parts["project"].tell_made(clip.content_hash)
        return clip.content_hash
