"""Shots that are planned and not made yet: rows of a table, scenes of a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from playreel.board.shot import PLAN_FIELDS, Shot
from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.recipe import Recipe

MAX_SECONDS = 600.0
DEFAULT_SECONDS = 3.0
_FPS = 12


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One shot as a table or a script tells it.

    Attributes:
        plan: fields of a `Shot`, checked when the shot is made.
        seconds: how long it is to be.
        uid: of the shot it is, where the table knows.
        where: place in the source, for messages.
    """

    plan: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = DEFAULT_SECONDS
    uid: str = ""
    where: str = ""


def shots_from(
    planned: Sequence[Planned], known: Mapping[str, Shot], size: tuple[int, int]
) -> list[Shot]:
    """Shots for all rows; all are checked before any is given.

    Args:
        planned: in the order of the film.
        known: shots that are there already, by uid; they keep their takes.
        size: (height, width) of the placeholder takes of new shots.

    Raises:
        InputError: one message for all rows that cannot be used, with their places.
    """
    shots, faults, seen = [], [], set()
    for number, row in enumerate(planned, start=1):
        place = row.where or f"shot {number}"
        try:
            if not 0 < row.seconds <= MAX_SECONDS:
                raise InputError(f"it lasts {row.seconds} s; at most {MAX_SECONDS:.0f} s")
            unknown = set(row.plan) - set(PLAN_FIELDS)
            if unknown:
                raise InputError(f"it has no field {', '.join(sorted(unknown))}")
            if row.uid and row.uid in seen:
                raise InputError(f"the uid {row.uid!r} stands twice")
            seen.add(row.uid)
            shot = known.get(row.uid)
            take = shot.take if shot else placeholder(f"{number}", row.seconds, size)
            uid = {"uid": row.uid} if row.uid else {}
            if shot is not None:
                uid |= {"versions": shot.versions, "made_for": shot.made_for}
            shots.append(Shot(take=take, **uid, **row.plan))
        except InputError as error:
            faults.append(f"{place}: {error}")
    if faults:
        more = f" And {len(faults) - 10} more." if len(faults) > 10 else ""
        raise InputError("Nothing was taken over. " + " ".join(faults[:10]) + more)
    return shots


def placeholder(number: str, seconds: float, size: tuple[int, int]) -> Clip:
    """A card that holds the place of a take that is not made yet."""
    height, width = size
    image = Image.new("RGB", (width, height), (44, 46, 54))
    draw = ImageDraw.Draw(image)
    draw.line((0, 0, width, height), fill=(66, 69, 80))
    draw.line((0, height, width, 0), fill=(66, 69, 80))
    font = ImageFont.load_default(max(10, height // 3))
    draw.text((width // 2, height // 2), number, fill=(232, 228, 216), font=font, anchor="mm")
    frames = np.asarray(image)[None].repeat(max(1, round(seconds * _FPS)), axis=0)
    recipe = Recipe(operation="placeholder", options={"number": number, "seconds": seconds})
    return Clip(frames, _FPS, recipe)


def is_placeholder(take: Clip) -> bool:
    """Whether a take only holds a place."""
    return take.recipe is not None and take.recipe.operation == "placeholder"
