"""Opening an engine by what users call it."""

from __future__ import annotations

from pathlib import Path

from playreel.errors import InputError
from playreel.film.engines.engine import Engine
from playreel.film.engines.registry import families
from playreel.film.engines.weights import family_of_folder


def open_engine(name: str, **options: object) -> Engine:
    """An engine, loaded.

    Args:
        name: a family such as ``"ltx"``, a model such as ``"ltx-2b"``, or the folder of a diffusers
            pipeline.
        **options: of the family's own opener, such as ``rung``.

    Raises:
        InputError: nothing has that name.
        ModelMissingError: its weights are not here or not whole.
        MissingExtraError: a library that it needs is not installed.
        EngineMemoryError: it fits this machine in no way.
    """
    known = families()
    if name in known:
        return known[name].open(**options)
    for family in known.values():
        if any(card.name == name for card in family.cards):
            return family.open(model=name, **options)
    if name and Path(name).is_dir():
        return family_of_folder(Path(name), known).open(model=name, **options)
    models = [card.name for family in known.values() for card in family.cards]
    raise InputError(
        f"There is no engine, model or folder {name!r:.80}. Engines: {', '.join(known)}. "
        f"Models: {', '.join(models)}."
    )
