"""Playing: presses, rewinding, forks, takes and sessions that come back bit for bit."""

from __future__ import annotations

import json
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from playreel.errors import (
    CaptureError,
    InputError,
    MediaError,
    PlayreelWarning,
    RecipeError,
    RewindError,
    UnknownActionError,
)
from playreel.media import SIZES, Clip
from playreel.recipe import Recipe, content_hash
from playreel.world import StoreConfig, World
from playreel.world.capture import replay_capture
from playreel.world.log import read_log
from playreel.world.player import LANDMARK_STEPS
from playreel.world.prompt import NUM_CONTEXT
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


@pytest.fixture(scope="module")
def picture():
    small = np.random.default_rng(1).integers(0, 256, (9, 16, 3)).astype(np.uint8)
    return small.repeat(8, 0).repeat(8, 1)


@pytest.fixture
def world(model, picture):
    return World(model, picture, seed=7)


# --- playing ---


def test_the_contract(world, picture):
    assert world.actions == ("stay", "left", "right", "jump", "jump-left", "jump-right")
    frame = world.step("right")
    assert frame.dtype == np.uint8
    assert frame.shape == picture.shape
    frames = world.play("right*8 jump right*4")
    assert frames.shape == (13, *picture.shape)
    world.rewind(4)
    route = world.fork(at=6)
    take = world.capture(0, 12)
    assert (world.cursor, world.length, route.cursor, route.length) == (10, 15, 6, 7)
    assert isinstance(take, Clip)
    assert len(take) == 12
    assert take.fps == 12
    assert np.array_equal(take.frames[0], picture)
    assert np.array_equal(take.frames[1], frame)
    assert np.array_equal(take.frames[2:], frames[:10])


def test_the_same_presses_give_the_same_bits(model, picture, world):
    twin = World(model, picture, seed=7)
    assert np.array_equal(world.play("right*5 jump*3"), twin.play("right*5 jump*3"))
    other = World(model, picture, seed=8)
    assert not np.array_equal(other.play("right*5 jump*3"), twin.frames[1:])


def test_a_wrong_button_plays_nothing(world):
    with pytest.raises(UnknownActionError, match="stay, left, right"):
        world.play("right*3 fly")
    with pytest.raises(UnknownActionError):
        world.step("fly")
    assert (world.cursor, len(world.session)) == (0, 1)


def test_raw_latent_actions_and_names_agree(model, picture, world):
    twin = World(model, picture, seed=7)
    assert np.array_equal(world.step("right"), twin.step(f"latent:{model.buttons['right']}"))
    assert np.array_equal(world.step("jump+right"), twin.step("jump-right"))


def test_frames_given_out_are_copies(world):
    frame = world.step("right")
    frame[:] = 0
    world.frame[:] = 0
    world.frames[:] = 0
    assert world.frame.any()
    world.rewind()
    world.frame[:] = 0
    assert world.frame.any()


def test_idle_worlds_freeze(world, advances):
    world.step("right")
    before, count, threads = world.frame, len(advances), threading.active_count()
    time.sleep(0.2)
    assert np.array_equal(world.frame, before)
    assert (len(advances), threading.active_count()) == (count, threads)


# --- rewinding and forking ---


def test_rewind_and_forward_lose_nothing_and_compute_nothing(world, advances):
    world.play("right*6")
    frames, count = world.frames, len(advances)
    assert np.array_equal(world.rewind(4), frames[2])
    assert np.array_equal(world.forward(3), frames[5])
    assert np.array_equal(world.rewind(5), frames[0])
    assert world.length == 7
    assert len(advances) == count


@pytest.mark.parametrize("n", [4, 10**9, -1, 1.5, "2", True, None])
def test_rewinding_past_the_start(world, n):
    world.play("right*3")
    with pytest.raises(RewindError, match=r"frame 3|from 0 up"):
        world.rewind(n)
    with pytest.raises(RewindError):
        world.forward(n)
    assert world.cursor == 3


def test_pressing_again_what_was_pressed_walks_the_same_route(world, advances):
    frames, count = world.play("right*3 jump"), len(advances)
    world.rewind(4)
    assert np.array_equal(world.play("right*2"), frames[:2])
    assert (len(advances), world.length) == (count, 5)


def test_another_press_leaves_the_old_way_in_the_tree(world):
    old = world.play("right*4")
    world.rewind(2)
    new = world.step("jump")
    assert world.length == 4
    assert not np.array_equal(new, old[2])
    ends = [branch.history for branch in world.branches()]
    assert ends == [("right",) * 4, ("right", "right", "jump")]
    assert np.array_equal(world.branches()[0].frames[1:], old)


