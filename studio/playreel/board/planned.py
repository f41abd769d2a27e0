"""Shots that are planned and not made yet: rows of a table, scenes of a script."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from playreel.board.shot import PLAN_FIELDS, Shot
from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.recipe import Recipe

MAX_SECONDS = 600.0
DEFAULT_SECONDS = 3.0
MAX_LABEL = 40
MAX_SIDE = 4096
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


class PlannedClip(Clip):
    """A card that holds the place of a take that is not made yet.

    It is drawn when somebody looks and lies in no file, so that a series of a thousand shots is taken
    over at once. Its content hash names the plan, not the pixels.

    Args:
        label: written on the card.
        seconds: how long it is shown.
        size: (height, width).

    Raises:
        InputError: a plan that no card can be drawn for.
    """

    def __init__(self, label: str, seconds: float, size: tuple[int, int]) -> None:
        whole = all(type(side) is int and 1 <= side <= MAX_SIDE for side in size)
        if not isinstance(label, str) or len(label) > MAX_LABEL or not whole or len(size) != 2:
            raise InputError(f"No card can be drawn for {str(label)[:40]!r} in {size!r} px.")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise InputError(f"A planned shot lasts seconds, not {seconds!r}.")
        if not 0 < seconds <= MAX_SECONDS:
            raise InputError(
                f"A planned shot lasts more than 0 and at most {MAX_SECONDS:.0f} s, not {seconds!r}."
            )
        self.__dict__.update(label=label, seconds=float(seconds), size=(size[0], size[1]))

    def __len__(self) -> int:
        return max(1, round(self.__dict__["seconds"] * _FPS))

    @property
    def plan(self) -> tuple[str, float, int, int]:
        """What `Shot.planned` keeps of it."""
        return (self.__dict__["label"], self.__dict__["seconds"], *self.size)

    @property
    def fps(self) -> Fraction:  # type: ignore[override]
        """Frames per second, exact."""
        return Fraction(_FPS)

    @property
    def recipe(self) -> Recipe:  # type: ignore[override]
        """Says that it is a placeholder."""
        options = {"number": self.__dict__["label"], "seconds": self.__dict__["seconds"]}
        return Recipe(operation="placeholder", options=options)

    @cached_property
    def content_hash(self) -> str:  # type: ignore[override]
        """SHA-256 of the plan."""
        return hashlib.sha256(f"playreel planned {self.plan!r}".encode()).hexdigest()

    @cached_property
    def frames(self) -> np.ndarray:  # type: ignore[override]
        """uint8 [time, height, width, 3], read-only; one card in memory, however long."""
        card = _card(self.__dict__["label"], self.size)
        return np.broadcast_to(card, (len(self), *card.shape))

    def __getitem__(self, key: slice) -> Clip:
        """A stretch of a card is a shorter card."""
        if isinstance(key, slice) and key.step in (None, 1) and len(self.frames[key]):
            return self.lasting(len(self.frames[key]) / _FPS)
        return super().__getitem__(key)

    def lasting(self, seconds: float) -> PlannedClip:
        """The same card, shown so long."""
        return PlannedClip(self.__dict__["label"], seconds, self.size)


def planned_clip(plan: Sequence[Any]) -> PlannedClip | None:
    """The card that `Shot.planned` tells of, or None; boards come from strangers too."""
    try:
        label, seconds, height, width = plan
        return PlannedClip(label, seconds, (height, width))
    except (TypeError, ValueError):  # InputError is a ValueError
        return None


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
            shots.append(_shot(row, number, known.get(row.uid), size))
        except InputError as error:
            faults.append(f"{place}: {error}")
    if faults:
        more = f" And {len(faults) - 10} more." if len(faults) > 10 else ""
        raise InputError("Nothing was taken over. " + " ".join(faults[:10]) + more)
    return shots


def _shot(row: Planned, number: int, known: Shot | None, size: tuple[int, int]) -> Shot:
    given: dict[str, Any] = {"uid": row.uid} if row.uid else {}
    if known is None:
        return Shot(take=PlannedClip(f"{number}", row.seconds, size), **given, **row.plan)
    take = known.take
    if isinstance(take, PlannedClip) and round(row.seconds * _FPS) != len(take):
        take = take.lasting(row.seconds)
    kept = {"versions": known.versions, "made_for": known.made_for, "planned": known.planned}
    return Shot(take=take, **given, **kept, **row.plan)


def placeholder(
    number: str, count: int, fps: Fraction, size: tuple[int, int], *, lost: str = ""
) -> Clip:
    """A card as a clip like any other, in place of a take that is lost.

    Args:
        number: written on it.
        count: frames.
        fps: frames per second.
        size: (height, width).
        lost: content hash of the take.
    """
    card = _card(number, size)
    options = {"number": number, "seconds": float(count / fps), "lost": lost}
    frames = np.broadcast_to(card, (count, *card.shape))
    return Clip(frames, fps, Recipe(operation="placeholder", options=options))


def is_placeholder(take: Clip) -> bool:
    """Whether a take only holds a place."""
    if isinstance(take, PlannedClip):
        return True
    return take.recipe is not None and take.recipe.operation == "placeholder"


def _card(label: str, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    image = Image.new("RGB", (width, height), (44, 46, 54))
    draw = ImageDraw.Draw(image)
    if label:
        draw.line((0, 0, width, height), fill=(66, 69, 80))
        draw.line((0, height, width, 0), fill=(66, 69, 80))
    else:  # words go there
        draw.rectangle((3, 3, width - 4, height - 4), outline=(66, 69, 80))
    room = min(height // 3, 2 * width // max(1, len(label)))
    font = ImageFont.load_default(max(10, room))
    draw.text((width // 2, height // 2), label, fill=(232, 228, 216), font=font, anchor="mm")
    card = np.asarray(image)
    card.flags.writeable = False
    return card
