"""Captions: true, varied, timed, in both languages, and fast enough to be written on the fly."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from playreel.errors import InputError
from playreel.footage import captions
from playreel.footage.captions import VOCABULARY, Caption, caption
from playreel.footage.spec import (
    CAMERAS,
    HERO_COLORS,
    HEROES,
    SHOT_SIZES,
    STYLES,
    THEMES,
    TIMES,
    WEATHERS,
    EpisodeSpec,
    sample_spec,
)
from playreel.footage.vocabulary import CAMERA_SENTENCES, MOMENTS, PLACES, SKIES

SPEC = EpisodeSpec(
    seed=1,
    theme="snow",
    time_of_day="dusk",
    weather="clear",
    style="watercolour",
    hero="fox",
    hero_color="red",
    camera="pan right",
)
EVENTS = [(0, "right"), (9, "jump"), (12, "coin taken"), (24, "cut to close-up")]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("theme", THEMES),
        ("time_of_day", TIMES),
        ("weather", WEATHERS),
        ("style", STYLES),
        ("hero", HEROES),
        ("hero_color", HERO_COLORS),
        ("camera", CAMERAS),
        ("shot_size", SHOT_SIZES),
    ],
)
def test_vocabulary_covers_every_value_with_synonyms(attribute, values):
    assert set(VOCABULARY[attribute]) == set(values)
    for words in VOCABULARY[attribute].values():
        assert len(words["en"]) >= 3
        assert len(words["zh"]) >= 3


@pytest.mark.parametrize("attribute", list(VOCABULARY))
def test_a_synonym_names_one_value_only(attribute):
    for lang in captions.LANGUAGES:
        words = [word for value in VOCABULARY[attribute].values() for word in value[lang]]
        assert len(words) == len(set(words))


@pytest.mark.parametrize("lang", captions.LANGUAGES)
def test_captions_vary_and_repeat_with_their_seed(lang):
    texts = {caption(SPEC, rng(seed), lang, num_frames=16).text for seed in range(300)}
    assert len(texts) > 280
    assert captions.NUM_TEMPLATES[lang] >= 8
    one, two = (caption(SPEC, rng(5), lang, events=EVENTS, num_frames=32) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("lang", captions.LANGUAGES)
def test_no_slot_or_stray_mark_is_left_in_a_caption(lang):
    source = rng()
    for _ in range(600):
        spec = sample_spec(source, "film")
        text = caption(spec, source, lang, events=EVENTS, num_frames=32).text
        assert text
        assert text == text.strip()
        for scrap in (" ,", ",,", "，，", "。。", "..", "  ", "_", "+", ", .", "，。"):
            assert scrap not in text, text
        assert text[0] not in ",.，。"


@pytest.mark.parametrize("lang", captions.LANGUAGES)
def test_captions_say_only_what_is_true(lang):
    def said(table, true, text):
        others = {w for value, words in table.items() if value != true for w in words[lang]}
        own = set(table[true][lang])
        return {w for w in others if w in text and not any(w in mine for mine in own)}

    for seed in range(300):
        text = caption(SPEC, rng(seed), lang, num_frames=16).text.lower()
        assert not said(PLACES, "snow", text)
        assert not said(MOMENTS, "dusk", text)
        assert not said(SKIES, "clear", text)
        assert not said(CAMERA_SENTENCES, "pan right", text)
        assert not said(VOCABULARY["hero"], "fox", text)


def test_some_captions_are_full_and_some_are_bare():
    lengths = [len(caption(SPEC, rng(seed), "en", num_frames=16).text) for seed in range(400)]
    assert min(lengths) < 30
    assert max(lengths) > 110


@pytest.mark.parametrize("lang", captions.LANGUAGES)
def test_colour_is_not_promised_where_the_style_shows_none(lang):
    spec = dataclasses.replace(SPEC, style="blueprint")
    shades = VOCABULARY["hero_color"]["red"][lang] + MOMENTS["dusk"][lang]
    for seed in range(200):
        text = caption(spec, rng(seed), lang, num_frames=16).text
        assert not any(shade in text.split() for shade in shades)


def test_events_become_ordered_segments():
    made = caption(SPEC, rng(), "en", events=EVENTS, num_frames=32)
    assert [(start, end) for start, end, _ in made.segments] == [(0, 9), (9, 24), (24, 32)]
    assert any(word in made.segments[0][2] for word in ("right",))
    assert any(word in made.segments[2][2] for word in ("close", "tight"))
    chinese = caption(SPEC, rng(), "zh", events=EVENTS, num_frames=32)
    assert "特写" in chinese.segments[2][2]
    assert "切" in chinese.segments[2][2]


def test_a_cut_starts_its_own_segment_and_late_events_are_left_out():
    events = [(0, "left"), (3, "cut to wide"), (40, "jump")]
    made = caption(SPEC, rng(), "en", events=events, num_frames=16)
    assert [(start, end) for start, end, _ in made.segments] == [(0, 3), (3, 16)]


def test_a_film_of_several_shots_opens_on_the_first():
    spec = dataclasses.replace(SPEC, shots=((8, "wide"), (8, "close-up")))
    events = [(1, "right"), (8, "cut to close-up")]
    for seed in range(20):
        made = caption(spec, rng(seed), "zh", events=events, num_frames=16)
        assert "景" in made.segments[0][2]


def test_text_at_joins_base_and_segment():
    made = Caption("a fox", ((0, 4, "it runs"), (8, 12, "it jumps")))
    assert made.text_at(3) == "a fox, it runs"
    assert made.text_at(5) == "a fox"
    assert made.text_at(11) == "a fox, it jumps"


def test_unknown_language_is_named():
    with pytest.raises(InputError, match=r"'fr'.*en, zh"):
        caption(SPEC, rng(), "fr", num_frames=4)


def test_captions_are_fast():
    source = rng()
    start = time.process_time()
    for turn in range(2000):
        caption(SPEC, source, ("en", "zh")[turn % 2], events=EVENTS, num_frames=32)
    assert 2000 / (time.process_time() - start) > 5000
