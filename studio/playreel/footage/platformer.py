"""The true simulator of the platformer: the same `reset` and `step` face as a learned world."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np

from playreel.footage.level import NUM_COLUMNS, TILE, make_level
from playreel.footage.scene import Scene, Stencil
from playreel.footage.spec import BUTTONS, EpisodeSpec
from playreel.footage.sprites import HERO_HEIGHT, HERO_WIDTH

RUN_SPEED = 4  # px a frame
RISE_SPEED = 4
MAX_RISE_FRAMES = 7
FALL_SPEEDS = (2, 4, 6)
MAX_FEET = 56  # higher up the hero would leave the lowest frame
_FEET_INSET = 2  # the hero stands on the 8 middle pixels of its 12
_ENEMY_NAMES = ("slime", "bat", "spiker")


HERO = -1  # its number among the things; enemies count from 0
FIRST_COIN = 1000


@dataclass(frozen=True)
class Placed:
    """A drawing and where it stands. Pixels; `left` and `bottom` are the level's.

    Attributes:
        number: of the thing, the same in every frame.
        stencil: what to stamp (see `Scene.stamp`).
    """

    number: int
    stencil: Stencil
    left: int
    bottom: int


@dataclass
class PlatformerState:
    """What changes from frame to frame. Pixels; `feet` counts up from the level's lower edge."""

    x: int
    feet: int
    time: int = 0
    facing: int = 1
    rise: int = 0  # frames of this jump already spent rising
    fall: int = 0  # frames spent falling; 0 on the ground or rising
    grounded: bool = True
    moving: bool = False
    taken: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    squashed: dict[int, int] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)


