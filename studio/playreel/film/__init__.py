"""Film operations: every one is the same model told other things that it must keep.

Each takes the film model first and returns a `playreel.media.Clip` with its recipe. Frames that are
kept come back pixel for pixel; results of any length are made frame by frame. No torch is loaded
here: the model that is passed in brings it.
"""

from __future__ import annotations

# Imported here, not on demand: a module and its function share a name, and the function must win.
from playreel.film.animate import animate
from playreel.film.bridge import bridge
from playreel.film.camera import normalise_camera
from playreel.film.duration import Duration, resolve_seconds
from playreel.film.extend import extend
from playreel.film.figures import Drift, KeptRange, drift, kept_exact, seam
from playreel.film.fit import fit_clip, picture_clip, sketch_clip
from playreel.film.inpaint import inpaint
from playreel.film.loop import loop
from playreel.film.prompt import parse_prompt
from playreel.film.replay import replay
from playreel.film.restyle import restyle
from playreel.film.schedule import PromptSchedule, PromptWarning, TimedPrompt
from playreel.film.shoot import shoot
from playreel.film.still import still

__all__ = [
    "Drift",
    "Duration",
    "KeptRange",
    "PromptSchedule",
    "PromptWarning",
    "TimedPrompt",
    "animate",
    "bridge",
    "drift",
    "extend",
    "fit_clip",
    "inpaint",
    "kept_exact",
    "loop",
    "normalise_camera",
    "parse_prompt",
    "picture_clip",
    "replay",
    "resolve_seconds",
    "restyle",
    "seam",
    "shoot",
    "sketch_clip",
    "still",
]
