"""Name what failed and what was skipped in a folder's JUnit reports and add them up; exit 1 on a failure."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree  # our own pytest wrote these files

EXPECTED = ("tests.xml", "wheel.xml")
LONGEST = 300  # characters of a message


def main(folder: Path) -> int:
    total = failed = skipped = 0
    reasons: Counter[str] = Counter()
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
            for case in suite.iter("testcase"):
                for found in case:
                    words = " ".join((found.get("message") or "").split())[:LONGEST]
                    if found.tag in ("failure", "error"):
                        print(f"FAILED {case.get('classname')}.{case.get('name')}: {words}")
                    elif found.tag == "skipped":
                        reasons[words] += 1
    for words, count in reasons.items():
        print(f"skipped {count}: {words}")
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or total == skipped else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
