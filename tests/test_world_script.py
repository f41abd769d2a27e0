"""Buttons and scripts of buttons."""

from __future__ import annotations

import time

import pytest

from playreel.errors import InputError, UnknownActionError
from playreel.world.actions import ActionSet
from playreel.world.script import MAX_CHARACTERS, MAX_STEPS, parse_script

ACTIONS = ActionSet(
    buttons={"stay": 5, "left": 2, "right": 0, "jump": 7, "jump-left": 1, "jump-right": 3},
    num_latents=8,
)


def parse(script):
    return parse_script(script, ACTIONS.resolve)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("right", ["right"]),
        ("right*3 jump right*2", ["right"] * 3 + ["jump"] + ["right"] * 2),
        ("right, left,jump", ["right", "left", "jump"]),
        ("  right * 2 ,\n jump×2  ", ["right"] * 2 + ["jump"] * 2),
        ("jump+right right+jump jump_right", ["jump-right"] * 3),
        ("Jump + Right * 2", ["jump-right"] * 2),
        ("latent:3*2 LATENT:0", ["latent:3", "latent:3", "latent:0"]),
        (["right*2", "stay"], ["right", "right", "stay"]),
        (f"stay*{MAX_STEPS}", ["stay"] * MAX_STEPS),
    ],
)
def test_scripts(script, expected):
    assert parse(script) == expected


def test_resolve_gives_the_codes_of_the_calibration():
    assert ACTIONS.resolve("right+jump") == ("jump-right", 3)
    assert ACTIONS.resolve("latent:6") == ("latent:6", 6)
    assert ACTIONS.latent_names == tuple(f"latent:{code}" for code in range(8))


@pytest.mark.parametrize(
    "name", ["rihgt", "fly", "jump+jump", "left+right", "jump+", "+", "jump-right-left", ""]
)
def test_an_unknown_button_is_told_the_known_ones(name):
    with pytest.raises(UnknownActionError, match="stay, left, right, jump, jump-left, jump-right"):
        ACTIONS.resolve(name)


def test_a_misspelt_button_is_told_the_nearest():
    with pytest.raises(UnknownActionError, match="Did you mean 'right'"):
        parse("left*2 rihgt")
    with pytest.raises(UnknownActionError, match=r"latent:0 to latent:7"):
        ACTIONS.resolve("latent:8")
    with pytest.raises(UnknownActionError, match="int '3'"):
        ACTIONS.resolve(3)
    with pytest.raises(UnknownActionError) as error:
        ACTIONS.resolve("x" * 100_000)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    "script",
    [
        "",
        " , ",
        "right*0",
        "right*-1",
        "right*1.5",
        "right*",
        "*3",
        "right*2*3",
        "right*many",
        "right*²",
    ],
)
def test_bad_scripts(script):
    with pytest.raises(InputError):
        parse(script)


@pytest.mark.parametrize("script", [None, 3, b"right", ["right", 3]])
def test_scripts_are_text(script):
    with pytest.raises(InputError):
        parse(script)


@pytest.mark.parametrize(
    "script",
    [f"right*{MAX_STEPS + 1}", "right*999999999999999", f"right*{MAX_STEPS} left", ["stay"] * 5000],
)
def test_counts_are_bounded(script):
    with pytest.raises(InputError, match=str(MAX_STEPS)):
        parse(script)


@pytest.mark.parametrize("filler", [" ", "*", "right*", "+", ": "])
def test_long_scripts_are_refused_or_read_quickly(filler):
    script = (filler * MAX_CHARACTERS)[:MAX_CHARACTERS]
    start = time.perf_counter()
    with pytest.raises(InputError):
        parse(script)
    with pytest.raises(InputError, match=str(MAX_CHARACTERS)):
        parse(script + " ")
    assert time.perf_counter() - start < 2
