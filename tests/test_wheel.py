"""The wheel, as a user gets it: a clean environment, no development tools, no network, no source."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.wheel, pytest.mark.timeout(1500)]


def run(*command: object, **options) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=1200, **options
    )
    # pip goes on after the end of a build's output, and says nothing.
    output = (result.stdout + result.stderr).partition("[end of output]")[0]
    said = [line.strip() for line in output.splitlines() if line.strip()]
    # In one line and the end of it first: a summary shows one line.
    assert result.returncode == 0, " | ".join(
        [f"{Path(command[0]).name} ended with {result.returncode}", *said[:-60:-1]]
    )
    return result


@dataclass(frozen=True)
class Built:
    """A wheel, and why the JupyterLab plugin is not in it."""

    path: Path
    left_out: str = ""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Without the plugin where Node or its packages cannot be had, and only there."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
    command = [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    left_out = ""
    try:
        run(*command)
    except AssertionError as error:
        reasons = [words for words in str(error).split(" | ") if "PLAYREEL_NO_LAB=1" in words]
        if not reasons:
            raise
        left_out = reasons[0].rpartition("RuntimeError: ")[2]
        run(*command, env={**os.environ, "PLAYREEL_NO_LAB": "1"})
    (path,) = folder.glob("*.whl")
    return Built(path, left_out)


@pytest.fixture(scope="module")
def wheel(built: Built) -> Path:
    return built.path


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of executables of an environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("clean") / "env"
    venv.create(folder, with_pip=True)
    executables = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [executables / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pins = ["--constraint", ROOT / "constraints.txt"]
    run(*pip, *pins, "torch")
    run(*pip, *pins, wheel)
    return executables


def test_the_wheel_holds_the_jupyterlab_plugin(built: Built) -> None:
    if built.left_out:
        pytest.skip(built.left_out)
    names = zipfile.ZipFile(built.path).namelist()
    plugin = [n.split("playreel-lab/")[1] for n in names if "labextensions/playreel-lab/" in n]
    assert {"package.json", "install.json"} <= set(plugin)
    assert any(name.startswith("static/remoteEntry.") for name in plugin)
    assert any(name.startswith("schemas/") for name in plugin)
    assert "playreel_widgets/static/index.js" in names
    assert not [name for name in names if "node_modules" in name]


def offline() -> list[str]:
    """A prefix that takes the network away, where the system can do that."""
    if shutil.which("unshare") is None:
        return []
    probe = subprocess.run(["unshare", "-rn", "true"], capture_output=True)
    return ["unshare", "-rn"] if probe.returncode == 0 else []


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}
    code = {n for n in top if not n.endswith((".dist-info", ".data"))}
    assert code == {"playreel", "playreel_widgets"}
    data = {
        name.partition(".data/data/")[2] for name in names if name.split("/")[0].endswith(".data")
    }
    assert all(name.startswith("share/jupyter/labextensions/playreel-lab/") for name in data)
    assert "playreel/assets/level.png" in names
    assert any(name.endswith(".safetensors") for name in names)
    assert any(name.endswith("LICENSE") for name in names)
    assert not [n for n in names if n.endswith((".pt", ".pth", ".pkl", ".ipynb")) or "test" in n]
    assert wheel.stat().st_size < 60 * 2**20


def test_no_development_tools_are_needed(clean: Path) -> None:
    installed = json.loads(run(clean / "python", "-m", "pip", "list", "--format=json").stdout)
    names = {package["name"].lower() for package in installed}
    assert not names & {"pytest", "ruff", "import-linter", "hatchling", "accelerate"}
    run(clean / "python", "-m", "pip", "check")


def test_help_and_doctor_run_there(clean: Path, tmp_path: Path) -> None:
    options = {"cwd": tmp_path, "env": environment(tmp_path)}
    assert "demo" in run(clean / "playreel", "--help", **options).stdout
    result = run(*offline(), clean / "playreel", "doctor", "--json", **options)
    assert json.loads(result.stdout)["ok"] is True


def test_demo_runs_there_without_network(clean: Path, tmp_path: Path) -> None:
    command = [*offline(), clean / "playreel", "demo", "--out", "out", "--json"]
    result = run(*command, cwd=tmp_path, env=environment(tmp_path))
    document = json.loads(result.stdout.splitlines()[-1])
    for name in ("pitch.mp4", "pitch.png"):
        assert (tmp_path / "out" / name).stat().st_size > 10_000
    assert document["seconds"] < 600
    assert document["peak_rss_mib"] is None or document["peak_rss_mib"] < 3 * 1024
