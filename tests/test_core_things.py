"""Things and stages: found, followed, drawn from what is remembered, and the scenery behind them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from playreel.core import ThingModel, ThingModelConfig
from playreel.core.motion import MotionField
from playreel.core.stage import Stage, Thing, acted, pieces, returned, scrolled, with_things
from playreel.core.things import SIDE, TRAIL, drawing_loss

HEIGHT, WIDTH, REACH = 72, 128, 8


def field_of(near: tuple[int, int], far: tuple[int, int], is_near: torch.Tensor) -> MotionField:
    """What is near takes one shift, all else another."""
    axes = []
    for own, other in zip(near, far, strict=True):
        votes = torch.full((1, 2 * REACH + 1, HEIGHT, WIDTH), -20.0)
        votes[0, own + REACH][is_near] = 0.0
        votes[0, other + REACH][~is_near] = 0.0
        axes.append(votes)
    blank = torch.zeros(1, 1, HEIGHT, WIDTH)
    features = torch.zeros(1, 16, HEIGHT // 2, WIDTH // 2)
    return MotionField(
        axes[0], axes[1], torch.where(is_near, 3.0, 0.0)[None, None], blank - 5, features
    )


def small_model() -> ThingModel:
    torch.manual_seed(0)
    return ThingModel(ThingModelConfig(features=16, width=16, coarse_width=16)).eval()


def thing_at(top: int, left: int, colour: float = 1.0) -> Thing:
    crop = torch.zeros(4, SIDE, SIDE)
    crop[:3, 5:19, 6:18] = colour
    crop[3, 5:19, 6:18] = 1
    return Thing(
        number=0, anchor=crop, pose=crop, before=crop, top=top, left=left, home=(top, left)
    )


def planted(*places: tuple[int, int, int, int]) -> torch.Tensor:
    logits = torch.full((HEIGHT, WIDTH), -5.0)
    for top, left, height, width in places:
        logits[top : top + height, left : left + width] = 5.0
    return logits


def test_pieces_are_whole_small_and_apart():
    logits = planted(
        (30, 40, 14, 12), (10, 80, 8, 8), (50, 0, 10, 10), (5, 5, 30, 25), (60, 90, 2, 2)
    )
    found = sorted(int(piece.sum()) for piece in pieces(logits))
    assert found == [64, 168]  # not what the frame cuts off, not what is too large or too small


def test_things_that_touch_come_apart_where_the_finder_is_less_sure():
    logits = planted((30, 40, 8, 10), (30, 50, 8, 10), (30, 60, 8, 10))
    logits[:, 49:51] = logits[:, 59:61] = logits[:, 49:51].clamp(max=0.5)
    assert len(pieces(logits)) == 3


def test_things_are_taken_off_the_scenery_and_laid_on_it_again():
    frame = torch.full((1, 3, HEIGHT, WIDTH), -0.5)
    frame[:, :, 30:44, 40:52] = 0.8
    stage = with_things(Stage.of(frame), planted((30, 40, 14, 12))[None, None], frame)
    assert len(stage.things) == 1
    assert stage.backdrop.equal(torch.full_like(frame, -0.5))
    assert stage.seen().equal(frame)


def test_a_thing_is_drawn_in_pixels_that_it_had_and_nothing_else():
    model = small_model()
    torch.manual_seed(3)
    anchor = thing_at(0, 0).anchor.clone()
    anchor[:3] = torch.rand(3, SIDE, SIDE)
    pose = before = anchor
    for _ in range(12):
        drawn = model.next_pose(anchor[None], pose[None], before[None], torch.tensor([2]))
        pose, before = drawn[0], pose
    own = {tuple(colour) for colour in anchor[:3, anchor[3] > 0].T.tolist()}
    drawn = {tuple(colour) for colour in pose[:3, pose[3] > 0].T.tolist()}
    assert drawn <= own


def voting_model() -> ThingModel:
    """Things move by the votes of their pixels alone."""
    model = small_model()
    with torch.no_grad():
        model.decide[3].weight.zero_()
        model.decide[3].bias.zero_()
        model.decide[3].bias[-1] = -9
    return model


def test_things_that_touch_go_their_own_ways():
    frame = torch.zeros(1, 3, HEIGHT, WIDTH)
    went = ((0, -5),)
    hero, coin = thing_at(20, 30), replace(thing_at(20, 40, 0.5), trail=went)
    hidden = replace(thing_at(20, 31, 0.2), trail=went)
    left = (torch.arange(WIDTH) < 51).expand(HEIGHT, -1)  # what is close to the hero seems to rise
    field = field_of((-4, 0), (0, -5), left)
    for other in (coin, hidden):
        stage = Stage(*_scenery(frame), things=(replace(hero, trail=((-4, 0),)), other))
        moved = acted(voting_model(), stage, field, frame, torch.tensor([1])).things
        assert [thing.trail[0] for thing in moved] == [(-4, 0), (0, -5)]


def test_a_hero_that_misses_the_ground_stays_in_the_frame():
    frame = torch.zeros(1, 3, HEIGHT, WIDTH)
    falls = field_of((6, 0), (6, 0), torch.ones(HEIGHT, WIDTH, dtype=torch.bool))
    things = (thing_at(HEIGHT - 29, 30),)
    for _ in range(4):
        stage = Stage(*_scenery(frame), things=things)
        things = acted(voting_model(), stage, falls, frame, torch.tensor([1])).things
    assert things[0].pose[3].any()
    rows = torch.nonzero(stage.hidden()[0, 0].any(1))
    assert int(rows[-1]) == HEIGHT - 1 and len(rows) >= 10


def test_things_move_as_one_and_leave_when_they_are_out_of_the_frame():
    model = voting_model()
    frame = torch.zeros(1, 3, HEIGHT, WIDTH)
    stage = Stage(*_scenery(frame), things=(thing_at(20, 30), thing_at(20, -17)))
    is_near = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
    is_near[20:44] = True
    is_near[30, 41] = False  # one pixel that would go its own way
    after = acted(model, stage, field_of((0, -5), (0, 0), is_near), frame, torch.tensor([1]))
    assert [(thing.top, thing.left) for thing in after.away] == [(20, -17)]
    moved = after.things
    assert [(thing.top, thing.left, thing.trail) for thing in moved] == [(20, 25, ((0, -5),))]
    for _ in range(TRAIL + 2):
        stage = Stage(*_scenery(frame), things=moved)
        still = field_of((0, 0), (0, 0), is_near)
        moved = acted(model, stage, still, frame, torch.tensor([1])).things
    assert len(moved[0].trail) == TRAIL


def _scenery(frame: torch.Tensor) -> tuple:
    stage = Stage.of(frame)
    return stage.backdrop, stage.source, stage.origin, stage.depth


def test_what_a_thing_hid_is_still_there_when_it_has_passed():
    torch.manual_seed(1)
    frame = torch.rand(1, 3, HEIGHT, WIDTH) * 2 - 1
    stage = Stage(*_scenery(frame), things=(thing_at(20, 60),))
    still = field_of((0, 0), (0, 0), torch.zeros(HEIGHT, WIDTH, dtype=torch.bool))
    after, trust = scrolled(stage, still)
    assert after.backdrop.equal(frame) and bool((trust > 0).all())


@pytest.mark.parametrize("way", [-4, 4])
def test_scenery_that_scrolled_out_of_view_comes_back_as_it_was(way):
    torch.manual_seed(2)
    frame = (torch.rand(1, 3, HEIGHT // 4, WIDTH // 4) * 2 - 1).repeat_interleave(4, 2)
    frame = frame.repeat_interleave(4, 3)
    everything = torch.ones(HEIGHT, WIDTH, dtype=torch.bool)
    stage = Stage.of(frame)
    for step in (way, way, -way, -way):
        stage, trust = scrolled(stage, field_of((0, step), (0, step), everything))
    assert stage.backdrop[..., 8:-8].equal(frame[..., 8:-8])
    side = slice(0, 8) if way < 0 else slice(-8, None)
    assert stage.backdrop[..., side].equal(frame[..., side])
    assert bool((trust > 0).all())


@pytest.mark.parametrize("way", [-4, 4])
def test_things_come_back_with_the_scenery_that_they_stood_before(way):
    torch.manual_seed(2)
    frame = torch.rand(1, 3, HEIGHT, WIDTH) * 2 - 1
    everything = torch.ones(HEIGHT, WIDTH, dtype=torch.bool)
    left = -2 if way < 0 else WIDTH - 22
    stage = Stage(*_scenery(frame), away=(thing_at(20, left),))
    for step in (way, way, way, way, way, -way, -way, -way, -way, -way):
        last = stage
        stage, _ = scrolled(stage, field_of((0, step), (0, step), everything))
        stage = returned(stage, last)
        things = tuple(replace(t, left=t.left + step) for t in last.things)
        stage = replace(stage, things=(*things, *(t for t in stage.things if t not in last.things)))
    assert [(thing.top, thing.left) for thing in stage.things] == [(20, left)]
    assert not stage.away


def test_far_scenery_stays_far_when_a_frame_is_in_doubt():
    frame = torch.zeros(1, 3, HEIGHT, WIDTH)
    frame[:, :, :36] = 0.5
    is_near = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
    is_near[36:] = True
    stage = Stage.of(frame)
    for _ in range(4):
        stage, _ = scrolled(stage, field_of((0, -4), (0, -1), is_near))
    doubtful = field_of((0, -4), (0, -1), is_near)
    doubtful.right[0, REACH - 4, 10:20, 60:90] = 0.0
    doubtful.right[0, REACH - 1, 10:20, 60:90] = -0.5  # a little less likely, this once
    before = stage.origin[1, 15, 75]
    stage, _ = scrolled(stage, doubtful)
    assert stage.origin[1, 15, 74] == before


def test_the_loss_falls_when_poses_are_learned():
    model = small_model().train()
    torch.manual_seed(0)
    anchor = torch.stack([thing_at(0, 0, colour).anchor for colour in (0.9, -0.9, 0.2, -0.2)])
    target = anchor.roll(1, dims=2)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        pointer, there = model(anchor, anchor, anchor, torch.zeros(4, dtype=torch.long))
        loss, figures = drawing_loss(anchor, anchor, target, pointer, there)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert figures["outline"] > figures["unchanged"] - 0.05
