"""Every verb as an endpoint for Gradio's client and as an MCP tool."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_type_hints

from playreel.errors import PlayreelError
from playreel.front.access import Visit
from playreel.front.gate import token_in

if TYPE_CHECKING:
    from playreel.front.desk import Desk


def visit_of(desk: Desk, request: Any) -> Visit:
    """Who calls."""
    headers = request.headers
    shown = headers.get("authorization") or "", headers.get("cookie") or ""
    return desk.access.visit_of(token_in(*shown, desk.access.cookie))


def add_api(desk: Desk) -> None:
    """Adds an endpoint for each verb to the blocks that are being built."""
    import gradio as gr

    from playreel.front.tools import TOOLS

    for name, tool in TOOLS.items():
        gr.api(
            _guarded(desk, name, tool, gr),
            api_name=name,
            queue=False,
            concurrency_limit=None,
        )


def _guarded(desk: Desk, name: str, tool: Callable[..., Any], gr: Any) -> Any:
    """What Gradio calls: the signature and the words of a tool, done by the desk."""
    signature = inspect.signature(tool)
    hints = get_type_hints(tool)

    def call(request: Any, *args: Any) -> Any:
        try:
            bound = signature.bind(*args)
            bound.apply_defaults()
            return desk.do(visit_of(desk, request), name, bound.arguments)
        except TypeError:
            message = f"{name} takes {', '.join(signature.parameters) or 'no arguments'}."
        except PlayreelError as error:
            message = f"{error} ({error.code})"
        raise gr.Error(message, print_exception=False)

    first = inspect.Parameter(
        "request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request
    )
    parameters = [
        parameter.replace(annotation=hints[parameter.name])
        for parameter in signature.parameters.values()
    ]
    call.__signature__ = inspect.Signature([first, *parameters], return_annotation=hints["return"])  # type: ignore[attr-defined]
    call.__annotations__ = {**hints, "request": gr.Request}
    call.__name__, call.__doc__ = name, tool.__doc__
    return call
