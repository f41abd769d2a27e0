"""Worlds steered by words in a project: every press is kept, and a route can be made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError, RecipeError
from playreel.media import Clip
from playreel.recipe import Recipe
from playreel.studio.engined import engine_name_of
from playreel.studio.options import Sampling
from playreel.studio.story import story_of
from playreel.world.steered import SteeredWorld, buttons_of

if TYPE_CHECKING:
    from playreel.studio.facade import Studio


class StudioSteeredWorld(SteeredWorld):
    """A steered world whose captures are saved in the project as takes."""

    keep: Callable[[Clip], Clip]

    def capture(self, start: int = 0, stop: int | None = None) -> Clip:
        """Takes frames ``start`` to ``stop`` and saves them; see `SteeredWorld.capture`."""
        return self.keep(super().capture(start, stop))


def steered(
    studio: Studio,
    start: Any,
    *,
    prompt: str | None,
    buttons: Mapping[str, Any] | None,
    seconds: float,
    engine: str,
    seed: int,
    sampling: Mapping[str, Any],
) -> StudioSteeredWorld:
    """See `playreel.Studio.steer`."""
    clip = studio.keep(studio.open(start))
    if engine == "bundled":
        from playreel.film import fit_clip

        fitted = fit_clip(clip)
        if fitted.changed:  # the bundled model has sizes and a rate of its own
            clip = studio.keep(Clip(fitted.frames, 12, clip.recipe))
    else:
        from playreel.film.engines import find_family

        for name in _names(engine):
            find_family(name).require("extend-forward")  # told before the first press
    world = StudioSteeredWorld(
        clip,
        partial(studio.extend, engine=engine),
        prompt=story_of(clip, studio.project.media) if prompt is None else prompt,
        buttons=buttons,
        seconds=seconds,
        seed=seed,
        sampling=sampling,
    )
    world.keep = studio.keep
    return world


def replay_steered(studio: Studio, recipe: Recipe, parent: Callable[[str], Clip]) -> Clip:
    """Plays a route again from its recipe.

    Raises:
        RecipeError: the recipe is not one of a route, or the engine differs.
    """
    options = recipe.options
    seconds, prompt = options.get("seconds"), options.get("prompt")
    bounds = options.get("start"), options.get("stop")
    if (
        len(recipe.parents) != 1
        or not isinstance(seconds, int | float)
        or not isinstance(prompt, str)
        or any(type(bound) is not int for bound in bounds)
    ):
        raise RecipeError("This recipe does not tell which route was played from which clip.")
    try:
        buttons = buttons_of(options)
    except InputError as error:
        raise RecipeError(str(error)) from None
    engine = recipe.engine or "bundled"
    if engine != "bundled":
        engine = engine_name_of(studio, recipe)
    elif recipe.weights not in ("", studio.bundle.film.weights_hash):
        raise RecipeError(
            f"This route was played on weights {recipe.weights[:12]}, those here are "
            f"{studio.bundle.film.weights_hash[:12]}. Load the weights that made it."
        )
    sampling = options.get("sampling")
    if not isinstance(sampling, Mapping) or set(sampling) - set(Sampling.__annotations__):
        raise RecipeError("This recipe has options that a steered world does not take.")
    world = steered(
        studio, parent(recipe.parents[0]), prompt=prompt, buttons=buttons, seconds=float(seconds),
        engine=engine, seed=recipe.seed or 0, sampling=sampling,
    )  # fmt: skip
    if recipe.actions:
        world.play([name.replace(" ", "-") for name in recipe.actions])
    return SteeredWorld.capture(world, *bounds)


def _names(engine: str) -> list[str]:
    from playreel.film.engines import families

    return [
        family.name
        for family in families().values()
        if engine in (family.name, *(card.name for card in family.cards))
    ]