def test_a_fork_goes_its_own_way(world, advances):
    world.play("right*5")
    frames = world.frames
    route = world.fork(at=2)
    assert route.session is world.session
    assert np.array_equal(route.frame, frames[2])
    route.play("jump*4")
    assert np.array_equal(world.frames, frames)
    assert np.array_equal(route.capture(0, 3).frames, frames[:3])
    count = len(advances)
    again = world.fork(at=2)
    assert np.array_equal(again.play("right*3"), frames[3:])
    assert len(advances) == count
    assert world.fork().cursor == world.cursor


@pytest.mark.parametrize("at", [6, -1, 1.0, "2", True])
def test_forks_outside_the_route(world, at):
    world.play("right*5")
    with pytest.raises(RewindError, match="0 to 5"):
        world.fork(at=at)


def test_a_step_can_be_drawn_anew(world):
    first = world.step("right")
    world.rewind()
    second = world.step("right", seed=123)
    assert not np.array_equal(first, second)
    assert len(world.session) == 3
    clip = world.capture()
    assert np.array_equal(clip.frames[1], second)
    assert np.array_equal(clip.recipe.replay().frames, clip.frames)
    with pytest.raises(InputError, match="seed"):
        world.step("right", seed=-1)


# --- takes ---


def test_a_take_names_everything_that_made_it(model, picture, world):
    world.play("right*3 jump+right*2")
    recipe = world.capture(2, 5).recipe
    assert recipe.operation == "capture"
    assert recipe.actions == ("right",) * 3 + ("jump-right",)
    assert recipe.seed == 7
    assert recipe.weights == model.weights_hash
    assert recipe.parents == (content_hash(picture[None], Fraction(12)),)
    assert recipe.options["session"] == world.session.header.session_id
    assert (recipe.options["start"], recipe.options["stop"]) == (2, 5)


def test_a_take_replays_bit_for_bit_from_its_file(world, tmp_path):
    world.play("right*3 jump*2")
    world.rewind(5)
    world.play("right jump*3 latent:4")
    take = world.capture(1, 6)
    take.save(tmp_path / "take.png")
    found = Clip.open(tmp_path / "take.png")
    assert found.recipe == take.recipe
    assert found.recipe.replay() == take


def test_foreign_recipes_are_refused(model, world):
    world.play("right*3")
    recipe = world.capture(0, 4).recipe
    options = dict(recipe.options)
    for change in (
        {"start": -1},
        {"stop": 9},
        {"start": "0"},
        {"prompt": None},
        {"prompt": "AAAA"},
        {"size": [72]},
        {"size": [10**6, 10**6]},
        {"size": None},
        {"step_seeds": [1]},
        {"step_seeds": ["x"] * 3},
        {"fps": "1e9"},
    ):
        with pytest.raises(InputError):
            replay_capture(recipe.with_(options=options | change), model)
    with pytest.raises(RecipeError, match="weights"):
        replay_capture(recipe.with_(weights="f" * 64), model)
    with pytest.raises(UnknownActionError):
        replay_capture(recipe.with_(actions=("fly",) * 3), model)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 5), (-1, 2), (2, 2), (3, 1), (9, 10), (0.0, 2), ("0", 2), (True, 2)]
)
def test_captures_outside_the_session(world, start, stop):
    world.play("right*3")
    with pytest.raises(CaptureError, match=r"4 frames.*start < stop <= 4"):
        world.capture(start, stop)


def test_a_take_reaches_frames_that_were_rewound(world):
    frames = world.play("right*5")
    world.rewind(5)
    assert np.array_equal(world.capture(1, 6).frames, frames)
    assert len(world.capture()) == 6


# --- prompts ---


def test_a_world_starts_from_any_picture(model, picture, tmp_path):
    large = Image.fromarray(picture).resize((1280, 720), Image.Resampling.NEAREST)
    large.save(tmp_path / "photo.png")
    assert np.array_equal(World.from_image(model, tmp_path / "photo.png").frame, picture)
    assert World.from_image(model, np.zeros((5, 300, 3), np.uint8)).frame.shape == picture.shape
    with pytest.raises(MediaError):
        World.from_image(model, tmp_path / "missing.png")


@pytest.mark.parametrize("size", ["16:9", "9:16", "1:1"])
def test_worlds_of_every_aspect(model, picture, size):
    height, width = SIZES[size]
    world = World.from_image(model, picture, size=size)
    world.play("right*2 jump")
    clip = world.capture()
    assert clip.size == world.size == world.frame.shape[:2] == (height, width)
    assert clip.recipe.replay() == clip
    assert World.from_clip(model, clip).size == (height, width)
    assert world.session.replay(model).exact


def test_sizes_the_model_does_not_play(model, picture):
    with pytest.raises(InputError, match="128x72, 72x128, 96x96"):
        World.from_image(model, picture, size=(80, 80))
    with pytest.raises(InputError):
        World.from_image(model, picture, size="4:3")


