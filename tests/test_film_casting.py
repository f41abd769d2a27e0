"""Whoever is in one picture is put into a new still, pixel for pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playreel import Studio, film
from playreel.board import Planned
from playreel.core import load_bundle
from playreel.core.casting import find_figure, recast
from playreel.errors import InputError
from playreel.film.casting import TRIES, cast, held_by
from playreel.film.character import Character
from playreel.footage.school import render_episode
from playreel.footage.spec import sample_spec
from playreel.media import Clip


@pytest.fixture(scope="module")
def model():
    return load_bundle("bundled").film


def frame(theme: str, colour: str, index: int = 0) -> np.ndarray:
    """True footage by clear day."""
    rng = np.random.default_rng((4, index))
    spec = replace(
        sample_spec(rng, "world"),
        theme=theme,
        hero_color=colour,
        hero="fox",
        style="pixel",
        time_of_day="day",
        weather="clear",
        aspect="16:9",
    )
    return render_episode(spec, 4).frames[3]


def pixels_of(figure) -> set[tuple[int, ...]]:
    there = figure.pose[3] > 0
    shown = ((figure.pose[:3, there] + 1) * 127.5).round().int()
    return set(map(tuple, shown.T.tolist()))


def test_a_figure_takes_the_place_of_another(model):
    card, scene = frame("desert", "red"), frame("forest", "blue", 1)
    hero, other = (find_figure(model.world, each) for each in (card, scene))
    assert hero is not None and other is not None
    made = recast(model.world, scene, hero)
    again = find_figure(model.world, made)
    assert pixels_of(hero) <= pixels_of(again) | set(map(tuple, made.reshape(-1, 3).tolist()))
    assert abs(again.top - other.top) <= 3 and abs(again.left - other.left) <= 3
    changed = (made != scene).any(-1)
    rows, columns = np.nonzero(changed)
    assert 20 < changed.sum() < 24 * 24
    assert rows.max() - rows.min() <= 28 and columns.max() - columns.min() <= 28


def test_where_nobody_is_the_figure_stands_as_in_its_own_picture(model):
    hero = find_figure(model.world, frame("desert", "red"))
    empty = np.full((72, 128, 3), 200, np.uint8)
    assert find_figure(model.world, empty) is None and recast(model.world, empty, hero) is None
    made = recast(model.world, empty, hero, anyway=True)
    there = (made != empty).any(-1)
    ours = hero.pose[3].numpy() > 0
    assert there.sum() == ours.sum()
    rows, columns = np.nonzero(there)
    own = np.nonzero(ours)
    assert (rows.min(), columns.min()) == (hero.top + own[0].min(), hero.left + own[1].min())
    tall = recast(model.world, np.full((128, 72, 3), 200, np.uint8), hero, anyway=True)
    assert (tall != 200).any(-1).sum() == ours.sum()  # whole, though the frame is narrower


def test_scenes_are_drawn_until_one_has_somebody_in_it(model):
    empty, scene = np.full((72, 128, 3), 200, np.uint8), frame("forest", "blue", 1)
    seeds = []

    def draw(seed: int) -> np.ndarray:
        seeds.append(seed)
        return scene if len(seeds) == 3 else empty

    made, where = cast(model, frame("desert", "red"), draw, seed=7)
    assert len(set(seeds)) == 3 and seeds[0] == 7 and where.endswith("scene 3")
    assert not np.array_equal(made, scene)
    seeds.clear()
    _, where = cast(model, frame("desert", "red"), lambda seed: seeds.append(seed) or empty, seed=7)
    assert len(seeds) == TRIES and where == "where it stands in its own picture"


def test_a_still_with_a_hero_says_so_and_replays(model):
    card = Clip(frame("desert", "red")[None])
    made = film.still(model, "a forest by day", hero=card, seed=3)
    assert made == film.still(model, "a forest by day", hero=card, seed=3)
    assert made.recipe.options["inputs"] == {"hero": card.content_hash}
    assert made.recipe.options["resolved"]["hero"]
    assert card.content_hash in made.recipe.parents
    assert film.replay(model, made.recipe, {card.content_hash: card}.__getitem__) == made
    hero = pixels_of(find_figure(model.world, card.frames[0]))
    assert hero <= set(map(tuple, made.frames.reshape(-1, 3).tolist()))


def test_a_kept_picture_gets_the_hero_too(model):
    card, scene = frame("desert", "red"), frame("forest", "blue", 1)
    made = film.still(model, image=scene, strength=0, hero=card)
    assert np.array_equal(
        made.frames[0], recast(model.world, scene, find_figure(model.world, card))
    )


def test_a_picture_of_nobody_is_refused_or_painted_over(model):
    nobody = np.full((72, 128, 3), 90, np.uint8)
    with pytest.raises(InputError, match="No hero was found"):
        film.still(model, "a forest", hero=nobody)
    assert set(held_by(model, nobody)) == {"image", "strength"}
    card = Clip(frame("desert", "red")[None])
    assert held_by(model, card) == {"hero": card}
    assert set(held_by(model, card, wide=False)) == {"image", "strength"}


def test_wide_shots_of_a_sequence_show_the_character_itself(tmp_path):
    studio = Studio(tmp_path / "p")
    card = Clip(frame("desert", "red")[None])
    fox = Character(words="a red fox", stills=(card,))
    shots = [
        {"description": "a forest by day", "seconds": 0.25},
        {"description": "a snowfield", "seconds": 0.25, "size": "CU"},
    ]
    clips = studio.sequence(shots, character=fox, seed=2)
    wide, close = (studio.open(clip.recipe.parents[0]) for clip in clips)
    assert set(wide.recipe.options["inputs"]) == {"hero"}
    assert set(close.recipe.options["inputs"]) == {"image"}
    hero = pixels_of(find_figure(studio.bundle.film.world, card.frames[0]))
    assert hero <= set(map(tuple, clips[0].frames[0].reshape(-1, 3).tolist()))
    assert studio.replay(wide.recipe) == wide


def test_a_planned_shot_shows_the_character_that_it_refers_to(tmp_path):
    studio = Studio(tmp_path / "p")
    card = Clip(frame("desert", "red")[None])
    studio.bind("Fox", card, words="a red fox")
    planned = {"description": "a forest by day", "references": ("Fox",)}
    studio.board.take_over([Planned(plan=planned, seconds=0.5)], size=(128, 72))
    (shot,) = studio.make()
    hero = pixels_of(find_figure(studio.bundle.film.world, card.frames[0]))
    assert hero <= set(map(tuple, shot.take.frames[0].reshape(-1, 3).tolist()))


def test_engines_take_references_instead(tmp_path):
    with pytest.raises(InputError, match="references"):
        Studio(tmp_path / "p").still("a fox", hero=frame("desert", "red"), engine="wan-vace")
