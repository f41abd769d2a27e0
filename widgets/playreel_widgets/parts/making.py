"""What makes takes: stills from drawings, and the film operations, through the queue."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from playreel.errors import InputError, MediaError
from playreel.media import Clip
from playreel_widgets.asked import Asked
from playreel_widgets.host import Answer
from playreel_widgets.work import Task, Work

if TYPE_CHECKING:
    from playreel_widgets.host import Host

MAX_PIXELS = 40_000_000
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
    """Verbs: still, tasks, cancel, retry, warm, example."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.work = Work(host.studio, self._changed)
        self.quick = {"tasks": self.tasks, "cancel": self.cancel}
        self.verbs = {
            "still": self.still,
            "retry": self.retry,
            "warm": self.warm,
            "example": self.example,
        }

    def tasks(self, asked: Asked) -> list[dict[str, Any]]:
        """The queue, oldest first."""
        return [task.entry() for task in self.work.tasks]

    def cancel(self, asked: Asked) -> None:
        """Stops a task."""
        self.work.cancel(asked.text("uid", limit=80))

    def retry(self, asked: Asked) -> dict[str, Any]:
        """Does a failed task again."""
        return self.work.retry(asked.text("uid", limit=80)).entry()

    def warm(self, asked: Asked) -> None:
        """Loads the weights before they are needed."""
        _ = self.host.studio.bundle

    def example(self, asked: Asked) -> Answer:
        """A drawing to begin with."""
        import playreel

        picture = Path(playreel.__file__).parent / "assets" / "level.png"
        return Answer({"prompt": EXAMPLE_PROMPT}, picture.read_bytes())

    def still(self, asked: Asked) -> dict[str, Any]:
        """A picture from a drawing, a sentence, or both. Buffers: ink, reference picture."""
        ink, reference = asked.upload(0), asked.upload(1)
        if asked.flag("has_ink") is False:
            ink = None
        prompt = asked.maybe_text("prompt")
        if prompt is None and ink is None and reference is None:
            raise InputError("Nothing to go by yet: draw something, or write what is to be seen.")
        task = self.submit(
            "still",
            prompt,
            sketch=uploaded_picture(ink) if ink else None,
            image=uploaded_picture(reference) if reference else None,
            size=asked.text("size", "16:9", limit=8),
            strength=asked.number("strength", 0.6),
            seed=asked.maybe_whole("seed"),
            label=prompt or "",
        )
        return task.entry()

    def submit(self, operation: str, *args: Any, **options: Any) -> Task:
        """Queues an operation whose clip every panel is told of."""
        return self.work.submit(operation, *args, then=self._keep, **options)

    def _keep(self, result: Any) -> Any:
        if isinstance(result, Clip):
            self.host.parts["project"].tell_made(result)
            return result.content_hash
        return str(result)

    def _changed(self, task: Task) -> None:
        self.host.tell("task", task.entry())
