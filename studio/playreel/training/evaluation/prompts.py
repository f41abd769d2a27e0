"""Prompts in the captions' wording that ask for known attributes, every value equally often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playreel.footage.spec import (
    CAMERAS,
    COLOURLESS_STYLES,
    HERO_COLORS,
    HEROES,
    STYLES,
    THEMES,
    TIMES,
    WEATHERS,
)
from playreel.footage.vocabulary import MEASURE_WORDS, MOMENTS, PLACES, SKIES, VOCABULARY
from playreel.footage.wording import with_article

#: Attributes that a classifier reads back, with their values in order.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "theme": THEMES,
    "time_of_day": TIMES,
    "weather": WEATHERS,
    "hero_color": HERO_COLORS,
    "style": STYLES,
    "camera": CAMERAS,
}
#: Those that a style may hide.
HIDDEN_BY_STYLE = ("hero_color", "time_of_day")
_HERO = "hero"


@dataclass(frozen=True, kw_only=True)
class AskedFor:
    """A prompt and what it asks for.

    Attributes:
        text: English or Chinese.
        wanted: attribute to value, of those that can be seen in the result.
    """

    text: str
    wanted: dict[str, str]


def still_prompts(count: int, *, seed: int) -> list[AskedFor]:
    """Prompts for stills: all attributes but the camera, half in English and half in Chinese.

    A style without colours is not asked for a colour or an hour, as captions never do.
    """
    rng = np.random.default_rng((seed, 6))
    names = [name for name in ATTRIBUTES if name != "camera"]
    drawn = {name: _cycle(ATTRIBUTES[name], count, rng) for name in names}
    heroes = _cycle(HEROES, count, rng)
    prompts = []
    for index in range(count):
        wanted = {name: drawn[name][index] for name in names}
        if wanted["style"] in COLOURLESS_STYLES:
            for name in HIDDEN_BY_STYLE:
                del wanted[name]
        said = wanted | {_HERO: heroes[index]}
        lang = ("en", "zh")[index % 2]
        text = (_tags if rng.random() < 0.5 else _sentence)(said, lang, rng)
        prompts.append(AskedFor(text=text, wanted=wanted))
    return prompts


def camera_prompts(count: int, *, seed: int) -> list[AskedFor]:
    """Prompts for takes: a camera move, and a place and a hero to see it by."""
    rng = np.random.default_rng((seed, 7))
    themes, heroes = _cycle(THEMES, count, rng), _cycle(HEROES, count, rng)
    prompts = []
    for index in range(count):
        camera = CAMERAS[index % len(CAMERAS)]
        lang = ("en", "zh")[index // len(CAMERAS) % 2]
        words = [
            _pick("hero", heroes[index], lang, rng),
            _pick("theme", themes[index], lang, rng),
            _pick("camera", camera, lang, rng),
        ]
        text = ", ".join(words) if lang == "en" else "，".join(words)
        prompts.append(AskedFor(text=text, wanted={"camera": camera}))
    return prompts


def _cycle(values: tuple[str, ...], count: int, rng: np.random.Generator) -> list[str]:
    """`count` values in random order, each as often as any other, give or take one."""
    rounds = [rng.permutation(values) for _ in range(-(-count // len(values)))]
    return [str(value) for value in np.concatenate(rounds)[:count]]


def _pick(name: str, value: str, lang: str, rng: np.random.Generator) -> str:
    return str(rng.choice(VOCABULARY[name][value][lang]))


def _wide(lang: str, rng: np.random.Generator) -> str:
    return _pick("shot_size", "wide", lang, rng)  # in a close-up there is no place to be seen


def _hero(said: dict[str, str], lang: str, rng: np.random.Generator) -> str:
    hero = _pick("hero", said[_HERO], lang, rng)
    if "hero_color" not in said:
        return hero
    color = _pick("hero_color", said["hero_color"], lang, rng)
    return f"{color} {hero}" if lang == "en" else f"{color}的{hero}"


def _tags(said: dict[str, str], lang: str, rng: np.random.Generator) -> str:
    plain = [name for name in said if name not in ("hero_color", _HERO)]
    words = [_pick(name, said[name], lang, rng) for name in plain]
    words += [_hero(said, lang, rng), _wide(lang, rng)]
    order = rng.permutation(len(words))
    return (", " if lang == "en" else "，").join(words[index] for index in order)


def _sentence(said: dict[str, str], lang: str, rng: np.random.Generator) -> str:
    place = str(rng.choice(PLACES[said["theme"]][lang]))
    sky = str(rng.choice(SKIES[said["weather"]][lang]))
    style = _pick("style", said["style"], lang, rng)
    moment = str(rng.choice(MOMENTS[said["time_of_day"]][lang])) if "time_of_day" in said else ""
    hero = _hero(said, lang, rng)
    if lang == "en":
        subject = f"{with_article(hero)} {place} {moment}".rstrip()
        return f"{subject}, {sky}, {style} style, {_wide(lang, rng)}"
    stem = style.removesuffix("风").removesuffix("画")
    where = f"{moment}，{MEASURE_WORDS[said[_HERO]]}{hero}在{place}".lstrip("，")
    return f"{where}，{sky}，{stem}风格，{_wide(lang, rng)}"
