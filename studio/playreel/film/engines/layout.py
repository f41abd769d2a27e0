"""Layout: how a model would lie in a machine's memory, in words, and what would be faster."""

from __future__ import annotations

from dataclasses import replace

from playreel.errors import EngineMemoryError
from playreel.film.engines.cache import WORDS, Cache
from playreel.film.engines.card import ModelCard
from playreel.film.engines.cards import cards_advice
from playreel.film.engines.family import Family
from playreel.film.engines.ladder import Rung, choose_ladder
from playreel.film.engines.machine import Machine
from playreel.film.engines.variant import MARK, VARIANTS


def layout_words(family: Family, card: ModelCard, machine: Machine) -> str:
    """How a model of a family would be laid out, and why.

    Raises:
        EngineMemoryError: it fits the machine in no way.
    """
    ladder = choose_ladder(card, machine)
    words = [ladder.words]
    if ladder.is_slow and family.cache:
        words.append(WORDS[Cache(family.cache)])
    if ladder.rung in (Rung.GROUPS, Rung.LEAVES):
        words += _faster(card, machine)
    words.append(cards_advice(family, machine))
    return "; ".join(filter(None, words))


def _faster(card: ModelCard, machine: Machine) -> list[str]:
    """The first variant that needs not be brought in piece by piece."""
    for variant in VARIANTS.values():
        small = replace(card, bytes_per_weight=variant.bytes_per_weight)
        try:
            rung = choose_ladder(small, machine, in_fewer_bits=True).rung
        except EngineMemoryError:
            continue
        if rung in (Rung.WHOLE, Rung.PARTS):
            return [f"faster as {card.name}{MARK}{variant.name}, with playreel[{variant.library}]"]
    return []
