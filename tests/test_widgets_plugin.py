"""The JupyterLab plugin, built with npm, in a real JupyterLab: launcher, tab, side panel, restart."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from build_hook import load_hook
from lab_server import CHROMIUM, ROOT, LabServer, browser_page, run_cells

pytest.importorskip("playwright")
pytest.importorskip("jupyterlab")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.weights,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def extension() -> Path:
    built = ROOT / "build" / "labextension"
    if not (built / "package.json").is_file():
        hook = load_hook()
        try:
            hook.build(ROOT / "widgets" / "lab")
        except RuntimeError as error:
            if hook.LEAVE_OUT not in str(error):
                raise
            pytest.skip(str(error).splitlines()[-1])
    return built


@pytest.fixture(scope="module")
def server(tmp_path_factory, extension):
    lab = LabServer(tmp_path_factory.mktemp("plugin"), extension=extension)
    yield lab
    lab.close()


def test_one_click_in_the_launcher_leads_to_a_playable_frame(server) -> None:
    with browser_page(width=1440, height=900) as page:
        page.goto(server.url())
        card = page.locator(".jp-LauncherCard", has_text="Playreel Studio")
        card.wait_for()
        begun = time.monotonic()
        card.click()
        page.locator(".pr-studio").wait_for()
        opened = time.monotonic() - begun
        page.get_by_role("button", name="Use an example").click()
        page.locator(".pr-hint").wait_for(state="hidden")
        page.get_by_role("button", name="Make still").click()
        play = page.get_by_role("button", name="Play this world")
        play.wait_for()
        page.wait_for_function("document.querySelector('.pr-result canvas')?.hidden === false")
        play.click()
        page.wait_for_function("document.querySelector('.pr-world')?.dataset.shown > 0")
        print(
            f"\nlauncher to studio {opened:.1f} s, to a playable frame {time.monotonic() - begun:.1f} s"
        )

        page.locator('.lm-TabBar-tab[data-id="playreel-side"]').click()
        page.locator(".jp-PlayreelSide .pr-card").first.wait_for()
        assert (server.folder / "playreel-studio" / "studio.playreel").is_file()

        # The kernel is killed under it: the studio comes back by itself, as it was left.
        page.locator(".pr-screen").focus()
        page.keyboard.down("ArrowRight")
        page.wait_for_function("Number(document.querySelector('.pr-world').dataset.cursor) >= 3")
        page.keyboard.up("ArrowRight")
        page.wait_for_timeout(2000)
        stood = page.evaluate("document.querySelector('.pr-world').dataset.cursor")
        assert int(stood) > 0
        (kernel,) = kernels(server)
        kernel.kill()
        page.locator(".jp-MainAreaWidget .pr-root.pr-lost").wait_for()
        page.locator(".jp-MainAreaWidget .pr-root:not(.pr-lost)").wait_for()
        page.wait_for_function(f"document.querySelector('.pr-world').dataset.cursor === '{stood}'")
        assert page.troubles == []


def kernels(server) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children()
    return [child for child in children if "ipykernel_launcher" in " ".join(child.cmdline())]


def test_a_widget_in_a_notebook_goes_on_after_its_kernel_was_restarted(server) -> None:
    with browser_page(width=1440, height=900) as page:
        code = "from playreel import Studio\nstudio = Studio('again')\nstudio"
        server.notebook("again.ipynb", code)
        others = kernels(server)
        run_cells(page, server, "again.ipynb", 1)
        page.locator(".pr-studio").wait_for()
        page.get_by_label("What is to be seen").fill("an orange fox in a green meadow")
        page.get_by_role("button", name="Make still").click()
        page.locator(".pr-card").first.wait_for()
        (kernel,) = [child for child in kernels(server) if child not in others]
        kernel.kill()
        page.locator(".jp-Dialog", has_text="Kernel Restarting").get_by_role("button").last.click()
        page.wait_for_timeout(11_000)  # a panel asks again after ten seconds, when it is touched
        page.locator(".pr-root").dispatch_event("pointerdown")  # if it has not found out by itself
        page.get_by_text("Everything that was made is in the project folder").wait_for()
        page.get_by_role("button", name="Reconnect").click()
        page.locator(".pr-root:not(.pr-lost)").wait_for()
        page.get_by_label("What is to be seen").fill("a fox in a snowy forest")
        page.get_by_role("button", name="Make still").click()
        page.locator(".pr-card").nth(1).wait_for()
        assert page.troubles == []


def test_settings_choose_language_and_folder(server) -> None:
    values = {"language": "zh", "folder": "我的项目", "side": False}
    server.set("playreel-lab", "plugin", values)
    try:
        with browser_page(width=1440, height=900) as page:
            page.goto(server.url("lab/workspaces/settings"))
            page.locator(".jp-LauncherCard", has_text="Playreel Studio").click()
            page.locator(".pr-studio").get_by_role("tab", name="草图").wait_for()
            assert (server.folder / "我的项目" / "studio.playreel").is_file()
            page.locator('.lm-TabBar-tab[data-id="playreel-side"]').click()
            page.locator(".jp-PlayreelSide .jp-PlayreelWait").wait_for()  # it shows no project
            assert page.troubles == []
    finally:
        server.set("playreel-lab", "plugin", {})


def test_the_palette_knows_the_studio_and_its_keys(server) -> None:
    with browser_page() as page:
        page.goto(server.url("lab/workspaces/palette"))
        page.locator(".jp-LauncherCard").first.wait_for()
        page.keyboard.press("Control+Shift+c")
        page.keyboard.type("playreel")
        labels = page.locator(".lm-CommandPalette-itemLabel").all_inner_texts()
        for label in ("Playreel Studio", "Open Playreel project…", "Playreel keyboard shortcuts"):
            assert label in labels
        page.locator(".lm-CommandPalette-item", has_text="keyboard shortcuts").click()
        page.locator(".jp-PlayreelKeys").wait_for()
        assert page.troubles == []
