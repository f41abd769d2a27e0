"""A camera that pans leaves the hero behind, one that tracks goes along, one that stands sees him go by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playreel import film
from playreel.core import load_bundle
from playreel.core.casting import find_figure
from playreel.film.director import camera_of, direct
from playreel.footage.school import render_episode
from playreel.footage.spec import sample_spec
from playreel.footage.vocabulary import CAMERA_SENTENCES, VOCABULARY
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


@pytest.mark.parametrize(
    ("words", "side"), [("fixed camera, it runs right", 1), ("固定镜头，向左跑", -1)]
)
def test_a_hero_walks_past_a_camera_that_stands(model, start, words, side):
    take = film.animate(model, start, words, seconds=NUM_FRAMES / 12, seed=1)
    columns = columns_of_the_hero(model, take)
    assert side * (columns[-1] - columns[0]) >= 2 * (len(columns) - 1)
    assert (take.frames[0] != take.frames[-1]).any(-1).mean() < 0.08  # the hero, and who else acts
    assert film.animate(model, start, words, seconds=NUM_FRAMES / 12, seed=1) == take


def test_a_hero_before_a_camera_that_stands_stays_in_sight(model, start):
    names = {code: name for name, code in model.world.buttons.items()}
    way = {"right": 1, "left": -1}

    def walk(**neighbours) -> np.ndarray:
        actions = direct(model, ["a cat, fixed camera"] * 120, **neighbours)
        return np.cumsum([way[names[action]] for action in actions])

    ahead = walk(neighbours=start.frames)
    back = walk(neighbours=start.frames, backward=True)
    for path in (ahead, back - back[-1]):  # at 2.5 pixels a frame, from about the middle of 128
        assert path.max() - path.min() < 128 / 2.5 and len(set(path)) > 20


@pytest.mark.parametrize("text", ["fixed camera, the fox stands still", "固定镜头，狐狸站着"])
def test_a_hero_told_to_stand_stands_before_any_camera(model, text):
    assert set(direct(model, [text] * 9, neighbours=None)) == {model.world.buttons["stay"]}
    assert camera_of(text) == "static"


def camera_sayings(move: str) -> list[str]:
    return [
        prompt.format(words)
        for language, prompt in (("en", "little fox, town, {}"), ("zh", "狐狸，林间，{}"))
        for words in VOCABULARY["camera"][move][language] + CAMERA_SENTENCES[move][language]
    ]


def test_before_a_camera_that_follows_a_hero_of_whom_nothing_is_said_sets_off_and_halts(model):
    stay, right = model.world.buttons["stay"], model.world.buttons["right"]
    for text in camera_sayings("tracking"):
        actions = direct(model, [text] * 48, neighbours=None)
        assert set(actions) == {stay, right}, text
        assert actions[0] == stay and actions.count(right) > 30, text
    for move in ("zoom in", "zoom out", "shake"):
        for text in camera_sayings(move):
            assert set(direct(model, [text] * 48, neighbours=None)) == {right}, text


@pytest.mark.parametrize("text", ["the fox runs, tracking shot", "狐狸向右跑，跟拍"])
def test_a_hero_told_to_run_runs_on_before_a_camera_that_follows(model, text):
    assert set(direct(model, [text] * 48, neighbours=None)) == {model.world.buttons["right"]}


@pytest.mark.parametrize("move", VOCABULARY["camera"])
def test_the_words_of_a_move_tell_how_the_camera_goes_with_the_hero(move):
    expected = {"static": "static", "pan left": "pan", "pan right": "pan"}.get(move, "tracking")
    for text in camera_sayings(move):
        assert camera_of(text) == expected, text


@pytest.mark.parametrize(
    "text", ["the hero runs right", "狐狸向右移动", "pan left as the fox jumps", "a pan on a stove"]
)
def test_a_hero_that_goes_is_followed(text):
    assert camera_of(text) == "tracking"
