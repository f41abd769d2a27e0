"""Where every frame comes from, making things again, and one shot at a time; on real networks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel import Clip, Studio
from playreel.errors import (
    BudgetError,
    InputError,
    MediaError,
    PlayreelWarning,
    RecipeError,
)
from playreel.recipe import Recipe
from playreel.studio.inspection import as_document, inspect_file
from playreel.world import Session

QUICK = {"num_steps": 1}


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def film(bundle, tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Path]:
    """A film made by still, capture, extend, restyle, bridge, cut and stitch, with a fade."""
    folder = tmp_path_factory.mktemp("film")
    studio = Studio(folder / "pitch", bundle=bundle)
    still = studio.still("a fox", seed=1, **QUICK)
    world = studio.world(still, seed=2)
    world.play("right*5 jump*3")
    take = world.capture(2, 8)
    longer = studio.extend(take, seconds=0.25, direction="backward", seed=3, **QUICK)
    ink = studio.restyle(longer, "ink wash", strength=0.5, seed=4, **QUICK)
    joined = studio.bridge(take, ink, seconds=0.25, seed=5, blend=1, **QUICK)
    studio.board.add(ink, description="a fox runs")
    studio.board.add(world.capture(0, 4), fade_s=2 / 12)
    studio.board.add(studio.keep(joined[3:12:2]))
    studio.board.add(Clip(np.full((2, 72, 128, 3), 9, np.uint8), 12))
    path = studio.export(folder / "film.mp4", preset="landscape-1080p")
    return studio, path


def test_every_frame_of_a_film_is_traced_to_where_it_was_made(film) -> None:
    studio, path = film
    inspected = studio.inspect(path)
    origins = list(inspected.frames())
    assert len(origins) == inspected.num_frames == 36
    assert all(origin.is_resolved for origin in origins)
    ink = studio.board[1].take
    session = studio.sessions[0]
    # Frame 10 of the film is frame 5 of the restyled take, the third of the captured ones.
    origin = origins[10]
    assert [link.operation for link in origin.trail] == ["export", "restyle", "extend", "capture"]
    assert [link.relation for link in origin.trail] == ["shown", "redrawn", "kept", "played"]
    assert [link.frame for link in origin.trail] == [10, 5, 5, 2]
    assert (origin.session, origin.step, origin.action) == (session, 4, "right")
    assert origin.seed == 4
    assert origin.edits == ("extend", "restyle", "export")
    assert origin.weights == ink.recipe.weights
    step = Session.load(studio.session_path(session))[4]
    played = origin.trail[-1]
    assert (played.details["step_seed"], played.details["action"]) == (step.seed, step.action)
    assert played.weights == studio.bundle.world.weights_hash
    # The first frames were made before the take: they name what they grew from.
    assert [link.relation for link in origins[0].trail] == ["shown", "redrawn", "made", "played"]
    assert origins[0].step == 2
    # In the fade both shots are named.
    fading = [origin for origin in origins if origin.fading is not None]
    assert len(fading) == 4
    assert fading[0].trail[1].operation == "capture"
    assert fading[0].fading.trail[1].clip == ink.content_hash
    # A session's start leads on to the still.
    assert fading[0].step == 0
    assert [link.relation for link in fading[0].trail] == ["shown", "start", "drawn"]
    # What was brought in says so.
    assert origins[-1].trail[-1].relation == "brought in"
    assert inspected.at(origin.time_s + 0.001) == origin
    for bad in (-1, len(origins), True, "x"):
        with pytest.raises((MediaError, TypeError)):
            inspected.frame(bad)


def test_a_film_far_from_its_project_still_tells(film, tmp_path: Path) -> None:
    studio, path = film
    copy = tmp_path / "sent.mp4"
    copy.write_bytes(path.read_bytes())  # without the sidecar
    alone = inspect_file(copy)
    for here, there in zip(studio.inspect(path).frames(), alone.frames(), strict=True):
        assert there.is_resolved == (here.trail[-1].relation != "brought in")
        if there.is_resolved and there.fading is None:
            assert (there.session, there.step, there.action) == (
                here.session, here.step, here.action
            )  # fmt: skip
            assert there.weights == here.weights
            assert there.edits == here.edits


def test_a_copy_at_another_rate_shows_the_same_moments(film, tmp_path: Path) -> None:
    studio, _ = film
    ink = studio.board[1].take
    copy = studio.open(ink.content_hash).save(tmp_path / "copy.mp4", fps=24, scale=2)
    assert [o.trail[-1].frame for o in studio.inspect(copy).frames()] == [
        o.trail[-1].frame for o in studio.inspect(ink).frames() for _ in range(2)
    ]


def test_inspecting_changes_nothing(film) -> None:
    studio, path = film
    studio.filter()
    before = files(studio.path)
    for what in (path, studio.board[1].take, "last"):
        list(studio.inspect(what).frames())
    assert files(studio.path) == before


def test_restore_makes_everything_again_bit_for_bit(film) -> None:
    studio, path = film
    again = studio.restore(path)
    assert again.is_identical is True
    assert [c.content_hash for c in again.clips] == list(
        dict.fromkeys(shot.take.content_hash for shot in studio.board)
    )
    assert not again.from_trash


def test_restore_after_the_frames_are_gone(bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    scene = studio.shoot("a cave", seconds=0.25, seed=1, **QUICK)
    longer = studio.extend(scene, seconds=0.25, seed=2, **QUICK)
    studio.trash(scene.content_hash, longer.content_hash)
    assert studio.restore(longer.content_hash[:12]).from_trash
    studio.trash(longer.content_hash)
    studio.trash.empty()
    assert studio.takes == ()
    copy = tmp_path / "copy.mkv"
    longer.save(copy)
    again = studio.restore(copy)  # the parent is made first
    assert again.is_identical is True
    assert again.clip.content_hash == longer.content_hash
    assert {take.content_hash for take in studio.takes} == {
        scene.content_hash, longer.content_hash
    }  # fmt: skip


def test_restore_sees_through_copies(bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    scene = studio.shoot("a cave", seconds=0.5, seed=1, **QUICK)
    for name, options in {
        "large.mkv": {"scale": 2}, "fast.png": {"fps": 24}, "both.apng": {"scale": 3, "fps": 24},
    }.items():  # fmt: skip
        copy = scene.save(tmp_path / name, **options)
        assert studio.restore(copy).is_identical is True
    for name in ("copy.gif", "copy.mp4"):  # fewer colours, and loss: nobody can tell
        assert studio.restore(scene.save(tmp_path / name)).is_identical is None
    other = Clip(scene.frames[::-1], scene.fps, scene.recipe).save(tmp_path / "other.mkv")
    assert studio.restore(other).is_identical is False
    few = studio.keep(Clip(scene.frames[:, ::8, ::8] // 128 * 128, scene.fps))
    cut = few[1:3]
    assert studio.restore(cut.save(tmp_path / "few.gif", scale=4)).is_identical is True


def test_one_shot_is_made_again_and_all_others_keep_their_bytes(bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    first = studio.shoot("a fox", seconds=0.25, seed=1, **QUICK)
    studio.board.add(first)
    follow = studio.extend(first, seconds=0.25, seed=2, **QUICK)
    studio.board.add(follow)
    for seed in range(3, 5):
        studio.board.add(studio.shoot("a cave", seconds=0.25, seed=seed, **QUICK))
    before = files(studio.path / "takes")
    acts = len(studio.history)
    shot = studio.retake(1, seed=77)
    assert shot.take.content_hash != first.content_hash
    assert shot.take.recipe.seed == 77
    assert shot.versions == (first.content_hash,)
    after = files(studio.path / "takes")
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 2  # frames and recipe
    assert [entry.act for entry in studio.history[acts:]] == ["made", "board.update"]
    # What was made from the old one is stale, still shown, and nothing is made by itself.
    assert studio.stale() == {
        studio.board[2].uid: (f"it was made from {first.content_hash[:12]}, which shot 1 replaced",)
    }
    assert studio.board[2].take.content_hash == follow.content_hash
    studio.export(tmp_path / "film.gif")
    assert files(studio.path / "takes") == after
    studio.undo()
    assert studio.board[1].take.content_hash == first.content_hash
    assert studio.stale() == {}
    assert studio.open(studio.board[1].take.content_hash).content_hash == first.content_hash
    studio.redo()
    assert studio.board[1].take.content_hash == shot.take.content_hash
    again = studio.retake(1, seed=78, seconds=0.5)
    assert len(again.take) == 6
    acts = len(studio.history)
    with pytest.warns(PlayreelWarning, match="very same frames"):
        assert studio.retake(1, seed=78) == studio.board[1]
    assert len(studio.history) == acts
    with pytest.raises(InputError, match="no 'sparkle'"):
        studio.retake(1, sparkle=True)


def test_over_budget_nothing_is_made(bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    take = studio.shoot("a fox", seconds=0.25, seed=1, **QUICK)
    studio.set_budget(10)
    verbs = [
        lambda: studio.still("a fox"),
        lambda: studio.shoot("a fox"),
        lambda: studio.extend(take),
        lambda: studio.world(take),
        lambda: studio.restore(take),
        lambda: studio.submit("extend", take),
    ]
    for verb in verbs:
        with pytest.raises(BudgetError, match="may take"):
            verb()
    assert len(studio.takes) == 1
    assert len(studio.jobs) == 0
    studio.board.add(take)
    studio.export(tmp_path / "film.gif")  # what is there can still be used
    studio.undo()
    studio.set_budget("1GB")
    studio.still("a fox", seed=1, **QUICK)


def _hostile() -> list[dict]:
    take = "a" * 64
    segment = {"take": take, "start": 0, "num_frames": 4, "fade": 0, "frames": [[0, 1, 4, 1]]}
    told = {"operation": "cut", "num_frames": 4, "fps": "12", "parents": [take],
            "options": {"start": 0, "stop": 4, "step": 1}}  # fmt: skip
    return [
        {"segments": "x", "ancestry": 3, "shots": None},
        {"segments": [segment | {"frames": [[0, 1, 4, -1]]}]},
        {"segments": [segment | {"frames": [[2**60, 2**60, 2**60, 2**60]]}]},
        {"segments": [segment | {"frames": [["0", None]]}]},
        {"segments": [segment], "ancestry": {take: told}},  # its own parent
        {"segments": [segment], "ancestry": {take: told | {"num_frames": 2**70 // 2**10}}},
        {"segments": [segment], "ancestry": {take: told | {"operation": 3, "fps": "1/0"}}},
        {"segments": [segment | {"take": "../../etc/passwd"}]},
        {"segments": [segment], "ancestry": {take: told | {
            "operation": "extend", "options": {"resolved": {"kept": [[9, 0, 4], "x", [0, 0]]}}}}},
        {"segments": [segment], "ancestry": {take: told | {
            "operation": "capture", "options": {"start": -5, "session": {"a": 1}}}}},
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(10))
def test_a_strangers_recipe_can_do_no_harm(number: int, bundle, tmp_path: Path) -> None:
    recipe = Recipe(operation="export", options=_hostile()[number], parents=("../../etc/passwd",))
    path = tmp_path / "gift.png"
    Clip(np.zeros((4, 8, 8, 3), np.uint8), 12, recipe).save(path)
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    before = files(studio.path)
    for origin in studio.inspect(path).frames():
        assert len(origin.trail) < 300
        json.dumps(as_document(origin), default=dict)
    with pytest.raises(RecipeError):
        studio.restore(path)
    assert files(studio.path) == before


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(operation="extend", options={"seconds": 0.25}, parents=("last",)),
        Recipe(operation="extend", options={"seconds": 1e12}, parents=("a" * 64,)),
        Recipe(operation="still", options={"inputs": {"image": "/etc/passwd"}}),
        Recipe(operation="os.system", options={"command": "touch pwned"}),
        Recipe(operation="capture", options={"size": [72, 128], "prompt": "x" * 100}),
    ],
    ids=lambda recipe: recipe.operation,
)
def test_restoring_a_strangers_recipe_opens_no_path(recipe, bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    studio.keep(Clip(np.zeros((3, 72, 128, 3), np.uint8), 12, Recipe(operation="shoot")))
    if recipe.weights == "":
        recipe = recipe.with_(weights=studio.bundle.film.weights_hash)
    path = tmp_path / "gift.png"
    Clip(np.zeros((2, 72, 128, 3), np.uint8), 12, recipe).save(path)
    with pytest.raises(InputError):
        studio.restore(path)
    assert len(studio.takes) == 1


def test_a_picture_from_elsewhere_has_no_recipe(bundle, tmp_path: Path) -> None:
    Image.new("RGB", (32, 18)).save(tmp_path / "photo.png")
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    inspected = studio.inspect(tmp_path / "photo.png")
    assert inspected.frame(0).trail[0].relation == "brought in"
    with pytest.raises(RecipeError, match="no recipe"):
        studio.restore(tmp_path / "photo.png")


def test_the_last_session_is_the_one_played_last_whatever_the_clock_says(
    bundle, tmp_path: Path
) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    still = studio.still("a fox", seed=1, **QUICK)
    names = []
    for number in range(3):
        names.append(studio.world(still, seed=number).session.header.session_id)
        log = studio.session_path(names[-1])
        os.utime(log, (2_000_000_000 - 1000 * number,) * 2)  # the clock runs backward
    assert list(studio.sessions) == names
    studio.open_world(names[0])
    assert studio.session_path("last").stem == names[0]
    assert Studio(tmp_path / "pitch", bundle=bundle).sessions[-1] == names[0]


def test_a_session_played_in_two_windows_loses_no_press(bundle, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    first = studio.world(studio.still("a fox", seed=1, **QUICK), seed=1)
    first.play("right*2")
    second = Studio(tmp_path / "pitch", bundle=bundle).open_world("last")
    first.play("jump*3")
    with pytest.warns(PlayreelWarning, match="elsewhere"):
        second.play("left*4")
    second.play("right")
    first.play("stay")
    name = first.session.header.session_id
    assert studio.sessions[-2:] in ((name, f"{name}-2"), (f"{name}-2", name))
    histories = [studio.open_world(each).history for each in (name, f"{name}-2")]
    assert histories == [first.history, second.history]
    (studio.project.sessions / f"{name}-2.ndjson").unlink()  # by hand, while it is played
    second.play("jump")
    assert studio.open_world(f"{name}-2").history == second.history
