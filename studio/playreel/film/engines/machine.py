"""Machine: the memory that an engine may use."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What was found.

    Attributes:
        device: name of the graphics card, "" if there is none.
        vram_bytes: its memory, 0 if there is none.
        ram_bytes: memory of the machine.
        num_cards: graphics cards; the first is used where no more are asked for.
    """

    device: str = ""
    vram_bytes: int = 0
    ram_bytes: int = 0
    num_cards: int = 0


def this_machine() -> Machine:
    """The machine that this runs on; loads torch to ask for the graphics card."""
    import torch

    try:
        ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        ram = 0
    if not torch.cuda.is_available():
        return Machine(ram_bytes=ram)
    card = torch.cuda.get_device_properties(0)
    return Machine(
        device=card.name,
        vram_bytes=int(card.total_memory),
        ram_bytes=ram,
        num_cards=torch.cuda.device_count(),
    )
