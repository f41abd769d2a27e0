"""Opening an engine by what users call it."""

from __future__ import annotations

from pathlib import Path

from playreel.errors import InputError
from playreel.film.engines.engine import Engine
from playreel.film.engines.family import Family
from playreel.film.engines.registry import families
from playreel.film.engines.variant import named
from playreel.film.engines.weights import family_of_folder


def open_engine(name: str, **options: object) -> Engine:
    """An engine, loaded.

    Args:
        name: a family such as ``"ltx"``, a model such as ``"ltx-2b"``, or the folder of a diffusers
            pipeline; with fewer bits as ``"ltx-2b@int8"``, see `playreel.film.engines.variant`.
        **options: of the family's own opener, such as ``rung``.

    Raises:
        InputError: nothing has that name.
        ModelMissingError: its weights are not here or not whole.
        MissingExtraError: a library that it needs is not installed.
        EngineMemoryError: it fits this machine in no way.
    """
    family = family_called(name)
    if name == family.name:
        return family.open(**options)
    return family.open(model=name, **options)


def family_called(name: str) -> Family:
    """The family of an engine, a model or a folder, as `open_engine` takes it; nothing is loaded.

    Raises:
        InputError: nothing has that name.
        ModelMissingError: the folder holds no pipeline that is known.
    """
    known = families()
    name = named(name).model
    if name in known:
        return known[name]
    for family in known.values():
        if any(card.name == name for card in family.cards):
            return family
    if name and Path(name).is_dir():
        return family_of_folder(Path(name), known)
    models = [card.name for family in known.values() for card in family.cards]
    raise InputError(
        f"There is no engine, model or folder {name!r:.80}. Engines: {', '.join(known)}. "
        f"Models: {', '.join(models)}."
    )
