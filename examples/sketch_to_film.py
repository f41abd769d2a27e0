"""A drawing becomes a world, its takes become a film."""

from __future__ import annotations

from playreel import Studio
from playreel.demo import example_sketch

studio = Studio("sketch-to-film")
world = studio.world(prompt="a fox in a snowy forest", sketch=example_sketch(), seed=3)
world.play("right*18")
take = world.capture()
longer = studio.extend(take, seconds=1, direction="backward", seed=3)
night = studio.restyle(take, "night", strength=0.5, seed=3)
studio.board.add(longer, size="LS", description="the fox sets out")
studio.board.add(night, size="LS", description="night falls", fade_s=0.5)
print(studio.export("sketch_to_film.mp4", preset="landscape-1080p"))
print(studio.board.contact_sheet("sketch_to_film.png", title="Sketch to film"))
