"""A take from words in which something happens at a given second."""

from __future__ import annotations

from playreel import Studio

studio = Studio("timed-prompt")
scene = studio.shoot(
    "a knight in a cave at night, pixel art [0s-1s: stands still] [1s-2s: jumps]",
    seconds=2,
    camera="pan right",
    seed=5,
)
print(scene.save("timed_prompt.mp4", fps=24, scale=6))
