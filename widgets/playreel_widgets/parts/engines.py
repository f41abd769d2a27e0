"""What can make films: the engines, what each does, and how it would fit this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.studio.engines import (
    VERB_OPERATIONS,
    camera_moves,
    engine_of,
    has_library,
    layout_of,
    models_here,
    table_of_engines,
)
from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel_widgets.host import Host


class Engines:
    """Verbs: engines, layout."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.quick = {}
        self.verbs = {"engines": self.engines}
        self.slow = {"layout": self.layout}

    def engines(self, asked: Asked) -> dict[str, Any]:
        """The table of engines, and which of them could begin now."""
        here = {model["model"] for model in models_here() if not model["faults"]}
        table = []
        for row in table_of_engines():
            models = [{**model, "here": model["name"] in here} for model in row["models"]]
            is_here = not models or any(model["here"] for model in models)
            table.append(
                {**row, "models": models, "here": is_here, "library": has_library(row["name"])}
            )
        return {
            "own": self.host.studio.engine_name,
            "verbs": {verb: list(operations) for verb, operations in VERB_OPERATIONS.items()},
            "cameras": [list(move) for move in camera_moves()],
            "engines": table,
        }

    def layout(self, asked: Asked) -> list[dict[str, str]]:
        """How each model of an engine would lie in this machine's memory."""
        return layout_of(engine_of(asked.text("engine", limit=200)))

    def chosen(self, asked: Asked) -> str | None:
        """The engine that a request names, None for the studio's own.

        Raises:
            InputError: no engine and no model has that name; folders are named in Python.
        """
        name = asked.maybe_text("engine")
        if name is None or name == self.host.studio.engine_name:
            return None
        if len(name) > 80:
            raise InputError(f"There is no engine {name!r:.40}.")
        engine_of(name)
        return name
