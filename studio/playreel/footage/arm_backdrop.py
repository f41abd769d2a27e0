"""Paints the still part of an arm episode: wall, decorations, table and the arm's foot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from playreel.footage.arm_look import (
    BLOCK_COLORS,
    LIVERIES,
    WALL_COLORS,
    ArmLook,
    Color,
    light_direction,
    shaded,
)

SCALE = 4  # painted this much larger, then averaged down
TINTS = {
    "morning": (1.04, 1.0, 0.93),
    "noon": (1.0, 1.0, 1.0),
    "evening": (1.05, 0.88, 0.76),
    "night": (0.86, 0.87, 1.0),
}
SKIES: dict[str, tuple[Color, Color, Color]] = {  # high sky, low sky, hills
    "morning": ((150, 200, 236), (250, 226, 190), (110, 150, 120)),
    "noon": ((110, 180, 240), (200, 230, 248), (92, 158, 96)),
    "evening": ((96, 84, 150), (250, 150, 90), (74, 58, 96)),
    "night": ((18, 24, 58), (50, 60, 110), (20, 24, 44)),
}
TABLE_COLORS: dict[str, Color] = {
    "oak": (206, 158, 104),
    "walnut": (126, 84, 58),
    "white": (222, 222, 218),
    "cutting mat": (58, 126, 104),
    "slate": (78, 84, 94),
    "steel": (162, 170, 178),
}


class _Brush:
    """Drawing in frame pixels on a canvas that is SCALE times larger."""

    def __init__(self, width: int, height: int, color: Color) -> None:
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), color)
        self._draw = ImageDraw.Draw(self.image, "RGBA")  # so that a fourth channel is opacity

    def box(
        self, left: float, top: float, right: float, bottom: float, color: Color, r: float = 0
    ) -> None:
        corners = [round(v * SCALE) for v in (left, top, right, bottom)]
        corners[2], corners[3] = max(corners[2] - 1, corners[0]), max(corners[3] - 1, corners[1])
        if r:
            self._draw.rounded_rectangle(corners, round(r * SCALE), fill=color)
        else:
            self._draw.rectangle(corners, fill=color)

    def disc(self, x: float, y: float, rx: float, ry: float, color: tuple[int, ...]) -> None:
        corners = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self._draw.ellipse(corners, fill=color)

    def area(self, points: list[tuple[float, float]], color: Color) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=color)

    def line(self, points: list[tuple[float, float]], color: Color, thick: float = 0.5) -> None:
        points = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(points, fill=color, width=max(1, round(thick * SCALE)), joint="curve")


def paint_backdrop(look: ArmLook) -> np.ndarray:
    """The picture behind arm and blocks, uint8 [height, width, 3]."""
    stage = look.stage
    rng = np.random.default_rng((look.seed, 32))
    brush = _Brush(stage.width, stage.height, WALL_COLORS[look.wall_color])
    _paint_wall(brush, look, rng)
    _decorate(brush, look, rng)
    _paint_table(brush, look, rng)
    _paint_foot(brush, look)
    picture = np.asarray(brush.image.reduce(SCALE)) * _light(look)
    return np.minimum(picture, 255).astype(np.uint8)


def _light(look: ArmLook) -> np.ndarray:
    """What the light multiplies the painted colours by, [height, width, 3]."""
    stage = look.stage
    rows = np.linspace(0, 1, stage.height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, stage.width, dtype=np.float32)[None]
    toward = light_direction(look.light)
    center_x, center_y = 0.5 + 0.32 * toward[0], 0.5 + 0.2 * toward[1]
    if look.light == "night":
        center_x, center_y = 0.5, 0.6  # the pool of the work lamp
    away = np.hypot((columns - center_x) * 1.1, rows - center_y)
    strength = 0.75 if look.light == "night" else 0.3
    gain = 1.06 - strength * np.clip(away, 0, 1) ** 1.5
    above = rows * stage.height < stage.table_back_y
    below = np.clip(rows * stage.height / stage.table_back_y, 0, 1)
    gain = np.where(above, gain * (1.03 - 0.13 * below**3), gain)
    return gain[..., None] * np.array(TINTS[look.light], np.float32)


def _paint_wall(brush: _Brush, look: ArmLook, rng: np.random.Generator) -> None:
    stage, color = look.stage, WALL_COLORS[look.wall_color]
    bottom, width = stage.table_back_y, stage.width
    dark, lighter = shaded(color, 0.9), shaded(color, 1.14)
    if look.wall == "brick":
        for row, top in enumerate(range(-1, bottom, 4)):
            for left in range(-8 + 4 * (row % 2), width, 8):
                tone = shaded(color, float(rng.uniform(0.86, 1.1)))
                brush.box(left + 0.5, top + 0.5, left + 8, top + 4, tone)
    elif look.wall == "panels":
        for left in range(0, width, 16):
            brush.box(left, 0, left + 0.6, bottom, shaded(color, 0.8))
            brush.box(left + 0.6, 0, left + 1.2, bottom, lighter)
    elif look.wall == "tiles":
        for left in range(0, width, 8):
            for top in range(bottom % 8 - 8, bottom, 8):
                tone = shaded(color, float(rng.uniform(0.95, 1.08)))
                brush.box(left + 0.4, top + 0.4, left + 8, top + 8, tone)
    elif look.wall == "stripes":
        for left in range(0, width, 12):
            brush.box(left, 0, left + 6, bottom, dark)


def _decorate(brush: _Brush, look: ArmLook, rng: np.random.Generator) -> None:
    """Hangs one decoration on each side of the arm, and one above it where the wall is high."""
    stage = look.stage
    room = stage.table_back_y
    scale = min(1.0, stage.width / 110)
    places = [(stage.width * 0.2, room * 0.46), (stage.width * 0.81, room * 0.44)]
    if room > 34:
        places = [
            (stage.width * 0.27, room * 0.56),
            (stage.width * 0.78, room * 0.5),
            (stage.width * 0.5, room * 0.16),
        ]
    for name, (x, y) in zip(look.decorations, places, strict=False):
        x += float(rng.uniform(-4, 4)) * scale
        _DECORATORS[name](brush, look, x, y, scale, rng)


def _window(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    high, low, hills = SKIES[look.light]
    half_width, half_height = 15 * scale, min(9 * scale + 2, look.stage.table_back_y * 0.42)
    left, right, top, bottom = x - half_width, x + half_width, y - half_height, y + half_height
    brush.box(left - 1.4, top - 1.4, right + 1.4, bottom + 1.4, (244, 240, 232))
    bands = 8
    for band in range(bands):
        share = band / (bands - 1)
        tone = tuple(round(a + (b - a) * share) for a, b in zip(high, low, strict=True))
        step = (bottom - top) / bands
        brush.box(left, top + band * step, right, top + (band + 1) * step, tone)  # type: ignore[arg-type]
    orb = {"night": (240, 240, 214), "evening": (255, 214, 130)}.get(look.light, (255, 248, 210))
    brush.disc(x + half_width * 0.45, y - half_height * 0.3, 2.4 * scale, 2.4 * scale, orb)
    hill = [(left, bottom)]
    for step in range(7):
        lift = half_height * float(rng.uniform(0.2, 0.8))
        hill.append((left + (right - left) * step / 6, bottom - lift))
    brush.area([*hill, (right, bottom)], hills)
    brush.box(x - 0.5, top, x + 0.5, bottom, (244, 240, 232))
    brush.box(left - 2.4, bottom + 1, right + 2.4, bottom + 2.4, (226, 220, 208))


def _poster(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    half_width, half_height = 8 * scale + 1, min(9.0, look.stage.table_back_y * 0.4)
    palette = [BLOCK_COLORS[name] for name in rng.permutation(list(BLOCK_COLORS))[:3]]
    left, top = x - half_width, y - half_height
    brush.box(left - 0.8, top - 0.8, x + half_width + 0.8, y + half_height + 0.8, (40, 38, 42))
    brush.box(left, top, x + half_width, y + half_height, shaded(palette[0], 2.4))
    if rng.random() < 0.5:
        brush.disc(x, y - half_height * 0.2, half_width * 0.5, half_width * 0.5, palette[1])
        brush.area(
            [(left, y + half_height), (x - 1, y), (x + half_width, y + half_height)], palette[2]
        )
    else:
        for ring, tone in ((0.75, palette[1]), (0.5, (250, 246, 236)), (0.28, palette[2])):
            brush.disc(x, y, half_width * ring, half_width * ring, tone)


def _shelf(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    half, floor = 15 * scale, y + min(6.0, look.stage.table_back_y * 0.28)
    left = x - half + 2
    names = list(BLOCK_COLORS)
    while left < x + half - 7:
        width, height = float(rng.uniform(1.6, 3)), float(rng.uniform(6, 10))
        tone = shaded(BLOCK_COLORS[names[int(rng.integers(len(names)))]], 0.82)
        brush.box(left, floor - height, left + width, floor, tone)
        brush.box(left, floor - height + 1.4, left + width, floor - height + 2, shaded(tone, 1.6))
        left += width + 0.3
    pot = x + half - 4
    for lean in (-3.4, -1.2, 1.2, 3.4):
        brush.line(
            [(pot, floor - 3), (pot + lean, floor - 8 + abs(lean) * 0.6)], (70, 140, 84), 1.3
        )
    brush.area(
        [(pot - 2.4, floor - 4), (pot + 2.4, floor - 4), (pot + 1.7, floor), (pot - 1.7, floor)],
        (196, 100, 66),
    )
    brush.box(x - half, floor, x + half, floor + 1.4, (112, 76, 52))
    brush.box(x - half, floor + 1.4, x + half, floor + 2.1, (70, 48, 36))


def _clock(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    radius = min(7.5 * scale + 1, look.stage.table_back_y * 0.38)
    brush.disc(x, y, radius, radius, (52, 54, 62))
    brush.disc(x, y, radius - 1, radius - 1, (246, 244, 236))
    for mark in range(12):
        angle = mark * np.pi / 6
        reach = radius - 2
        brush.disc(x + reach * np.cos(angle), y + reach * np.sin(angle), 0.4, 0.4, (70, 70, 76))
    for length, thick in ((0.45, 1.0), (0.7, 0.6)):
        angle = float(rng.uniform(0, 2 * np.pi))
        tip = (x + radius * length * np.cos(angle), y + radius * length * np.sin(angle))
        brush.line([(x, y), tip], (40, 42, 50), thick)


def _pegboard(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    half_width, half_height = 14 * scale, min(9.0, look.stage.table_back_y * 0.4)
    left, top, bottom = x - half_width, y - half_height, y + half_height
    brush.box(left, top, x + half_width, bottom, (198, 160, 112), r=1)
    for column in np.arange(left + 2, x + half_width - 1, 3):
        for row in np.arange(top + 2, bottom - 1, 3):
            brush.disc(float(column), float(row), 0.4, 0.4, (140, 104, 70))
    handles = ((206, 58, 56), (60, 112, 210), (244, 196, 60), (60, 60, 66))
    for tool, handle in enumerate(handles):
        at = left + (tool + 0.7) * 2 * half_width / 4.4
        length = half_height * float(rng.uniform(0.9, 1.4))
        brush.line([(at, top + 2.5), (at, top + 2.5 + length * 0.5)], (150, 154, 160), 1.0)
        brush.box(at - 1, top + 2.5 + length * 0.5, at + 1, top + 2.5 + length, handle, r=0.6)
        if tool % 2:
            brush.box(at - 2, top + 1.8, at + 2, top + 3.4, (120, 124, 130), r=0.4)


def _lamp(
    brush: _Brush, look: ArmLook, x: float, y: float, scale: float, rng: np.random.Generator
) -> None:
    shade = shaded(list(BLOCK_COLORS.values())[int(rng.integers(5))], 0.85)
    bottom = y + 1
    brush.line([(x, 0), (x, bottom - 4)], (50, 50, 56), 0.6)
    brush.disc(x, bottom + 1.6, 2.4 * scale + 0.4, 2, (255, 240, 180))
    wide = 8 * scale
    brush.area(
        [
            (x - 2, bottom - 5),
            (x + 2, bottom - 5),
            (x + wide, bottom + 1.5),
            (x - wide, bottom + 1.5),
        ],
        shade,
    )


_DECORATORS = {
    "window": _window,
    "poster": _poster,
    "shelf": _shelf,
    "clock": _clock,
    "pegboard": _pegboard,
    "lamp": _lamp,
}


def _paint_table(brush: _Brush, look: ArmLook, rng: np.random.Generator) -> None:
    stage, color = look.stage, TABLE_COLORS[look.table]
    back, front, width = stage.table_back_y, stage.table_front_y, stage.width
    brush.box(0, back, width, stage.height, shaded(color, 0.5))
    brush.box(0, back, width, front, color)
    middle = width / 2
    if look.table in ("oak", "walnut"):
        edges = [back + (front - back) * share for share in (0, 0.16, 0.36, 0.64, 1.0)]
        for top, bottom in pairwise(edges):
            plank = shaded(color, float(rng.uniform(0.92, 1.1)))
            brush.box(0, top, width, bottom, plank)
            for _ in range(5):
                at, start = float(rng.uniform(top, bottom)), float(rng.uniform(-20, width))
                brush.line(
                    [(start, at), (start + float(rng.uniform(12, 50)), at)], shaded(plank, 0.9), 0.4
                )
            brush.box(0, bottom - 0.5, width, bottom, shaded(color, 0.72))
    elif look.table == "cutting mat":
        for column in range(-12, 13):
            far, near = middle + column * 8.4, middle + column * 11
            brush.line([(far, back), (near, front)], shaded(color, 1.22), 0.3)
        for share in (0.06, 0.2, 0.36, 0.55, 0.78):
            at = back + (front - back) * share
            brush.line([(0, at), (width, at)], shaded(color, 1.22), 0.3)
    elif look.table == "white":
        for column in (-3, -1, 1, 3):
            brush.line(
                [(middle + column * 13, back), (middle + column * 18, front)],
                shaded(color, 0.92),
                0.5,
            )
    elif look.table == "steel":
        for _ in range(36):
            at, start = float(rng.uniform(back, front)), float(rng.uniform(-20, width))
            tone = shaded(color, float(rng.choice((0.94, 1.12))))
            brush.line([(start, at), (start + float(rng.uniform(10, 40)), at)], tone, 0.3)
    brush.box(0, back, width, back + 0.7, shaded(color, 0.74))
    brush.box(0, front - 0.8, width, front, shaded(color, 1.5))
    if stage.height - front > 12:  # the front of the desk, with drawers
        top, bottom = front + 3, stage.height
        for drawer in range(2):
            left = width * drawer / 2 + 3
            brush.box(left, top, left + width / 2 - 6, bottom, shaded(color, 0.62), r=1)
            knob = left + width / 4 - 3
            brush.box(knob - 4, top + 5, knob + 4, top + 6.6, (196, 186, 160), r=0.8)


def _paint_foot(brush: _Brush, look: ArmLook) -> None:
    stage = look.stage
    body, accent, joint = LIVERIES[look.livery]
    x, y = stage.base_x, stage.base_y
    lean = -2.5 * light_direction(look.light)[0]
    for ring in range(8):
        brush.disc(x + lean, y + 1.2, 14.5 - ring, 7.2 - 0.6 * ring, (0, 0, 0, 17))
    brush.disc(x, y + 0.8, 9.6, 4.6, shaded(joint, 0.5))
    brush.disc(x, y - 0.6, 9.6, 4.6, shaded(joint, 0.95))
    brush.disc(x, y - 0.9, 8.2, 3.7, shaded(joint, 1.25))
    brush.box(x - 6, y - 7, x + 6, y - 1, shaded(body, 0.8))
    brush.disc(x, y - 1, 6, 2.6, shaded(body, 0.8))
    brush.box(x - 3, y - 7, x + 1, y + 0.6, body)
    brush.box(x - 2, y - 7, x - 0.6, y + 1, shaded(body, 1.6))
    brush.box(x - 6, y - 3.6, x + 6, y - 2.2, accent)
    brush.disc(x, y - 7, 6, 2.7, shaded(body, 1.1))
