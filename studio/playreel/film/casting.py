"""Casting: whoever is in one picture is in a new still, pixel for pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.film.character import REPAINTED
from playreel.film.fit import picture_clip
from playreel.film.sampling import sub_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playreel.core import FilmModel

TRIES = 4  # at a scene with somebody in it, whose place can be taken


def held_by(model: FilmModel, picture: Any, *, wide: bool = True) -> dict[str, Any]:
    """The options of a still by which it holds on to who is in a picture.

    Args:
        model: finds heroes.
        picture: as `playreel.film.picture_clip` takes it.
        wide: whether the still shows a hero as large as the picture may; if it does not, or nobody is found,
            the still is the picture painted over.
    """
    from playreel.core.casting import find_figure  # torch, which the model has loaded

    if wide and find_figure(model.world, picture_clip(picture).frames[0]) is not None:
        return {"hero": picture}
    return {"image": picture, "strength": REPAINTED}


def cast(
    model: FilmModel,
    hero: NDArray[np.uint8],
    draw: Callable[[int], NDArray[np.uint8]],
    *,
    seed: int,
    tries: int = TRIES,
) -> tuple[NDArray[np.uint8], str]:
    """A scene with the hero of another picture in it.

    Scenes are drawn until there is one with somebody in it; the hero takes that place. Where none has, the
    hero stands in the last one as in its own picture.

    Args:
        model: finds heroes.
        hero: uint8 (H', W', 3), a picture of the hero.
        draw: a seed to a scene, uint8 (H, W, 3).
        seed: of the first scene.
        tries: scenes to be drawn at most.

    Returns:
        uint8 (H, W, 3), and where the hero stands, in words.

    Raises:
        InputError: nobody is found in the picture.
    """
    from playreel.core.casting import (
        find_figure,
        recast,
    )  # torch, which the model has loaded by now

    figure = find_figure(model.world, hero)
    if figure is None:
        raise InputError(
            "No hero was found in the picture that it is to be taken from. Use one in which it stands "
            "apart from the scenery, whole and not larger than a quarter of the height."
        )
    for number in range(tries):
        scene = draw(seed if number == 0 else sub_seed(seed, number))
        made = recast(model.world, scene, figure)
        if made is not None:
            return made, f"in the place of who was drawn, scene {number + 1}"
    made = recast(model.world, scene, figure, anyway=True)
    assert made is not None
    return made, "where it stands in its own picture"
