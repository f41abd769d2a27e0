"""The pages, as Gradio's blocks. What they do is in `playreel.front.desk`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playreel.front.desk import Desk


def build_pages(desk: Desk, i18n: Any) -> Any:
    """The blocks of a share."""
    import gradio as gr

    from playreel.front.api import add_api

    with gr.Blocks(
        title=f"{desk.studio.path.resolve().name} · Playreel",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, 3600),
    ) as blocks:
        gr.HTML('<header class="pr-top" data-pr="top"></header>', js_on_load=None)
        with (
            gr.Tabs(elem_id="pr-tabs"),
            gr.Tab(i18n("people"), id="people", elem_id="pr-tab-people"),
        ):
            gr.HTML('<section data-pr="people"></section>', js_on_load=None)
        add_api(desk)
    return blocks
