"""Engine: what makes films, whichever model is behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from playreel.film.engines.family import Family
    from playreel.media import Clip

Progress = Callable[[int, int], None]  # (steps done, steps in all); may raise to stop


@runtime_checkable
class Engine(Protocol):
    """The operations of `playreel.film` on one model, with the same arguments.

    Every verb takes ``seed``, ``num_steps``, ``guidance_scale`` and ``callback`` besides what is
    named here, and raises `EngineRefusedError` where its family refuses.
    """

    family: Family

    @property
    def weights_hash(self) -> str:
        """SHA-256 of the weights, for recipes."""

    def still(self, prompt: str, *, size: str = "16:9", **options: Any) -> Clip:
        """A clip of one frame."""

    def shoot(
        self, prompt: str, *, seconds: float = 2.0, size: str = "16:9", **options: Any
    ) -> Clip:
        """A take from words."""

    def animate(
        self, image: Any, prompt: str | None = None, *, seconds: float = 2.0, **options: Any
    ) -> Clip:
        """A take that begins with a picture."""

    def extend(
        self, clip: Clip, *, seconds: float = 2.0, direction: str = "forward", **options: Any
    ) -> Clip:
        """The clip and what follows it or led up to it."""

    def bridge(self, first: Clip, last: Clip, *, seconds: float = 1.0, **options: Any) -> Clip:
        """Both clips and what leads from one to the other."""

    def loop(self, clip: Clip, *, seconds: float = 1.0, **options: Any) -> Clip:
        """The clip and what leads back to its start."""

    def inpaint(self, clip: Clip, prompt: str, *, region: Any, **options: Any) -> Clip:
        """The clip with something else in a region of it."""

    def restyle(self, clip: Clip, prompt: str, *, strength: float = 0.6, **options: Any) -> Clip:
        """The clip in another style."""
