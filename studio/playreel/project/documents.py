"""The documents of a project: the files whose changes can be undone.

A document is an ordered mapping of keys to JSON values: shots by uid, settings by name, what is in
the trash by content hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.board.document import board_text, read_entries
from playreel.errors import InputError, StorageError

BOARD, SETTINGS, TRASH = "board.toml", "project.json", "trash.json"
SCHEMA_VERSION = 2  # of the folder; see playreel.project.upgrades
MAX_BYTES = 16 * 2**20
Blocks = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a document is written as text and read back."""

    write: Callable[[Blocks], str]
    read: Callable[[str, Path], Blocks]


def _board_blocks(text: str, path: Path) -> Blocks:
    return {entry["uid"]: entry for entry in read_entries(text, path)}


def _settings_text(blocks: Blocks) -> str:
    return json_text({"schema_version": SCHEMA_VERSION, **blocks})


def _settings_blocks(text: str, path: Path) -> Blocks:
    """Without the layout's version, which is not the user's to undo."""
    blocks = json_blocks(text, path)
    blocks.pop("schema_version", None)
    return blocks


def json_text(blocks: Blocks) -> str:
    """Sorted JSON, a line for each value."""
    return json.dumps(blocks, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def json_blocks(text: str, path: Path) -> Blocks:
    """The reverse of `json_text`.

    Raises:
        InputError: it is no JSON object.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is not readable as JSON ({error}). Mend it by hand, or move it away "
            "to start anew; the takes in takes/ stay."
        ) from None
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a Playreel project's file: it holds no JSON object.")
    return {key: document[key] for key in sorted(document)}


FORMATS = {
    BOARD: Format(write=lambda blocks: board_text(blocks.values()), read=_board_blocks),
    SETTINGS: Format(write=_settings_text, read=_settings_blocks),
    TRASH: Format(write=json_text, read=json_blocks),
}


def read_document(folder: Path, name: str) -> Blocks:
    """The blocks of a document on disk; none if it is not there.

    Raises:
        InputError: it cannot be read as what it is.
    """
    path = folder / name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES} bytes. Did Playreel write it?")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise InputError(f"{path} cannot be read: it is no UTF-8 text ({error}).") from None
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror}.") from error
    return FORMATS[name].read(text, path)


def document_text(name: str, blocks: Blocks) -> str:
    """The text of a document."""
    return FORMATS[name].write(blocks)


def document_hash(blocks: Blocks) -> str:
    """Names what a document says, however it is laid out."""
    text = json.dumps(list(blocks.items()), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
