"""Upgrades: what brings a folder that an older Playreel made to today's layout, step by step.

Each is a named function that may run again after a crash in its middle: it changes nothing that it
has changed already, and what it replaces is kept in ``.playreel/before-<version>/``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playreel.board.document import board_text, read_json_entries
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.project.documents import SCHEMA_VERSION, SETTINGS, json_blocks, json_text

Upgrade = Callable[[Path], None]
_upgrades: dict[int, Upgrade] = {}


def register_upgrade(from_version: int) -> Callable[[Upgrade], Upgrade]:
    """Decorates the function that brings a folder from ``from_version`` to the next.

    Raises:
        InputError: that version has one already.
    """

    def register(upgrade: Upgrade) -> Upgrade:
        if from_version in _upgrades:
            raise InputError(f"Folders of version {from_version} already have an upgrade.")
        _upgrades[from_version] = upgrade
        return upgrade

    return register


def upgrade_folder(folder: Path, version: int) -> list[str]:
    """Runs what a folder of ``version`` needs, under its lock; returns the names of what ran.

    Raises:
        InputError: a file cannot be read, or that version is not known.
        StorageError: the disk is full; what was done so far is whole.
    """
    ran = []
    while version < SCHEMA_VERSION:
        upgrade = _upgrades.get(version)
        if upgrade is None:
            raise InputError(
                f"{folder} has schema_version {version}, which this Playreel cannot upgrade. Open "
                "it once with an older release."
            )
        upgrade(folder)
        version += 1
        settings = json_blocks((folder / SETTINGS).read_text(encoding="utf-8"), folder / SETTINGS)
        write_bytes(folder / SETTINGS, json_text({**settings, "schema_version": version}).encode())
        ran.append(upgrade.__name__)
    return ran


@register_upgrade(1)
def board_json_becomes_toml(folder: Path) -> None:
    """Version 1 kept the board as JSON, in which edits of neighbouring shots did not merge."""
    old = folder / "board.json"
    if not old.exists():
        return
    kept = folder / ".playreel" / "before-2" / old.name
    if not (folder / "board.toml").exists():
        text = old.read_text(encoding="utf-8")
        entries = read_json_entries(text, old)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(kept, json.dumps(json.loads(text), indent=1, ensure_ascii=False).encode())
        write_bytes(folder / "board.toml", board_text(entries).encode())
    old.unlink()
