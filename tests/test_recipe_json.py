"""Recipes: canonical text, hardened reading, upgrades and replay."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import numpy as np
import pytest

import playreel.recipe as recipes
from playreel.errors import RecipeError
from playreel.media import Clip
from playreel.recipe import Recipe, content_hash, register_replayer


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(
        operation="extend",
        options={"prompt": "雪山上的狐狸", "seconds": 2.5, "flags": [True, None, {"deep": [1, 2]}]},
        seed=7,
        engine="bundled",
        weights="ab" * 32,
        parents=("cd" * 32,),
        actions=("right", "jump"),
    )


def _document(**changes: object) -> str:
    return json.dumps({"operation": "still", "schema_version": 1, **changes})


def test_round_trip_is_canonical(recipe: Recipe) -> None:
    text = recipe.to_json()
    assert Recipe.from_json(text) == recipe
    assert Recipe.from_json(text.encode()) == recipe
    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert hash(recipe) == hash(Recipe.from_json(text))


def test_it_cannot_be_changed(recipe: Recipe) -> None:
    with pytest.raises(AttributeError):
        recipe.seed = 8  # type: ignore[misc]
    with pytest.raises(TypeError):
        recipe.options["prompt"] = "x"  # type: ignore[index]
    assert copy.deepcopy(recipe) == recipe


def test_numpy_numbers_become_plain_ones() -> None:
    made = Recipe(
        operation="still", options={"a": np.int64(3), "b": np.float32(0.5)}, seed=np.int32(4)
    )
    assert Recipe.from_json(made.to_json()) == made
    assert made.seed == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "null",
        '"text"',
        '{"operation": "still"',
        _document(seed=True),
        _document(seed=1.5),
        _document(seed="7"),
        _document(seed=2**70),
        _document(engine=3),
        _document(parents="abc"),
        _document(parents=[1]),
        _document(actions={"a": 1}),
        _document(options=[1]),
        _document(operation=""),
        _document(operation=None),
        _document(unknown_field=1),
        _document(schema_version=99),
        _document(schema_version=0),
        _document(schema_version="1"),
        '{"schema_version": 1}',
        '{"operation": "still", "schema_version": 1, "options": {"x": NaN}}',
        '{"operation": "still", "schema_version": 1, "options": {"x": 1e999}}',
        '{"operation": "still", "operation": "shoot", "schema_version": 1}',
        '{"operation": "\\ud800", "schema_version": 1}',
        '{"operation": "still", "schema_version": ' + "9" * 5000 + "}",
        "[" * 200_000,
        _document(options={"x": "y" * 300_000}),
    ],
    ids=lambda text: text[-40:],
)
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.from_json(text)
    assert len(str(caught.value)) < 2000


def test_depth_is_bounded_both_ways() -> None:
    deep: object = 1
    for _ in range(20):
        deep = [deep]
    with pytest.raises(RecipeError, match="16 levels"):
        Recipe.from_json(_document(options={"x": deep}))
    with pytest.raises(RecipeError, match="16 levels"):
        Recipe(operation="still", options={"x": deep})
    brackets = Recipe(operation="still", options={"prompt": "[{" * 50})
    assert Recipe.from_json(brackets.to_json()) == brackets


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", object(), {1: "x"}])
def test_options_hold_only_json(value: object) -> None:
    with pytest.raises(RecipeError):
        Recipe(operation="still", options={"x": value})


def test_not_utf8_is_refused() -> None:
    with pytest.raises(RecipeError, match="UTF-8"):
        Recipe.from_json(b'{"operation": "\xff"}')


def test_a_recipe_too_large_to_read_back_is_not_written() -> None:
    with pytest.raises(RecipeError, match="262144"):
        Recipe(operation="play", actions=("right",) * 40_000).to_json()


def test_old_versions_are_upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_zero(document: dict[str, object]) -> dict[str, object]:
        document["operation"] = document.pop("verb")
        return {**document, "schema_version": 1}

    monkeypatch.setattr(recipes, "_upgrades", {0: from_zero})
    assert Recipe.from_json('{"verb": "still", "schema_version": 0}').operation == "still"


def test_replay_uses_what_was_registered(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "_replayers", {})
    with pytest.raises(RecipeError, match="extend"):
        recipe.replay()
    pixels = np.zeros((2, 4, 4, 3), np.uint8)
    register_replayer(lambda seen: Clip(pixels, 12, seen), "extend")
    assert recipe.replay().recipe == recipe
    with pytest.raises(RecipeError, match="shoot"):
        Recipe(operation="shoot").replay()


def test_content_hash_sees_pixels_shape_and_rate() -> None:
    pixels = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3)
    base = content_hash(pixels, Fraction(12))
    assert base == content_hash(pixels.copy(), Fraction(12))
    assert base == content_hash(np.asfortranarray(pixels), Fraction(12))
    assert base != content_hash(pixels, Fraction(24))
    assert base != content_hash(pixels.reshape(2, 6, 4, 3), Fraction(12))
    assert base != content_hash(pixels[::-1], Fraction(12))
