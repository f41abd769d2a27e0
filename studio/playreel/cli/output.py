"""What a command says: lines for a person, and with ``--json`` one object for a program."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playreel.errors import PlayreelError


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of a command.

    Attributes:
        lines: for a person.
        document: the same for a program, JSON values.
        exit_code: 0 unless something that was looked at is not in order.
    """

    lines: list[str]
    document: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0


def show(report: Report, *, as_json: bool) -> None:
    """Prints a report. With ``as_json`` standard output gets one object and nothing else."""
    stream = sys.stderr if as_json else sys.stdout
    for line in report.lines:
        print(line, file=stream)
    if as_json:
        print(json.dumps(plain(report.document), ensure_ascii=False, allow_nan=False), flush=True)


def complain(error: PlayreelError, *, as_json: bool) -> None:
    """Prints an error that the user can put right."""
    print(f"playreel: {error}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": {"code": error.code, "message": str(error)}}), flush=True)


def say(text: str) -> None:
    """Prints a line about the work under way to standard error."""
    print(text, file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """``value`` as JSON values; numbers that JSON cannot hold become null."""
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "item"):  # a number of numpy
        return plain(value.item())
    return str(value)


@contextlib.contextmanager
def warnings_in_words() -> Iterator[list[str]]:
    """Shows warnings as one line each, without file and line number, and collects them."""
    told: list[str] = []

    def write(message: Any, *_: Any, **__: Any) -> None:
        told.append(str(message))
        say(f"playreel: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = write
        yield told
