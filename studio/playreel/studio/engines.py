"""The engines as fronts see them: the table, and what would run where on this machine."""

from __future__ import annotations

from typing import Any

from playreel.errors import EngineMemoryError
from playreel.film.engines import (
    choose_ladder,
    engines_document,
    families,
    find_family,
    this_machine,
)


def table_of_engines() -> list[dict[str, Any]]:
    """What each engine does natively, by emulation or not at all, as JSON values; loads no torch."""
    return engines_document(families())


def layout_of(name: str) -> list[dict[str, str]]:
    """For each model of an engine, how it would be laid out in this machine's memory, and why.

    Raises:
        InputError: no engine has that name.
    """
    family = find_family(name)
    machine = this_machine() if family.cards else None
    rows = []
    for card in family.cards:
        assert machine is not None
        try:
            ladder = choose_ladder(card, machine)
            rows.append({"model": card.name, "rung": str(ladder.rung), "why": ladder.words})
        except EngineMemoryError as error:
            rows.append({"model": card.name, "rung": "", "why": str(error)})
    return rows
