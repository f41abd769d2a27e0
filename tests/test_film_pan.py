"""A camera that pans leaves the hero behind; one that tracks goes along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playreel import film
from playreel.core import load_bundle
from playreel.core.casting import find_figure
from playreel.film.director import is_pan
from playreel.footage.school import render_episode
from playreel.footage.spec import sample_spec
from playreel.footage.vocabulary import VOCABULARY
from playreel.media import Clip

NUM_FRAMES = 5  # later another may be nearer to the middle


@pytest.fixture(scope="module")
def model():
    return load_bundle("bundled").film


@pytest.fixture(scope="module")
def start() -> Clip:
    spec = replace(
        sample_spec(np.random.default_rng((4, 2)), "world"),
        theme="meadow",
        hero="cat",
        hero_color="red",
        style="pixel",
        time_of_day="day",
        weather="clear",
        aspect="16:9",
    )
    return Clip(render_episode(spec, 4).frames[3:])


def columns_of_the_hero(model, take: Clip) -> list[int]:
    found = [find_figure(model.world, np.ascontiguousarray(frame)) for frame in take.frames]
    return [figure.left for figure in found if figure is not None]


@pytest.mark.parametrize(("words", "side"), [("pan right", -1), ("镜头左移", 1)])
def test_a_pan_leaves_the_hero_behind(model, start, words, side):
    take = film.animate(model, start, words, seconds=NUM_FRAMES / 12, seed=1)
    columns = columns_of_the_hero(model, take)
    gone = side * (columns[-1] - columns[0])
    assert gone >= 2 * (len(columns) - 1)  # a camera pans 4 pixels a frame
    assert film.animate(model, start, words, seconds=NUM_FRAMES / 12, seed=1) == take


def test_tracking_keeps_the_hero_where_it_is(model, start):
    take = film.animate(model, start, "tracking shot, it runs right", seconds=NUM_FRAMES / 12)
    columns = columns_of_the_hero(model, take)
    assert len(columns) > NUM_FRAMES // 2 and max(columns) - min(columns) <= 6
    assert (take.frames[0] != take.frames[-1]).any(-1).mean() > 0.1  # the scenery goes by


@pytest.mark.parametrize("move", VOCABULARY["camera"])
def test_words_of_pans_and_of_no_other_move_are_pans(move):
    for language, prompt in (("en", "little fox, town, {}"), ("zh", "狐狸，林间，{}")):
        for words in VOCABULARY["camera"][move][language]:
            assert is_pan(prompt.format(words)) == move.startswith("pan"), words


@pytest.mark.parametrize(
    "text", ["the hero runs right", "狐狸向右移动", "pan left as the fox jumps", "a pan on a stove"]
)
def test_a_hero_that_goes_is_followed(text):
    assert not is_pan(text)
