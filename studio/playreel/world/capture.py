"""Recipes of captured takes, and making a take again from its recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from playreel.errors import CaptureError, RecipeError
from playreel.media.clip import Clip
from playreel.recipe import Recipe, register_replayer
from playreel.world.log import decode_prompt, encode_prompt
from playreel.world.prompt import playable_sizes
from playreel.world.session import SessionHeader, Step, step_seed

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel
    from playreel.world.route import Route

ENGINE = "playreel-world"
_MAX_PROMPT_CHARACTERS = 160_000  # of the 256 KiB a recipe may take
_models: WeakValueDictionary[str, WorldModel] = WeakValueDictionary()


def capture(route: Route, start: int, stop: int | None) -> Clip:
    """Frames ``start`` to ``stop`` of a route as a clip; see `World.capture`."""
    with route.player.lock:
        length = len(route.path)
        stop = length if stop is None else stop
        whole = all(
            isinstance(value, int | np.integer) and not isinstance(value, bool)
            for value in (start, stop)
        )
        if not whole or not 0 <= start < stop <= length:
            raise CaptureError(
                f"Cannot capture frames {start!r} to {stop!r}: this route has {length} frames. "
                f"Give whole numbers with 0 <= start < stop <= {length}."
            )
        session = route.player.session
        steps = [session[node] for node in route.path[1:stop]]
        recipe = capture_recipe(session.header, steps, start=int(start), stop=int(stop))
        frames = route.stack(route.path[start:stop])
    frames.flags.writeable = False
    return Clip(frames, Fraction(session.header.fps), recipe)


def capture_recipe(
    header: SessionHeader,
    steps: Sequence[Step],
    *,
    start: int,
    stop: int,
    operation: str = "capture",
) -> Recipe:
    """The recipe of frames ``start`` to ``stop`` of a route.

    Args:
        header: what the session started from.
        steps: every press from the start to frame ``stop - 1``.
        start: first frame.
        stop: the frame after the last.
        operation: ``"capture"`` or ``"preview"``.
    """
    options: dict[str, Any] = {
        "session": header.session_id,
        "name": header.name,
        "start": start,
        "stop": stop,
        "fps": header.fps,
        "size": list(header.size),
        "prompt": encode_prompt(header.prompt),
    }
    if len(options["prompt"]) > _MAX_PROMPT_CHARACTERS:  # then only the session's log can replay it
        options["prompt"] = None
    if header.prompt_recipe is not None:
        made_by = header.prompt_recipe
        options["prompt_recipe"] = {"operation": made_by.operation, "hash": made_by.recipe_hash}
    seeds = [step.seed for step in steps]
    if seeds != [step_seed(header.seed, step.depth) for step in steps]:
        options["step_seeds"] = seeds
    return Recipe(
        operation=operation,
        options=options,
        seed=header.seed,
        engine=ENGINE,
        weights=header.weights,
        parents=header.parents,
        actions=tuple(step.action for step in steps),
    )


def replay_capture(recipe: Recipe, model: WorldModel) -> Clip:
    """Makes a captured or previewed clip again, bit for bit on the same machine.

    Args:
        recipe: of operation ``"capture"`` or ``"preview"``; may be foreign.
        model: the weights that the recipe names.

    Raises:
        RecipeError: other weights, or a recipe that does not hold together.
    """
    from playreel.world.world import World

    if recipe.weights != model.weights_hash:
        raise RecipeError(
            f"This take was played on weights {recipe.weights[:12]!r}, the model given has "
            f"{model.weights_hash[:12]!r}. Load those weights, then replay."
        )
    options = recipe.options
    size, start, stop, prompt = (options.get(key) for key in ("size", "start", "stop", "prompt"))
    seeds = options.get("step_seeds") or (None,) * len(recipe.actions)
    whole = (
        isinstance(size, Sequence)
        and tuple(size) in playable_sizes(model)
        and all(type(value) is int for value in (start, stop))
        and 0 <= start < stop == len(recipe.actions) + 1
        and isinstance(seeds, Sequence)
        and len(seeds) == len(recipe.actions)
    )
    if not whole or not isinstance(prompt, str):
        missing = "it does not carry its prompt" if prompt is None else "its options do not agree"
        raise RecipeError(
            f"This take cannot be played again: {missing}. Open the session's action log with "
            "World.load instead."
        )
    world = World(
        model,
        decode_prompt(prompt, (size[0], size[1])),
        seed=recipe.seed or 0,
        name=str(options.get("name") or "world")[:256],
        parents=recipe.parents,
    )
    for action, seed in zip(recipe.actions, seeds, strict=True):
        world.step(action, seed=seed)
    clip = world.capture(start, stop)
    return Clip(clip.frames, _fps(options), recipe)


def remember_model(model: WorldModel) -> None:
    """Lets ``recipe.replay()`` find the weights of worlds that are open."""
    _models[model.weights_hash] = model
    register_replayer(_replay, "capture", "preview")


def _replay(recipe: Recipe) -> Clip:
    model = _models.get(recipe.weights)
    if model is None:
        from playreel.core import load_bundle

        model = load_bundle().world
    return replay_capture(recipe, model)


def _fps(options: Mapping[str, Any]) -> Fraction:
    fps = options.get("fps")
    if not isinstance(fps, str) or not re.fullmatch(r"[1-9]\d{0,8}(/[1-9]\d{0,8})?", fps):
        raise RecipeError(f"This take's fps {str(fps)[:40]!r} is not a whole number or fraction.")
    return Fraction(fps)
