"""What a notebook shows of a studio that stands at the end of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playreel import Studio


def bundle_of(studio: Studio, **kwargs: Any) -> Any:
    """The `StudioApp` of a studio as Jupyter takes it, the same one each time; None without a kernel."""
    from IPython import get_ipython

    if getattr(get_ipython(), "kernel", None) is None:
        return None
    from playreel_widgets.host import Host
    from playreel_widgets.widgets import StudioApp

    host = Host.of(studio)
    if host.app is None:
        host.app = StudioApp(studio)
    return host.app._repr_mimebundle_(**kwargs)
