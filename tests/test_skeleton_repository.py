from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"studio", "widgets", "notebooks", "examples", "tests", "docs", ".ci"}
FILES = {
    "pyproject.toml",
    "constraints.txt",
    "Makefile",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    ".gitignore",
    ".pre-commit-config.yaml",
}
# Written in two pieces, so that this file does not find itself.
MACHINE = [
    "/wo" + "rk/",
    "/tm" + "p/pr",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/op" + "t/",
]
HOSTS = [
    "py" + "pi.org",
    "pythonhos" + "ted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "deb" + "ian.org",
    "--extra-index" + "-url",
    "--find" + "-links",
    "download.py" + "torch.org",
]


@pytest.fixture(scope="module")
def names() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return sorted(name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    data = (ROOT / name).read_bytes()
    return "" if b"\0" in data[:4096] else data.decode("utf-8", "replace")


def test_top_level_is_as_designed(names: list[str]) -> None:
    top = {name.split("/")[0] for name in names}
    assert top <= FOLDERS | FILES, f"unexpected: {sorted(top - FOLDERS - FILES)}"
    assert {"studio", "widgets", "notebooks", "examples", "tests", "pyproject.toml"} <= top


def test_source_roots_hold_one_package_each(names: list[str]) -> None:
    assert {n.split("/")[1] for n in names if n.startswith("studio/")} == {"playreel"}
    assert {n.split("/")[1] for n in names if n.startswith("widgets/")} <= {
        "playreel_widgets",
        "lab",
    }


@pytest.mark.parametrize("forbidden", [MACHINE, HOSTS], ids=["machine paths", "registry hosts"])
def test_nothing_of_this_machine_is_committed(names: list[str], forbidden: list[str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name in names
        for number, line in enumerate(text_of(name).splitlines(), 1)
        if any(word in line for word in forbidden)
    ]
    assert not found, "\n".join(found)


def test_no_pickles_and_no_large_files() -> None:
    result = subprocess.run(
        [sys.executable, ".ci/check_files.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout


def test_file_check_finds_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"\x80\x04")
    (tmp_path / "big.png").write_bytes(bytes(600_000))
    (tmp_path / "loose.py").write_text("a = 1 \n", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, ROOT / ".ci/check_files.py", "weights.pt", "big.png", "loose.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    for name in ("weights.pt", "big.png", "loose.py"):
        assert name in result.stdout


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
            assert match, f"not an exact pin: {line}"
            pins[canonicalize_name(match[1])] = match[2]
    return pins


def wanted() -> list[Requirement]:
    """All that pyproject.toml asks for, whoever asks for it."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [document["build-system"]["requires"], document["project"]["dependencies"]]
    groups += document["project"]["optional-dependencies"].values()
    groups += document["dependency-groups"].values()
    return [Requirement(text) for group in groups for text in group if isinstance(text, str)]


def test_pins_satisfy_the_ranges(pins: dict[str, str]) -> None:
    for requirement in wanted():
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement} has no pin in constraints.txt"
        assert requirement.specifier.contains(pin), f"{requirement} but {pin}"
    assert pins["torch"] == "2.13.0"


@pytest.mark.skipif(
    (sys.platform, sys.version_info[:2]) != ("linux", (3, 11)),
    reason="what a package needs differs elsewhere; CI has Linux and Python 3.11",
)
def test_what_those_need_in_turn_is_pinned_too(pins: dict[str, str]) -> None:
    waiting, seen, loose = wanted(), set(), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in pins and not any(s.operator == "==" for s in requirement.specifier):
            loose.add(name)
        for extra in {"", *requirement.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                needs = map(Requirement, metadata.requires(name) or ())
            except metadata.PackageNotFoundError:
                continue  # an extra that is not installed here
            waiting += [n for n in needs if n.marker is None or n.marker.evaluate({"extra": extra})]
    assert not loose, f"not in constraints.txt: {', '.join(sorted(loose))}"


def test_weights_fit_their_budget() -> None:
    weights = ROOT / "studio" / "playreel" / "weights"
    total = sum(path.stat().st_size for path in weights.rglob("*") if path.is_file())
    assert total <= 48 * 2**20


def test_every_lint_exception_has_a_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    begin = lines.index("ignore = [")
    for line in lines[begin + 1 : lines.index("]", begin)]:
        assert "#" in line, line
    begin = lines.index("[tool.ruff.lint.per-file-ignores]")
    for line in lines[begin + 1 :]:
        if not line.strip():
            break
        assert "#" in line, line


@pytest.mark.parametrize(
    "code", ["import torch\ntorch.load('x')\n", "import pickle\n", "eval('1')\n"]
)
def test_lint_bans_what_runs_foreign_code(code: str) -> None:
    ruff = pytest.importorskip("ruff").find_ruff_bin()
    result = subprocess.run(
        [ruff, "check", "--stdin-filename", "studio/playreel/probe.py", "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert re.search(r"TID251|S307|S301|S403", result.stdout)
