"""Family: an engine as the table knows it; also the door through which it is opened."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playreel.errors import EngineRefusedError, InputError
from playreel.film.engines.ability import Ability, Level
from playreel.film.engines.card import ModelCard
from playreel.film.engines.grid import Grid
from playreel.film.engines.operations import OPERATIONS

if TYPE_CHECKING:
    from playreel.film.engines.engine import Engine


@dataclass(frozen=True, kw_only=True)
class Family:
    """Models that are driven alike.

    Attributes:
        name: what users type.
        title: what it is, in a few words.
        made_by: the classes that do the work.
        abilities: operation -> how it is done; one for each of `OPERATIONS`.
        grid: lengths, rate and sizes.
        cards: weights that it runs, the one to begin with first; none come with the package but the
            bundled ones.
        opener: ``module:callable`` that takes the family and options and returns an `Engine`.
        extra: the optional dependency that it needs, or "".
        also_opens: other pipelines whose weights it runs.
        cache: what its steps can reuse, one of `playreel.film.engines.cache.Cache`, or "".
        shares: whether several graphics cards can make a take together.
    """

    name: str
    title: str
    made_by: tuple[str, ...]
    abilities: Mapping[str, Ability]
    grid: Grid
    opener: str
    cards: tuple[ModelCard, ...] = ()
    extra: str = ""
    also_opens: tuple[str, ...] = ()
    cache: str = ""
    shares: bool = False

    def __post_init__(self) -> None:
        if set(self.abilities) != set(OPERATIONS):
            odd = sorted(set(self.abilities) ^ set(OPERATIONS))
            raise InputError(
                f"Engine {self.name!r} must say of every operation how it does it; look at: "
                f"{', '.join(odd)}."
            )

    def can(self, operation: str) -> bool:
        """Whether it does an operation, natively or by emulation."""
        return self.abilities[operation].level is not Level.REFUSED

    def require(self, operation: str) -> Ability:
        """How it does an operation.

        Raises:
            EngineRefusedError: it does not; the message says why and which engines can.
        """
        ability = self.abilities[operation]
        if self.can(operation):
            return ability
        from playreel.film.engines.registry import engines_that_can

        others = ", ".join(engines_that_can(operation)) or "none that is installed"
        raise EngineRefusedError(
            f"Engine {self.name!r} cannot do {operation} ({OPERATIONS[operation]}): {ability.how}. "
            f"Engines that can: {others}."
        )

    def require_cache(self) -> str:
        """What its steps reuse.

        Raises:
            EngineRefusedError: nothing.
        """
        if self.cache:
            return self.cache
        raise self.no_cache()

    def no_cache(self) -> EngineRefusedError:
        """The error for a cache that it has not."""
        from playreel.film.engines.registry import families

        able = [name for name, family in families().items() if family.cache]
        return EngineRefusedError(
            f"Engine {self.name!r} has no cache between its steps. Leave cache out, or use an engine that "
            f"has one: {', '.join(able)}."
        )

    def require_sharing(self) -> None:
        """Refuses where several graphics cards cannot make a take together.

        Raises:
            EngineRefusedError: says which engines can.
        """
        if self.shares:
            return
        from playreel.film.engines.registry import families

        able = [name for name, family in families().items() if family.shares]
        raise EngineRefusedError(
            f"Engine {self.name!r} makes a take on one graphics card only: diffusers has no plan of how to "
            f"split its transformer. Leave cards out, or use an engine that has one: {', '.join(able)}. "
            "With Ray, takes run side by side: Studio(executor='ray') with PLAYREEL_RAY_GPUS=1."
        )

    @property
    def takes_references(self) -> bool:
        """Whether pictures of a character are given to it beside the words."""
        return self.abilities["character"].level is Level.NATIVE

    def takes_no_references(self) -> EngineRefusedError:
        """The error for pictures of a character that it cannot take."""
        from playreel.film.engines.registry import families

        able = [name for name, family in families().items() if family.takes_references]
        return EngineRefusedError(
            f"Engine {self.name!r} takes no pictures of a character beside the words. Start from one with "
            f"animate, or use an engine that takes them: {', '.join(able)}."
        )

    def open(self, **options: Any) -> Engine:
        """The engine itself; see its own class for the options.

        Raises:
            MissingExtraError: a library that it needs is not installed.
            ModelMissingError: its weights are not on this machine.
        """
        module, _, name = self.opener.partition(":")
        return getattr(importlib.import_module(module), name)(self, **options)
