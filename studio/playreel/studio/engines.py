"""The engines as fronts see them: the table, what would run where, and the models on this machine."""

from __future__ import annotations

from typing import Any

from playreel.errors import EngineMemoryError, InputError
from playreel.film.engines import (
    choose_ladder,
    engines_document,
    families,
    find_family,
    layout_words,
    this_machine,
)

VERB_OPERATIONS: dict[str, tuple[str, ...]] = {
    "still": ("still",),
    "shoot": ("shoot",),
    "animate": ("animate",),
    "extend": ("extend-forward",),
    "extend-backward": ("extend-backward",),
    "starts": ("extend-backward",),
    "bridge": ("bridge",),
    "loop": ("loop",),
    "restyle": ("restyle",),
    "inpaint": ("inpaint",),
    "transition": ("shoot", "bridge"),
    "sequence": ("shoot",),
}
"""Verb -> what it asks of an engine, in the words of the table."""


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
            rung = str(choose_ladder(card, machine).rung)
            why = layout_words(family, card, machine)
            rows.append({"model": card.name, "rung": rung, "why": why})
        except EngineMemoryError as error:
            rows.append({"model": card.name, "rung": "", "why": str(error)})
    return rows


def models_here() -> list[dict[str, Any]]:
    """The open weights on this machine, with sizes, as JSON values."""
    from playreel.film.engines.store import installed

    return [
        {
            "model": model.card.name,
            "repository": model.card.repository,
            "path": str(model.path),
            "bytes": model.num_bytes,
            "faults": list(model.faults),
        }
        for model in installed()
    ]


def camera_moves() -> list[tuple[str, str, str]]:
    """The moves that the bundled model has learned: what to pass on, in English, in Chinese."""
    from playreel.film.camera import CAMERA_MOVES

    return [(move.name, move.english, move.chinese) for move in CAMERA_MOVES]


def has_library(name: str) -> bool:
    """Whether the library that an engine is driven through is installed; loads nothing.

    Raises:
        InputError: no engine has that name.
    """
    from importlib.util import find_spec

    extra = find_family(name).extra
    return not extra or find_spec(extra) is not None


def engine_of(name: str) -> str:
    """The name of the engine that a model belongs to, or of the engine itself.

    Raises:
        InputError: nothing has that name.
    """
    from playreel.film.engines.store import find_card
    from playreel.film.engines.variant import named

    name = named(name).model
    if name in families():
        return name
    try:
        return find_card(name)[0].name
    except InputError:
        find_family(name)  # says which engines there are
        raise


def fetch(name: str, *, accept_licence: bool) -> dict[str, Any]:
    """Fetches a model's weights; see `playreel.film.engines.store.fetch_model`."""
    from playreel.film.engines.store import fetch_model, find_card
    from playreel.film.engines.weights import num_bytes

    _, card = find_card(name)
    path = fetch_model(card, accept_licence=accept_licence)
    return {"model": card.name, "path": str(path), "bytes": num_bytes(path)}


def delete(name: str) -> dict[str, Any]:
    """Deletes a model's weights from this machine."""
    from playreel.film.engines.store import delete_model, find_card

    _, card = find_card(name)
    return {"model": card.name, "freed_bytes": delete_model(card)}
