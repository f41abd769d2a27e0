"""Drawings for engines that were taught none: the bundled model paints them, and the engine goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.film.engines import Family
from playreel.media import Clip

if TYPE_CHECKING:
    from playreel.film.engines import Engine
    from playreel.studio.facade import Studio

REDRAWN = 0.6  # how far an engine redraws a painting in its own hand


def with_paintings(
    studio: Studio, family: Family, engine: Engine, verb: str, given: dict[str, Any]
) -> dict[str, Any]:
    """A call with pictures in place of its drawings; the paintings are takes of the project.

    Args:
        studio: keeps and paints.
        family: of the engine.
        engine: redraws a painting in its own hand, where it redraws stills.
        verb: still or shoot.
        given: the call's arguments, its seed among them.

    Raises:
        InputError: a drawing and a picture at once, or a drawing outside the take.
    """
    options = dict(given)
    seed, size = options["seed"], options.get("size", "16:9")
    page, pages = options.pop("sketch", None), options.pop("sketches", None)
    if page is not None:
        if options.get("image") is not None:
            raise InputError(
                f"Engine {family.name!r} starts from a picture or from a drawing, not from both. Give one."
            )
        words = options.get("prompt")
        aspect = _aspect(family, size)
        painting = studio.still(words, sketch=page, size=aspect, seed=seed, engine="bundled")
        return options | {"image": painting, "strength": options.get("strength", REDRAWN)}
    if pages:
        keyframes = dict(options.get("keyframes") or {})
        for at, drawing in pages.items():
            if at in keyframes:
                raise InputError(f"There are a drawing and a picture at {at:g} s. Move one.")
            keyframes[at] = _painted(studio, family, engine, options, drawing, at)
        options["keyframes"] = keyframes
    return options


def _painted(
    studio: Studio, family: Family, engine: Engine, options: Mapping[str, Any], page: Any, at: Any
) -> Clip:
    from playreel.film.duration import frame_at
    from playreel.film.prompt import parse_prompt

    grid, size, seed = family.grid, options.get("size", "16:9"), options["seed"]
    count = grid.length(options.get("seconds", 2.0)).num_frames
    index = frame_at(at, count, what="the time of a drawing", fps=grid.fps)
    words = parse_prompt(options.get("prompt")).schedule(count, fps=grid.fps).texts()[index]
    aspect = _aspect(family, size)
    painting = studio.still(words, sketch=page, size=aspect, seed=seed, engine="bundled")
    if not (family.can("still") and family.can("restyle")):
        return painting
    made = engine.still(words, image=painting, size=size, strength=REDRAWN, seed=seed)
    return studio.keep(made)


def _aspect(family: Family, size: Any) -> str:
    """The bundled model's own aspect that is nearest to a size of the engine's."""
    from playreel.film.fit import nearest_size
    from playreel.media import SIZES

    nearest = nearest_size(*family.grid.sizing(size).result)
    return next(name for name, own in SIZES.items() if own == nearest)
