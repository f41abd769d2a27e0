"""A world as a Gymnasium environment, played at random."""

from __future__ import annotations

import numpy as np

from playreel import Clip, Studio
from playreel.world import WorldEnv

studio = Studio("gym-agent")
still = studio.still("a cat in a desert by day", seed=2)
env = WorldEnv(studio.bundle.world, still.frames, max_steps=48)
frame, _ = env.reset(seed=2)
env.action_space.seed(2)
frames = [frame]
done = False
while not done:
    frame, _, terminated, truncated, _ = env.step(env.action_space.sample())
    frames.append(frame)
    done = terminated or truncated
print(Clip(np.stack(frames), 12).save("gym_agent.mp4", fps=24, scale=6))
