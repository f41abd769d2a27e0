from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import playreel

ROOT = Path(__file__).resolve().parent.parent


def loaded_after(code: str, *args: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running ``code``."""
    program = code + "\nimport sys; print('\\n' + ' '.join(sys.modules), file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", program, *args], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return {name.split(".")[0] for name in result.stderr.splitlines()[-1].split()}


def test_import_loads_no_torch_and_nothing_heavy() -> None:
    loaded = loaded_after("import playreel; playreel.__version__; dir(playreel)")
    assert not loaded & {"torch", "numpy", "moviepy", "av", "gymnasium", "safetensors"}


def test_import_of_widgets_loads_no_torch() -> None:
    assert "torch" not in loaded_after("import playreel_widgets")


def test_help_loads_no_torch() -> None:
    code = (
        "import sys; from playreel.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as stop:\n    assert not stop.code"
    )
    assert not loaded_after(code) & {"torch", "moviepy", "av"}


def test_opening_a_project_loads_no_torch(tmp_path: Path) -> None:
    code = "import sys; from playreel import Studio; Studio(sys.argv[1])"
    assert "torch" not in loaded_after(code, str(tmp_path / "pitch"))


def test_media_and_board_load_no_torch() -> None:
    code = "import playreel.media, playreel.board, playreel.recipe, playreel.errors"
    assert "torch" not in loaded_after(code)


def test_every_public_name_is_there() -> None:
    for name in playreel.__all__:
        assert getattr(playreel, name) is not None
    assert set(dir(playreel)) == set(playreel.__all__)


def test_unknown_names_are_attribute_errors() -> None:
    assert not hasattr(playreel, "nothing_of_the_kind")


def test_version_is_the_one_of_the_distribution() -> None:
    from importlib.metadata import version

    assert re.fullmatch(r"\d+\.\d+\.\d+", playreel.__version__)
    assert version("playreel") == playreel.__version__


def test_version_is_the_newest_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest and newest.group(1) == playreel.__version__


def test_console_script_runs_as_a_module() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "playreel", "--version"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
        timeout=60,
    )
    assert result.returncode == 0
    assert result.stdout.strip() == f"playreel {playreel.__version__}"
