"""The robot arm: exact buttons, believable contact, a player with a purpose, true pictures."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from playreel.errors import InputError, UnknownActionError
from playreel.footage import render_episode
from playreel.footage.arm import (
    ARM_BUTTONS,
    ArmWorld,
    render_arm_episode,
    sample_arm_seed,
)
from playreel.footage.arm_body import (
    ELBOW_IN,
    OVERLAP_ALLOWED,
    SHOULDER_LEFT,
    SHOULDER_RIGHT,
    STAY,
    STEP_DEGREES,
    ArmBody,
    Pose,
    joints,
)
from playreel.footage.arm_captions import ARM_VOCABULARY, arm_caption
from playreel.footage.arm_look import LIGHTS, LIVERIES, STAGES, TABLES, WALLS, sample_look
from playreel.footage.arm_policy import ReachAndPush
from playreel.footage.spec import FRAME_SIZES, is_held_out, sample_spec

ASPECTS = tuple(STAGES)


MIDDLE = Pose(6, 4)


def bare_body(blocks, pose=MIDDLE):
    return ArmBody(STAGES["16:9"], pose, list(blocks))


def tip_of(body):
    return joints(body.stage, *body.pose.degrees())[1]


@pytest.mark.parametrize("aspect", ASPECTS)
def test_frames_have_the_aspect_and_repeat_bit_for_bit(aspect):
    one, two = (render_arm_episode(7, 10, aspect) for _ in range(2))
    assert one.frames.shape == (10, *FRAME_SIZES[aspect], 3)
    assert one.frames.dtype == np.uint8
    assert one.buttons.shape == (9,)
    assert one.buttons.dtype == np.int8
    assert np.array_equal(one.frames, two.frames)
    assert one.events == two.events


def test_one_frame_is_an_episode_too():
    episode = render_arm_episode(3, 1)
    assert len(episode.frames) == 1
    assert len(episode.buttons) == 0


def test_buttons_replay_to_the_same_frames():
    episode = render_arm_episode(11, 30)
    world = ArmWorld(11)
    policy = ReachAndPush(rng := np.random.default_rng((11, 34)), "16:9")
    for _ in range(int(rng.integers(0, 48))):
        world.advance(policy(world.body))
    for button, frame in zip(episode.buttons, episode.frames[1:], strict=True):
        assert np.array_equal(world.step(int(button)), frame)


def test_a_press_turns_one_joint_at_once_and_nothing_goes_on_moving():
    body = bare_body([])
    shoulder, bend = body.pose.degrees()
    body.press(SHOULDER_LEFT)
    assert body.pose.degrees() == (shoulder + STEP_DEGREES, bend)
    body.press(ELBOW_IN)
    assert body.pose.degrees() == (shoulder + STEP_DEGREES, bend + STEP_DEGREES)
    world = ArmWorld(3)
    world.step(SHOULDER_LEFT)
    still = world.step(STAY)
    assert np.array_equal(world.step(STAY), still)


@pytest.mark.parametrize(("button", "sign"), [(SHOULDER_LEFT, -1), (SHOULDER_RIGHT, 1)])
def test_the_tip_goes_where_the_shoulder_button_says(button, sign):
    for shoulder in range(2, 10):
        body = bare_body([], Pose(shoulder, 2))
        before = tip_of(body)
        body.press(button)
        after = tip_of(body)
        assert sign * (after[0] - before[0]) > 0 or shoulder > 8
        assert 2.5 < math.dist(before, after) < 6.5


def test_at_its_limit_a_joint_stays():
    body = bare_body([], Pose(0, 0))
    assert not body.press(SHOULDER_RIGHT)
    assert body.pose == Pose(0, 0)


def test_a_sweep_pushes_a_block_ahead_of_the_tip():
    body = bare_body([], Pose(9, 3))
    across, near = tip_of(body)
    body.blocks.append((across + 11.0, near - 1))
    start = body.blocks[0]
    for _ in range(5):
        body.press(SHOULDER_RIGHT)
        assert body.overlap() <= OVERLAP_ALLOWED
    assert body.blocks[0][0] > start[0] + 8
    rest = body.blocks[0]
    body.press(SHOULDER_LEFT)
    assert math.dist(body.blocks[0], rest) < 0.5


def test_a_pushed_block_pushes_the_next():
    body = bare_body([], Pose(9, 3))
    across, near = tip_of(body)
    body.blocks += [(across + 11.0, near - 1), (across + 22.0, near - 3)]
    start = body.blocks[1]
    for _ in range(5):
        body.press(SHOULDER_RIGHT)
    assert math.dist(body.blocks[1], start) > 3
    assert body.overlap() <= OVERLAP_ALLOWED


@pytest.mark.parametrize("aspect", ASPECTS)
def test_blocks_never_overlap_nor_leave_the_table_under_random_presses(aspect):
    for seed in range(1, 4):
        world = ArmWorld(seed, aspect)
        for button in np.random.default_rng(seed).integers(0, 5, 200):
            world.advance(int(button))
            assert world.body.overlap() <= OVERLAP_ALLOWED
            for across, near in world.body.blocks:
                assert abs(across) <= world.look.stage.reach_across + 1e-6
                assert 0 <= near <= world.look.stage.reach_near + 1e-6


def test_play_is_purposeful():
    counts, pushes, total, changes = np.zeros(len(ARM_BUTTONS)), 0, 0, 0
    for seed in range(1, 16):
        world = ArmWorld(seed)
        policy = ReachAndPush(np.random.default_rng(seed), "16:9")
        last = None
        for _ in range(80):
            button = policy(world.body)
            assert world.body.pose.after(button) is not None  # never against a limit
            world.advance(button)
            counts[button] += 1
            pushes += bool(world.events)
            changes += button != last
            total += 1
            last = button
    assert counts.min() / total > 0.08
    assert pushes / total > 0.1
    assert 2 < total / changes < 6  # frames on one button


def test_clone_plays_on_alone():
    world = ArmWorld(5)
    world.step(SHOULDER_LEFT)
    twin = world.clone()
    frame = world.render()
    twin.step(SHOULDER_LEFT)
    assert np.array_equal(world.render(), frame)
    assert not np.array_equal(twin.render(), frame)
    assert np.array_equal(world.step(SHOULDER_LEFT), twin.render())


def test_reset_returns_to_the_first_frame():
    world = ArmWorld(8)
    first = world.render()
    world.step(SHOULDER_LEFT)
    assert np.array_equal(world.reset(), first)


def test_looks_vary_and_cover_their_lists():
    looks = [sample_look(seed) for seed in range(300)]
    assert {look.table for look in looks} == set(TABLES)
    assert {look.wall for look in looks} == set(WALLS)
    assert {look.light for look in looks} == set(LIGHTS)
    assert {look.livery for look in looks} == set(LIVERIES)
    for look in looks:
        colors = [color for _, color in look.blocks]
        assert 2 <= len(colors) == len(set(colors)) <= 3


def test_every_press_shows_in_the_picture():
    for seed in (1, 2, 3):
        world = ArmWorld(seed)
        before = world.render().astype(int)
        button = SHOULDER_LEFT if world.body.pose.after(SHOULDER_LEFT) else SHOULDER_RIGHT
        changed = np.abs(world.step(button).astype(int) - before).max(axis=-1) > 12
        assert changed.sum() > 60


def test_training_seeds_avoid_the_held_out_ones():
    source = np.random.default_rng(0)
    assert not any(is_held_out(sample_arm_seed(source)) for _ in range(500))
    assert all(is_held_out(sample_arm_seed(source, held_out=True)) for _ in range(50))


def test_bad_input_is_explained():
    with pytest.raises(InputError, match=r"'4:3'.*16:9"):
        ArmWorld(1, "4:3")
    with pytest.raises(InputError, match="-1"):
        ArmWorld(-1)
    with pytest.raises(UnknownActionError, match="elbow-out"):
        ArmWorld(1).step(9)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_captions_name_the_arm_and_its_pushes(lang):
    look = sample_look(4)
    color = look.blocks[0][1]
    events = [(0, "stay"), (8, f"push {color} left"), (20, "elbow-in")]
    texts = set()
    for seed in range(100):
        made = arm_caption(look, np.random.default_rng(seed), lang, events=events, num_frames=32)
        assert made.text
        texts.add(made.text)
        assert [(start, end) for start, end, _ in made.segments] == [(0, 8), (8, 20), (20, 32)]
        assert any(word in made.segments[1][2] for word in ("left", "左"))
    assert len(texts) > 80
    assert all(set(words) == {"en", "zh"} for v in ARM_VOCABULARY.values() for words in v.values())


def test_episode_has_captions_and_sketches():
    episode = render_arm_episode(9, 6)
    assert episode.captions("zh", np.random.default_rng(0)).text
    sketches = episode.sketches()
    assert sketches.shape == episode.frames.shape[:3]
    assert 0.01 < (sketches > 0).mean() < 0.2


def test_an_arm_is_drawn_about_as_fast_as_a_platformer():
    spent = [0.0, 0.0]  # side by side: a busy machine slows both
    for seed in range(21, 29):
        spec = replace(sample_spec(np.random.default_rng(seed), "world"), aspect="16:9")
        begun = time.process_time()
        render_arm_episode(seed, 32)
        between = time.process_time()
        render_episode(spec, 32)
        spent[0] += between - begun
        spent[1] += time.process_time() - between
    assert spent[0] < 4 * spent[1]  # twice as long on an idle core
