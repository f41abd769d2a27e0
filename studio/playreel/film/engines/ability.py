"""Ability: how well an engine does one operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Who does the work."""

    NATIVE = "native"  # the model was made for it
    EMULATED = "emulated"  # done around the model; it works, less well than a model made for it
    REFUSED = "refused"  # asking for it is an error that names engines that can


@dataclass(frozen=True)
class Ability:
    """How an engine does an operation.

    Attributes:
        level: native, emulated or refused.
        how: by what, or why not, in words for a user.
    """

    level: Level
    how: str


def native(how: str) -> Ability:
    """The model was made for it."""
    return Ability(Level.NATIVE, how)


def emulated(how: str) -> Ability:
    """It is done around the model."""
    return Ability(Level.EMULATED, how)


def refused(why: str) -> Ability:
    """It is not done."""
    return Ability(Level.REFUSED, why)
