"""Builds the JupyterLab plugin into the wheel. An editable install needs no Node and goes without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("widgets/lab")
TARGET = Path("build/labextension")
NODE = 20  # the oldest major version that builds it
FETCH_S = 600
BUILD_S = 600
# Only what is missing on this machine is answered with it; a plugin that does not build is mended.
LEAVE_OUT = "Mend that, or leave the plugin out with PLAYREEL_NO_LAB=1."


class LabExtensionHook(BuildHookInterface):
    """Runs npm once; what was built already is taken as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together.

        Raises:
            RuntimeError: Node or the packages of the plugin are missing, or it does not build.
        """
        root = Path(self.root)
        if version == "editable" or os.environ.get("PLAYREEL_NO_LAB"):
            return
        target = root / TARGET
        if not (target / "package.json").is_file():
            try:
                build(root / SOURCE)
            except BaseException:
                shutil.rmtree(target, ignore_errors=True)  # half a plugin is never taken
                raise
        place = "share/jupyter/labextensions/playreel-lab"
        shared = build_data["shared_data"]
        for path in sorted(target.rglob("*")):
            if path.is_file():
                shared[str(path)] = f"{place}/{path.relative_to(target).as_posix()}"
        shared[str(root / SOURCE / "install.json")] = f"{place}/install.json"


def build(folder: Path) -> None:
    """Fetches the plugin's packages and builds it.

    Raises:
        RuntimeError: what is missing, or what does not build.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise RuntimeError(
            f"The wheel holds a JupyterLab plugin that is built with Node {NODE} or newer, and "
            f"{'node' if node is None else 'npm'} was not found. {LEAVE_OUT}"
        )
    status, version = run([node, "--version"], folder, 60)
    major = version.strip().removeprefix("v").split(".")[0]
    if status or not major.isdigit() or int(major) < NODE:
        raise RuntimeError(
            f"The JupyterLab plugin is built with Node {NODE} or newer, and {node} is {version.strip()!r}. "
            f"{LEAVE_OUT}"
        )
    fetch = [npm, "ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=60000"]
    status, output = run(fetch, folder, FETCH_S)
    if "EUSAGE" in output:
        raise RuntimeError(
            f"package-lock.json does not fit package.json in {folder}.\n{output[-2000:]}"
        )
    if status:
        raise RuntimeError(
            f"{output[-2000:]}\nThe packages of the JupyterLab plugin could not be fetched: "
            f"'npm ci' ended with {status}. {LEAVE_OUT}"
        )
    status, output = run([npm, "run", "build:prod"], folder, BUILD_S)
    if status:
        raise RuntimeError(f"{output[-4000:]}\nThe JupyterLab plugin does not build: see above.")


def run(command: list[str], folder: Path, seconds: int) -> tuple[int | str, str]:
    """Exit status, or the words that it took too long; and all that was said."""
    tools = Path(sys.executable).parent  # where jupyter-builder is, activated or not
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}{os.pathsep}{tools}"}
    try:
        result = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=env,
            timeout=seconds,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return f"no answer within {seconds} s", (error.stdout or b"").decode("utf-8", "replace")
    except OSError as error:
        return 1, str(error)
    return result.returncode, result.stdout
