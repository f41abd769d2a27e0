"""The board as text: TOML, one block a shot, so that the edits of two people merge.

    schema_version = 1

    [[shot]]
    uid = "shot-0123456789ab"
    take = "9f86d0..."
    size = "LS"
    dialogue = "Look!"

Fields stand in one order, empty ones are left out, and every block ends with a line that never
changes; Git then merges edits of neighbouring shots too.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from playreel.board.shot import Shot
from playreel.errors import InputError

SCHEMA_VERSION = 1
MAX_BYTES = 16 * 2**20
MAX_SHOTS = 20_000
BLOCK_END = "# --"
Entry = dict[str, Any]
_FIRST = ("uid", "take")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TAKE = re.compile(r"[0-9a-f]{64}")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)


def entry_of(shot: Shot, before: Mapping[str, Any] | None = None) -> Entry:
    """A shot as plain values, without its number and its empty fields.

    Args:
        shot: the shot.
        before: its entry until now; keys that this version does not know are kept.
    """
    entry: Entry = {"uid": shot.uid, "take": shot.take.content_hash}
    for field in fields(Shot):
        if field.name in ("uid", "take", "number"):
            continue
        value = getattr(shot, field.name)
        if value not in ("", 0.0, (), None, {}):
            entry[field.name] = list(value) if isinstance(value, tuple) else value
    known = {field.name for field in fields(Shot)}
    return entry | {key: value for key, value in (before or {}).items() if key not in known}


def shot_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What of an entry goes into a `Shot`: all fields that it has, but for the take."""
    names = {field.name for field in fields(Shot)} - {"take", "number"}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry.items()
        if name in names
    }


def board_text(entries: Iterable[Mapping[str, Any]]) -> str:
    """Entries as TOML.

    Raises:
        InputError: a value that TOML cannot hold.
    """
    blocks = [f"schema_version = {SCHEMA_VERSION}\n"]
    for entry in entries:
        names = [*_FIRST, *sorted(name for name in entry if name not in _FIRST)]
        lines = [f"{_key(name)} = {_value(entry[name])}" for name in names if name in entry]
        blocks.append("\n".join(["[[shot]]", *lines, BLOCK_END]) + "\n")
    return "\n".join(blocks)


def read_entries(text: str, path: Path) -> list[Entry]:
    """The entries of a board's text; foreign, so everything is checked.

    Args:
        text: TOML.
        path: where it lies, for messages.

    Raises:
        InputError: not a board, with the reason and what to do.
    """
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        raise InputError(
            f"{path} holds the marks of a merge conflict at line {line}. Keep the lines you want, "
            "remove the marks, and open it again."
        )
    try:
        if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes")
        document = tomllib.loads(text)
        if document.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"schema_version {document.get('schema_version')!r} is not known")
        return checked_entries(document.get("shot", []))
    except (ValueError, RecursionError) as error:
        raise unreadable(path, error) from None


def read_json_entries(text: str, path: Path) -> list[Entry]:
    """The entries of a board.json, as Playreel 0.1 wrote them.

    Raises:
        InputError: not such a board.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("schema_version") != 1:
            raise ValueError("it has no schema_version 1")
        entries = checked_entries(document.get("shots"))
        return [{k: v for k, v in entry.items() if v not in ("", 0.0)} for entry in entries]
    except (ValueError, RecursionError) as error:
        raise unreadable(path, error) from None


def checked_entries(entries: Any) -> list[Entry]:
    """``entries`` if they are a list of tables with different uids and takes that are hashes.

    Raises:
        ValueError: they are not.
    """
    if not isinstance(entries, Sequence) or isinstance(entries, str) or len(entries) > MAX_SHOTS:
        raise ValueError(f"its shots are no list of at most {MAX_SHOTS}")
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise ValueError(f"shot {number} is no table of values")
        uid, take = entry.get("uid"), entry.get("take")
        if not isinstance(uid, str) or not uid or len(uid) > 100:
            raise ValueError(f"shot {number} has no uid")
        if uid in seen:
            raise ValueError(f"the uid {uid!r} stands twice")
        if not isinstance(take, str) or not _TAKE.fullmatch(take):
            raise ValueError(f"the take {str(take)[:40]!r} of shot {number} is no content hash")
        seen.add(uid)
    return list(entries)


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for a board that cannot be read."""
    return InputError(
        f"The board {path} cannot be read: {error}. Restore it from a copy, or move it away to "
        "begin an empty board; the takes in takes/ are kept."
    )


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    raise InputError(f"A board cannot keep {str(value)[:40]!r}: use text, numbers or lists.")


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"This text holds a broken character: {value[:40]!r}.") from None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
