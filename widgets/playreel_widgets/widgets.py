"""The widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel_widgets.panel import Panel

if TYPE_CHECKING:
    from playreel import Studio
    from playreel.studio import StudioWorld


class SketchPad(Panel):
    """Draw, say what it is, and see it as a still; then step into it.

    Args:
        studio: the project.
        size: ``"16:9"``, ``"9:16"`` or ``"1:1"`` to begin with.
        prompt: words to begin with.
    """

    view = "sketch"

    def __init__(
        self, studio: Studio, *, size: str = "16:9", prompt: str = "", **options: Any
    ) -> None:
        super().__init__(studio, size=size, prompt=prompt, **options)


class WorldPad(Panel):
    """A world to play by buttons, keyboard, gamepad or touch.

    Args:
        studio: the project.
        world: the world to play; by default the one played last.
    """

    view = "world"

    def __init__(self, studio: Studio, world: StudioWorld | None = None, **options: Any) -> None:
        super().__init__(studio, **options)
        if world is not None:
            self.host.parts["playing"].put(world)
            self._options = {**self._options, "session": world.session.header.session_id}
