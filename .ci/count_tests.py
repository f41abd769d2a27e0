"""Add up the JUnit reports of a folder and print them as one line; exit 1 if anything failed."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree  # our own pytest wrote these files

EXPECTED = ("tests.xml", "wheel.xml")


def main(folder: Path) -> int:
    total = failed = skipped = 0
    for name in EXPECTED:
        report = folder / name
        if not report.is_file():
            print(f"{name}: no report, so that run did not end")
            failed += 1
            total += 1
            continue
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 - our own file
            total += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or total == skipped else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