def test_a_world_starts_where_a_clip_ends(model, world):
    world.play("right*9")
    clip = world.capture()
    sequel = World.from_clip(model, clip)
    assert np.array_equal(sequel.session.header.prompt, clip.frames[-NUM_CONTEXT:])
    assert np.array_equal(sequel.frame, clip.frames[-1])
    assert sequel.session.header.parents == (clip.content_hash,)
    assert sequel.session.header.prompt_recipe == clip.recipe
    assert sequel.length == 1
    held = World.from_clip(model, clip.at_fps(24))
    assert np.array_equal(held.frame, clip.frames[-1])
    tail = held.session.header.prompt
    assert np.array_equal(tail, clip.frames[-len(tail) :])
    single = World.from_clip(model, Clip(clip.frames[:1], 12))
    assert single.session.header.prompt.shape[0] == 1


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((72, 128, 3), np.float32),
        np.zeros((72, 128), np.uint8),
        np.zeros((0, 72, 128, 3), np.uint8),
        np.zeros((71, 128, 3), np.uint8),
        np.zeros((72, 128, 4), np.uint8),
        "picture.png",
        None,
    ],
)
def test_frames_that_do_not_fit(model, frames):
    with pytest.raises(InputError, match=r"World\.from_image"):
        World(model, frames)


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": 2**64}, {"seed": "7"}, {"name": ""}])
def test_bad_options(model, picture, options):
    with pytest.raises(InputError):
        World(model, picture, **options)


def test_the_prompt_cannot_be_changed_from_outside(model, picture):
    own = picture.copy()
    world = World(model, own)
    own[:] = 0
    assert np.array_equal(world.frame, picture)


# --- sessions ---


def test_a_session_comes_back(model, world, tmp_path):
    world.play("right*6")
    world.rewind(3)
    world.play("jump*2 latent:4")
    world.rewind(1)
    path = world.save(tmp_path / "session.ndjson")
    again = World.load(path, model)
    assert again.cursor == world.cursor
    assert np.array_equal(again.frame, world.frame)
    assert np.array_equal(again.frames, world.frames)
    assert [b.history for b in again.branches()] == [b.history for b in world.branches()]
    old = [b.capture().frames for b in world.branches()]
    new = [b.capture().frames for b in again.branches()]
    assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))
    assert np.array_equal(again.step("right"), world.step("right"))


def test_replay_compares_every_frame(model, world, tmp_path):
    world.play("right*6")
    world.rewind(3)
    world.play("jump*2")
    done = []
    replay = world.session.replay(model, progress=lambda *at: done.append(at))
    assert replay.exact
    assert replay.num_steps == 8
    assert done[-1] == (8, 8)

    path = world.save(tmp_path / "session.ndjson")
    lines = path.read_text().splitlines(keepends=True)
    spoiled = world.session[4].frame_hash
    lines[4] = lines[4].replace(spoiled, "0" * 64)
    path.write_text("".join(lines))
    other = World.load(path, model)
    assert other.session.replay(model).first_difference == 4
    assert other.branches()[1].frame.any()  # its past does not hold frame 4
    with pytest.warns(PlayreelWarning, match="Frame 4"):
        assert other.branches()[0].frame.any()


def test_a_session_wants_its_own_weights(model, world, tmp_path):
    world.play("right*3")
    path = world.save(tmp_path / "session.ndjson")
    other = make_model(seed=1)
    with pytest.raises(RecipeError, match="weights"):
        World.load(path, other)
    with pytest.raises(RecipeError, match="weights"):
        world.session.replay(other)


def test_a_long_session_opens_without_being_played_again(model, picture, advances, tmp_path):
    path = tmp_path / "live.ndjson"
    world = World(model, picture, log=path)
    world.play("right*110")
    saved = world.save(tmp_path / "saved.ndjson")
    for at, steps, button in ((path, 110 % 48, "jump"), (saved, 0, "left")):
        found = World.load(at, model)
        del advances[:]
        assert np.array_equal(found.frame, world.frame)
        assert len(advances) == steps
        assert np.array_equal(found.fork(at=48).step(button), world.fork(at=48).step(button))
        assert len(advances) == steps + 2
    log = read_log(path)
    assert sorted(log.frames) == [47, 48, 95, 96] and sorted(log.states) == [48, 96]
    lines = path.read_text().splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if "frames_of" in line)
    lines[place] = lines[place].replace('"frames_of":48', '"frames_of":47')
    path.write_text("".join(lines))
    with pytest.raises(RecipeError, match="hashes"):
        read_log(path)


