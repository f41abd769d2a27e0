"""The parts of a desk, one file for each noun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playreel.front.parts.boarding import Boarding
from playreel.front.parts.looking import Looking
from playreel.front.parts.making import Making
from playreel.front.parts.part import Part
from playreel.front.parts.people import People
from playreel.front.parts.playing import Playing
from playreel.front.parts.reviewing import Reviewing

if TYPE_CHECKING:
    from playreel.front.desk import Desk


def make_parts(desk: Desk) -> dict[str, Part]:
    """All parts of a desk, by name."""
    kinds = (People, Looking, Playing, Making, Boarding, Reviewing)
    return {kind.__name__.lower(): kind(desk) for kind in kinds}
