"""Worlds steered by words: the same presses give the same film, and every press is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playreel import Studio
from playreel.errors import (
    CaptureError,
    EngineRefusedError,
    InputError,
    RecipeError,
    RewindError,
    UnknownActionError,
)
from playreel.media import Clip
from playreel.world import Button, SteeredWorld

PRESS = {"seconds": 2 / 12, "num_steps": 1}


def start(num_frames: int = 2) -> Clip:
    pictures = np.random.default_rng(0).integers(0, 256, (num_frames, 72, 128, 3))
    return Clip(pictures.astype(np.uint8))


@pytest.fixture
def studio(tmp_path: Path, bundle) -> Studio:
    return Studio(tmp_path / "pitch", bundle=bundle)


def test_a_route_is_film_that_can_be_made_again(studio: Studio) -> None:
    clip = start()
    world = studio.steer(clip, prompt="a fox", seed=3, **PRESS)
    assert world.actions[:3] == ("stay", "left", "right")
    new = world.play("right look-left")
    assert len(new) == 4 and world.history == ("right", "look left")
    assert np.array_equal(world.frames[:2], clip.frames)
    assert np.array_equal(world.frames[2:], new)
    take = world.capture()
    assert take.recipe.actions == ("right", "look left")
    assert np.array_equal(studio.replay(take.recipe).frames, take.frames)
    made = [kept for kept in studio.takes if kept.operation == "extend"]
    assert len(made) >= 2  # every press was kept as it was made
    with pytest.raises(RecipeError, match="those here are"):
        studio.replay(take.recipe.with_(weights="0" * 64))


def test_rewinding_forgets_nothing_and_forks_share_the_past(studio: Studio) -> None:
    calls: list[str] = []
    world = studio.steer(start(), prompt="a fox", seed=3, **PRESS)
    roll = world._roll

    def counted(clip: Clip, **options: Any) -> Clip:
        calls.append(options["prompt"])
        return roll(clip, **options)

    world._roll = counted
    world.step("right")
    first = world.frames
    world.rewind()
    world.step("left")
    other = world.fork(at=0)
    assert other.cursor == 0 and world.cursor == 1
    assert np.array_equal(other.play("right"), first[2:])
    assert calls == ["a fox, moving to the right", "a fox, moving to the left"]


def test_buttons_are_a_users_own_words(studio: Studio) -> None:
    own = {"Dive": "the whale dives", "look-up": Button(camera="zoom out")}
    world = studio.steer(start(), buttons=own, prompt="", **PRESS)
    assert world.actions == ("dive", "look up")
    assert world.step("LOOK_UP").shape == (72, 128, 3)
    with pytest.raises(UnknownActionError, match=r"'jump'.*dive, look up"):
        world.step("jump")
    with pytest.raises(UnknownActionError):
        world.play("dive jump")
    assert world.cursor == 1  # nothing of a script with a mistake is played


@pytest.mark.parametrize(
    "buttons",
    [{}, {"a": ""}, {"": "x"}, {"a*b": "x"}, {"a": Button()}, {"a": 3}, {"a": "x", "A": "y"}],
)
def test_buttons_that_ask_for_nothing_are_refused(buttons: Any) -> None:
    with pytest.raises(InputError):
        SteeredWorld(start(), lambda clip, **options: clip, buttons=buttons)


def test_a_press_that_adds_nothing_is_an_error() -> None:
    world = SteeredWorld(start(), lambda clip, **options: clip)
    with pytest.raises(InputError, match="must add frames"):
        world.step("stay")
    with pytest.raises(RewindError):
        world.rewind(1)
    with pytest.raises(CaptureError):
        world.capture(0, 9)
    assert world.capture(0, 1).recipe.actions == ()


def test_an_engine_that_cannot_go_on_is_told_before_the_first_press(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from playreel.film.engines import refused, registry

    known = registry.families()
    wan = known["wan"]
    mute = replace(wan, abilities={**wan.abilities, "extend-forward": refused("it cannot")})
    monkeypatch.setitem(known, "wan", mute)
    with pytest.raises(EngineRefusedError, match="it cannot"):
        studio.steer(start(), engine="wan-1.3b")
