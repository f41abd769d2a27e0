"""A share in a cell of a real JupyterLab, with a real kernel."""

from __future__ import annotations

import contextlib
import re

import pytest

from lab_server import CHROMIUM, LabServer, browser_page

pytest.importorskip("playwright")
pytest.importorskip("gradio")
from playwright.sync_api import TimeoutError

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

CELLS = (
    """import numpy as np
from playreel import Studio
from playreel.front import share
from playreel.media import Clip
studio = Studio("pitch")
if not len(studio.board):
    studio.board.add(Clip(np.full((12, 72, 128, 3), (40, 120, 160), np.uint8), 12), dialogue="Ahoy")
shown = share(studio)
shown""",
    "print('said', [c.text for c in studio.reviews], [v.name for v in shown.access.visits()])",
    "shown.close(); print('closed')",
)


def run(page, number: int) -> None:
    """Runs a cell; a Lab that is still starting takes no keys."""
    begun = "n => /[0-9*]/.test(document.querySelectorAll('.jp-InputPrompt')[n]?.textContent)"
    for _ in range(20):
        page.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").nth(number).click()
        page.keyboard.press("Shift+Enter")
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(begun, arg=number, timeout=15_000)
            return
    raise AssertionError(f"cell {number} does not run")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_cell_shows_the_pages_and_takes_a_comment(tmp_path, host) -> None:
    lab = LabServer(tmp_path)
    lab.notebook("share.ipynb", *CELLS)
    try:
        with browser_page(height=1000) as page:
            page.set_default_timeout(400_000)
            own = lab.url
            lab.url = lambda path="lab": own(path).replace("127.0.0.1", host)
            page.goto(lab.url("lab/tree/share.ipynb"))
            run(page, 0)
            pages = page.frame_locator("iframe[title=Playreel]")
            pages.locator("[data-pr=top] strong").wait_for()
            pages.get_by_role("tab", name="Review").click()
            pages.get_by_label("Comment", exact=True).fill("from a cell")
            pages.locator(".pr-write > button").click()
            pages.locator("[data-comment]", has_text="from a cell").wait_for()
            page.screenshot(path=tmp_path / f"notebook-{host}.png")
            with page.context.expect_page() as opened:
                pages.get_by_role("link", name="Open in a tab").click()
            tab = opened.value
            tab.locator("[data-pr=top] strong").wait_for()  # in, without another link
            assert tab.get_by_role("link", name="Open in a tab").count() == 0
            tab.close()
            run(page, 1)
            page.get_by_text("said ['from a cell'] ['notebook']").wait_for()
            run(page, 2)
            page.get_by_text("closed", exact=True).wait_for()
            page.keyboard.press("Control+s")
            page.wait_for_timeout(2000)
    finally:
        lab.close()
    saved = (lab.folder / "share.ipynb").read_text(encoding="utf-8")
    assert re.search(r"enter#now=[\w.-]+", saved)  # used up, and revoked with the share
