"""Words: prompts expanded, takes described. Both only propose; nothing is used unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel_widgets.host import Host


class Words:
    """Verbs: expand, describe."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.quick = {}
        self.verbs = {"expand": self.expand}
        self.slow = {"describe": self.describe}

    def expand(self, asked: Asked) -> dict[str, Any]:
        """A prompt with what it leaves open, by rules and offline."""
        found = self.host.studio.expand(
            asked.text("prompt", limit=2000),
            camera=asked.maybe_text("camera"),
            engine=asked.maybe_text("engine"),
            seed=asked.whole("seed", 0),
        )
        return {"text": found.text, "lines": found.lines(), "added": len(found.added)}

    def describe(self, asked: Asked) -> dict[str, Any]:
        """A timed caption of a take."""
        take = self.host.studio.project.media.find(asked.text("take", limit=80)).content_hash
        found = self.host.studio.describe(take, language=asked.maybe_text("language"))
        return {"take": take, "text": found.text}
