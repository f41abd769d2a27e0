"""Bridges as transitions: made once, then found again by their recipe."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from playreel.media import Clip

if TYPE_CHECKING:
    from playreel.studio.facade import Studio


def bridge_frames(studio: Studio, first: Clip, last: Clip, seconds: float) -> Clip:
    """The frames that lead from one take to another, without the takes themselves.

    The seed follows from the takes, and a bridge that the project has already is taken again, so
    that a film that is exported twice is the same film.

    Args:
        studio: makes and keeps the bridge.
        first: the take to leave.
        last: the take to arrive at.
        seconds: length of the new part.
    """
    named = f"{first.content_hash} {last.content_hash} {seconds}"
    seed = int.from_bytes(hashlib.sha256(named.encode()).digest()[:4], "big")
    joined = _made_before(studio, (first.content_hash, last.content_hash), seed)
    if joined is None:
        joined = studio.bridge(first, last, seconds=seconds, seed=seed)
    return joined[len(first) : len(joined) - len(last)]


def _made_before(studio: Studio, parents: tuple[str, ...], seed: int) -> Clip | None:
    for take in reversed(studio.takes):
        if take.operation != "bridge":
            continue
        recipe = studio.project.media.recipe(take.content_hash)
        if recipe is not None and recipe.seed == seed and recipe.parents[:2] == parents:
            return studio.open(take.content_hash)
    return None
