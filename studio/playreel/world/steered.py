"""A world steered by words: each button is a prompt or a camera move, each press a stretch of film.

Any engine that goes on from frames can be played like that. A press costs what its film costs, so the
world is slow where the engine is; what is played is the engine's own film and can be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from playreel.errors import CaptureError, InputError, RewindError, UnknownActionError
from playreel.media import Clip
from playreel.recipe import Recipe
from playreel.world.script import parse_script
from playreel.world.session import checked_seed, step_seed

OPERATION = "steer"
CONTEXT_FRAMES = 24  # of the route, that a press goes on from
MAX_BUTTONS = 32


@dataclass(frozen=True)
class Button:
    """What a press asks for.

    Attributes:
        prompt: what happens, said after the world's own prompt; "" for nothing besides.
        camera: a camera move, or None.
    """

    prompt: str = ""
    camera: str | None = None


BUTTONS: Mapping[str, Button] = {
    "stay": Button("standing still", "static"),
    "left": Button("moving to the left", "tracking"),
    "right": Button("moving to the right", "tracking"),
    "jump": Button("jumping up", "static"),
    "look left": Button(camera="pan left"),
    "look right": Button(camera="pan right"),
    "closer": Button(camera="zoom in"),
    "away": Button(camera="zoom out"),
}


class Roller(Protocol):
    """Goes on from a clip: the clip's frames, then new ones."""

    def __call__(
        self,
        clip: Clip,
        *,
        prompt: str | None,
        camera: str | None,
        seconds: float,
        seed: int,
        **sampling: Any,
    ) -> Clip:
        """Like `playreel.Studio.extend`."""


@dataclass(frozen=True, eq=False)
class _Press:
    """A node of the tree of presses; the root has no parent and the start's frames."""

    parent: _Press | None
    action: str
    frames: np.ndarray
    depth: int
    engine: str = ""
    weights: str = ""


