"""The tree of a played session, told as a person would draw it: stretches between forks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playreel.world.session import Session


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Frames played in one go, from a fork (or the start) to the next fork or an end.

    Attributes:
        start: depth of its first frame; frame 0 is the one the world starts from.
        stop: depth after its last frame.
        parent: index of the stretch it goes on from, or -1.
        tip: node of its last frame, which `StudioWorld.visit` takes.
    """

    start: int
    stop: int
    parent: int
    tip: int


def stretches(session: Session) -> tuple[Stretch, ...]:
    """Every stretch of a session, parents before children, oldest first."""
    children: dict[int, list[int]] = {}
    for node in range(1, len(session)):
        children.setdefault(session[node].parent, []).append(node)
    found: list[Stretch] = []
    todo = [(0, -1)]  # first node of a stretch, index of the stretch before it
    while todo:
        first, parent = todo.pop(0)
        tip = first
        while len(children.get(tip, ())) == 1:
            tip = children[tip][0]
        start, stop = session[first].depth, session[tip].depth + 1
        found.append(Stretch(start=start, stop=stop, parent=parent, tip=tip))
        todo.extend((child, len(found) - 1) for child in children.get(tip, ()))
    return tuple(found)
