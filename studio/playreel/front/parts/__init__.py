"""The parts of a desk, one file for each noun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playreel.front.parts.part import Part
from playreel.front.parts.people import People

if TYPE_CHECKING:
    from playreel.front.desk import Desk


def make_parts(desk: Desk) -> dict[str, Part]:
    """All parts of a desk."""
    return {"people": People(desk)}
