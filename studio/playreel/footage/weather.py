"""Falling rain and snow, as a short cycle of see-through overlays."""

from __future__ import annotations

import numpy as np

NUM_PHASES = 12
FALLING = ("rain", "snow")
_DROP = {"day": (206, 222, 244), "dusk": (232, 206, 220), "night": (142, 164, 222)}
_FLAKE = {"day": (255, 255, 255), "dusk": (255, 232, 226), "night": (206, 218, 250)}
_MONO = {
    "game-boy": (196, 214, 92),
    "ink wash": (96, 96, 100),
    "blueprint": (206, 228, 250),
    "charcoal sketch": (74, 71, 70),
}
# In these, a dot would pass for a stray end of a line.
_DRAWN = ("ink wash", "blueprint", "neon", "charcoal sketch")


def overlay(
    weather: str, time_of_day: str, style: str, size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray] | None:
    """Keep and paint masks for `frame & keep | paint`: two uint8 (NUM_PHASES, H, W, 3), or None.

    Where the style is one of lines, drops are longer, and flakes are crosses.
    """
    if weather not in FALLING:
        return None
    height, width = size
    rain, is_drawn = weather == "rain", style in _DRAWN
    mask = np.zeros((NUM_PHASES, height, width), bool)
    count = height * width // (300 if rain else 230)
    x, y = rng.integers(0, width, count), rng.integers(0, height, count)
    big = rng.random(count) < 0.3
    for phase in range(NUM_PHASES):
        if rain:  # one cycle crosses the frame exactly, so the loop does not show
            down = y + phase * height // NUM_PHASES
            for along in range(-1, 5) if is_drawn else range(4):
                mask[phase, (down + along) % height, x] = True
        else:
            sway = np.round(2 * np.sin(phase / NUM_PHASES * 2 * np.pi + x)).astype(int)
            down = (y + phase * height // NUM_PHASES) % height
            mask[phase, down, (x + sway) % width] = True
            if is_drawn:
                for y1, x1 in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    mask[phase, (down + y1) % height, (x + sway + x1) % width] = True
            else:
                mask[phase, down[big], (x + sway + 1)[big] % width] = True
    color = _MONO.get(style) or (_DROP if rain else _FLAKE)[time_of_day]
    keep = np.where(mask[..., None], 0, 255).astype(np.uint8).repeat(3, axis=-1)
    paint = np.where(mask[..., None], np.array(color, np.uint8), 0).astype(np.uint8)
    return keep, paint
