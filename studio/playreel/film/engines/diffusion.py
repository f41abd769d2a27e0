"""Diffusion: opens a diffusers pipeline as an engine."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError, MissingExtraError, ModelMissingError
from playreel.film.engines.card import ModelCard
from playreel.film.engines.cards import cards_words, check_cards, check_room
from playreel.film.engines.family import Family
from playreel.film.engines.frugal import remember, remembered
from playreel.film.engines.ladder import SLOW, WORDS, Rung, choose_ladder, lay_out
from playreel.film.engines.latents import FOLDER, LatentStore
from playreel.film.engines.machine import this_machine
from playreel.film.engines.store import cache_folder, find_card, find_model
from playreel.film.engines.variant import Named, loading, named
from playreel.film.engines.weights import check_whole, num_bytes, read_index, weights_hash

if TYPE_CHECKING:
    from playreel.film.engines.diffusion_engine import DiffusionEngine
    from playreel.film.engines.driver import Driver

_DRIVERS = "playreel.film.engines.drivers"
DRIVERS = {  # by the first pipeline that a family is made by
    "LTXConditionPipeline": f"{_DRIVERS}.ltx:LtxDriver",
    "WanPipeline": f"{_DRIVERS}.wan:WanDriver",
    "WanImageToVideoPipeline": f"{_DRIVERS}.wan_image:WanImageDriver",
    "WanVACEPipeline": f"{_DRIVERS}.wan_vace:WanVaceDriver",
    "SkyReelsV2DiffusionForcingPipeline": f"{_DRIVERS}.skyreels:SkyReelsDriver",
    "CogVideoXPipeline": f"{_DRIVERS}.cogvideox:CogVideoXDriver",
    "HunyuanVideoPipeline": f"{_DRIVERS}.hunyuan:HunyuanDriver",
    "HunyuanVideo15Pipeline": f"{_DRIVERS}.hunyuan:Hunyuan15Driver",
    "HunyuanVideoFramepackPipeline": f"{_DRIVERS}.framepack:FramepackDriver",
    "LTX2ConditionPipeline": f"{_DRIVERS}.ltx2:Ltx2Driver",
}


def open_diffusion(
    family: Family,
    *,
    model: str | Path | None = None,
    rung: str | None = None,
    pipeline: Any = None,
    cards: int = 1,
) -> DiffusionEngine:
    """An engine on open weights.

    Args:
        family: its row of the table.
        model: name of a model of the family, or the folder of a diffusers pipeline, with a variant
            where wanted; None takes the family's first.
        rung: how it is laid out in memory, one of `Rung`; None takes what fits this machine.
        pipeline: one that is loaded already, instead.
        cards: graphics cards for one take, 1 by default; on a machine that has none, processes that
            share the processor, which is for trying it out.

    Raises:
        MissingExtraError: diffusers is not installed, or what brings a variant.
        EngineRefusedError: the variant needs a graphics card, or several cards cannot share a take.
        InputError: the machine has not so many cards.
        ModelMissingError: the weights are not here, or not whole.
        EngineMemoryError: they fit this machine in no way.
    """
    from playreel.film.engines.diffusion_engine import DiffusionEngine

    if cards != 1:
        check_cards(cards, family, this_machine())
    driver_class = _driver_class(family)
    if pipeline is not None:
        return DiffusionEngine(
            family, driver_class(pipeline, family.grid), name=family.name, layout="as given"
        )
    wanted = named(str(model or family.name))
    card, folder = _located(family, wanted.model)
    if wanted.variant is not None:
        wanted.variant.require(has_card=this_machine().vram_bytes > 0)
        if card is not None:
            card = replace(card, bytes_per_weight=wanted.variant.bytes_per_weight)
    key = f"{folder}{wanted.suffix}"
    chosen = _rung(card, rung, key, in_fewer_bits=wanted.variant is not None)
    try:
        digest = weights_hash(
            folder, cache=cache_folder(), more=(wanted.file,) if wanted.file else ()
        )
    except OSError as error:
        raise ModelMissingError(f"Cannot read {error.filename}: {error.strerror}.") from None
    latents = LatentStore(cache_folder() / FOLDER, digest)
    if cards == 1:
        driver = open_driver(family, folder, chosen, wanted)
    else:
        driver = _shared(family, folder, chosen, wanted, cards, latents)
    driver.latents = latents
    words = [WORDS[chosen], wanted.variant.title if wanted.variant else ""]
    if cards != 1:
        words.append(cards_words(cards, this_machine()))
    return DiffusionEngine(
        family,
        driver,
        name=(card.name if card is not None else f"{family.name}:{folder.name}") + wanted.suffix,
        layout=", ".join(filter(None, words)),
        weights_hash=digest,
        step_down=_step_down(key, chosen, wanted) if rung is None else None,
        is_slow=chosen in SLOW,
        cards=cards,
    )


def open_driver(
    family: Family,
    folder: Path,
    rung: Rung,
    wanted: Named,
    prepare: Callable[[Any], None] | None = None,
) -> Driver:
    """A family's driver on the pipeline in a folder, laid out.

    Args:
        family: its row of the table.
        folder: a diffusers pipeline.
        rung: how it is laid out in memory.
        wanted: says in how many bits.
        prepare: given the pipeline before it is laid out.
    """
    driver_class = _driver_class(family)
    loaded = _load(driver_class, folder, rung, wanted)
    if prepare is not None:
        prepare(loaded)
    lay_out(loaded, rung)
    return driver_class(loaded, family.grid)


def _shared(
    family: Family, folder: Path, rung: Rung, wanted: Named, cards: int, latents: LatentStore
) -> Driver:
    """A driver whose requests several processes make together; it knows its pipeline, and has no weights."""
    import diffusers

    from playreel.film.engines.ranks import Ranks

    machine = this_machine()
    check_room(cards, rung, num_bytes(folder), machine)
    driver_class = _driver_class(family)
    pipeline_class = getattr(diffusers, _pipeline_name(driver_class, folder))
    driver = driver_class(pipeline_class.__new__(pipeline_class), family.grid)
    opening = {
        "family": family.name,
        "path": str(folder.absolute()),
        "model": replace(wanted, model=str(folder.absolute())).from_anywhere,
        "rung": str(rung),
        "latents": str(latents.folder.absolute()),
        "weights": latents.model,
    }
    driver.ranks = Ranks(
        opening, cards, has_cards=machine.num_cards > 0 and rung is not Rung.PROCESSOR
    )
    return driver


def _step_down(model: str, rung: Rung, wanted: Named | None = None) -> Callable[[], str]:
    """What is to be called when memory runs out: the next opening is more frugal, and it says how."""

    def step_down() -> str:
        machine = this_machine()
        below = list(Rung)[list(Rung).index(rung) + 1 :]
        if wanted is not None and wanted.variant is not None:
            below = [rung for rung in below if rung is Rung.PARTS]
        if not below or below[0] is Rung.PROCESSOR or not machine.vram_bytes:
            return ""
        remember(cache_folder(), model, machine, below[0])
        return f"The next try lays the model out more frugally: {WORDS[below[0]]}."

    return step_down


def _driver_class(family: Family) -> type[Driver]:
    try:
        module, _, name = DRIVERS[family.made_by[0]].partition(":")
    except (KeyError, IndexError):
        raise InputError(
            f"Engine {family.name!r} names no pipeline that can be driven: {family.made_by}."
        ) from None
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise MissingExtraError(
            f"Engine {family.name!r} needs diffusers ({error}). Install it with: "
            "pip install 'playreel[diffusers]'"
        ) from None


def _located(family: Family, model: str) -> tuple[ModelCard | None, Path]:
    if model == family.name or model in {card.name for card in family.cards}:
        _, card = find_card(model)
        return card, find_model(card)
    folder = Path(model)
    if not folder.is_dir():
        names = ", ".join(card.name for card in family.cards)
        raise ModelMissingError(
            f"Engine {family.name!r} has no model {model[:80]!r}, and there is no such folder. "
            f"Use one of: {names}, or the folder of a diffusers pipeline."
        )
    check_whole(folder)
    return None, folder


def _rung(
    card: ModelCard | None, rung: str | None, model: str, *, in_fewer_bits: bool = False
) -> Rung:
    if rung is not None:
        try:
            return Rung(rung)
        except ValueError:
            raise InputError(
                f"Unknown layout {rung!r:.40}. Use one of: {', '.join(Rung)}."
            ) from None
    machine = this_machine()
    if card is not None:
        chosen = choose_ladder(card, machine, in_fewer_bits=in_fewer_bits).rung
    else:
        chosen = Rung.PARTS if machine.vram_bytes else Rung.PROCESSOR
    before = remembered(cache_folder(), model, machine)
    return max(chosen, before or chosen, key=list(Rung).index)


def _pipeline_name(driver_class: type[Driver], folder: Path) -> str:
    name = read_index(folder)["_class_name"]
    if name not in driver_class.classes:
        raise ModelMissingError(
            f"{folder} holds a {name[:80]!r}; this engine opens {', '.join(driver_class.classes)}."
        )
    return name


def _load(driver_class: type[Driver], folder: Path, rung: Rung, wanted: Named) -> Any:
    import diffusers
    import torch

    from playreel.film.engines.quiet import quiet

    name = _pipeline_name(driver_class, folder)
    dtype = torch.float32 if rung is Rung.PROCESSOR else torch.bfloat16
    with quiet():
        return getattr(diffusers, name).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            torch_dtype=dtype,
            **loading(wanted, folder, dtype),
        )
