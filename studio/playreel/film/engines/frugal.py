"""Frugal: models for which memory ran out on this machine, and how they are laid out since."""

from __future__ import annotations

import json
from pathlib import Path

from playreel.errors import PlayreelError
from playreel.film.engines.ladder import Rung
from playreel.film.engines.machine import Machine
from playreel.media.atomic import replacing

FILE = "memory.json"


def remembered(folder: Path, model: str, machine: Machine) -> Rung | None:
    """The rung that a model was sent down to on a machine like this one, if it was."""
    entry = _read(folder).get(model)
    if not isinstance(entry, dict) or entry.get("vram") != machine.vram_bytes:
        return None
    try:
        return Rung(entry.get("rung"))
    except ValueError:
        return None


def remember(folder: Path, model: str, machine: Machine, rung: Rung) -> None:
    """Lays a model out on a rung from now on; where that cannot be written, the next try is as this."""
    known = _read(folder) | {model: {"rung": str(rung), "vram": machine.vram_bytes}}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / FILE) as temporary:
            Path(temporary).write_text(json.dumps(known), encoding="utf-8")
    except (OSError, PlayreelError):
        return


def _read(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
