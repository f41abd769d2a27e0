"""Previews, policies and the Gymnasium face, on the world of test_world_play's kind."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env

from playreel.errors import InputError, UnknownActionError
from playreel.world import POLICIES, World, WorldEnv, register_env
from playreel.world.policy import make_policy
from tiny_world import make_model


@pytest.fixture(scope="module")
def model():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model gains nothing from two
    yield make_model()
    torch.set_num_threads(threads)


@pytest.fixture
def advances(model, monkeypatch):
    """Counts what the model computes."""
    calls = []
    advance = model.advance
    monkeypatch.setattr(model, "advance", lambda *args: calls.append(1) or advance(*args))
    return calls


@pytest.fixture
def picture():
    small = np.random.default_rng(1).integers(0, 256, (9, 16, 3)).astype(np.uint8)
    return small.repeat(8, 0).repeat(8, 1)


@pytest.fixture
def world(model, picture):
    return World(model, picture, seed=7)


# --- previews ---


def test_a_preview_shows_what_a_press_will_do(world):
    world.play("right*3")
    clips = world.preview(2)
    assert tuple(clips) == world.actions
    for name, clip in clips.items():
        assert len(clip) == 2
        route = world.fork()
        assert np.array_equal(clip.frames, route.play(f"{name}*2"))
        assert clip.fps == world.fps


def test_a_preview_leaves_the_session_untouched(world):
    world.play("right*3")
    world.rewind(1)
    before = (list(world.session), world.cursor, world.length)
    world.preview(2)
    assert (list(world.session), world.cursor, world.length) == before


def test_a_preview_replays_from_its_recipe(world):
    world.play("right*3")
    clip = world.preview(2, actions=["left", "latent:4"])["latent:4"]
    assert clip.recipe.operation == "preview"
    assert clip.recipe.actions == ("right",) * 3 + ("latent:4",) * 2
    assert clip.recipe.replay() == clip


@pytest.mark.parametrize("num_frames", [0, -1, 65, 1.5, "4", True])
def test_previews_are_bounded(world, num_frames):
    with pytest.raises(InputError, match="1 to 64"):
        world.preview(num_frames)


def test_a_preview_of_an_unknown_button(world, advances):
    with pytest.raises(UnknownActionError):
        world.preview(actions=["left", "fly"])
    assert not advances


# --- policies ---


@pytest.mark.parametrize("policy", POLICIES)
def test_built_in_policies_play_and_repeat_themselves(model, picture, policy):
    runs = []
    for seed in (0, 0, 1):
        world = World(model, picture)
        frames = world.autoplay(policy, 30, seed=seed)
        assert frames.shape == (30, *picture.shape)
        assert np.array_equal(frames, world.frames[1:])
        assert set(world.history) <= set(world.actions)
        runs.append(world.history)
    assert runs[0] == runs[1] != runs[2]


def test_the_runner_runs_right_and_jumps_when_stuck(picture):
    runner = make_policy("runner", ("stay", "left", "right", "jump"))
    scrolling = [runner(np.roll(picture, 4 * index, 1)) for index in range(100)]
    assert scrolling.count("right") > 50
    assert set(scrolling) == {"right", "jump"}
    runner = make_policy("runner", ("stay", "right", "jump", "jump-right"))
    at_a_wall = [runner(picture) for _ in range(6)]
    assert at_a_wall[:2] == ["right"] * 2
    assert "jump-right" in at_a_wall


def test_random_play_holds_its_buttons(world):
    world.autoplay("random-held", 60)
    changes = sum(a != b for a, b in zip(world.history, world.history[1:], strict=False))
    assert changes <= 30


def test_exploring_tries_every_button(world):
    world.autoplay("explore", 90)
    assert set(world.history) == set(world.actions)


def test_a_function_may_play(world, picture):
    seen = []

    def policy(frame):
        seen.append(frame)
        return "left"

    world.autoplay(policy, 3)
    assert world.history == ("left",) * 3
    assert np.array_equal(seen[0], picture)


def test_policies_that_cannot_play(world, advances):
    with pytest.raises(InputError, match="Did you mean 'runner'"):
        world.autoplay("runer", 3)
    with pytest.raises(InputError, match="random-held"):
        world.autoplay(None, 3)
    with pytest.raises(InputError, match="needs the button 'right'"):
        make_policy("runner", ("stay", "elbow-in"))
    for num_steps in (0, 10**9, 1.5):
        with pytest.raises(InputError, match="steps"):
            world.autoplay("explore", num_steps)
    with pytest.raises(UnknownActionError):
        world.autoplay(lambda frame: "fly", 3)
    assert not advances


# --- Gymnasium ---


@pytest.mark.parametrize("latent", [False, True])
def test_the_environment_passes_gymnasiums_checker(model, picture, latent):
    env = WorldEnv(model, picture, render_mode="rgb_array", latent=latent)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)
    assert env.action_space.n == (8 if latent else 6)


def test_the_environment_plays_the_world(model, picture):
    env = WorldEnv(model, picture, max_steps=3, reward=lambda old, name, new: name == "right")
    first, info = env.reset(seed=3)
    assert np.array_equal(first, picture)
    assert info["actions"] == tuple(model.buttons)
    frame, reward, terminated, truncated, info = env.step(2)
    assert np.array_equal(frame, World(model, picture, seed=env.world.seed).step("right"))
    assert (reward, terminated, truncated, info) == (1.0, False, False, {"action": "right"})
    env.step(0)
    assert env.step(0)[3]
    assert np.array_equal(env.world.capture(1, 2).frames[0], frame)
    assert np.array_equal(env.reset(options={"frames": frame})[0], frame)


def test_episodes_follow_the_seed(model, picture):
    env = WorldEnv(model, picture)

    def episode(**options):
        env.reset(**options)
        return np.stack([env.step(action)[0] for action in (2, 2, 3)])

    first, second = episode(seed=1), episode()
    assert np.array_equal(first, episode(seed=1))
    assert np.array_equal(second, episode())
    assert not np.array_equal(first, second)


def test_environments_refuse_what_they_cannot_do(model, picture):
    env = WorldEnv(model, picture)
    assert env.render() is None
    for action in (6, -1, "right", 1.5):
        with pytest.raises(InputError, match="0 to 5"):
            env.step(action)
    with pytest.raises(InputError, match="render_mode"):
        WorldEnv(model, picture, render_mode="human")
    with pytest.raises(InputError, match="max_steps"):
        WorldEnv(model, picture, max_steps=0)
    with pytest.raises(InputError):
        env.reset(options={"frames": picture[:10]})


def test_gymnasium_knows_the_name_once_asked():
    assert register_env() == register_env() == "playreel/World-v0"
    assert "playreel/World-v0" in gymnasium.registry
