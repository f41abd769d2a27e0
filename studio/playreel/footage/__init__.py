"""The procedural school: footage with exact captions, sketches and hidden buttons."""

from playreel.footage.platformer import PlatformerWorld
from playreel.footage.school import Episode, render_episode
from playreel.footage.spec import BUTTONS, EpisodeSpec, is_held_out, sample_spec

__all__ = [
    "BUTTONS",
    "Episode",
    "EpisodeSpec",
    "PlatformerWorld",
    "is_held_out",
    "render_episode",
    "sample_spec",
]
