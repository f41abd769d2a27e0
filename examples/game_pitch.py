"""Two routes through one world, a loop, a sprite sheet and a film."""

from __future__ import annotations

from playreel import Studio
from playreel.demo import example_sketch

studio = Studio("game-pitch")
world = studio.world(prompt="a fox in a snowy forest", sketch=example_sketch(), seed=3)
world.play("right*12 jump-right*6")
other = world.fork(at=8)
other.play("left*4 jump*6")
safe, bold = world.capture(), other.capture()
print(studio.loop(bold, seconds=0.5, seed=3).save("game_pitch.gif", scale=4))
print(studio.handoff(bold.content_hash, "game_pitch.png"))
for clip, words in [(safe, "the safe way"), (bold, "the bold way")]:
    studio.board.add(clip, size="LS", description=words)
print(studio.export("game_pitch.mp4", preset="landscape-1080p"))
