"""Expanding prompts in a studio: with the words that its engine understands."""

from __future__ import annotations

from playreel.film.endpoint import EndpointExpander
from playreel.film.expander import Expander, Expansion, RuleExpander
from playreel.film.film_words import FILM_WORDS
from playreel.film.lexicon import Lexicon
from playreel.film.local_expander import LocalExpander

BY_RULES, LOCAL = "rules", "local:"
_ASPECTS = {  # of the footage's attributes
    "subject": "hero",
    "motion": "action",
    "setting": "theme",
    "light": "time_of_day",
    "weather": "weather",
    "style": "style",
    "camera": "camera",
}
_HAPPENINGS = ("coin taken", "block broken", "enemy stomped", "hurt", "fall", "land")


def lexicon_of(engine: str) -> Lexicon:
    """The words that an engine understands: those that the bundled model was taught, or film's own."""
    if engine != "bundled":
        return FILM_WORDS
    from playreel.footage.vocabulary import CAMERA_SENTENCES, MOMENTS, PLACES, SKIES, VOCABULARY

    values = {aspect: VOCABULARY[name] for aspect, name in _ASPECTS.items()}
    # What happens to the hero depends on the level: a prompt may say it, nothing adds it.
    motion = {name: ways for name, ways in values["motion"].items() if name not in _HAPPENINGS}
    heroes = {
        name: {"en": [f"a {name}"], "zh": [ways["zh"][0]]}
        for name, ways in values["subject"].items()
    }
    return Lexicon(
        values={**values, "motion": motion, "other": _others(VOCABULARY)},
        phrases={
            "subject": heroes,
            "setting": PLACES,
            "light": MOMENTS,
            "weather": SKIES,
            "camera": CAMERA_SENTENCES,
        },
        is_closed=True,
        usual={
            "motion": "run right",
            "light": "day",
            "weather": "clear",
            "style": "pixel",
            "camera": "tracking",
        },
        needless={"weather": frozenset({"cave"}), "light": frozenset({"cave"})},
    )


def expand(
    prompt: str, *, engine: str, camera: str | None = None, seed: int = 0, by: str = BY_RULES
) -> Expansion:
    """See `playreel.Studio.expand`."""
    lexicon = lexicon_of(engine)
    expander: Expander
    if by == BY_RULES:
        expander = RuleExpander(lexicon)
    elif by.startswith(LOCAL):
        expander = LocalExpander(by.removeprefix(LOCAL), lexicon)
    else:
        url, _, model = by.partition("#")
        expander = EndpointExpander(url, lexicon, model or "default")
    return expander.expand(prompt, camera=camera, seed=seed)


def _others(vocabulary: dict[str, dict[str, dict[str, list[str]]]]) -> dict:
    """Words that the model knows and nothing adds: colours, shot sizes, what happens to the hero."""
    named = {
        **vocabulary["hero_color"],
        **vocabulary["shot_size"],
        **{name: vocabulary["action"][name] for name in _HAPPENINGS},
    }
    named["hero"] = {"en": ["hero", "character"], "zh": ["主角", "角色"]}
    return named
