"""Takes into one take, for shots that are merged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from playreel.board.lineage import segment_entries
from playreel.board.planned import PlannedClip
from playreel.board.stitch import Film
from playreel.errors import InputError, RecipeError
from playreel.media.clip import Clip
from playreel.recipe import Recipe

JOIN = "join"


def joined(takes: Sequence[Clip], fades_s: Sequence[float], joints: Sequence[str]) -> Clip:
    """Takes behind each other as one, with the transitions between them drawn into it.

    Cards of planned shots become one card.

    Args:
        takes: of one size, at least two; the first's rate is kept.
        fades_s: seconds of transition into each; the first is ignored.
        joints: how each comes in.

    Raises:
        InputError: sizes that differ, made and planned takes together, or transitions that overlap.
    """
    fades = [0.0, *fades_s[1:]]
    cards = [take for take in takes if isinstance(take, PlannedClip)]
    if len(cards) == len(takes):
        return cards[0].lasting(sum(take.duration_s for take in takes) - sum(fades))
    if cards:
        raise InputError(
            "A shot that is made and one that is only planned cannot become one. Make it first."
        )
    for first, second in pairwise(takes):
        if first.size != second.size:
            raise InputError(
                f"Takes of {first.width}x{first.height} and {second.width}x{second.height} px "
                "cannot become one take. Keep them as two shots."
            )
    film = Film(takes, fades_s=fades, joints=joints)
    recipe = Recipe(
        operation=JOIN,
        options={
            "fps": str(film.fps),
            "fades_s": fades,
            "joints": list(joints),
            "segments": segment_entries(film),
        },
        parents=film.parents,
        engine=takes[0].recipe.engine if takes[0].recipe else "",
        weights=takes[0].recipe.weights if takes[0].recipe else "",
    )
    return film.clip().with_recipe(recipe)


def joined_again(recipe: Recipe, takes: Sequence[Clip]) -> Clip:
    """What a recipe of `joined` tells, from its parents.

    Raises:
        RecipeError: it does not say how.
    """
    fades, joints = recipe.options.get("fades_s"), recipe.options.get("joints")
    numbers = isinstance(fades, tuple) and all(isinstance(f, int | float) for f in fades)
    words = isinstance(joints, tuple) and all(isinstance(joint, str) for joint in joints)
    if not numbers or not words or not len(takes) == len(fades) == len(joints) > 1:
        raise RecipeError("This recipe does not say how its takes were joined.")
    try:
        return joined(takes, [float(fade) for fade in fades], joints)
    except InputError as error:
        raise RecipeError(f"These takes cannot be joined as the recipe says: {error}") from None
