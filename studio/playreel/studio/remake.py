"""Making a clip again from its recipe, with the parents that the project keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playreel.errors import RecipeError
from playreel.media import SIZES, Clip
from playreel.recipe import Recipe
from playreel.studio.engined import BUNDLED, replay_by_engine

if TYPE_CHECKING:
    from playreel.studio.facade import Studio

FILM = ("still", "shoot", "animate", "extend", "bridge", "loop", "restyle", "inpaint")
PLAYED = ("capture", "preview")
OPERATIONS = (*FILM, *PLAYED, "cut", "join", "steer")


def remake(studio: Studio, recipe: Recipe) -> Clip:
    """See `Studio.replay`."""
    if recipe.operation in PLAYED:
        from playreel.world import replay_capture

        return replay_capture(recipe, studio.bundle.world.sized(_size(recipe)))
    if recipe.operation == "steer":
        from playreel.studio.steering import replay_steered

        return replay_steered(studio, recipe, lambda name: _parent(studio, name))
    if recipe.operation == "cut":
        return _cut(studio, recipe)
    if recipe.operation == "join":
        from playreel.board.join import joined_again

        return joined_again(recipe, [_parent(studio, name) for name in recipe.parents])
    if recipe.operation in FILM and recipe.engine not in ("", BUNDLED):
        return replay_by_engine(studio, recipe, lambda name: _parent(studio, name))
    if recipe.operation in FILM:
        from playreel import film
        from playreel.footage.sketch import line_sketch

        return film.replay(
            studio.bundle.film, recipe, lambda name: _parent(studio, name), sketcher=line_sketch
        )
    raise RecipeError(
        f"A project cannot make {recipe.operation!r} again. It can: {', '.join(OPERATIONS)}."
    )


def _size(recipe: Recipe) -> tuple[int, int]:
    size = recipe.options.get("size")
    if not isinstance(size, tuple) or size not in SIZES.values():
        raise RecipeError(f"This take's size {str(size)[:40]} is none that worlds are played in.")
    return size


def _parent(studio: Studio, content_hash: str) -> Clip:
    # Recipes come from strangers too: only a whole content hash names a parent, never a path.
    found = studio.project.media.related(content_hash) if isinstance(content_hash, str) else None
    if found is None:
        raise RecipeError(
            f"The recipe starts from clip {str(content_hash)[:12]!r}, which {studio.path} does not "
            "have. Open the project it was made in."
        )
    return found


def _cut(studio: Studio, recipe: Recipe) -> Clip:
    bounds = [recipe.options.get(name) for name in ("start", "stop", "step")]
    if len(recipe.parents) != 1 or any(type(bound) is not int for bound in bounds):
        raise RecipeError(
            "This cut does not say which frames of which clip. It cannot be replayed."
        )
    start, stop, step = bounds
    parent = _parent(studio, recipe.parents[0])
    if step == 0 or not 0 <= start < len(parent) or not -1 <= stop <= len(parent):
        raise RecipeError(f"Frames {start} to {stop} by {step} are not in {parent!r}.")
    cut = parent[start : None if stop < 0 else stop : step]
    return cut.with_recipe(recipe)
