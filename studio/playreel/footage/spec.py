"""What an episode of footage shows: the attributes, their closed vocabularies and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BUTTONS = ("stay", "left", "right", "jump", "jump-left", "jump-right")
THEMES = ("meadow", "forest", "desert", "snow", "cave", "city", "volcano", "ruins")
TIMES = ("day", "dusk", "night")
WEATHERS = ("clear", "rain", "snow", "fog")
STYLES = (
    "pixel",
    "game-boy",
    "ink wash",
    "blueprint",
    "watercolour",
    "neon",
    "paper cut-out",
    "charcoal sketch",
)
HEROES = ("fox", "knight", "robot", "wizard", "cat", "ninja")
HERO_COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "white")
ENEMIES = ("slime", "bat", "spiker")
CAMERAS = ("static", "pan left", "pan right", "zoom in", "zoom out", "tracking", "shake")
SHOT_SIZES = ("wide", "medium", "close-up")
SCHOOLS = ("narrow", "world", "film")

#: Height and width in pixels; every one of them is 144 tokens of 8x8 pixels.
FRAME_SIZES = {"16:9": (72, 128), "9:16": (128, 72), "1:1": (96, 96)}
FPS = 12

#: Styles that leave no room for the hero's colour or for the hour's light.
COLOURLESS_STYLES = frozenset({"game-boy", "ink wash", "blueprint", "charcoal sketch"})

HELD_OUT_MODULUS = 10


def is_held_out(seed: int) -> bool:
    """Whether a seed is kept for evaluation and never trained on."""
    return seed % HELD_OUT_MODULUS == 0


@dataclass(frozen=True, kw_only=True)
class EpisodeSpec:
    """One episode: everything its frames depend on, together with the buttons pressed."""

    seed: int
    aspect: str = "16:9"
    theme: str = "meadow"
    time_of_day: str = "day"
    weather: str = "clear"
    style: str = "pixel"
    hero: str = "fox"
    hero_color: str = "orange"
    camera: str = "tracking"
    shots: tuple[tuple[int, str], ...] = ()  # (num_frames, shot size); empty is one wide shot

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return FRAME_SIZES[self.aspect]


def _seed(rng: np.random.Generator, held_out: bool) -> int:
    base = int(rng.integers(0, 200_000_000)) * HELD_OUT_MODULUS
    return base if held_out else base + int(rng.integers(1, HELD_OUT_MODULUS))


def _shots(rng: np.random.Generator) -> tuple[tuple[int, str], ...]:
    draw = rng.random()
    if draw < 0.55:
        return ()
    if draw < 0.75:
        return ((10_000, str(rng.choice(SHOT_SIZES[1:]))),)
    sizes = rng.permutation(SHOT_SIZES)
    return tuple((int(rng.integers(5, 14)), str(size)) for size in sizes)


def sample_spec(rng: np.random.Generator, school: str, *, held_out: bool = False) -> EpisodeSpec:
    """Draw a spec.

    Args:
        rng: source of randomness.
        school: `narrow` (pixel style, tracking camera, 16:9, clear day), `world` (all themes, hours,
            weathers and aspects, played with a tracking camera; three in four in pixel style) or
            `film` (everything, cuts and camera moves included).
        held_out: draw from the seeds kept for evaluation instead of those for training.
    """
    if school not in SCHOOLS:
        raise ValueError(f"unknown school {school!r}; choose one of {', '.join(SCHOOLS)}")
    seed = _seed(rng, held_out)
    look = {
        "seed": seed,
        "theme": str(rng.choice(THEMES)),
        "hero": str(rng.choice(HEROES)),
        "hero_color": str(rng.choice(HERO_COLORS)),
    }
    if school == "narrow":
        return EpisodeSpec(**look)
    look |= {
        "time_of_day": str(rng.choice(TIMES)),
        "weather": str(rng.choice(WEATHERS, p=(0.4, 0.2, 0.2, 0.2))),
        "aspect": str(rng.choice(tuple(FRAME_SIZES), p=(0.6, 0.25, 0.15))),
    }
    if school == "world":
        style = "pixel" if rng.random() < 0.75 else str(rng.choice(STYLES[1:]))
        return EpisodeSpec(**look, style=style)
    style = "pixel" if rng.random() < 0.3 else str(rng.choice(STYLES[1:]))
    return EpisodeSpec(**look, style=style, camera=str(rng.choice(CAMERAS)), shots=_shots(rng))