class PlatformerWorld:
    """A level that is played by buttons and drawn by a `Scene`.

    Args:
        spec: theme, hero and all the rest.
        dry: leave out the drops and flakes that fall.

    `camera_x` overrides the tracking camera when set (film shots do).
    """

    buttons = BUTTONS

    def __init__(self, spec: EpisodeSpec, *, dry: bool = False) -> None:
        self.spec = spec
        self.level = make_level(np.random.default_rng((spec.seed, 1)))
        self.scene = Scene(spec, self.level, dry=dry)
        self.camera_x: int | None = None
        self._start()

    def _start(self) -> None:
        middle = NUM_COLUMNS // 2 * TILE
        self.state = PlatformerState(x=middle, feet=int(self.level.ground[NUM_COLUMNS // 2]) * TILE)

    def reset(self) -> np.ndarray:
        """Go back to the start and return its frame, uint8 (H, W, 3)."""
        self._start()
        return self.render()

    def clone(self) -> PlatformerWorld:
        """A world in the same state that plays on by itself; scenery is shared."""
        twin = copy.copy(self)
        twin.state = copy.deepcopy(self.state)
        return twin

    def step(self, button: int) -> np.ndarray:
        """Press a button for one frame; returns uint8 (H, W, 3)."""
        self.advance(button)
        return self.render()

    # --- physics ---

    @property
    def tracking_x(self) -> int:
        """Left edge of a camera that keeps the hero in the middle."""
        return self.state.x + HERO_WIDTH // 2 - self.spec.size[1] // 2

    def _columns(self, x: int) -> slice:
        return slice((x + _FEET_INSET) // TILE, (x + HERO_WIDTH - _FEET_INSET - 1) // TILE + 1)

    def blocked(self, direction: int) -> bool:
        """Whether a wall stands right in front of the hero."""
        state = self.state
        return (
            int(self.level.ground[self._columns(state.x + direction * RUN_SPEED)].max()) * TILE
            > state.feet
        )

    def can_rise(self) -> bool:
        """Whether holding jump would lift the hero in this very frame."""
        state = self.state
        return (state.grounded or 0 < state.rise < MAX_RISE_FRAMES) and state.feet < MAX_FEET

    def advance(self, button: int) -> None:
        """Press a button for one frame without drawing."""
        name = BUTTONS[button]
        state = self.state
        state.events = []
        state.time += 1
        direction = 1 if name.endswith("right") else -1 if name.endswith("left") else 0
        state.moving = direction != 0
        if direction:
            state.facing = direction
            if not self.blocked(direction):
                state.x += direction * RUN_SPEED
        if name.startswith("jump") and self.can_rise():
            self._rise()
        else:
            self._fall()
        self._touch()

    def _rise(self) -> None:
        state = self.state
        if state.grounded:
            state.events.append("jump")
        state.grounded, state.rise, state.fall = False, state.rise + 1, 0
        state.feet = min(state.feet + RISE_SPEED, MAX_FEET)
        head = state.feet + HERO_HEIGHT
        center = (state.x + HERO_WIDTH // 2) // TILE
        for index in np.flatnonzero(np.abs(self.level.bricks[:, 0] - center) <= 0):
            bottom = int(self.level.bricks[index, 1]) * TILE
            if index not in state.broken and bottom <= head < bottom + TILE:
                state.broken.add(int(index))
                state.rise = MAX_RISE_FRAMES
                state.events.append("brick broken")

    def _support(self) -> int:
        """Height of whatever would carry the hero here."""
        state, columns = self.state, self._columns(self.state.x)
        support = int(self.level.ground[columns].max()) * TILE
        ledge = int(self.level.platforms[columns].max()) * TILE
        return max(support, ledge if ledge <= state.feet else 0)

    def _fall(self) -> None:
        state, support = self.state, self._support()
        state.rise = 0
        drop = FALL_SPEEDS[min(state.fall, len(FALL_SPEEDS) - 1)]
        if state.feet - drop <= support:
            if not state.grounded:
                state.events.append("landed")
            state.feet, state.fall, state.grounded = support, 0, True
        else:
            state.feet -= drop
            state.fall += 1
            state.grounded = False

    def _touch(self) -> None:
        state, level = self.state, self.level
        near = np.flatnonzero(np.abs(level.coins[:, 0] - state.x - 2) < 10)
        for index in near:
            if index not in state.taken and -8 < level.coins[index, 1] - state.feet < HERO_HEIGHT:
                state.taken.add(int(index))
                state.events.append("coin taken")
        if state.fall:
            for index in range(len(level.enemies)):
                x, y, _ = self._enemy(index)
                if (
                    index not in state.squashed
                    and abs(x - state.x) < 10
                    and 0 <= state.feet - y < 8
                ):
                    state.squashed[index] = state.time
                    state.events.append("enemy squashed")

    def _enemy(self, index: int) -> tuple[int, int, int]:
        """Left, bottom and walking direction of an enemy now."""
        kind, x, bottom, patrol, phase = (int(v) for v in self.level.enemies[index])
        if not patrol:
            return x, bottom, 1
        speed = 2 if kind == 1 else 1
        at = (self.state.time * speed + phase) % (2 * patrol)
        bob = round(3 * float(np.sin((self.state.time + phase) * 0.6))) if kind == 1 else 0
        return (x + at, bottom + bob, 1) if at < patrol else (x + 2 * patrol - at, bottom + bob, -1)

    # --- drawing ---

    @property
    def _camera(self) -> int:
        return self.tracking_x if self.camera_x is None else self.camera_x

    def _visible(self, lefts: np.ndarray) -> np.ndarray:
        camera = self._camera
        return np.flatnonzero((lefts > camera - 64) & (lefts < camera + self.spec.size[1] + 64))

    def things(self) -> list[Placed]:
        """Coins and enemies in view, and the hero: what moves by itself or can go, the nearer the later."""
        state, level, scene = self.state, self.level, self.scene
        placed = []
        coin = scene.sprite("coin-a" if state.time // 2 % 3 else "coin-b")
        for index in self._visible(level.coins[:, 0]):
            if index not in state.taken:
                left, bottom = (int(v) for v in level.coins[index])
                placed.append(Placed(FIRST_COIN + int(index), coin, left, bottom))
        beat = "a" if state.time // 3 % 2 else "b"
        for index in self._visible(level.enemies[:, 1]):
            left, bottom, direction = self._enemy(index)
            name = _ENEMY_NAMES[int(level.enemies[index, 0])]
            if index in state.squashed:
                if state.time - state.squashed[index] > 8:
                    continue
                drawing = scene.sprite("squashed")
            else:
                drawing = scene.sprite(f"{name}-{beat}", flip=direction < 0)
            placed.append(Placed(int(index), drawing, left, bottom))
        hero = scene.sprite(self._pose(), flip=state.facing < 0)
        return [*placed, Placed(HERO, hero, state.x, state.feet)]

    def render(self) -> np.ndarray:
        """The frame of this state, uint8 (H, W, 3)."""
        state, level, scene = self.state, self.level, self.scene
        camera = self._camera
        frame = scene.background(camera)
        for index in self._visible(level.bricks[:, 0] * TILE):
            column, bottom = (int(v) for v in level.bricks[index])
            tile = scene.broken if index in state.broken else scene.brick
            scene.stamp(frame, tile, column * TILE - camera, bottom * TILE)
        for placed in self.things():
            scene.stamp(frame, placed.stencil, placed.left - camera, placed.bottom)
        scene.weather(frame, state.time)
        return frame

    def _pose(self) -> str:
        state = self.state
        if not state.grounded:
            return "jump"
        if not state.moving:
            return "idle"
        return ("run-a", "run-b")[state.time // 2 % 2]
