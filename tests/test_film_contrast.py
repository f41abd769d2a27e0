"""The colour that words ask for is set against every other."""

from __future__ import annotations

import pytest

from playreel.film.contrast import contrasts
from playreel.footage.vocabulary import VOCABULARY


@pytest.mark.parametrize("color", VOCABULARY["hero_color"])
@pytest.mark.parametrize(
    "prompt", ["a {} fox in green hills, golden hour", "{}的狐狸，白天，青草坡"]
)
def test_a_colour_is_exchanged_for_every_other(prompt, color):
    language = "en" if "fox" in prompt else "zh"
    for words in VOCABULARY["hero_color"][color][language]:
        others = contrasts(prompt.format(words))
        plain = {name: ways[language][0] for name, ways in VOCABULARY["hero_color"].items()}
        expected = [prompt.format(word) for name, word in plain.items() if name != color]
        assert sorted(others) == sorted(expected), words


@pytest.mark.parametrize("text", ["", "a fox", "a red fox and a blue cat", "雪地，白天"])
def test_without_one_colour_there_is_nothing_to_set_against(text):
    assert contrasts(text) == ()
