"""Sketches by hand: wider and less steady than the true lines, and where those are."""

from __future__ import annotations

import numpy as np

from playreel.footage.hand import hand_sketch
from playreel.footage.school import render_episode
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import EpisodeSpec


def frames():
    specs = [EpisodeSpec(seed=seed, theme=theme) for seed, theme in enumerate(("meadow", "city"))]
    return np.concatenate([render_episode(spec, 4).frames for spec in specs])


def near(ink, reach):
    padded = np.pad(ink, ((0, 0), (reach, reach), (reach, reach)))
    height, width = ink.shape[1:]
    span = range(2 * reach + 1)
    return np.any([padded[:, y : y + height, x : x + width] for y in span for x in span], axis=0)


def test_a_hand_draws_wider_lines_near_the_true_ones():
    seen = frames()
    true = line_sketch(seen) > 0
    drawn = hand_sketch(seen, np.random.default_rng(1))
    assert drawn.shape == true.shape and set(np.unique(drawn)) == {0, 255}
    ink = drawn > 0
    assert 1.1 * true.sum() < ink.sum() < 3 * true.sum()
    assert near(true, 4)[ink].mean() > 0.9  # what it draws is there
    assert near(ink, 4)[true].mean() > 0.85  # and it draws most of what is there
    assert near(true, 1)[ink].mean() < 0.98  # but is not steady


def test_hands_differ_and_each_can_draw_the_same_again():
    seen = frames()[:2]
    first, again, other = (hand_sketch(seen, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_an_empty_page_stays_empty():
    blank = np.full((2, 72, 128, 3), 90, np.uint8)
    assert not hand_sketch(blank, np.random.default_rng(0)).any()
