"""What words ask for is set against what they might have asked for instead."""

from __future__ import annotations

import pytest

from playreel.film.contrast import contrasts
from playreel.footage.vocabulary import VOCABULARY

NAMES = ("hero_color", "theme", "time_of_day", "weather")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_named_is_set_against_every_other(name, language):
    for value, ways in VOCABULARY[name].items():
        for words in ways[language]:
            ((own, *others),) = contrasts(words)
            assert own in VOCABULARY[name][value]["en"], words
            expected = [names["en"] for other, names in VOCABULARY[name].items() if other != value]
            assert len(others) == len(expected), words
            assert all(word in names for word, names in zip(others, expected, strict=True))


@pytest.mark.parametrize(
    "prompt", ["a {} fox in green hills, golden hour", "{}的狐狸，白天，青草坡"]
)
def test_a_colour_is_found_among_other_words(prompt):
    language = "en" if "fox" in prompt else "zh"
    for color, ways in VOCABULARY["hero_color"].items():
        for words in ways[language]:
            assert contrasts(prompt.format(words))[0][0] == color, words


def test_each_thing_is_by_itself():
    groups = contrasts("a red fox in a forest, rain")
    assert [group[0] for group in groups] == ["red", "forest", "rain"]
    assert [len(group) for group in groups] == [7, 8, 4]


@pytest.mark.parametrize("text", ["", "a fox", "a red fox and a blue cat", "from day to night"])
def test_without_one_there_is_nothing_to_set_against(text):
    assert contrasts(text) == ()
