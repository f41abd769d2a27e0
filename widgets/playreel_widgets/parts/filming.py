"""Film operations on takes, through the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel.studio.directing import Character
from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel_widgets.host import Host

MAX_SHOTS = 24  # of one sequence


class Filming:
    """What the film desk may ask, and the character cards that sequences use."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.quick = {}
        self.slow = {}
        self.verbs = {
            "extend": self.extend,
            "starts": self.starts,
            "loop": self.loop,
            "bridge": self.bridge,
            "restyle": self.restyle,
            "inpaint": self.inpaint,
            "animate": self.animate,
            "shoot": self.shoot,
            "transition": self.transition,
            "sequence": self.sequence,
            "finish": self.finish,
            "characters": self.characters,
            "remember": self.remember,
        }

    def _submit(self, operation: str, *args: Any, asked: Asked, **options: Any) -> dict[str, Any]:
        options |= {
            "seed": asked.maybe_whole("seed"),
            "engine": self.host.parts["engines"].chosen(asked),
            "draft": asked.flag("draft") or None,
            "num_steps": asked.maybe_whole("steps"),
            "guidance_scale": asked.maybe_number("guidance"),
        }
        given = {name: value for name, value in options.items() if value is not None}
        return self.host.parts["making"].submit(operation, *args, **given)

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

    def starts(self, asked: Asked) -> dict[str, Any]:
        """Several ways that lead up to a take: so many, or one for each line of the prompt."""
        lines = [line.strip() for line in (asked.maybe_text("prompt") or "").splitlines()]
        options = {**self._joining(asked), "prompt": None, "count": asked.whole("count", 3)}
        if prompts := [line for line in lines if line]:
            options |= {"prompts": prompts, "count": len(prompts)}
        return self._submit("starts", self._take(asked), asked=asked, **options)

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

    def inpaint(self, asked: Asked) -> dict[str, Any]:
        """Something else in a part of the picture."""
        return self._submit(
            "inpaint",
            self._take(asked),
            asked.text("prompt", limit=2000),
            asked=asked,
            region=asked.shares("region", 4),
        )

    def animate(self, asked: Asked) -> dict[str, Any]:
        """A still begins to move."""
        return self._submit("animate", self._take(asked), asked=asked, **self._joining(asked))

    def _sized(self, asked: Asked, seconds: float) -> dict[str, Any]:
        return {
            "seconds": asked.number("seconds", seconds),
            "camera": asked.maybe_text("camera"),
            "size": asked.text("size", "16:9", limit=8),
        }

    def shoot(self, asked: Asked) -> dict[str, Any]:
        """A take from words, with timed parts."""
        prompt = asked.text("prompt", limit=4000)
        return self._submit("shoot", prompt, asked=asked, **self._sized(asked, 2.0))

    def transition(self, asked: Asked) -> dict[str, Any]:
        """A take in which one thing becomes another."""
        ends = asked.text("prompt", limit=2000), asked.text("becomes", limit=2000)
        return self._submit("transition", *ends, asked=asked, **self._sized(asked, 4.0))

    def sequence(self, asked: Asked) -> dict[str, Any]:
        """Several shots in one go, with the same character in each."""
        shots = [
            {name: value for name, value in row.items() if value not in (None, "")}
            for row in asked.rows("shots", limit=MAX_SHOTS)
        ]
        words, picture = asked.maybe_text("character"), asked.maybe_text("picture")
        character = None
        if words is not None or picture is not None:
            stills = () if picture is None else (self._take(asked, "picture"),)
            character = Character(words=words or "", stills=stills)
        return self._submit(
            "sequence",
            shots,
            asked=asked,
            character=character,
            size=asked.text("size", "16:9", limit=8),
            on_board=asked.flag("on_board", True),
        )

    def finish(self, asked: Asked) -> dict[str, Any]:
        """A draft made whole, by its own recipe and seed."""
        return self.host.parts["making"].submit("finish", self._take(asked))

    def characters(self, asked: Asked) -> list[dict[str, str]]:
        """The character cards of the project."""
        return [
            {"name": ref.name, "words": ref.words, "take": ref.take}
            for ref in self.host.studio.references
            if ref.kind == "character"
        ]

    def remember(self, asked: Asked) -> None:
        """Keeps a character card in the project, where shots find it by its name."""
        picture = None if asked.maybe_text("picture") is None else self._take(asked, "picture")
        words = asked.maybe_text("character") or ""
        self.host.studio.bind(asked.text("name", limit=80).strip(), picture, words=words)
