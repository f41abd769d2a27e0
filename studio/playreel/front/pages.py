"""The pages, as Gradio's blocks: the frame, the tabs a role has, and the form of Make.

What the pages do is in `playreel.front.desk`; how the panels look and act is in static/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel.errors import PlayreelError
from playreel.front.roles import EDITOR, OWNER, PLAYER, covers

if TYPE_CHECKING:
    from playreel.front.desk import Desk

SIZES = ("16:9", "9:16", "1:1")
PAGES = (("play", PLAYER), ("make", EDITOR), ("people", OWNER))  # all others are for everyone
_MAKE = "(prompt, size, seed, strength) => window.playreel?.makeStill(prompt, size, seed, strength)"


def build_pages(desk: Desk, i18n: Any) -> Any:
    """The blocks of a share."""
    import gradio as gr

    from playreel.front.api import add_api, visit_of

    def panel(name: str) -> None:
        place = f'<section data-pr="{name}"></section>'
        gr.HTML(place, js_on_load=None, apply_default_css=False)

    def show_tabs(request: Any) -> list[Any]:
        try:
            role = visit_of(desk, request).role
        except PlayreelError:
            return [gr.skip() for _ in PAGES]
        return [gr.update(visible=covers(role, needed)) for _, needed in PAGES]

    show_tabs.__annotations__["request"] = gr.Request  # by which Gradio knows it
    tabs = {}
    with gr.Blocks(
        title=f"{desk.studio.path.resolve().name} · Playreel",
        analytics_enabled=False,
        fill_width=True,
    ) as blocks:
        panel("top")
        with gr.Tabs(elem_id="pr-tabs"):
            with gr.Tab(i18n("board"), id="board"):
                panel("board")
            with gr.Tab(i18n("review"), id="review"):
                panel("review")
            with gr.Tab(i18n("play"), id="play", visible=False) as tabs["play"]:
                panel("play")
            with gr.Tab(i18n("make"), id="make", visible=False) as tabs["make"]:
                with gr.Row():
                    with gr.Column(scale=3):
                        panel("sketch")
                    with gr.Column(scale=2):
                        prompt = gr.Textbox(
                            label=i18n("prompt"),
                            placeholder=i18n("promptHint"),
                            lines=3,
                            max_length=2000,
                            elem_id="pr-prompt",
                        )
                        size = gr.Radio(SIZES, value=SIZES[0], label=i18n("aspect"))
                        seed = gr.Textbox(label=i18n("seed"), max_length=15)
                        strength = gr.Slider(0, 1, 0.6, step=0.05, label=i18n("freedom"))
                        make = gr.Button(i18n("makeStill"), variant="primary", elem_id="pr-still")
                panel("desk")
                panel("queue")
                panel("shelf")
            with gr.Tab(i18n("people"), id="people", visible=False) as tabs["people"]:
                panel("people")
        make.click(None, [prompt, size, seed, strength], None, js=_MAKE, api_visibility="private")
        size.change(
            None,
            [size],
            None,
            js="(size) => window.playreel?.sizeSketch(size)",
            api_visibility="private",
        )
        blocks.load(
            show_tabs,
            None,
            [tabs[name] for name, _ in PAGES],
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        add_api(desk)
    return blocks
