"""Name what failed and what was skipped in a folder's JUnit reports and add them up; exit 1 on a failure."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree  # our own pytest wrote these files

COUNTED = ("tests.xml", "wheel.xml")
TOLD = ("more.xml",)  # runs as far as the time allows; its failures are printed and not counted
LONGEST = 300  # characters of a message


@dataclass
class Count:
    """The sum of some reports."""

    total: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, report: Path) -> None:
        """Counts a report, naming what failed in it."""
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 - our own file
            self.total += int(suite.get("tests", 0))
            self.failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            self.skipped += int(suite.get("skipped", 0))
            for case in suite.iter("testcase"):
                for found in case:
                    words = " ".join((found.get("message") or "").split())[:LONGEST]
                    if found.tag in ("failure", "error"):
                        print(f"FAILED {case.get('classname')}.{case.get('name')}: {words}")
                    elif found.tag == "skipped":
                        self.reasons[words] += 1

    def __str__(self) -> str:
        passed = self.total - self.failed - self.skipped
        return f"{passed} passed, {self.failed} failed, {self.skipped} skipped"


def main(folder: Path) -> int:
    told = Count()
    for name in TOLD:
        if (folder / name).is_file():
            told.add(folder / name)
            print(f"{name}, not counted: {told}")
    count = Count()
    for name in COUNTED:
        if (folder / name).is_file():
            count.add(folder / name)
        else:
            print(f"{name}: no report, so that run did not end")
            count.failed += 1
            count.total += 1
    for words, number in (told.reasons + count.reasons).items():
        print(f"skipped {number}: {words}")
    print(count)
    return 1 if count.failed or count.total == count.skipped else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
