"""Replay: make a clip again from its recipe."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playreel.errors import RecipeError
from playreel.film.animate import animate
from playreel.film.bridge import bridge
from playreel.film.extend import extend
from playreel.film.inpaint import inpaint
from playreel.film.loop import loop
from playreel.film.restyle import Sketcher, restyle
from playreel.film.sampling import Choices
from playreel.film.shoot import shoot
from playreel.film.still import still
from playreel.recipe import Recipe

if TYPE_CHECKING:
    from playreel.core import FilmModel
    from playreel.media import Clip

OPERATIONS: dict[str, Callable[..., Clip]] = {
    "still": still,
    "shoot": shoot,
    "animate": animate,
    "extend": extend,
    "bridge": bridge,
    "loop": loop,
    "restyle": restyle,
    "inpaint": inpaint,
}
_NUM_CLIPS = {"animate": 1, "extend": 1, "bridge": 2, "loop": 1, "restyle": 1, "inpaint": 1}
_NOT_ARGUMENTS = {"resolved", "measured", "inputs", "sketches", "keyframes", "lines", "region"}


def replay(
    model: FilmModel,
    recipe: Recipe,
    resolve: Callable[[str], Clip],
    *,
    sketcher: Sketcher | None = None,
) -> Clip:
    """The clip that ``recipe`` made, bit for bit on the same weights and machine.

    Args:
        model: a network with the recipe's weights.
        recipe: of one of `OPERATIONS`.
        resolve: finds a parent by its content hash: a clip, or a picture or sketch as
            `playreel.film.picture_clip` and `playreel.film.sketch_clip` give it.
        sketcher: draws lines, for a restyle that held on to them.

    Raises:
        RecipeError: another operation, other weights, or options that do not belong to it.
    """
    if recipe.operation not in OPERATIONS:
        raise RecipeError(
            f"{recipe.operation!r} is no film operation. Known: {', '.join(OPERATIONS)}."
        )
    if recipe.weights != model.weights_hash:
        raise RecipeError(
            f"This clip was made with weights {recipe.weights[:12] or 'unknown'}, the model here "
            f"has {model.weights_hash[:12]}. Load the weights that made it."
        )
    operation = OPERATIONS[recipe.operation]
    options = {k: v for k, v in recipe.options.items() if k not in _NOT_ARGUMENTS}
    known = inspect.signature(operation).parameters.keys() | Choices.__annotations__.keys()
    unknown = options.keys() - known
    if unknown:
        raise RecipeError(
            f"The recipe of {recipe.operation} has unknown options: {', '.join(sorted(unknown))}. "
            "It may come from a newer Playreel; upgrade and try again."
        )
    num_clips = _NUM_CLIPS.get(recipe.operation, 0)
    if len(recipe.parents) < num_clips:
        raise RecipeError(
            f"The recipe of {recipe.operation} names {len(recipe.parents)} parents, it needs "
            f"{num_clips}."
        )
    clips = [
        resolve(name).with_recipe(_told(text))
        for name, text in zip(recipe.parents, _inherited(recipe, num_clips), strict=False)
    ]
    if recipe.operation == "restyle" and recipe.options.get("lines"):
        if sketcher is None:
            raise RecipeError("This restyle held on to lines. Pass the sketcher that drew them.")
        options["sketcher"] = sketcher
    options |= _pictures(recipe, resolve)
    return operation(model, *clips, seed=recipe.seed or 0, **options)


def _inherited(recipe: Recipe, num_clips: int) -> list[str]:
    """The prompts that the call took from its clips, "" where it took none."""
    texts = list((recipe.options.get("resolved") or {}).get("inherited") or ())
    return [*map(str, texts), *[""] * num_clips][:num_clips]


def _told(prompt: str) -> Recipe | None:
    """A recipe that tells a clip's prompt and nothing else: parents are found by pixels alone."""
    return Recipe(operation="told", options={"prompt": prompt}) if prompt else None


def _pictures(recipe: Recipe, resolve: Callable[[str], Clip]) -> dict[str, Any]:
    """Sketches and images of the call, found again by the hashes that the recipe names."""
    options = recipe.options
    if recipe.operation == "still":
        return {name: resolve(value) for name, value in (options.get("inputs") or {}).items()}
    if recipe.operation == "inpaint":
        return {"region": resolve(str(options.get("region")))}
    if recipe.operation == "shoot":
        return {
            word: {float(time): resolve(name) for time, name in (options.get(word) or {}).items()}
            for word in ("sketches", "keyframes")
        }
    return {}
