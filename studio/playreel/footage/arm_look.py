"""How an episode of the robot arm looks: table, wall, light, livery and blocks, from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playreel.errors import InputError
from playreel.footage.spec import FRAME_SIZES

Color = tuple[int, int, int]

WALLS = ("plain", "brick", "panels", "tiles", "stripes")
WALL_COLORS: dict[str, Color] = {
    "cream": (226, 214, 190),
    "grey": (168, 172, 178),
    "blue": (120, 150, 178),
    "green": (138, 164, 140),
    "terracotta": (190, 126, 100),
    "navy": (58, 70, 100),
    "pink": (214, 170, 166),
}
TABLES = ("oak", "walnut", "white", "cutting mat", "slate", "steel")
LIGHTS = ("morning", "noon", "evening", "night")
DECORATIONS = ("window", "poster", "shelf", "clock", "pegboard", "lamp")
# Livery: body, accent, joint.
LIVERIES: dict[str, tuple[Color, Color, Color]] = {
    "orange": ((238, 130, 44), (48, 50, 58), (70, 74, 84)),
    "white": ((232, 234, 236), (60, 140, 220), (120, 126, 136)),
    "yellow": ((240, 196, 52), (40, 40, 44), (86, 88, 92)),
    "blue": ((58, 112, 196), (236, 236, 240), (40, 52, 78)),
    "red": ((206, 58, 56), (240, 236, 228), (72, 60, 64)),
    "green": ((74, 160, 104), (244, 226, 150), (48, 70, 60)),
    "black": ((66, 70, 80), (80, 220, 220), (128, 134, 144)),
}
BLOCK_COLORS: dict[str, Color] = {
    "red": (214, 56, 58),
    "orange": (236, 134, 42),
    "yellow": (244, 206, 62),
    "green": (70, 170, 92),
    "blue": (60, 112, 210),
    "purple": (146, 84, 190),
    "white": (238, 238, 234),
}
BLOCK_KINDS = ("cube", "cylinder", "pyramid")


@dataclass(frozen=True, kw_only=True)
class ArmStage:
    """Where table and arm stand in a frame of one aspect; lengths in pixels of the table plane.

    The table is seen from above its front edge: a point (across, near, height) of it is drawn at
    (base_x + across, base_y + FORESHORTENING * near - height).
    """

    height: int
    width: int
    base_x: int
    base_y: int
    table_back_y: int
    table_front_y: int
    upper_length: float
    fore_length: float
    reach_near: float  # blocks stay nearer to the base than this along `near`

    @property
    def reach_across(self) -> float:
        """Blocks stay within this distance left and right of the base."""
        return self.width / 2 - 7.5


FORESHORTENING = 0.76

STAGES: dict[str, ArmStage] = {
    "16:9": ArmStage(
        height=72, width=128, base_x=64, base_y=26, table_back_y=22, table_front_y=69,
        upper_length=21.0, fore_length=22.0, reach_near=51.5,
    ),
    "9:16": ArmStage(
        height=128, width=72, base_x=36, base_y=68, table_back_y=62, table_front_y=108,
        upper_length=18.5, fore_length=18.5, reach_near=47.0,
    ),
    "1:1": ArmStage(
        height=96, width=96, base_x=48, base_y=42, table_back_y=37, table_front_y=86,
        upper_length=21.0, fore_length=22.0, reach_near=52.5,
    ),
}  # fmt: skip
assert all((s.height, s.width) == FRAME_SIZES[a] for a, s in STAGES.items())


@dataclass(frozen=True, kw_only=True)
class ArmLook:
    """Everything the frames of an arm episode depend on, besides the buttons pressed."""

    seed: int
    aspect: str
    wall: str
    wall_color: str
    decorations: tuple[str, ...]
    table: str
    light: str
    livery: str
    blocks: tuple[tuple[str, str], ...]  # (kind, colour), no colour twice

    @property
    def stage(self) -> ArmStage:
        """The geometry of this aspect."""
        return STAGES[self.aspect]


def sample_look(seed: int, aspect: str = "16:9") -> ArmLook:
    """Draws a look; the same seed gives the same look in every aspect.

    Raises:
        InputError: `aspect` is unknown or `seed` negative.
    """
    if aspect not in STAGES:
        raise InputError(f"Unknown aspect {aspect!r}; choose one of {', '.join(STAGES)}.")
    if seed < 0:
        raise InputError(f"An arm episode's seed cannot be negative, got {seed}; use 0 or more.")
    rng = np.random.default_rng((seed, 31))
    colors = rng.permutation(list(BLOCK_COLORS))[: int(rng.integers(2, 4))]
    return ArmLook(
        seed=seed,
        aspect=aspect,
        wall=str(rng.choice(WALLS)),
        wall_color=str(rng.choice(list(WALL_COLORS))),
        decorations=tuple(str(name) for name in rng.permutation(DECORATIONS)[:3]),
        table=str(rng.choice(TABLES)),
        light=str(rng.choice(LIGHTS)),
        livery=str(rng.choice(list(LIVERIES))),
        blocks=tuple((str(rng.choice(BLOCK_KINDS)), str(color)) for color in colors),
    )


def shaded(color: Color, factor: float) -> Color:
    """A lighter (factor > 1) or darker colour."""
    if factor <= 1:
        return tuple(int(channel * factor) for channel in color)  # type: ignore[return-value]
    return tuple(int(255 - (255 - channel) / factor) for channel in color)  # type: ignore[return-value]


def light_direction(light: str) -> tuple[float, float]:
    """Unit vector in the picture from which the light comes."""
    angle = {"morning": 215, "noon": 260, "evening": 325, "night": 285}[light]
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))
