"""Engines: film operations on Playreel's own model and on open weights, through one door.

`families` tells what there is and what each can do; `open_engine(name)` gives an `Engine`.
Importing this loads neither torch nor diffusers.
"""

from __future__ import annotations

from playreel.film.engines.ability import Ability, Level, emulated, native, refused
from playreel.film.engines.card import ModelCard
from playreel.film.engines.engine import Engine
from playreel.film.engines.family import Family
from playreel.film.engines.grid import Grid, Length
from playreel.film.engines.ladder import Ladder, Rung, choose_ladder
from playreel.film.engines.layout import layout_words
from playreel.film.engines.machine import Machine, this_machine
from playreel.film.engines.opening import family_called, open_engine
from playreel.film.engines.operations import OPERATIONS
from playreel.film.engines.registry import engines_that_can, families, find_family
from playreel.film.engines.report import engines_document, engines_markdown

__all__ = [
    "OPERATIONS",
    "Ability",
    "Engine",
    "Family",
    "Grid",
    "Ladder",
    "Length",
    "Level",
    "Machine",
    "ModelCard",
    "Rung",
    "choose_ladder",
    "emulated",
    "engines_document",
    "engines_markdown",
    "engines_that_can",
    "families",
    "family_called",
    "find_family",
    "layout_words",
    "native",
    "open_engine",
    "refused",
    "this_machine",
]
