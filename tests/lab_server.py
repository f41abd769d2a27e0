"""A real JupyterLab on this machine, and a browser on it. Used by the tests marked ``browser``."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("PLAYREEL_CHROMIUM") or shutil.which("chromium")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# A machine may be busy with other things; only what hangs takes so long.
PATIENCE_MS = 1000.0 * float(os.environ.get("PLAYREEL_PATIENCE_S", "240"))
_NEWS = {"fetchNews": "false", "checkForUpdates": False}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LabServer:
    """JupyterLab on loopback, with folders and settings of its own."""

    def __init__(
        self, folder: Path, *, theme: str = "JupyterLab Light", extension: Path | None = None
    ):
        self.folder = folder / "work"
        self.folder.mkdir(parents=True)
        self.settings = folder / "settings"
        self.set("@jupyterlab/apputils-extension", "notification", _NEWS)
        self.set("@jupyterlab/apputils-extension", "themes", {"theme": theme})
        self.token, self.port = secrets.token_hex(12), _free_port()
        paths = [str(ROOT / "studio"), str(ROOT / "widgets")]
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "IPYTHONDIR": str(folder / "ipython"),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2"),
        }
        if extension is not None:
            target = folder / "data" / "labextensions" / "playreel-lab"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(extension, target)
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
            f"--port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.folder}",
        ]  # fmt: skip
        self.log = (folder / "jupyterlab.log").open("w")
        self._process = subprocess.Popen(
            command, env=env, cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT
        )
        self._wait()

    def set(self, package: str, plugin: str, values: dict) -> None:
        """What a user would choose in the settings editor."""
        path = self.settings / package / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def _wait(self) -> None:
        for _ in range(960):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/api/status?token={self.token}"
                )
                return
            time.sleep(0.25)
        raise RuntimeError(f"JupyterLab did not start; see {self.log.name}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def url(self, path: str = "lab") -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def notebook(self, name: str, *cells: str) -> Path:
        """Writes a notebook with these cells."""
        import nbformat

        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def close(self) -> None:
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        if self._process.poll() is None:
            self._process.kill()
        self.log.close()


@contextlib.contextmanager
def browser_page(
    *, width: int = 1280, height: int = 900, language: str = "en-US", **context: object
) -> Iterator:
    """A page of headless Chromium; what it prints as errors is kept in ``page.troubles``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        size = {"width": width, "height": height}
        page = browser.new_context(viewport=size, locale=language, **context).new_page()
        page.context.set_default_timeout(PATIENCE_MS)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        yield page
        browser.close()


def run_cells(page, server: LabServer, name: str, count: int) -> None:
    """Opens a notebook in JupyterLab and runs its first cells."""
    page.goto(server.url(f"lab/workspaces/{Path(name).stem}/tree/{name}"))
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    cells = page.locator(".jp-NotebookPanel .jp-CodeCell")
    for index in range(count):
        run_cell(page, cells.nth(index))


def run_cell(page, cell) -> None:
    """Runs one cell to its end; a run that is asked for while the kernel is being connected is dropped."""
    prompt = cell.locator(".jp-InputPrompt")
    end = time.monotonic() + PATIENCE_MS / 1000
    while not any(sign.isdigit() for sign in prompt.inner_text()):
        assert time.monotonic() < end, f"the cell is not run: {prompt.inner_text()}"
        if "*" not in prompt.inner_text():
            prompt.click()
            page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(500)
