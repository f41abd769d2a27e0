"""A take made again from its recipe, bit for bit."""

from __future__ import annotations

from playreel import Recipe, Studio

studio = Studio("replay-a-recipe")
take = studio.shoot("a wizard in a forest at dusk", seconds=1, seed=9)
text = take.recipe.to_json()
again = studio.replay(Recipe.from_json(text))
print("the same frames:", again.content_hash == take.content_hash)
