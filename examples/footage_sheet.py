"""Draw a contact sheet of the procedural footage that the bundled model learns from."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from playreel.footage import EpisodeSpec, render_episode
from playreel.footage.arm import render_arm_episode
from playreel.footage.spec import HERO_COLORS, HEROES, STYLES, THEMES, TIMES, WEATHERS
from playreel.media import contact_sheet

BASE = EpisodeSpec(seed=20, hero="fox", hero_color="orange")


def frame(index: int = 9, **changes: object) -> np.ndarray:
    """One frame of an episode that differs from the base in some attributes."""
    return render_episode(replace(BASE, **changes), index + 1).frames[index]


def rows() -> list[tuple[str, np.ndarray]]:
    """Label and frames, uint8 (T, 72, 128, 3), of each strip."""
    play = render_episode(replace(BASE, seed=33, theme="forest", hero="knight"), 24).frames[::3]
    cut = replace(
        BASE,
        seed=57,
        theme="ruins",
        hero="wizard",
        hero_color="purple",
        shots=((3, "wide"), (3, "medium"), (2, "close-up")),
    )
    themes = [
        frame(theme=theme, seed=20 + 3 * i, hero=HEROES[i % 6]) for i, theme in enumerate(THEMES)
    ]
    hours = [
        frame(
            theme=theme,
            time_of_day=hour,
            weather=weather,
            seed=61 + i,
            hero_color=HERO_COLORS[i % 7],
        )
        for i, (theme, hour, weather) in enumerate(
            (t, TIMES[1 + i % 2], WEATHERS[(i + 1) % 4]) for i, t in enumerate(THEMES)
        )
    ]
    styles = [frame(style=style, seed=45) for style in STYLES]
    weathers = [
        frame(style=style, weather=weather, theme=theme, seed=45)
        for style, weather, theme in (
            ("blueprint", "fog", "ruins"),
            ("ink wash", "rain", "forest"),
            ("charcoal sketch", "snow", "city"),
            ("game-boy", "fog", "meadow"),
        )
    ]
    return [
        ("themes by day: " + ", ".join(THEMES[:4]), np.stack(themes[:4])),
        ("themes by day: " + ", ".join(THEMES[4:]), np.stack(themes[4:])),
        ("dusk and night, rain, snow and fog", np.stack(hours[:6])),
        ("one scene in eight styles: " + ", ".join(STYLES[:4]), np.stack(styles[:4])),
        (", ".join(STYLES[4:]), np.stack(styles[4:])),
        ("weather in other styles: fog, rain, snow, fog", np.stack(weathers)),
        ("play: far, mid and near layers scroll 1, 2 and 4 pixels a frame", play[:6]),
        (
            "wide, medium and close-up on the same hero",
            render_episode(cut, 8).frames[[0, 2, 3, 5, 6, 7]],
        ),
        ("a second, unlike domain: a two-joint arm", render_arm_episode(11, 24).frames[::4]),
    ]


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "footage.png")
    contact_sheet(rows(), path, title="The school: procedural footage")
    print(path)
