"""A file of JSON lines that is only added to: what was made, what was done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from playreel.errors import InputError, StorageError
from playreel.media.atomic import append_line

MAX_LINE_BYTES = 16 * 2**20
_MARK_BYTES = 512  # before the place read up to, to notice that the file was rewritten


class Ledger:
    """Reads lines as they come and adds whole ones.

    A line that a crash cut short, or that is no JSON object, is passed over: the others count.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_up_to = 0
        self._mark = b""

    def read_new(self) -> tuple[bool, list[dict[str, Any]]]:
        """What was added since the last call.

        Returns:
            Whether the file was rewritten (as by Git), so that all is read anew; and the lines.

        Raises:
            StorageError: it cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                rewritten = not self._is_same(file)
                if rewritten:
                    self._read_up_to, self._mark = 0, b""
                file.seek(self._read_up_to)
                data = file.read()
        except FileNotFoundError:
            rewritten = self._read_up_to > 0
            self._read_up_to, self._mark = 0, b""
            return rewritten, []
        except OSError as error:
            raise StorageError(f"Cannot read {self.path}: {error.strerror}.") from error
        whole = data.rfind(b"\n") + 1
        if whole:
            self._read_up_to += whole
            self._mark = (self._mark + data[:whole])[-_MARK_BYTES:]
        return rewritten, [line for line in map(_object, data[:whole].split(b"\n")) if line]

    @property
    def has_lines(self) -> bool:
        """Whether a whole line was read."""
        return self._read_up_to > 0

    def append(self, document: dict[str, Any], *, durably: bool = True) -> None:
        """Adds a line; hold the project's lock.

        Args:
            document: JSON values.
            durably: whether it must outlive a power cut, which takes a moment.

        Raises:
            InputError: the line would be too long.
            StorageError: the disk is full; the file is as it was.
        """
        line = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        if len(line) > MAX_LINE_BYTES:
            raise InputError(f"A change may take {MAX_LINE_BYTES} bytes; this has {len(line)}.")
        append_line(self.path, line, durably=durably)

    def _is_same(self, file: Any) -> bool:
        if os.fstat(file.fileno()).st_size < self._read_up_to:
            return False
        file.seek(self._read_up_to - len(self._mark))
        return file.read(len(self._mark)) == self._mark


def _object(line: bytes) -> dict[str, Any]:
    if not line.strip() or len(line) > MAX_LINE_BYTES:
        return {}
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
