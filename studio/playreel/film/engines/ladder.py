"""Memory ladder: how a model is laid out on a machine, from fastest to most frugal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from playreel.errors import EngineMemoryError
from playreel.film.engines.card import ModelCard
from playreel.film.engines.machine import Machine

GIB = 2**30
WORKING_BYTES = 4 * GIB  # of a 480p take, beside the weights
GROUP_BYTES = 6 * GIB  # of the card, when weights come in group by group
LEAF_BYTES = 3 * GIB  # of the card, when they come in layer by layer


class Rung(StrEnum):
    """A way to lay a model out, fastest first."""

    WHOLE = "whole"
    PARTS = "parts"
    EIGHT = "eight"
    GROUPS = "groups"
    LEAVES = "leaves"
    PROCESSOR = "processor"


WORDS = {
    Rung.WHOLE: "all of it on the graphics card, in bfloat16",
    Rung.PARTS: "one part at a time on the graphics card",
    Rung.EIGHT: "one part at a time on the graphics card, the transformer's weights kept in 8 bits",
    Rung.GROUPS: "weights kept in 8 bits, brought to the graphics card group by group",
    Rung.LEAVES: "weights brought to the graphics card layer by layer; slow",
    Rung.PROCESSOR: "on the processor in float32; minutes to hours a take",
}


SLOW = (Rung.GROUPS, Rung.LEAVES, Rung.PROCESSOR)
"""Rungs on which every step is slow, so that steps reuse what they can."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The rung that a machine can stand on.

    Attributes:
        rung: how the model is laid out.
        reason: the reckoning, in words.
    """

    rung: Rung
    reason: str

    @property
    def words(self) -> str:
        """What is done, and why."""
        return f"{WORDS[self.rung]}: {self.reason}"

    @property
    def is_slow(self) -> bool:
        """Whether every step is slow, so that steps reuse what they can."""
        return self.rung in SLOW

    @property
    def next_rung(self) -> Rung | None:
        """What needs less memory on the graphics card, if anything does."""
        rungs = list(Rung)
        index = rungs.index(self.rung) + 1
        return rungs[index] if index < len(rungs) else None


def choose_ladder(card: ModelCard, machine: Machine, *, in_fewer_bits: bool = False) -> Ladder:
    """The fastest rung on which a model fits a machine.

    Args:
        card: the model.
        machine: what was found.
        in_fewer_bits: its weights are kept in fewer bits already, so that those rungs are left out on
            which they would be brought in piece by piece.

    Raises:
        EngineMemoryError: it fits on none.
    """
    vram, ram = machine.vram_bytes, machine.ram_bytes
    whole = card.num_bytes + WORKING_BYTES
    part = max(card.transformer_bytes, card.encoder_bytes) + WORKING_BYTES
    if vram >= whole:
        return Ladder(
            rung=Rung.WHOLE, reason=f"{card.name} needs {_gib(whole)} of the card's {_gib(vram)}"
        )
    if vram >= part and ram >= card.num_bytes:
        return Ladder(
            rung=Rung.PARTS,
            reason=f"{card.name} needs {_gib(whole)} at once, the card has {_gib(vram)}; its "
            f"largest part needs {_gib(part)}, and the rest waits in {_gib(ram)} of memory",
        )
    eight = max(card.transformer_bytes // 2, card.encoder_bytes) + WORKING_BYTES
    if vram >= eight and ram >= card.num_bytes and not in_fewer_bits:
        return Ladder(
            rung=Rung.EIGHT,
            reason=f"the largest part of {card.name} needs {_gib(part)}, in 8 bits {_gib(eight)}; the "
            f"card has {_gib(vram)}",
        )
    pieces = not in_fewer_bits
    if pieces and vram >= GROUP_BYTES and ram >= card.transformer_bytes // 2 + card.encoder_bytes:
        return Ladder(
            rung=Rung.GROUPS,
            reason=f"the largest part of {card.name} needs {_gib(part)}, the card has {_gib(vram)}",
        )
    if pieces and vram >= LEAF_BYTES and ram >= card.num_bytes:
        return Ladder(rung=Rung.LEAVES, reason=f"the card has only {_gib(vram)}")
    if ram >= 2 * card.num_bytes + WORKING_BYTES:
        found = f"a card with {_gib(vram)}" if vram else "no graphics card"
        return Ladder(
            rung=Rung.PROCESSOR,
            reason=f"{found}, and {_gib(ram)} of memory holds its {_gib(2 * card.num_bytes)}",
        )
    raise EngineMemoryError(
        f"{card.name} fits this machine in no way: it needs a graphics card with "
        f"{_gib(GROUP_BYTES)} or {_gib(2 * card.num_bytes + WORKING_BYTES)} of memory; seen are "
        f"{_gib(vram)} and {_gib(ram)}. Use a smaller model, or the bundled engine."
    )


def lay_out(pipeline: Any, rung: Rung, device: str = "cuda") -> None:
    """Puts a pipeline's parts where the rung says."""
    vae = getattr(pipeline, "vae", None)
    if rung is not Rung.WHOLE and hasattr(vae, "enable_tiling"):
        vae.enable_tiling()  # bounds what decoding takes
    if rung is Rung.PROCESSOR:
        return  # it was loaded in float32, where it is
    if rung is Rung.WHOLE:
        pipeline.to(device)
    elif rung is Rung.PARTS:
        pipeline.enable_model_cpu_offload(device=device)
    elif rung is Rung.EIGHT:
        _in_eight_bits(pipeline)
        pipeline.enable_model_cpu_offload(device=device)
    elif rung is Rung.GROUPS:
        _in_eight_bits(pipeline)
        _offload(pipeline, device, offload_type="block_level", num_blocks_per_group=1)
    else:
        _offload(pipeline, device, offload_type="leaf_level")


def _in_eight_bits(pipeline: Any) -> None:
    import torch

    for name in ("transformer", "transformer_2"):
        part = getattr(pipeline, name, None)
        if part is not None:
            part.enable_layerwise_casting(
                storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16
            )


def _offload(pipeline: Any, device: str, **how: Any) -> None:
    import torch

    pipeline.enable_group_offload(
        onload_device=torch.device(device), offload_device=torch.device("cpu"), **how
    )


def _gib(num_bytes: int) -> str:
    return f"{num_bytes / GIB:.1f} GiB"
