"""The scenery of an episode: a sky and two parallax strips, drawn once and sliced every frame.

A strip is a uint8 (height, period, 3) picture with a bool (height, period) mask; it repeats every period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playreel.footage.palette import PALETTES, Palette, sky_colors, weathered

FAR_PERIOD, MID_PERIOD = 256, 384


@dataclass
class Strip:
    """A picture with see-through parts."""

    rgb: np.ndarray  # uint8 (H, W, 3)
    mask: np.ndarray  # bool (H, W)


def _waves(
    rng: np.random.Generator, period: int, low: int, high: int, terms: int = 3
) -> np.ndarray:
    x = np.arange(period) * (2 * np.pi / period)
    total = np.zeros(period)
    for term in range(1, terms + 1):
        total += np.sin(x * int(rng.integers(term, 2 * term + 2)) + rng.uniform(0, 6.3)) / term
    total = (total - total.min()) / max(float(np.ptp(total)), 1e-6)
    return (low + total * (high - low)).astype(int)


class _Canvas:
    """Draws shapes that wrap round the strip's period; heights are measured up from the bottom."""

    def __init__(self, height: int, period: int) -> None:
        self.rgb = np.zeros((height, period, 3), np.uint8)
        self.mask = np.zeros((height, period), bool)
        self.up = height - 1 - np.arange(height)[:, None]
        self.x = np.arange(period)[None]
        self.period = period

    def paint(self, where: np.ndarray, color: tuple[int, int, int]) -> None:
        where = np.broadcast_to(where, self.mask.shape)
        self.rgb[where] = color
        self.mask |= where

    def dx(self, center: int) -> np.ndarray:
        """Signed distance from a column, round the period."""
        return (self.x - center + self.period // 2) % self.period - self.period // 2

    def ridge(self, top: np.ndarray, light, dark, crest: int = 2) -> None:
        inside = self.up < top[None]
        self.paint(inside, dark)
        self.paint(inside & (self.up >= top[None] - crest), light)


def _spots(rng: np.random.Generator, period: int, gap: tuple[int, int]) -> list[int]:
    spots, at = [], int(rng.integers(0, gap[0]))
    while at < period - gap[0] // 2:
        spots.append(at)
        at += int(rng.integers(*gap))
    return spots


def _hills(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    c.ridge(_waves(rng, c.period, base, base + 16), light, dark, 3)


def _peaks(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (26, 52)):
        height, slope = int(rng.integers(18, 36)) + base - 6, rng.uniform(0.8, 1.3)
        dx = c.dx(center)
        inside = c.up < height - np.abs(dx) * slope
        c.paint(inside & (dx < 0), light)
        c.paint(inside & (dx >= 0), dark)
        cap = inside & (c.up > height - 9 + (np.abs(dx) % 4))
        c.paint(cap & (dx < 0), (252, 252, 255))
        c.paint(cap & (dx >= 0), (214, 226, 244))
    c.paint(c.up < base, dark)


def _craters(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (60, 96)):
        height, dx = int(rng.integers(24, 34)) + base - 6, c.dx(center)
        inside = (c.up < height + 6 - np.abs(dx) * 0.9) & (c.up < height)
        c.paint(inside & (dx < 0), light)
        c.paint(inside & (dx >= 0), dark)
        flow = inside & (np.abs(dx + (c.up // 5) % 3 - 1) < 2) & (c.up > height - 18)
        c.paint(flow | (inside & (c.up == height - 1)), accent)
    c.paint(c.up < base, dark)


def _mesas(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (40, 80)):
        width, height, dx = int(rng.integers(10, 22)), int(rng.integers(8, 24)) + base, c.dx(center)
        inside = (np.abs(dx) < width - (c.up > base + 4) * 3) & (c.up < height)
        c.paint(inside, light)
        c.paint(inside & ((c.up % 6) == 0), dark)
        c.paint(inside & (dx > width // 2), dark)
    c.ridge(_waves(rng, c.period, base - 4, base + 5), light, dark, 2)


def _towers(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    at = 0
    while at < c.period:
        width, height = int(rng.integers(10, 22)), int(rng.integers(6, 34)) + base
        dx = (c.x - at) % c.period
        inside = (dx < width) & (c.up < height)
        c.paint(inside, dark)
        c.paint(inside & (dx < 2), light)
        lit = (
            inside
            & (dx % 5 >= 2)
            & (dx % 5 < 4)
            & (c.up % 6 >= 3)
            & (dx < width - 2)
            & (c.up < height - 3)
        )
        on = ((dx // 5) * 7 + (c.up // 6) * 3 + at) % 4 == 0
        c.paint(lit & ~on, light)
        c.paint(lit & on, accent)
        at += width + int(rng.integers(0, 5))


def _stalagmites(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (14, 34)):
        height, width = int(rng.integers(10, 32)) + base - 4, rng.uniform(0.16, 0.3)
        dx = c.dx(center)
        inside = np.abs(dx) < (height - c.up) * width
        c.paint(inside & (dx < 0), light)
        c.paint(inside & (dx >= 0), dark)
    c.ridge(_waves(rng, c.period, base - 4, base + 4), light, dark, 2)
    top = c.rgb.shape[0]
    hang = _waves(rng, c.period, 2, 12, 4)
    c.paint(c.up > top - 1 - hang[None], dark)


def _pine(c: _Canvas, center: int, base: int, height: int, light, dark, snow: bool) -> None:
    dx, up = c.dx(center), c.up - base
    c.paint((np.abs(dx) < 2) & (up >= -6) & (up < 4), (74, 52, 44))
    reach = (height - up) * 0.34 + (up % 6 < 2) * 1.5
    inside = (np.abs(dx) < reach) & (up >= 3) & (up < height)
    c.paint(inside & (dx <= 0), light)
    c.paint(inside & (dx > 0), dark)
    if snow:
        c.paint(inside & (up % 6 < 2) & (np.abs(dx) > reach - 4), (240, 246, 252))


def _pines(c: _Canvas, rng, light, dark, base: int, accent, *, snow: bool = False) -> None:
    for center in _spots(rng, c.period, (13, 30)):
        _pine(c, center, base - 3, int(rng.integers(20, 36)), light, dark, snow)
    c.ridge(_waves(rng, c.period, base - 4, base + 4), light, dark, 2)


def _snowy_pines(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    _pines(c, rng, light, dark, base, accent, snow=True)


def _round_trees(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (24, 54)):
        height, dx, up = int(rng.integers(12, 22)), c.dx(center), c.up - base
        c.paint((np.abs(dx) < 2) & (up >= -6) & (up < height), (124, 84, 56))
        for off, lift, radius in ((-5, 0, 6), (5, 1, 6), (0, 5, 7)):
            far = (dx - off) ** 2 + (up - height - lift) ** 2
            c.paint(far < radius**2, dark)
            c.paint(
                (dx - off + 1.5) ** 2 + (up - height - lift - 1.5) ** 2 < (radius - 2.5) ** 2, light
            )
    c.ridge(_waves(rng, c.period, base - 4, base + 4), light, dark, 2)


def _cacti(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    green, shade = accent, tuple(int(v * 0.7) for v in accent)
    for center in _spots(rng, c.period, (36, 72)):
        height, dx, up = int(rng.integers(12, 20)), c.dx(center), c.up - base
        side = 1 if rng.random() < 0.5 else -1
        trunk = (np.abs(dx) < 3) & (up > -6) & (up < height)
        arm = (np.abs(dx - 6 * side) < 2) & (up > 5) & (up < 12)
        elbow = (np.abs(dx - 4 * side) < 3) & (up > 4) & (up < 8)
        c.paint(trunk | arm | elbow, green)
        c.paint((trunk & (dx > 0)) | (arm & (dx > 6 * side)), shade)
    c.ridge(_waves(rng, c.period, base - 4, base + 5), light, dark, 2)


def _pillars(c: _Canvas, rng, light, dark, base: int, accent) -> None:
    for center in _spots(rng, c.period, (26, 54)):
        height, dx, up = int(rng.integers(14, 34)), c.dx(center), c.up - base
        whole = rng.random() < 0.6
        top = height if whole else height - (np.abs(dx) + dx * 2) % 5
        shaft = (np.abs(dx) < 4) & (up > -6) & (up < top)
        c.paint(shaft, light)
        c.paint(shaft & ((dx == -1) | (dx > 1)), dark)
        if whole:
            c.paint((np.abs(dx) < 6) & (up >= height - 1) & (up < height + 3), light)
            c.paint((np.abs(dx) < 6) & (up == height - 1), dark)
        c.paint(shaft & (up < 6 + dx % 3) & (dx < 0), accent)
    c.ridge(_waves(rng, c.period, base - 4, base + 4), light, dark, 2)


_SHAPES = {
    "hills": _hills,
    "peaks": _peaks,
    "craters": _craters,
    "mesas": _mesas,
    "towers": _towers,
    "stalagmites": _stalagmites,
    "pines": _pines,
    "snowy pines": _snowy_pines,
    "round trees": _round_trees,
    "cacti": _cacti,
    "pillars": _pillars,
}


def parallax_strip(theme: str, depth: str, height: int, rng: np.random.Generator) -> Strip:
    """The far or the mid layer of a theme, by day and in clear weather."""
    palette: Palette = PALETTES[theme]
    far = depth == "far"
    canvas = _Canvas(height, FAR_PERIOD if far else MID_PERIOD)
    light, dark = palette.far if far else palette.mid
    shape = _SHAPES[palette.far_shape if far else palette.mid_shape]
    base = 30 if far else 20
    if far and palette.far_shape == palette.mid_shape:
        base += 8
    shape(canvas, rng, light, dark, base, palette.accent)
    return Strip(canvas.rgb, canvas.mask)


def sky(theme: str, time_of_day: str, weather: str, size: tuple[int, int], rng) -> np.ndarray:
    """The sky with its sun, moon, stars or clouds: uint8 (H, W, 3)."""
    height, width = size
    top, low = sky_colors(theme, time_of_day)
    bands = np.linspace(0, 1, 7)[np.minimum(np.arange(height) * 7 // max(height - 18, 1), 6)]
    rgb = np.repeat((top + (low - top) * bands[:, None])[:, None], width, axis=1)
    yy, xx = np.mgrid[:height, :width]
    if theme == "cave":
        return weathered(rgb, "sky", time_of_day, weather)
    sun_x, sun_y = int(rng.integers(width // 6, width - width // 6)), int(rng.integers(9, 18))
    # Drawn at any hour, so that what comes after them lies the same by day and by night.
    clouds = [
        (int(rng.integers(0, width)), int(rng.integers(6, height // 2)))
        for _ in range(int(rng.integers(2, 5)))
    ]
    if time_of_day == "night":
        stars = rng.spawn(1)[0]
        for _ in range(height * width // 260):
            y, x = int(stars.integers(0, height // 2)), int(stars.integers(0, width))
            rgb[y, x] = (214, 222, 255) if stars.random() < 0.6 else (130, 142, 206)
        moon = (xx - sun_x) ** 2 + (yy - sun_y) ** 2 < 30
        rgb[moon & ((xx - sun_x + 3) ** 2 + (yy - sun_y + 2) ** 2 >= 26)] = (246, 244, 214)
    else:
        if time_of_day == "dusk":
            sun_y = int(height * 0.42)
        radius = 8 if time_of_day == "dusk" else 5
        far = (xx - sun_x) ** 2 + (yy - sun_y) ** 2
        glow = far < (radius + 3) ** 2
        rgb[glow] = rgb[glow] * 0.65 + np.float32((255, 226, 150)) * 0.35
        rgb[far < radius**2] = (255, 244, 196) if time_of_day == "day" else (255, 220, 132)
        for cx, cy in clouds:
            for off, half, thick in ((0, 9, 0), (2, 6, 2), (-3, 4, 3)):
                puff = (np.abs(xx - cx - off) < half) & (yy <= cy) & (yy > cy - 2 - thick)
                rgb[puff] = rgb[puff] * 0.3 + np.float32((255, 250, 246)) * 0.7
    return weathered(rgb, "sky", time_of_day, weather)
