"""A sentence becomes a still, the still is played, the take is saved."""

from __future__ import annotations

from playreel import Studio

studio = Studio("first-world")
still = studio.still("an orange fox in a green meadow by day", seed=7)
world = studio.world(still, seed=7)
print("buttons:", ", ".join(world.actions))
world.play("right*12 jump-right*6 right*6")
take = world.capture()
print(take.save("first_world.mp4", fps=24, scale=6))
