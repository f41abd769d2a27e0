"""A world that belongs to a project: what is captured from it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from playreel.errors import RewindError
from playreel.media import Clip
from playreel.studio.tree import Stretch, stretches
from playreel.world import World

if TYPE_CHECKING:
    from playreel.film import Drift

DRIFT_FRAMES = 60  # looked back on; five seconds


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

    @property
    def tip(self) -> int:
        """The last node of this route, the frames ahead of the cursor included."""
        return self._route.path[-1]

    @property
    def tree(self) -> tuple[Stretch, ...]:
        """Everything played in this session, as stretches between forks."""
        with self._route.player.lock:
            return stretches(self.session)

    def visit(self, tip: int, at: int) -> StudioWorld:
        """The route that leads to a stretch of `tree`, standing at one of its frames.

        Args:
            tip: the stretch's ``tip``.
            at: the frame to stand at, 0 to the tip's own depth.

        Raises:
            RewindError: no such frame or stretch.
        """
        with self._route.player.lock:
            if not 0 <= tip < len(self.session) or not 0 <= at <= self.session[tip].depth:
                raise RewindError(
                    f"There is no frame {at!r} on the way to {tip!r}: this session's tree has "
                    f"{len(self.session)} nodes. Take `tip` and `at` from world.tree."
                )
            route = type(self._route)(self._route.player, tip)
            route.rewind(route.cursor - at)
            return self.adopt(self._on(route), self._keep)

    def drift(self) -> Drift | None:
        """How colour and sharpness moved over the last five seconds; None before there are two."""
        from playreel.film import drift

        path = self._route.path[: self.cursor + 1]
        if len(path) < 24:
            return None
        return drift(self._route.stack(path[-DRIFT_FRAMES:]), fps=float(self.fps))
