"""The procedural school: what a button does, what is hidden, what repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playreel.footage import BUTTONS, EpisodeSpec, PlatformerWorld, render_episode, sample_spec
from playreel.footage.spec import FRAME_SIZES, STYLES, is_held_out
from playreel.footage.styles import HAZY_STYLES
from playreel.footage.weather import overlay

RIGHT, LEFT, JUMP, STAY = (BUTTONS.index(name) for name in ("right", "left", "jump", "stay"))


def test_the_same_spec_gives_the_same_frames_and_another_seed_others():
    spec = EpisodeSpec(seed=11)
    first, again = render_episode(spec, 12), render_episode(spec, 12)
    assert (first.frames == again.frames).all()
    assert (first.buttons == again.buttons).all()
    assert (first.frames != render_episode(replace(spec, seed=12), 12).frames).any()


@pytest.mark.parametrize("school", ["narrow", "world", "film"])
def test_training_never_draws_a_held_out_seed(school):
    rng = np.random.default_rng(0)
    assert not any(is_held_out(sample_spec(rng, school).seed) for _ in range(200))
    assert all(is_held_out(sample_spec(rng, school, held_out=True).seed) for _ in range(50))


def test_an_unknown_school_is_refused_by_name():
    with pytest.raises(ValueError, match="'kindergarten'"):
        sample_spec(np.random.default_rng(0), "kindergarten")


@pytest.mark.parametrize("aspect", list(FRAME_SIZES))
@pytest.mark.parametrize("style", STYLES)
def test_every_style_and_aspect_can_be_drawn(style, aspect):
    episode = render_episode(EpisodeSpec(seed=3, style=style, aspect=aspect, weather="rain"), 3)
    assert episode.frames.shape == (3, *FRAME_SIZES[aspect], 3)
    assert episode.frames.std() > 5
    assert episode.sketches().shape == (3, *FRAME_SIZES[aspect])


def uprights(spec: EpisodeSpec) -> np.ndarray:
    """Where brightness changes most from one pixel to the next: the walls of houses, for one."""
    luma = render_episode(spec, 1).frames[0].astype(float).mean(-1)
    steep = np.abs(np.diff(luma, axis=1))
    return steep > np.quantile(steep, 0.85)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        ({"time_of_day": "dusk"}, 0.6),
        ({"time_of_day": "night"}, 0.6),
        ({"style": "ink wash"}, 0.45),
        ({"style": "watercolour"}, 0.3),
    ],
)
def test_a_place_is_the_same_at_any_hour_and_in_any_style(change, least):
    shares = []
    for seed in range(5):
        spec = EpisodeSpec(seed=seed, theme="city")
        one, other = uprights(spec), uprights(replace(spec, **change))
        shares.append((one & other).sum() / (one | other).sum())
    assert np.mean(shares) > least


@pytest.mark.parametrize("style", STYLES)
def test_fog_rain_and_snow_can_be_told_from_a_clear_day_in_every_style(style):
    spec = EpisodeSpec(seed=5, theme="forest", style=style)
    weathers = ("clear", "fog", "rain", "snow")
    frames = {
        w: render_episode(replace(spec, weather=w), 1).frames[0].astype(int) for w in weathers
    }
    apart = {w: np.abs(frames[w] - frames["clear"]).max(-1) for w in weathers}
    spread = {w: frames[w][:40].mean(-1).std() for w in weathers}
    assert (apart["fog"][:40] > 6).mean() > 0.3  # fog lies over all that is far away
    if style in HAZY_STYLES:
        assert spread["fog"] < 0.9 * spread["clear"]  # and leaves less to be seen of it
    for falling in ("rain", "snow"):
        assert (apart[falling] > 24).mean() > 0.008


@pytest.mark.parametrize("weather", ["rain", "snow"])
def test_what_falls_lies_at_the_same_places_in_every_style(weather):
    size = (72, 128)
    plain, _ = overlay(weather, "day", "pixel", size, np.random.default_rng(1))
    for style in STYLES[1:]:
        keep, _ = overlay(weather, "day", style, size, np.random.default_rng(1))
        within = keep[plain == 0] == 0
        assert within.mean() > 0.8  # a big flake is a cross instead of two dots
        assert (keep == 0).mean() < 4 * (plain == 0).mean()


def test_what_falls_can_be_left_out_and_nothing_else():
    snow = EpisodeSpec(seed=4, weather="snow", theme="forest")
    frames, dry = (render_episode(snow, 6, dry=dry).frames for dry in (False, True))
    changed = (frames != dry).any(-1)
    assert 0.003 < changed.mean() < 0.02
    assert (frames[changed] == frames[changed][0]).all()  # all of the flakes' colour


def test_layers_scroll_four_two_and_one_pixels():
    world = PlatformerWorld(EpisodeSpec(seed=5))
    scene = world.scene
    parts = {"far": (scene._far, 1), "mid": (scene._mid, 2), "near": (scene._near, 4)}
    first, second = scene.background(2000), scene.background(2004)
    width = first.shape[1]
    for name, ((_, paint), shift) in parts.items():
        assert paint.any(), name
        divisor = 4 // shift
        left = 2000 // divisor % (256 if name == "far" else 384 if name == "mid" else 10**6)
        moved = paint[:, left + shift : left + shift + 8]
        assert (
            paint[:, left + shift : left + width] == paint[:, left : left + width][:, shift:]
        ).all()
        assert moved.shape[1] == 8
    assert (first != second).any()


def test_right_runs_left_runs_back_and_jump_rises_at_once():
    world = PlatformerWorld(EpisodeSpec(seed=21))
    start = world.state.x
    world.step(RIGHT)
    assert world.state.x == start + 4
    world.step(LEFT)
    assert world.state.x == start
    feet = world.state.feet
    world.step(JUMP)
    assert world.state.feet == feet + 4
    for _ in range(30):
        world.step(STAY)
    assert world.state.grounded and world.state.feet == feet


def test_holding_jump_rises_seven_frames_and_no_more():
    world = PlatformerWorld(EpisodeSpec(seed=21))
    rises = 0
    feet = world.state.feet
    for _ in range(12):
        world.step(JUMP)
        rises += world.state.feet > feet
        feet = world.state.feet
    assert rises == 7 or world.state.broken  # a brick overhead ends it sooner


def test_a_clone_plays_on_by_itself():
    world = PlatformerWorld(EpisodeSpec(seed=8))
    world.step(RIGHT)
    twin = world.clone()
    assert (twin.step(JUMP) == world.clone().step(JUMP)).all()
    assert twin.state.time == world.state.time + 1


def test_taken_coins_vanish_and_broken_bricks_leave_a_mark():
    seen = set()
    for seed in range(1, 40):
        episode = render_episode(EpisodeSpec(seed=seed), 80)
        seen |= {name for _, name in episode.events}
        if {"coin taken", "brick broken"} <= seen:
            break
    assert {"coin taken", "brick broken", "jump", "landed"} <= seen


def test_buttons_lead_from_a_frame_to_the_next():
    episode = render_episode(EpisodeSpec(seed=14), 40)
    steps = np.diff(episode.camera_x)
    pressed = np.array([BUTTONS[b] for b in episode.buttons])
    assert (steps[pressed == "stay"] == 0).all()
    assert set(steps[np.char.endswith(pressed, "right")]) <= {0, 4}
    assert set(steps[np.char.endswith(pressed, "left")]) <= {0, -4}
