"""What the wheel's build hook says where the JupyterLab plugin cannot be built."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from build_hook import load_hook

pytest.importorskip("hatchling")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for npm are shell scripts")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def hatch_build(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PLAYREEL_NO_LAB", raising=False)
    return load_hook()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts the shell scripts it is given on a path of their own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(**scripts: str) -> None:
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (folder / name).chmod(0o755)

    return put


def test_the_lock_of_the_plugin_is_whole() -> None:
    """As 'npm ci' asks; a registry that lacks the files of other platforms leaves them out of it."""
    folder = ROOT / "widgets" / "lab"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert locked[""][kind] == wanted[kind]
    known = {path.rpartition("node_modules/")[2] for path in locked}
    for path, package in locked.items():
        named = {*package.get("dependencies", {}), *package.get("optionalDependencies", {})}
        assert named <= known, f"{path or folder}: {sorted(named - known)} not in package-lock.json"
        assert "resolved" not in package


def hook(module, root: Path):
    (root / "widgets" / "lab").mkdir(parents=True)
    made = module.LabExtensionHook(str(root), {}, None, None, str(root), "wheel")
    return made, {"shared_data": {}}


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "node was not found"),
        ({"node": "echo v20.1.0"}, "npm was not found"),
        ({"node": "echo v18.19.0", "npm": "exit 0"}, r"'v18\.19\.0'"),
        ({"node": "echo v22.12.0", "npm": "echo npm error ETIMEDOUT; exit 7"}, "ended with 7"),
    ],
    ids=["no node", "no npm", "old node", "no registry"],
)
def test_missing_tools_are_told_with_the_way_out(
    hatch_build, programs, tmp_path: Path, scripts: dict[str, str], said: str
) -> None:
    programs(**scripts)
    made, data = hook(hatch_build, tmp_path)
    with pytest.raises(RuntimeError, match=said) as caught:
        made.initialize("standard", data)
    assert "PLAYREEL_NO_LAB=1" in str(caught.value).splitlines()[-1]
    assert data["shared_data"] == {}


@pytest.mark.parametrize(
    ("npm", "said"),
    [
        ('[ "$1" = ci ] && { echo code EUSAGE; exit 1; }', "does not fit package.json"),
        (
            '[ "$1" = ci ] && exit 0; mkdir -p ../../build/labextension; '
            "echo {} > ../../build/labextension/package.json; echo error TS2304; exit 2",
            r"(?s)TS2304.*does not build",
        ),
    ],
    ids=["stale lock", "does not compile"],
)
def test_a_plugin_that_does_not_build_has_no_way_out(
    hatch_build, programs, tmp_path: Path, npm: str, said: str
) -> None:
    programs(node="echo v20.19.0", npm=f"export PATH=/usr/bin:/bin\n{npm}")
    made, data = hook(hatch_build, tmp_path)
    with pytest.raises(RuntimeError, match=said) as caught:
        made.initialize("standard", data)
    assert "PLAYREEL_NO_LAB" not in str(caught.value)
    assert not (tmp_path / "build" / "labextension").exists()


def test_a_plugin_can_be_left_out_and_one_that_is_built_is_taken(
    hatch_build, programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, data = hook(hatch_build, tmp_path)
    made.initialize("editable", data)
    assert data["shared_data"] == {}
    built = tmp_path / "build" / "labextension"
    built.mkdir(parents=True)
    (built / "package.json").write_text("{}", encoding="utf-8")
    made.initialize("standard", data)
    assert set(data["shared_data"].values()) == {
        "share/jupyter/labextensions/playreel-lab/package.json",
        "share/jupyter/labextensions/playreel-lab/install.json",
    }
    data["shared_data"].clear()
    monkeypatch.setenv("PLAYREEL_NO_LAB", "1")
    made.initialize("standard", data)
    assert data["shared_data"] == {}
