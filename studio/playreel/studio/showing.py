"""A studio at the end of a notebook's cell shows itself."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

# By name, as a plugin is: the facade imports no front, and works where none is installed.
NOTEBOOK = EntryPoint(
    name="notebook", value="playreel_widgets.display:bundle_of", group="playreel.display"
)


class Showing:
    """What `playreel.studio.Studio` has of showing itself."""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The studio's panel in a notebook, and its words anywhere else."""
        try:
            bundle = NOTEBOOK.load()(self, **kwargs)
        except ImportError:  # without the extra
            bundle = None
        return bundle or {"text/plain": repr(self)}
