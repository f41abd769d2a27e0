"""Colours of each theme at each hour, and how the hour and the weather tint them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Color = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours of one theme by day.

    `sky` runs from the top to the horizon; `far` and `mid` are (light, dark) of the two parallax layers;
    `top`, `soil`, `stone` are the ground's.
    """

    sky: tuple[Color, Color]
    far: tuple[Color, Color]
    mid: tuple[Color, Color]
    top: tuple[Color, Color]
    soil: tuple[Color, Color]
    accent: Color
    far_shape: str
    mid_shape: str
    decor: str


PALETTES: dict[str, Palette] = {
    "meadow": Palette(
        sky=((96, 178, 240), (206, 238, 250)),
        far=((142, 196, 214), (112, 168, 196)),
        mid=((112, 186, 104), (74, 142, 88)),
        top=((126, 214, 86), (78, 160, 62)),
        soil=((178, 118, 72), (136, 84, 54)),
        accent=(250, 112, 144),
        far_shape="hills",
        mid_shape="round trees",
        decor="flowers",
    ),
    "forest": Palette(
        sky=((112, 176, 178), (206, 230, 196)),
        far=((104, 156, 140), (78, 126, 120)),
        mid=((52, 108, 84), (32, 76, 68)),
        top=((92, 152, 70), (52, 104, 58)),
        soil=((110, 82, 64), (78, 56, 50)),
        accent=(226, 74, 62),
        far_shape="pines",
        mid_shape="pines",
        decor="mushrooms",
    ),
    "desert": Palette(
        sky=((82, 170, 222), (250, 230, 180)),
        far=((232, 178, 122), (206, 144, 100)),
        mid=((214, 140, 84), (176, 104, 70)),
        top=((246, 214, 138), (224, 180, 100)),
        soil=((222, 162, 92), (188, 124, 72)),
        accent=(74, 150, 84),
        far_shape="mesas",
        mid_shape="cacti",
        decor="grass",
    ),
    "snow": Palette(
        sky=((126, 176, 226), (224, 240, 250)),
        far=((196, 214, 236), (150, 176, 214)),
        mid=((122, 158, 182), (84, 118, 152)),
        top=((250, 252, 255), (206, 224, 242)),
        soil=((136, 158, 192), (100, 122, 162)),
        accent=(130, 222, 250),
        far_shape="peaks",
        mid_shape="snowy pines",
        decor="crystals",
    ),
    "cave": Palette(
        sky=((38, 30, 58), (74, 58, 96)),
        far=((92, 76, 118), (70, 56, 98)),
        mid=((66, 52, 88), (48, 36, 70)),
        top=((134, 120, 150), (102, 88, 124)),
        soil=((92, 76, 106), (66, 54, 84)),
        accent=(96, 238, 222),
        far_shape="stalagmites",
        mid_shape="stalagmites",
        decor="crystals",
    ),
    "city": Palette(
        sky=((120, 170, 220), (236, 222, 220)),
        far=((164, 176, 204), (134, 148, 184)),
        mid=((112, 122, 158), (84, 92, 130)),
        top=((172, 172, 182), (128, 128, 144)),
        soil=((112, 104, 116), (84, 78, 94)),
        accent=(255, 220, 110),
        far_shape="towers",
        mid_shape="towers",
        decor="lamps",
    ),
    "volcano": Palette(
        sky=((88, 40, 60), (242, 130, 76)),
        far=((136, 66, 72), (104, 48, 62)),
        mid=((88, 46, 58), (62, 32, 48)),
        top=((112, 92, 98), (80, 64, 74)),
        soil=((78, 58, 66), (54, 40, 52)),
        accent=(255, 142, 44),
        far_shape="craters",
        mid_shape="stalagmites",
        decor="embers",
    ),
    "ruins": Palette(
        sky=((132, 190, 200), (246, 232, 200)),
        far=((186, 182, 160), (154, 152, 140)),
        mid=((160, 148, 120), (120, 110, 96)),
        top=((146, 178, 96), (104, 136, 76)),
        soil=((188, 174, 146), (146, 132, 112)),
        accent=(98, 160, 90),
        far_shape="hills",
        mid_shape="pillars",
        decor="grass",
    ),
}

# Multiplier, then a share of a tint, for the scenery of each hour; sprites are tinted half as much.
_LIGHT: dict[str, tuple[Color, Color, float]] = {
    "day": ((255, 255, 255), (0, 0, 0), 0.0),
    "dusk": ((255, 196, 176), (196, 84, 92), 0.16),
    "night": ((96, 112, 178), (22, 26, 72), 0.22),
}
_SKY: dict[str, tuple[Color, Color, float]] = {
    "day": ((0, 0, 0), (0, 0, 0), 0.0),
    "dusk": ((92, 56, 128), (255, 158, 84), 0.82),
    "night": ((12, 14, 44), (40, 46, 104), 0.86),
}
_WEATHER_TINT: dict[str, tuple[Color, float]] = {
    "clear": ((0, 0, 0), 0.0),
    "rain": ((84, 98, 124), 0.3),
    "snow": ((222, 230, 244), 0.16),
    "fog": ((208, 214, 222), 0.3),
}
FOG_BY_DEPTH = {"sky": 0.75, "far": 0.72, "mid": 0.5, "near": 0.14, "sprite": 0.08}


def mix(rgb: np.ndarray, color: Color, share: float) -> np.ndarray:
    """Blend float colours towards one colour."""
    return rgb * (1 - share) + np.asarray(color, np.float32) * share


def tint(rgb: np.ndarray, depth: str, time_of_day: str, weather: str) -> np.ndarray:
    """Light an asset for the hour and the weather.

    Args:
        rgb: uint8 (..., 3).
        depth: `far`, `mid`, `near` or `sprite`.
        time_of_day: one of `spec.TIMES`.
        weather: one of `spec.WEATHERS`.
    """
    out = rgb.astype(np.float32)
    multiply, shade, share = _LIGHT[time_of_day]
    strength = 0.55 if depth == "sprite" else 1.0
    out *= 1 - strength * (1 - np.asarray(multiply, np.float32) / 255)
    out = mix(out, shade, share * strength)
    return weathered(out, depth, time_of_day, weather)


def weathered(rgb: np.ndarray, depth: str, time_of_day: str, weather: str) -> np.ndarray:
    """Blend float colours towards the weather's own, deeper layers more; returns uint8."""
    color, share = _WEATHER_TINT[weather]
    if weather == "fog":
        share = FOG_BY_DEPTH[depth]
    elif depth == "sprite":
        share *= 0.3
    dark = {"day": 1.0, "dusk": 0.8, "night": 0.38}[time_of_day]
    color = tuple(int(c * dark) for c in color)
    return np.clip(mix(rgb, color, share), 0, 255).astype(np.uint8)


def sky_colors(theme: str, time_of_day: str) -> tuple[np.ndarray, np.ndarray]:
    """Top and horizon colours, float32 (3,)."""
    top, low = (np.asarray(c, np.float32) for c in PALETTES[theme].sky)
    hour_top, hour_low, share = _SKY[time_of_day]
    if theme == "cave":  # no sky to turn red or dark down here
        share *= 0.5
    return mix(top, hour_top, share), mix(low, hour_low, share)
