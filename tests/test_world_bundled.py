"""The world on the weights that come with the package."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playreel import Studio
from playreel.core import load_bundle
from playreel.footage import EpisodeSpec, render_episode
from playreel.world import World

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def model():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load_bundle().world
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def frames():
    return render_episode(EpisodeSpec(seed=10), 4).frames


def test_a_session_replays_bit_for_bit(model, frames, tmp_path):
    world = World(model, frames, seed=3)
    world.play("right*3 jump+right*3")
    world.rewind(4)
    world.play("left*2 latent:0")
    assert world.session.replay(model).exact
    found = World.load(world.save(tmp_path / "session.ndjson"), model)
    assert np.array_equal(found.frames, world.frames)
    assert np.array_equal(found.step("right"), world.step("right"))
    clip = world.capture(1, 5)
    assert clip.recipe.replay() == clip


def test_a_preview_tells_the_buttons_apart(model, frames):
    clips = World(model, frames).preview(4, ["left", "right"])
    assert not np.array_equal(clips["left"].frames, clips["right"].frames)


def test_weights_of_other_videos_play_pictures_on_their_own_grid(tmp_path):
    bundle = load_bundle()
    bundle.__dict__["world"] = bundle.world.sized((120, 160))
    studio = Studio(tmp_path / "p", bundle=bundle)
    picture = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    world = studio.world(image=picture.repeat(2, 0).repeat(2, 1))
    assert np.array_equal(world.frames, picture[None])
    assert world.step(world.actions[0]).shape == (120, 160, 3)
    assert studio.world(image=picture, prompt="a forest").frames.shape[1:3] == (72, 128)
