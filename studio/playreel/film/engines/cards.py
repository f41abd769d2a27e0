"""Cards: how many graphics cards make a take together, and when that is not possible."""

from __future__ import annotations

from playreel.errors import EngineRefusedError, InputError
from playreel.film.engines.family import Family
from playreel.film.engines.ladder import GIB, Rung
from playreel.film.engines.machine import Machine

MAX_ON_PROCESSOR = 8
WHOLE_ON_EACH = (Rung.WHOLE, Rung.PARTS, Rung.EIGHT, Rung.PROCESSOR)
"""Rungs on which each card can have the model; on the others it is brought in piece by piece."""


def check_cards(cards: int, family: Family, machine: Machine) -> None:
    """Refuses a number of cards that a family or a machine has not.

    Raises:
        EngineRefusedError: the family makes a take on one card only; says which share it.
        InputError: no such number, or more than there are.
    """
    if isinstance(cards, bool) or not isinstance(cards, int) or cards < 1:
        raise InputError(f"cards is a whole number from 1 up, not {cards!r:.20}.")
    if cards == 1:
        return
    family.require_sharing()
    most = machine.num_cards or MAX_ON_PROCESSOR
    if cards > most:
        seen = (
            "no graphics card, and on the processor" if not machine.num_cards else "graphics cards:"
        )
        raise InputError(f"cards={cards} is more than this machine has: {seen} {most} at most.")


def check_room(cards: int, rung: Rung, num_bytes: int, machine: Machine) -> None:
    """Refuses cards of which each cannot have the model at once.

    Args:
        cards: that are to share a take.
        rung: how the model is laid out on each.
        num_bytes: of its weights; every process reads all of them.
        machine: what was found.

    Raises:
        EngineRefusedError: it is brought in piece by piece, or memory does not hold it so many times.
    """
    if rung not in WHOLE_ON_EACH:
        raise EngineRefusedError(
            f"Cards can share a take only where each has room for the model; here it is laid out as "
            f"{str(rung)!r}, piece by piece. Leave cards out, or use a smaller model or @int8."
        )
    needed = cards * num_bytes * (2 if rung is Rung.PROCESSOR else 1)
    if machine.ram_bytes and needed > machine.ram_bytes:
        raise EngineRefusedError(
            f"{cards} processes would read the model's weights at once, {needed / GIB:.1f} GiB; this machine "
            f"has {machine.ram_bytes / GIB:.1f} GiB of memory. Use fewer cards, or leave cards out."
        )


def cards_words(cards: int, machine: Machine) -> str:
    """Who makes a take, for its recipe; "" where one does."""
    if cards == 1:
        return ""
    if machine.num_cards:
        return f"one take shared by {cards} graphics cards"
    return f"one take shared by {cards} processes on the processor, which is slower than one"


def cards_advice(family: Family, machine: Machine) -> str:
    """What a machine's further cards can do, for `playreel doctor`; "" where there are none."""
    if machine.num_cards < 2:
        return ""
    beside = "with Ray each makes a take of its own"
    if not family.shares:
        return (
            f"one of the {machine.num_cards} cards makes a take, for diffusers has no plan to split this "
            f"model; {beside}"
        )
    return (
        f"one of the {machine.num_cards} cards makes a take unless cards={machine.num_cards} is asked for, "
        f"with which they share it: each takes a part of the frames, and all weights are on each; {beside}"
    )
