"""A world that belongs to a project: what is captured from it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from playreel.media import Clip
from playreel.world import World


class StudioWorld(World):
    """A `playreel.world.World` whose captures are saved in the project as takes."""

    _keep: Callable[[Clip], Clip]

    @classmethod
    def adopt(cls, world: World, keep: Callable[[Clip], Clip]) -> StudioWorld:
        """The same route through the same session, with captures kept by ``keep``."""
        adopted = cast(StudioWorld, cls._on(world._route))
        adopted._keep = keep
        return adopted

    def capture(self, start: int = 0, stop: int | None = None) -> Clip:
        """Takes frames ``start`` to ``stop`` (exclusive) and saves them; see `World.capture`."""
        return self._keep(super().capture(start, stop))

    def fork(self, at: int | None = None) -> StudioWorld:
        """A second route that shares the past up to frame ``at``; see `World.fork`."""
        return self.adopt(super().fork(at), self._keep)

    def branches(self) -> tuple[StudioWorld, ...]:
        """Every route ever played in this session; see `World.branches`."""
        return tuple(self.adopt(world, self._keep) for world in super().branches())
