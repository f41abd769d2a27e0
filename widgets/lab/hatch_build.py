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


class LabExtensionHook(BuildHookInterface):
    """Runs npm once; what was built already is taken as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together.

        Raises:
            RuntimeError: the plugin is to be built and Node is missing.
        """
        root = Path(self.root)
        if version == "editable" or os.environ.get("PLAYREEL_NO_LAB"):
            return
        target = root / TARGET
        if not (target / "package.json").is_file():
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError(
                    "The wheel holds a JupyterLab plugin that is built with Node 20 or newer, and npm was "
                    "not found. Install Node, or leave the plugin out with PLAYREEL_NO_LAB=1."
                )
            tools = Path(sys.executable).parent  # where jupyter-builder is, activated or not
            env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}{os.pathsep}{tools}"}
            for command in (["ci"], ["run", "build:prod"]):
                subprocess.run([npm, *command], cwd=root / SOURCE, check=True, env=env)  # noqa: S603
        place = "share/jupyter/labextensions/playreel-lab"
        shared = build_data["shared_data"]
        for path in sorted(target.rglob("*")):
            if path.is_file():
                shared[str(path)] = f"{place}/{path.relative_to(target).as_posix()}"
        shared[str(root / SOURCE / "install.json")] = f"{place}/install.json"
