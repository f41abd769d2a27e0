"""The widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel_widgets.panel import Panel

if TYPE_CHECKING:
    from playreel import Studio
    from playreel.studio import StudioWorld


class StudioApp(Panel):
    """The whole studio in one panel: sketch, play, film, board, and the shelf beside them.

    Args:
        studio: the project.
        tab: what to show first: ``"sketch"``, ``"play"``, ``"film"`` or ``"board"``.
    """

    view = "studio"

    def __init__(self, studio: Studio, *, tab: str = "sketch", **options: Any) -> None:
        super().__init__(studio, tab=tab, **options)


class ClipShelf(Panel):
    """Every take of a project: look, star, filter, compare, see how it was made.

    Args:
        studio: the project.
    """

    view = "shelf"


class FilmDesk(Panel):
    """Extend, loop, bridge, restyle and shoot, with the queue of what is being made.

    Args:
        studio: the project.
    """

    view = "desk"


class Board(Panel):
    """The shot board as a table and as a storyboard, with the film's export.

    Args:
        studio: the project.
    """

    view = "board"


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
