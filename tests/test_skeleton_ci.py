"""How CI adds up its reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOOD = '<testcase classname="tests.a" name="fine"/>'
BAD = '<testcase classname="tests.a" name="broken"><failure message="1&#10;is not 2"/></testcase>'
LEFT = '<testcase classname="tests.a" name="left"><skipped message="no npm"/></testcase>'


def report(path: Path, *cases: str) -> None:
    bad, left = cases.count(BAD), cases.count(LEFT)
    head = f'tests="{len(cases)}" failures="{bad}" errors="0" skipped="{left}"'
    text = f"<testsuites><testsuite {head}>{''.join(cases)}</testsuite></testsuites>"
    path.write_text(text, encoding="utf-8")


def counted(folder: Path) -> tuple[int, list[str]]:
    command = [sys.executable, ROOT / ".ci" / "count_tests.py", folder]
    result = subprocess.run(command, capture_output=True, text=True)
    assert not result.stderr
    return result.returncode, result.stdout.splitlines()


def test_a_failure_is_named_and_what_was_skipped_has_its_reason(tmp_path: Path) -> None:
    report(tmp_path / "tests.xml", GOOD, GOOD, LEFT)
    report(tmp_path / "wheel.xml", GOOD)
    assert counted(tmp_path) == (0, ["skipped 1: no npm", "3 passed, 0 failed, 1 skipped"])
    report(tmp_path / "wheel.xml", GOOD, BAD)
    status, lines = counted(tmp_path)
    assert status == 1
    assert lines[0] == "FAILED tests.a.broken: 1 is not 2"
    assert lines[-1] == "3 passed, 1 failed, 1 skipped"


@pytest.mark.parametrize("missing", ["tests.xml", "wheel.xml"])
def test_a_run_that_did_not_end_is_a_failure(tmp_path: Path, missing: str) -> None:
    report(tmp_path / ("wheel.xml" if missing == "tests.xml" else "tests.xml"), GOOD)
    status, lines = counted(tmp_path)
    assert status == 1 and missing in lines[0]
    assert lines[-1] == "1 passed, 1 failed, 0 skipped"


def test_what_takes_longer_is_told_and_does_not_decide(tmp_path: Path) -> None:
    for name in ("tests.xml", "wheel.xml"):
        report(tmp_path / name, GOOD)
    report(tmp_path / "more.xml", GOOD, BAD)
    status, lines = counted(tmp_path)
    assert status == 0
    assert lines[0].startswith("FAILED") and lines[-1] == "2 passed, 0 failed, 0 skipped"
    assert "more.xml, not counted: 1 passed, 1 failed, 0 skipped" in lines
