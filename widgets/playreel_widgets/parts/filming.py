"""Film operations on takes, through the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel_widgets.host import Host


class Filming:
    """Verbs: extend, loop, bridge, restyle, animate, shoot."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.quick = {}
        self.verbs = {
            "extend": self.extend,
            "loop": self.loop,
            "bridge": self.bridge,
            "restyle": self.restyle,
            "animate": self.animate,
            "shoot": self.shoot,
        }

    def _submit(self, operation: str, *args: Any, asked: Asked, **options: Any) -> dict[str, Any]:
        options["seed"] = asked.maybe_whole("seed")
        return self.host.parts["making"].submit(operation, *args, **options)

    def _take(self, asked: Asked, name: str = "take") -> str:
        reference = asked.text(name, limit=80)
        return self.host.studio.project.media.find(reference).content_hash

    def _joining(self, asked: Asked) -> dict[str, Any]:
        return {
            "seconds": asked.number("seconds", 1.0),
            "prompt": asked.maybe_text("prompt"),
            "camera": asked.maybe_text("camera"),
        }

    def extend(self, asked: Asked) -> dict[str, Any]:
        """What follows a take, or what led up to it."""
        direction = asked.text("direction", "forward", limit=20)
        options = {**self._joining(asked), "direction": direction}
        return self._submit("extend", self._take(asked), asked=asked, **options)

    def loop(self, asked: Asked) -> dict[str, Any]:
        """A take that leads back to its start."""
        return self._submit("loop", self._take(asked), asked=asked, **self._joining(asked))

    def bridge(self, asked: Asked) -> dict[str, Any]:
        """Two takes with new frames in between."""
        ends = self._take(asked), self._take(asked, "last")
        return self._submit("bridge", *ends, asked=asked, **self._joining(asked))

    def restyle(self, asked: Asked) -> dict[str, Any]:
        """The same motion in another style."""
        return self._submit(
            "restyle",
            self._take(asked),
            asked.text("prompt", limit=2000),
            asked=asked,
            strength=asked.number("strength", 0.6),
        )

    def animate(self, asked: Asked) -> dict[str, Any]:
        """A still begins to move."""
        return self._submit("animate", self._take(asked), asked=asked, **self._joining(asked))

    def shoot(self, asked: Asked) -> dict[str, Any]:
        """A take from words, with timed parts."""
        return self._submit(
            "shoot",
            asked.text("prompt", limit=4000),
            asked=asked,
            seconds=asked.number("seconds", 2.0),
            camera=asked.maybe_text("camera"),
            size=asked.text("size", "16:9", limit=8),
        )
