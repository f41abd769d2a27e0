"""Verbs that browsers may ask for, by noun. Each asks `Studio`; none holds logic of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playreel_widgets.parts.boarding import Boarding
from playreel_widgets.parts.engines import Engines
from playreel_widgets.parts.filming import Filming
from playreel_widgets.parts.making import Making
from playreel_widgets.parts.playing import Playing
from playreel_widgets.parts.project import Project
from playreel_widgets.parts.words import Words

if TYPE_CHECKING:
    from playreel_widgets.host import Host, Part

__all__ = ["make_parts"]


def make_parts(host: Host) -> dict[str, Part]:
    """Every part of a host, by name."""
    parts = {
        "project": Project,
        "making": Making,
        "engines": Engines,
        "filming": Filming,
        "playing": Playing,
        "boarding": Boarding,
        "words": Words,
    }
    return {name: part(host) for name, part in parts.items()}