@pytest.mark.parametrize("harm", ["", "AAAA", "half"])
def test_a_damaged_state_costs_time_and_nothing_else(harm, model, picture, tmp_path):
    path = tmp_path / "live.ndjson"
    world = World(model, picture, log=path)
    world.play("right*50")
    lines = path.read_text().splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if "frames_of" in line)
    entry = json.loads(lines[place])
    entry["state"] = entry["state"][: len(entry["state"]) // 8 * 4] if harm == "half" else harm
    lines[place] = json.dumps(entry) + "\n"
    other = tmp_path / "damaged.ndjson"
    other.write_text("".join(lines))
    found = World.load(other, model)
    with pytest.warns(PlayreelWarning, match="damaged"):
        frame = found.step("jump")
    assert np.array_equal(frame, world.step("jump"))


def test_every_press_is_on_disk_at_once(model, picture, tmp_path):
    path = tmp_path / "live.ndjson"
    world = World(model, picture, log=path)
    world.play("right*3")
    route = world.fork(at=1)
    route.step("jump")
    world.rewind(2)
    found = World.load(path, model)
    assert list(found.session) == list(world.session)
    assert found.node == world.node
    path.write_bytes(path.read_bytes()[:-5])  # a crash
    with pytest.warns(PlayreelWarning, match="cut off"):
        found = World.load(path, model, record=True)
    assert found.history == route.history
    found.step("left")
    assert World.load(path, model).history == ("right", "jump", "left")


# --- memory and threads ---


def test_states_that_were_let_go_are_built_again_bit_for_bit(picture, model):
    tight = World(model, picture, config=StoreConfig(frame_bytes=0, num_states=1, num_landmarks=0))
    roomy = World(model, picture, config=StoreConfig(num_states=100))
    ends = []
    for world in (tight, roomy):
        world.play("right*6 jump*4")
        route = world.fork(at=3)
        for name in ("left", "jump", "left"):  # in turns: neither finds its state
            route.step(name)
            world.step(name)
        world.rewind(12)
        ends.append((world.play("left*3"), route.frames))
    assert all(np.array_equal(a, b) for a, b in zip(*ends, strict=True))
    assert len(tight._route.player._states) == 1


def test_rewinding_a_long_way_plays_few_frames_again(model, picture, advances):
    world = World(model, picture)
    world.play("right*60")
    del advances[:]
    world.rewind(40)
    world.step("jump")
    assert len(advances) <= LANDMARK_STEPS


def test_landmarks_grow_sparse_as_a_session_grows_long(model, picture):
    world = World(model, picture, config=StoreConfig(num_states=1, num_landmarks=3))
    world.play("right*70")
    player = world._route.player
    assert 1 <= len(player._landmarks) <= 3
    kept = world.frames
    world.rewind(50)
    assert np.array_equal(world.step("right"), kept[21])


def test_playing_on_from_a_landmark_gives_the_same_frames(model, picture, advances):
    packed = World(model, picture, config=StoreConfig(num_states=1))
    roomy = World(model, picture, config=StoreConfig(num_states=100, num_landmarks=0))
    ends = []
    for world in (packed, roomy):
        world.play("right*20")
        del advances[:]
        route = world.fork(at=LANDMARK_STEPS * 2)
        ends.append(route.play("jump left*4"))
        assert len(advances) == 5  # nothing is played again
    assert np.array_equal(*ends)
    assert all(len(kept) < 100_000 for kept in packed._route.player._landmarks.values())


def test_memory_of_a_long_session_is_bounded(model, picture):
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    config = StoreConfig(frame_bytes=2**20)
    world = World(model, picture, config=config)
    world.play("right*50")
    before = resident()
    names = ("right", "jump", "left", "stay")
    for index in range(200):
        world.step(names[index // 8 % 4])
    assert resident() - before < 20 * 2**20
    assert world.length == 251
    assert world.capture(100, 102).frames.any()


def test_ten_sessions_share_one_model(model, picture):
    worlds = [World(model, picture, seed=seed) for seed in range(10)]
    ends = [world.play("right*3")[-1] for world in worlds]
    assert all(world.model is model for world in worlds)
    assert len({end.tobytes() for end in ends}) == 10


def test_presses_from_many_threads_take_turns(model, picture):
    world = World(model, picture)
    scripts = ["right*10", "left*10", "jump*10", "stay*10"]
    threads = [threading.Thread(target=world.play, args=(script,)) for script in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (world.cursor, len(world.session)) == (40, 41)
    runs = [world.history[index : index + 10] for index in range(0, 40, 10)]
    assert sorted(runs) == sorted((script[:-3],) * 10 for script in scripts)
    assert world.session.replay(model).exact


def test_a_take_without_room_for_its_prompt_says_so(model, world):
    world.play("right")
    recipe = world.capture().recipe
    bare = Recipe.from_json(recipe.to_json()).with_(options=dict(recipe.options) | {"prompt": None})
    with pytest.raises(RecipeError, match=r"World\.load"):
        replay_capture(bare, model)
