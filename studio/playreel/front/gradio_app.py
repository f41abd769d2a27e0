"""Gradio: set up so that it keeps to itself, and put behind the gate."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from playreel.errors import MissingExtraError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from playreel.front.desk import Desk

_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000",  # its statistics, for a page that is closed
}
TEMPORARY = (
    "tmp"  # what Gradio writes, in the share's folder, so that the project's disk use counts it
)
HEAD = """
<meta name="referrer" content="no-referrer">
<link rel="stylesheet" href="front/front.css">
<script type="module" src="front/front.js"></script>
"""


def check_extra() -> None:
    """Makes sure that the extra is here, without loading it.

    Raises:
        MissingExtraError: it is not.
    """
    for name in ("gradio", "mcp", "itsdangerous"):
        if find_spec(name) is None:
            raise MissingExtraError(
                f"Sharing needs the extra 'gradio' ({name} is missing). Install it with: "
                "pip install 'playreel[gradio]'"
            )


def require_gradio() -> None:
    """The same, and that Gradio will not call home; before it is imported."""
    check_extra()
    os.environ.update(_QUIET)


def mount_pages(web: FastAPI, desk: Desk) -> dict[str | int, int]:
    """Puts Gradio's pages at the root of ``web``.

    Returns:
        How many arguments each of Gradio's functions takes, by name and by number.
    """
    import gradio as gr

    from playreel.front.pages import build_pages
    from playreel.front.words import translations

    os.environ["GRADIO_TEMP_DIR"] = str(desk.access.folder / TEMPORARY)
    i18n = gr.I18n(**translations())
    blocks = build_pages(desk, i18n)
    blocks.queue(max_size=200, default_concurrency_limit=4, api_open=False)
    gr.mount_gradio_app(
        web,
        blocks,
        path="/",
        theme=_theme(),
        i18n=i18n,
        head=HEAD,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=True,
        enable_monitoring=False,
        pwa=False,
        show_error=True,
        max_file_size=1,
        allowed_paths=[],
        app_kwargs={"docs_url": None, "redoc_url": None},
    )
    return _arity(blocks)


def _arity(blocks: Any) -> dict[str | int, int]:
    arity: dict[str | int, int] = {}
    for number, function in blocks.fns.items():
        arity[number] = len(function.inputs)
        if isinstance(function.api_name, str):
            arity[function.api_name] = len(function.inputs)
    return arity


def _theme() -> Any:
    """The system's own fonts: none is fetched."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue=gr.themes.colors.orange,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_sm,
        font=[
            "system-ui",
            "-apple-system",
            "Segoe UI",
            "Noto Sans",
            "Noto Sans CJK SC",
            "sans-serif",
        ],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(  # edges as our own fields have
        input_border_width="1px",
        input_border_color="*neutral_400",
        input_border_color_dark="*neutral_500",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
    )
