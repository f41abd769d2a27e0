"""A panel: an anywidget that carries messages between a host and its views, and holds no state.

What is shown lives in the project and in the host, so that a page can be reloaded at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from playreel_widgets.bundle import script, style
from playreel_widgets.host import Host
from playreel_widgets.subshell import stay_on_own_subshell

if TYPE_CHECKING:
    from playreel import Studio


class Panel(anywidget.AnyWidget):
    """What every widget of Playreel is.

    Attributes:
        studio: the project it shows.
        language: ``"en"``, ``"zh"``, or ``""`` to follow the browser.
    """

    view: ClassVar[str] = "studio"

    _esm = script()
    _css = style()
    _view = traitlets.Unicode("").tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    language = traitlets.Enum(["", "en", "zh"], "").tag(sync=True)

    def __init__(self, studio: Studio, *, language: str = "", **options: Any) -> None:
        self.studio = studio
        self.host = Host.of(studio)
        options["project"] = str(studio.path.resolve())
        super().__init__(_view=self.view, _options=options, language=language)
        stay_on_own_subshell(self.comm)
        self.host.join(self)
        self.on_msg(self._received)

    def __hash__(self) -> int:
        return id(self)

    def close(self) -> None:
        """Takes the widget off the page; the project stays as it is."""
        self.host.leave(self)
        super().close()

    def _received(self, _: Any, content: Any, buffers: Sequence[Any]) -> None:
        self.host.receive(self, content, buffers)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        """The widget, and beside it a still page that stays readable without a kernel."""
        from playreel_widgets.page import still_page

        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = f"{type(self).__name__} of {self.studio!r}"
            bundle[0]["text/html"] = still_page(self.studio)
        return bundle
