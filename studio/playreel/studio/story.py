"""What a clip is about: the prompt it goes back to, however often it was played and cut since."""

from __future__ import annotations

from playreel.errors import InputError
from playreel.media import Clip
from playreel.project import MediaStore
from playreel.recipe import Recipe

PASSED_ON = ("capture", "preview", "cut")  # these have no words of their own, their source has
MAX_STEPS_BACK = 64


def told(clip: Clip, store: MediaStore) -> Clip:
    """The same pictures with a recipe that says what they are about, and nothing else.

    An operation that is given no prompt goes on with the clip's own. For a captured take that is
    the prompt of the still it was played from, which only the project knows.
    """
    prompt = story_of(clip, store)
    recipe = Recipe(operation="told", options={"prompt": prompt}) if prompt else None
    return clip.with_recipe(recipe)


def story_of(clip: Clip, store: MediaStore) -> str:
    """The prompt of the clip or of what it was made from, without its timed parts; "" if none."""
    from playreel.film.script import clip_text

    recipe = clip.recipe
    for _ in range(MAX_STEPS_BACK):
        if recipe is None:
            return ""
        if recipe.operation not in PASSED_ON:
            return clip_text(clip.with_recipe(recipe))
        if not recipe.parents:
            return ""
        try:
            recipe = store.recipe(recipe.parents[0])
        except InputError:
            return ""
    return ""
