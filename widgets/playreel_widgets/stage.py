"""A world on stage: it plays while a button is held, and costs nothing while none is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from playreel.errors import PlayreelError, UnknownActionError
from playreel_widgets.host import explain
from playreel_widgets.pictures import png, strip

if TYPE_CHECKING:
    from playreel.studio import StudioWorld

Tell = Callable[[str, Any, Sequence[bytes]], None]

MAX_UNSEEN = 12  # frames sent that no browser has shown; then the stage waits
PATIENCE_S = 3.0  # and after this it stops: nobody is looking
PREVIEW_AFTER_S = 0.35  # of rest
PREVIEW_FRAMES = 4


class Stage:
    """Plays one world on a thread of its own.

    Presses are not queued: a button that is mashed faster than the model plays counts once a frame.

    Args:
        world: what is played.
        tell: takes an event, its value and its buffers.
    """

    def __init__(self, world: StudioWorld, tell: Tell) -> None:
        self.world = world
        self._tell = tell
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._held: str | None = None
        self._tap: str | None = None
        self._press = 0
        self._live = False
        self._speed = 1.0
        self._move: Callable[[], None] | None = None
        self._previews: list[str] = []
        self._preview_at = 0.0
        self._sent = self._seen = 0
        self._seen_at = time.monotonic()
        self._step_ms = 0.0

    # -- asked from outside; all of these return at once -------------------------------------------

    def hold(self, names: Sequence[str], press: int = 0) -> None:
        """The buttons that are down now; none of them for letting go.

        Args:
            names: buttons; several make a combined one where the world has it.
            press: a number that comes back with the frame it brought about.
        """
        action = self._resolve(names) if names else None
        with self._wake:
            if action is not None and action != self._held:
                self._tap, self._press = action, press
                self._awake()
            self._held = action

    def live(self, on: bool) -> None:
        """Whether time runs on while no button is held."""
        with self._wake:
            self._live = on
            self._seen_at = time.monotonic()
            self._awake()
        self._tell("stage", self.status(), ())

    def speed(self, factor: float) -> None:
        """Plays faster or slower than the world's own rate, 0.1 to 4."""
        with self._wake:
            self._speed = min(4.0, max(0.1, factor))
        self._tell("stage", self.status(), ())

    def seek(self, frame: int) -> None:
        """Stands at another frame of the route; only the latest of many is done."""

        def move() -> None:
            at = min(max(0, frame), self.world.length - 1)
            behind = self.world.cursor - at
            if behind >= 0:
                self.world.rewind(behind)
            else:
                self.world.forward(-behind)

        self._do(move)

    def visit(self, tip: int, at: int) -> None:
        """Stands on another branch."""

        def move() -> None:
            self.world = self.world.visit(tip, at)

        self._do(move)

    def seen(self, number: int) -> None:
        """A browser has shown this frame."""
        with self._wake:
            self._seen = max(self._seen, min(number, self._sent))
            self._seen_at = time.monotonic()
            self._wake.notify_all()

    def status(self) -> dict[str, Any]:
        """What a panel needs to draw itself, besides frames."""
        world = self.world
        return {
            "session": world.session.header.session_id,
            "name": world.name,
            "seed": world.seed,
            "actions": list(world.actions),
            "fps": float(world.fps),
            "size": list(world.size),
            "cursor": world.cursor,
            "length": world.length,
            "live": self._live,
            "speed": self._speed,
            "tree": self.tree(),
        }

    def tree(self) -> dict[str, Any]:
        """The session's stretches, and on which one the player stands."""
        stretches = self.world.tree
        here = set(self.world.session.path(self.world.tip))
        return {
            "stretches": [
                {"start": s.start, "stop": s.stop, "parent": s.parent, "tip": s.tip}
                for s in stretches
            ],
            "here": [index for index, s in enumerate(stretches) if s.tip in here],
        }

    # -- the thread --------------------------------------------------------------------------------

    def _resolve(self, names: Sequence[str]) -> str:
        try:
            return self.world.action_set.resolve("+".join(names))[0]
        except UnknownActionError:
            return self.world.action_set.resolve(names[-1])[0]

    def _do(self, move: Callable[[], None]) -> None:
        with self._wake:
            self._move = move
            self._awake()

    def _awake(self) -> None:
        """Under the lock: something is to be done."""
        self._previews.clear()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="playreel-stage", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _run(self) -> None:
        due = 0.0
        while True:
            with self._wake:
                task = self._next(due)
                while task is None:
                    self._wake.wait(self._pause(due))
                    task = self._next(due)
            try:
                due = task(due)
            except Exception as error:
                with self._wake:
                    self._live, self._held, self._tap, self._move = False, None, None, None
                self._tell("stage-error", {**explain(error), **self._which()}, ())

    def _next(self, due: float) -> Callable[[float], float] | None:
        """Under the lock: what to do now, or None."""
        if self._move is not None:
            move, self._move = self._move, None
            return lambda due: self._moved(move)
        action = self._tap or self._held or (self._rest() if self._live else None)
        now = time.monotonic()
        if action is not None:
            if self._sent - self._seen >= MAX_UNSEEN:
                if now - self._seen_at > PATIENCE_S:  # every tab is closed or hidden
                    self._live, self._held, self._tap = False, None, None
                    self._seen = self._sent
                    return lambda due: self._stopped()
            elif now >= due:
                press, self._press, self._tap = self._press, 0, None
                return lambda due: self._play(action, press, due)
        elif self._previews and now >= self._preview_at:
            name = self._previews.pop(0)
            return lambda due: self._preview(name)
        return None

    @property
    def _is_wanted(self) -> bool:
        return bool(self._tap or self._held or self._live or self._move)

    def _pause(self, due: float) -> float | None:
        """Under the lock: how long to wait; None for until somebody asks."""
        now = time.monotonic()
        if self._tap or self._held or self._live:
            return max(0.001, due - now) if due > now else 0.1
        return max(0.001, self._preview_at - now) if self._previews else None

    def _rest(self) -> str:
        return "stay" if "stay" in self.world.actions else self.world.actions[0]

    def _play(self, action: str, press: int, due: float) -> float:
        begun = time.monotonic()
        self.world.step(action)
        self._step_ms = (time.monotonic() - begun) * 1000
        self._send_frame(action=action, press=press)
        self.want_previews()
        period = 1 / (float(self.world.fps) * self._speed)
        return max(due + period, begun)

    def _moved(self, move: Callable[[], None]) -> float:
        move()
        self._send_frame()
        self._tell("tree", {**self.tree(), **self._which()}, ())
        self.want_previews()
        return 0.0

    def _stopped(self) -> float:
        self._tell("stage", self.status(), ())
        return 0.0

    def _which(self) -> dict[str, Any]:
        return {"session": self.world.session.header.session_id}

    def _send_frame(self, *, action: str = "", press: int = 0) -> None:
        world = self.world
        with self._wake:
            self._sent += 1
            number = self._sent
            if number == 1:
                self._seen_at = time.monotonic()
        value = {
            **self._which(),
            "number": number,
            "cursor": world.cursor,
            "length": world.length,
            "action": action,
            "press": press,
            "step_ms": round(self._step_ms, 2),
        }
        self._tell("frame", value, [png(world.frame)])

    def want_previews(self) -> None:
        """Shows, once the player rests, what every button would do."""
        with self._wake:
            self._awake()
            self._previews = ["", *self.world.actions]  # "" first: tree and drift
            self._preview_at = time.monotonic() + PREVIEW_AFTER_S

    def _preview(self, action: str) -> float:
        if not action:
            self._tell("tree", {**self.tree(), **self._which()}, ())
            self._drift()
            return 0.0
        clips = self.world.preview(PREVIEW_FRAMES, [action], lambda: not self._is_wanted)
        if action not in clips:
            return 0.0  # a press waits for a frame of it, not for all
        picture, count = strip(clips[action].frames)
        value = {**self._which(), "action": action, "frames": count, "cursor": self.world.cursor}
        self._tell("preview", value, [picture])
        return 0.0

    def _drift(self) -> None:
        try:
            found = self.world.drift()
        except PlayreelError:
            return
        value = None
        if found is not None:
            value = {"colour": round(found.colour, 2), "sharpness": round(found.sharpness, 3)}
        self._tell("drift", {**self._which(), "drift": value}, ())