class SteeredWorld:
    """A clip that is played on by words.

    The player stands after the last press; rewinding forgets nothing: the same press again comes at
    once, another opens another route. The same presses from the same start give the same frames.

    Args:
        start: a still or a clip; the route begins with its frames.
        roll: goes on from a clip.
        prompt: what the world shows, said with every press.
        buttons: name -> what a press asks for, or its prompt alone; `BUTTONS` for None.
        seconds: length of a press.
        seed: another seed, another world.
        sampling: what ``roll`` takes besides; kept in recipes.

    Raises:
        InputError: no buttons, too many, or one that asks for nothing readable.
    """

    def __init__(
        self,
        start: Clip,
        roll: Roller,
        *,
        prompt: str = "",
        buttons: Mapping[str, Button | str] | None = None,
        seconds: float = 0.5,
        seed: int = 0,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        self._start, self._roll = start, roll
        self._sampling = dict(sampling or {})
        self.prompt, self.seconds, self.seed = prompt, seconds, checked_seed(seed)
        self.buttons = _checked(BUTTONS if buttons is None else buttons)
        self._here = _Press(None, "", start.frames, 0)
        self._made: dict[tuple[int, str], _Press] = {}  # shared by the routes of one world

    def __repr__(self) -> str:
        return f"<SteeredWorld after {self.cursor} presses, {len(self.frames)} frames>"

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the buttons."""
        return tuple(self.buttons)

    @property
    def cursor(self) -> int:
        """Presses made on this route."""
        return self._here.depth

    @property
    def history(self) -> tuple[str, ...]:
        """The buttons pressed on this route."""
        return tuple(press.action for press in self._path()[1:])

    @property
    def frame(self) -> np.ndarray:
        """The last frame, uint8 [height, width, 3]."""
        return self._here.frames[-1]

    @property
    def frames(self) -> np.ndarray:
        """All frames of this route, uint8 [time, height, width, 3]."""
        return np.concatenate([press.frames for press in self._path()])

    def step(self, name: str) -> np.ndarray:
        """Presses one button and returns the last frame of what came of it.

        Raises:
            UnknownActionError: no such button; names those there are.
        """
        return self._press(self._resolve(name)[0]).frames[-1]

    def play(self, script: str | Iterable[str]) -> np.ndarray:
        """Plays a script such as ``"right*2 jump"``; returns the new frames.

        In scripts, spaces within a button's name are written as hyphens: ``"look-left*2"``.

        Raises:
            InputError: the script is empty, too long or has a bad count.
            UnknownActionError: no such button; nothing is played then.
        """
        return np.concatenate(
            [self._press(name).frames for name in parse_script(script, self._resolve)]
        )

    def rewind(self, n: int = 1) -> np.ndarray:
        """Goes back ``n`` presses and returns the frame there.

        Raises:
            RewindError: that is before the start.
        """
        path = self._path()
        if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n < len(path):
            raise RewindError(
                f"Cannot go back {n!r} presses: {len(path) - 1} were made. Use 0 to {len(path) - 1}."
            )
        self._here = path[len(path) - 1 - n]
        return self.frame

    def fork(self, at: int | None = None) -> SteeredWorld:
        """A second route that shares the first ``at`` presses; this one stays.

        Raises:
            RewindError: fewer were made.
        """
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__
        if at is not None:
            twin.rewind(self.cursor - at)
        return twin

    def capture(self, start: int = 0, stop: int | None = None) -> Clip:
        """Frames ``start`` to ``stop`` (exclusive) of this route as a clip.

        Raises:
            CaptureError: no such frames.
        """
        frames = self.frames
        last = len(frames) if stop is None else stop
        if not 0 <= start < last <= len(frames):
            raise CaptureError(
                f"Frames {start} to {stop} are not on this route, which has {len(frames)}."
            )
        here = self._here
        recipe = Recipe(
            operation=OPERATION,
            options={
                "prompt": self.prompt,
                "seconds": self.seconds,
                "sampling": self._sampling,
                "buttons": {
                    name: {"prompt": button.prompt, "camera": button.camera}
                    for name, button in self.buttons.items()
                },
                "start": start,
                "stop": last,
            },
            seed=self.seed,
            engine=here.engine,
            weights=here.weights,
            parents=(self._start.content_hash,),
            actions=self.history,
        )
        return Clip(frames[start:last], self._start.fps, recipe)

    def _path(self) -> list[_Press]:
        path = [self._here]
        while path[-1].parent is not None:
            path.append(path[-1].parent)
        return path[::-1]

    def _resolve(self, name: str) -> tuple[str, int]:
        plain = " ".join(str(name).casefold().replace("-", " ").replace("_", " ").split())
        if plain not in self.buttons:
            raise UnknownActionError(
                f"There is no button {str(name)[:40]!r}. Press one of: {', '.join(self.actions)}."
            )
        return plain, self.actions.index(plain)

    def _press(self, name: str) -> _Press:
        here = self._here
        key = id(here), name
        if key not in self._made:
            button = self.buttons[name]
            context = Clip(self._context(), self._start.fps)
            words = ", ".join(part for part in (self.prompt, button.prompt) if part)
            longer = self._roll(
                context,
                prompt=words,
                camera=button.camera,
                seconds=self.seconds,
                seed=step_seed(self.seed, here.depth + 1),
                **self._sampling,
            )
            new = longer.frames[-_num_new(longer, context) :]
            recipe = longer.recipe
            self._made[key] = _Press(
                here, name, new, here.depth + 1,
                engine=recipe.engine if recipe else "", weights=recipe.weights if recipe else "",
            )  # fmt: skip
        self._here = self._made[key]
        return self._here

    def _context(self) -> np.ndarray:
        """The end of the route, without joining all of it."""
        parts: list[np.ndarray] = []
        press: _Press | None = self._here
        while press is not None and sum(map(len, parts)) < CONTEXT_FRAMES:
            parts.append(press.frames)
            press = press.parent
        return np.concatenate(parts[::-1])[-CONTEXT_FRAMES:]


def _num_new(longer: Clip, context: Clip) -> int:
    new = len(longer) - len(context)
    if new < 1 or longer.size != context.size or longer.fps != context.fps:
        raise InputError(
            f"A press must add frames to {context!r}, it gave {longer!r}. Start from a clip of the "
            "size and rate that the engine keeps: the bundled model keeps its own alone."
        )
    return new


def _checked(buttons: Mapping[str, Button | str]) -> dict[str, Button]:
    if not 0 < len(buttons) <= MAX_BUTTONS:
        raise InputError(f"A world has 1 to {MAX_BUTTONS} buttons, not {len(buttons)}.")
    checked: dict[str, Button] = {}
    for name, asked in buttons.items():
        plain = " ".join(str(name).casefold().replace("-", " ").replace("_", " ").split())
        button = Button(asked) if isinstance(asked, str) else asked
        if not plain or any(char in plain for char in "*+:,") or plain in checked:
            raise InputError(f"{str(name)[:40]!r} is no name for a button, or stands twice.")
        if not isinstance(button, Button) or not (button.prompt or button.camera):
            raise InputError(
                f"Button {plain!r} asks for nothing: give it a prompt, or a Button with a camera."
            )
        checked[plain] = button
    return checked


def buttons_of(options: Mapping[str, Any]) -> dict[str, Button]:
    """The buttons that a recipe keeps.

    Raises:
        InputError: they are none.
    """
    kept = options.get("buttons")
    if not isinstance(kept, Mapping) or not all(isinstance(b, Mapping) for b in kept.values()):
        raise InputError("This recipe names no buttons.")
    return {
        name: Button(
            str(b.get("prompt") or ""), None if b.get("camera") is None else str(b["camera"])
        )
        for name, b in kept.items()
    }
