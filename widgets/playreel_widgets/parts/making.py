"""What makes takes: stills from drawings, and the film operations, through the queue."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from playreel.errors import InputError, MediaError, PlayreelError
from playreel.media import Clip
from playreel_widgets.asked import Asked
from playreel_widgets.elsewhere import Elsewhere
from playreel_widgets.following import Following, job_entry
from playreel_widgets.host import Answer, explain
from playreel_widgets.work import Task, Work

if TYPE_CHECKING:
    from playreel_widgets.host import Host

MAX_PIXELS = 40_000_000
CHANGES_BOARD = ("sequence", "make")
EXAMPLE_PROMPT = "an orange fox in a green meadow by day"


def uploaded_picture(data: bytes) -> Image.Image:
    """The picture in what a browser sent.

    Raises:
        MediaError: it is no picture, or too large.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if image.width * image.height > MAX_PIXELS:
            raise MediaError(
                f"This picture has {image.width}x{image.height} pixels. Make it smaller than "
                f"{MAX_PIXELS // 1_000_000} million."
            )
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(
            f"What was pasted is no readable picture ({error}). Use PNG, JPEG or WebP."
        ) from None
    return image


class Making:
    """Verbs: still, tasks, cancel, pause, resume, retry, warm, example."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.work = Work(host.studio, self._changed)
        path = host.studio.path
        self._elsewhere = Elsewhere(
            {
                path / "board.toml": lambda: self.host.parts["boarding"].tell(),
                path / "takes.ndjson": lambda: self.host.parts["project"].tell_new(),
            }
        )
        self.following = Following(host.studio, self._happened, self._looked)
        self._told: set[str] = set()
        self.slow = {}
        self.quick = {"warm": self.warm}
        self.verbs = {
            "tasks": self.tasks,
            "cancel": lambda asked: self._ask("cancel", asked),
            "pause": lambda asked: self._ask("pause", asked),
            "resume": lambda asked: self._ask("resume", asked),
            "retry": lambda asked: self._ask("retry", asked),
            "still": self.still,
            "example": self.example,
        }

    def tasks(self, asked: Asked) -> list[dict[str, Any]]:
        """The queue, oldest first."""
        self.following.begin()
        stills = [task.entry() for task in self.work.tasks]
        return [*self.following.entries(), *stills]

    def _ask(self, verb: str, asked: Asked) -> None:
        getattr(self.host.studio.jobs, verb)(asked.text("uid", limit=80))
        self.following.begin()

    def warm(self, asked: Asked) -> None:
        """Loads the weights before they are needed, while people draw."""
        self.work.warm()

    def example(self, asked: Asked) -> Answer:
        """A drawing to begin with."""
        import playreel

        picture = Path(playreel.__file__).parent / "assets" / "level.png"
        return Answer({"prompt": EXAMPLE_PROMPT}, picture.read_bytes())

    def still(self, asked: Asked) -> dict[str, Any]:
        """A picture from a drawing, a sentence, or both, with the hero of another still where one is named.

        Buffers: ink, reference picture.
        """
        ink, reference = asked.upload(0), asked.upload(1)
        if asked.flag("has_ink") is False:
            ink = None
        prompt = asked.maybe_text("prompt")
        if prompt is None and ink is None and reference is None:
            raise InputError("Nothing to go by yet: draw something, or write what is to be seen.")
        size = asked.text("size", "16:9", limit=8)
        options = {
            "prompt": prompt,
            "sketch": uploaded_picture(ink) if ink else None,
            "image": uploaded_picture(reference) if reference else None,
            "size": size,
            "strength": asked.number("strength", 0.6),
            "seed": asked.maybe_whole("seed"),
        }
        studio = self.host.studio
        if hero := asked.maybe_text("hero"):
            options["hero"] = studio.open(studio.project.media.find(hero).content_hash)
        return self.here("still", prompt or "", lambda: studio.still(**options))

    def here(self, operation: str, label: str, make: Callable[[], Clip]) -> dict[str, Any]:
        """Makes a take in this process, beside the queue; every panel is told of it."""
        return self.work.submit(operation, label, lambda: self._keep(make())).entry()

    def submit(self, operation: str, *args: Any, **options: Any) -> dict[str, Any]:
        """Queues an operation; every panel is told of what it makes."""
        self.following.begin()
        job = self.host.studio.submit(operation, *args, **options)
        self.following.begin()
        return job_entry(job.record)

    def _keep(self, still: Clip) -> str:
        self.host.parts["project"].tell_made(still.content_hash)
        return still.content_hash

    def _looked(self) -> None:
        try:
            self._elsewhere.look()
        except PlayreelError as error:  # such as a board in the middle of a merge
            self.host.tell("refused", explain(error))

    def _changed(self, task: Task) -> None:
        self.host.tell("task", task.entry())

    def _happened(self, entry: dict[str, Any], preview: bytes | None) -> None:
        if entry["state"] == "done" and entry["uid"] not in self._told:
            self._told.add(entry["uid"])
            for take in entry["takes"]:
                self.host.parts["project"].tell_made(take)
            if entry["operation"] in CHANGES_BOARD:
                self.host.parts["boarding"].tell()
        self.host.tell("task", entry, [preview] if preview else [])
