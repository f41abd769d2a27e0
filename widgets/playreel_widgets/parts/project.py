"""What is there: the project, its takes and how they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel.media import SIZES
from playreel_widgets.asked import Asked
from playreel_widgets.host import Answer
from playreel_widgets.machine import memory_mb
from playreel_widgets.pictures import poster, strip

if TYPE_CHECKING:
    from playreel.project import Take
    from playreel_widgets.host import Host

MAX_CACHED = 256


def take_entry(take: Take) -> dict[str, Any]:
    """A take as a panel lists it."""
    return {
        "hash": take.content_hash,
        "name": take.name,
        "operation": take.operation,
        "text": take.text,
        "frames": take.num_frames,
        "fps": take.fps,
        "size": list(take.size),
    }


class Project:
    """Verbs: hello, ping, machine, select, takes, star, poster, strip, recipe."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.selected: str | None = None
        self.slow = {}
        self.quick = {
            "hello": self.hello,
            "ping": lambda asked: self.host.boot,
            "select": self.select,
        }
        self.verbs = {
            "machine": self.machine,
            "star": self.star,
            "takes": self.takes,
            "poster": self.poster,
            "strip": self.strip,
            "recipe": self.recipe,
        }
        self._posters: dict[str, bytes] = {}
        self._known = {take.content_hash for take in host.studio.takes}

    def hello(self, asked: Asked) -> dict[str, Any]:
        """What a panel needs first."""
        from playreel import __version__

        path = self.host.studio.path
        self.host.parts["making"].following.begin()
        return {
            "boot": self.host.boot,
            "version": __version__,
            "project": path.resolve().name,
            "path": str(path.resolve()),
            "sizes": {name: [width, height] for name, (height, width) in SIZES.items()},
            "selected": self.selected,
        }

    def machine(self, asked: Asked) -> dict[str, Any]:
        """What does the work, and how much memory it takes."""
        return {"engine": self.host.studio.engine, "memory_mb": memory_mb()}

    def select(self, asked: Asked) -> None:
        """The take that operations are about, in every panel."""
        self.selected = asked.maybe_text("take")
        self.host.tell("selected", self.selected)

    def star(self, asked: Asked) -> None:
        """Marks a take as a favourite, or no longer."""
        self.host.studio.star(asked.text("take", limit=80), asked.flag("on"))
        self.host.tell("stars", list(self.host.studio.stars))

    def takes(self, asked: Asked) -> list[dict[str, Any]]:
        """Every take, the latest first."""
        stars = set(self.host.studio.stars)
        takes = reversed(self.host.studio.takes)
        return [{**take_entry(t), "star": t.content_hash in stars} for t in takes]

    def poster(self, asked: Asked) -> Answer:
        """A small PNG of a take's middle frame."""
        name = asked.text("take", limit=80)
        if name not in self._posters:
            if len(self._posters) >= MAX_CACHED:
                self._posters.pop(next(iter(self._posters)))
            self._posters[name] = poster(self.host.studio.open(name).frames)
        return Answer({"take": name}, self._posters[name])

    def strip(self, asked: Asked) -> Answer:
        """A take's frames under each other in one PNG, for moving previews."""
        clip = self.host.studio.open(asked.text("take", limit=80))
        side = min(max(clip.size), 1024, max(32, asked.whole("side", 1024)))
        picture, count = strip(clip.frames, side=side)
        seconds = clip.duration_s
        return Answer(
            {"frames": count, "seconds": seconds, "width": clip.width, "height": clip.height},
            picture,
        )

    def recipe(self, asked: Asked) -> dict[str, Any]:
        """How a take was made, as its recipe tells."""
        import json

        clip = self.host.studio.open(asked.text("take", limit=80))
        document = json.loads(clip.recipe.to_json()) if clip.recipe else {}
        options = document.get("options", {})
        if options.get("prompt") and document.get("operation") in ("capture", "preview"):
            options["prompt"] = "…"  # frames, not words
        return {
            "recipe": document,
            "frames": len(clip),
            "seconds": clip.duration_s,
            "size": [clip.width, clip.height],
            "hash": clip.content_hash,
        }

    def tell_made(self, content_hash: str) -> None:
        """Tells every panel of a new take."""
        self._known.add(content_hash)
        take = self.host.studio.project.media.find(content_hash)
        frames = self.host.studio.open(content_hash).frames
        self.host.tell("made", take_entry(take), [poster(frames)])

    def tell_new(self) -> None:
        """Tells every panel of takes that another process made."""
        for take in self.host.studio.takes:
            if take.content_hash not in self._known:
                self.tell_made(take.content_hash)
