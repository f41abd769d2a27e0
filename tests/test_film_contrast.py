"""What words ask for is set against what they might have asked for instead."""

from __future__ import annotations

import pytest

from playreel.film.contrast import contrasts
from playreel.film.look import look
from playreel.footage.vocabulary import VOCABULARY


@pytest.mark.parametrize("color", VOCABULARY["hero_color"])
@pytest.mark.parametrize(
    "prompt", ["a {} fox in green hills, golden hour", "{}的狐狸，白天，青草坡"]
)
def test_a_colour_is_exchanged_for_every_other(prompt, color):
    language = "en" if "fox" in prompt else "zh"
    for words in VOCABULARY["hero_color"][color][language]:
        others = contrasts(prompt.format(words))[0]
        plain = {name: ways[language][0] for name, ways in VOCABULARY["hero_color"].items()}
        expected = [prompt.format(word) for name, word in plain.items() if name != color]
        assert sorted(others) == sorted(expected), words


ASPECTS = {"theme": "place", "time_of_day": "hour", "weather": "weather"}


@pytest.mark.parametrize("name", ASPECTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_so_are_place_hour_and_weather(name, language):
    for value, ways in VOCABULARY[name].items():
        for words in ways[language]:
            (others,) = contrasts(words)
            assert len(others) == len(VOCABULARY[name]) - 1, words
            said = [look(other)[ASPECTS[name]] for other in others]
            assert frozenset().union(*said) | {value} == set(VOCABULARY[name]), (words, others)
            assert {len(values) for values in said} == {1}


def test_each_thing_is_exchanged_by_itself():
    colors, places, weathers = contrasts("a red fox in a forest, rain")
    assert "a blue fox in a forest, rain" in colors and len(colors) == 6
    assert "a red fox in a cave, rain" in places and len(places) == 7
    assert weathers[0] == "a red fox in a forest, clear" and len(weathers) == 3


@pytest.mark.parametrize("text", ["", "a fox", "a red fox and a blue cat", "from day to night"])
def test_without_one_there_is_nothing_to_set_against(text):
    assert contrasts(text) == ()
