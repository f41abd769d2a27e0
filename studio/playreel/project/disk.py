"""Disk use of a project, and the budget that it keeps to."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from playreel.errors import BudgetError, InputError

BUDGET = "disk_budget_bytes"  # the setting
_KINDS = {
    "takes": "takes",
    "posters": "posters",
    "sessions": "sessions",
    "previews": "previews",
    "trash": "trash",
    ".playreel": "private",
}
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12} | {
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}


@dataclass(frozen=True, kw_only=True)
class DiskUse:
    """What a project takes on disk, in bytes.

    Attributes:
        kinds: by kind: takes, posters, sessions, previews, trash, private (history, index, queue)
            and other.
        free: left on the disk.
        budget: what the project may take, or None.
    """

    kinds: dict[str, int]
    free: int
    budget: int | None = None

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.kinds.values())

    @property
    def left(self) -> int:
        """What may still be written: within the budget, and on the disk."""
        return self.free if self.budget is None else min(self.free, self.budget - self.total)

    def check(self, needed: int = 0) -> None:
        """Stops what is new when there is no room for it; what is there is never touched.

        Args:
            needed: bytes that it is reckoned to take.

        Raises:
            BudgetError: with what is used, and how to make room.
        """
        if self.budget is not None and self.total + needed >= self.budget:
            in_trash = self.kinds.get("trash", 0)
            raise BudgetError(
                f"This project takes {shown(self.total)} of the {shown(self.budget)} it may "
                f"take{f', and this needs {shown(needed)}' if needed else ''}. Nothing new is "
                f"started. Empty the trash ({shown(in_trash)}), put takes into it, or set a "
                "larger budget with: playreel disk --budget 10GB"
            )
        if needed > self.free:
            raise BudgetError(
                f"This needs {shown(needed)}, but only {shown(self.free)} are free on the disk. "
                f"Free some space; {shown(self.kinds.get('trash', 0))} are in the trash."
            )


def disk_use(folder: Path, budget: int | None = None) -> DiskUse:
    """Walks a project folder."""
    kinds = dict.fromkeys([*_KINDS.values(), "other"], 0)
    for entry in _entries(folder):
        kind = _KINDS.get(entry.name, "other")
        kinds[kind] += _size(entry)
    return DiskUse(kinds=kinds, free=shutil.disk_usage(folder).free, budget=budget)


def read_size(text: str | int) -> int:
    """Bytes from a number or a text such as ``"10GB"`` or ``"512 MiB"``.

    Raises:
        InputError: no size.
    """
    words = str(text).strip().lower().replace(" ", "")
    number = words.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = words[len(number) :] or "b"
    try:
        size = float(number) * _UNITS[unit]
        if isinstance(text, bool) or not 0 < size < 2**63:
            raise ValueError
    except (KeyError, ValueError):
        raise InputError(
            f"A size is a number with a unit, such as 10GB, not {text!r:.40}."
        ) from None
    return int(size)


def shown(num_bytes: int) -> str:
    """A size for people."""
    size = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []  # it went away, or may not be looked into


def _size(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return 0
    if entry.is_dir():
        return sum(_size(inner) for inner in _entries(entry.path))
    try:
        return entry.stat().st_size
    except OSError:
        return 0
