"""History: one entry for each act of the user, undone and redone, and never forgotten.

``.playreel/history.ndjson`` is only added to. Its entries form a tree: an act done after an undo
starts a branch, and the branch that was left can still be gone back to. An act counts from the
moment its line is whole on disk; the documents follow, and if a crash comes between, the next one
to open the project lets them follow. A document that was changed by other means, such as an editor
or a merge, is taken in as an act of its own.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playreel.errors import InputError, StorageError
from playreel.media.atomic import replacing
from playreel.media.lock import FileLock
from playreel.project.delta import Delta, apply, difference, revert
from playreel.project.documents import (
    FORMATS,
    Blocks,
    document_hash,
    document_text,
    read_document,
)
from playreel.project.ledger import Ledger

ROOT = 0
OUTSIDE = "outside"
MAX_WORDS = 300


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One act.

    Attributes:
        number: names it; 1 is the oldest. 0 for takes, which are made and never unmade.
        act: what was done, such as ``"board.add"`` or ``"made"``.
        words: the same for people.
        time: the clock's time then; nothing hangs on it.
        is_done: whether it is in force now, or was undone.
    """

    number: int
    act: str
    words: str
    time: str
    is_done: bool = True


@dataclass(kw_only=True)
class _Node:
    parent: int
    act: str
    words: str
    time: str
    deltas: dict[str, Delta]
    hashes: dict[str, str] = field(repr=False)  # of every document, after it


class History:
    """The acts of one project.

    Args:
        folder: the project folder.
        path: the file of the history.
        lock: held while anything changes.
        settled: called after documents changed, with their names, to let files follow.
    """

    def __init__(
        self,
        folder: Path,
        path: Path,
        lock: FileLock,
        *,
        settled: Callable[[set[str]], None] | None = None,
    ) -> None:
        self._folder = folder
        self._ledger = Ledger(path)
        self._lock = lock
        self._settled = settled
        self._clear()

    def __iter__(self) -> Iterator[HistoryEntry]:
        return iter(self.entries())

    def entries(self) -> list[HistoryEntry]:
        """Every act in the order in which they were done, undone ones and made takes included."""
        self._read()
        done = set(self._lineage(self._head))
        return [
            HistoryEntry(
                number=number,
                act=node.act,
                words=node.words,
                time=node.time,
                is_done=not number or number in done,
            )
            for number, node in self._log
        ]

    # -- changing --------------------------------------------------------------------------------

    def commit(self, act: str, words: str, documents: dict[str, Blocks]) -> int:
        """Does one act: writes documents and remembers what they were.

        Args:
            act: what is done, a word.
            words: the same for people.
            documents: the new state of each document that changes.

        Returns:
            The number of the entry; that of the last one if nothing was changed.

        Raises:
            StorageError: the disk is full; nothing was changed.
        """
        with self._lock:
            self.settle()
            deltas = {}
            for name, after in documents.items():
                delta = difference(read_document(self._folder, name), after)
                if delta:
                    deltas[name] = delta
            if deltas:
                changed = {name: documents[name] for name in deltas}
                self._write(self._line(act, words, deltas, changed), changed)
            return self._head

    def note(self, words: str, act: str = "made") -> None:
        """Remembers an act that changed no document and cannot be undone.

        Raises:
            StorageError: the disk is full.
        """
        with self._lock:
            self._read()
            self._ledger.append({"note": act, "words": words[:MAX_WORDS], "time": _now()})

    def undo(self) -> HistoryEntry | None:
        """Takes back the last act; None if there is none."""
        with self._lock:
            self.settle()
            if self._head == ROOT:
                return None
            number = self._head
            self._go(self._nodes[number].parent)
            return self._entry(number, is_done=False)

    def redo(self) -> HistoryEntry | None:
        """Does again what was undone last; None if there is nothing."""
        with self._lock:
            self.settle()
            number = self._next.get(self._head)
            if number is None:
                return None
            self._go(number)
            return self._entry(number)

    def roll_back(self, number: int) -> HistoryEntry:
        """Goes to the state after an entry, on whatever branch it is; 0 is the beginning.

        Raises:
            InputError: no such entry.
        """
        with self._lock:
            self.settle()
            if isinstance(number, bool) or number not in self._nodes:
                last = max(self._nodes)
                raise InputError(f"The history has entries 0 to {last}, not {number!r:.40}.")
            if number != self._head:
                self._go(number)
            return self._entry(number)

    def settle(self) -> None:
        """Brings documents and history together; the first thing on opening, and before each act.

        Raises:
            InputError: a document cannot be read.
            StorageError: the disk is full.
        """
        with self._lock:
            self._read()
            on_disk = {name: read_document(self._folder, name) for name in FORMATS}
            seen = {name: document_hash(blocks) for name, blocks in on_disk.items()}
            if not self._nodes:
                self._begin(on_disk)
                return
            due = self._nodes[self._head].hashes
            behind, outside = {}, {}
            before = self._nodes[self._came_from].hashes
            for name, blocks in on_disk.items():
                if seen[name] == due.get(name, seen[name]):
                    continue
                if not self._is_settled and seen[name] == before.get(name):
                    behind[name] = self._along(name, blocks, self._came_from, self._head)
                else:
                    outside[name] = blocks
            if behind:  # a crash came between the history and the documents
                self._replace(behind)
            if outside:
                self._take_in(outside)
            elif behind:
                self._mark_settled()

    # -- how -------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._nodes: dict[int, _Node] = {}
        self._log: list[tuple[int, _Node]] = []
        self._root: dict[str, Blocks] = {}
        self._next: dict[int, int] = {}  # what redo does, by entry
        self._head = ROOT
        self._came_from = ROOT
        self._is_settled = True  # whether the documents are known to have followed the head

    def _read(self) -> None:
        rewritten, lines = self._ledger.read_new()
        if rewritten:
            self._clear()
        for line in lines:
            with contextlib.suppress(KeyError, TypeError, ValueError):
                self._take_line(line)

    def _take_line(self, line: dict[str, Any]) -> None:
        if "settled" in line:
            self._is_settled = self._is_settled or line["settled"] == self._head
        elif "note" in line:
            act, words, time = (str(line[key]) for key in ("note", "words", "time"))
            node = _Node(parent=0, act=act, words=words, time=time, deltas={}, hashes={})
            self._log.append((0, node))
        elif "root" in line:
            self._clear()
            self._root = {name: dict(blocks) for name, blocks in line["root"].items()}
            hashes = {name: document_hash(blocks) for name, blocks in self._root.items()}
            self._nodes[ROOT] = _Node(
                parent=ROOT, act="begin", words="", time="", deltas={}, hashes=hashes
            )
        elif "head" in line:
            if line["head"] not in self._nodes:
                raise ValueError("a head that was never read")
            self._move(int(line["head"]))
        else:
            number, parent = int(line["number"]), int(line["parent"])
            if parent not in self._nodes or number in self._nodes:
                raise ValueError("an entry out of order")
            node = _Node(
                parent=parent,
                act=str(line["act"]),
                words=str(line["words"]),
                time=str(line["time"]),
                deltas=dict(line["deltas"]),
                hashes=self._nodes[parent].hashes | dict(line["hashes"]),
            )
            self._nodes[number] = node
            self._log.append((number, node))
            self._move(number)

    def _move(self, number: int) -> None:
        self._came_from, self._head, self._is_settled = self._head, number, False
        while number != ROOT:
            parent = self._nodes[number].parent
            if self._next.get(parent) == number:
                break
            self._next[parent] = number
            number = parent

    def _line(
        self, act: str, words: str, deltas: dict[str, Delta], documents: dict[str, Blocks]
    ) -> dict[str, Any]:
        return {
            "number": max(self._nodes) + 1,
            "parent": self._head,
            "act": act,
            "words": words[:MAX_WORDS],
            "time": _now(),
            "deltas": deltas,
            "hashes": {name: document_hash(blocks) for name, blocks in documents.items()},
        }

    def _begin(self, on_disk: dict[str, Blocks]) -> None:
        if self._ledger.has_lines:  # damaged at its beginning: kept, for a person to look at
            aside = self._ledger.path.with_suffix(".damaged.ndjson")
            if not aside.exists():
                self._ledger.path.replace(aside)
        self._ledger.append({"root": on_disk})
        self._read()

    def _take_in(self, documents: dict[str, Blocks]) -> None:
        deltas = {}
        for name, blocks in documents.items():
            before = self._along(name, self._root.get(name, {}), ROOT, self._head)
            deltas[name] = difference(before, blocks)
        words = f"{', '.join(documents)} changed outside Playreel"
        self._ledger.append(self._line(OUTSIDE, words, deltas, documents))
        self._read()
        self._mark_settled()
        self._tell(set(documents))

    def _go(self, number: int) -> None:
        names = {
            name
            for name in FORMATS
            if self._nodes[number].hashes.get(name) != self._nodes[self._head].hashes.get(name)
        }
        documents = {
            name: self._along(name, read_document(self._folder, name), self._head, number)
            for name in names
        }
        self._write({"head": number, "time": _now()}, documents)

    def _along(self, name: str, blocks: Blocks, start: int, stop: int) -> Blocks:
        """A document on the way through the tree from one entry to another."""
        up, down = self._lineage(start), self._lineage(stop)
        shared = set(up) & set(down)
        for number in up:
            if number in shared:
                break
            blocks = revert(self._nodes[number].deltas.get(name, {}), blocks)
        for number in reversed([number for number in down if number not in shared]):
            blocks = apply(self._nodes[number].deltas.get(name, {}), blocks)
        return blocks

    def _lineage(self, number: int) -> list[int]:
        """An entry and those it came after, the latest first, without the beginning."""
        numbers = []
        while number != ROOT:
            numbers.append(number)
            number = self._nodes[number].parent
        return numbers

    def _write(self, line: dict[str, Any], documents: dict[str, Blocks]) -> None:
        """First the room, then the line that makes it so, then the names."""
        with contextlib.ExitStack() as staged:
            for name, blocks in documents.items():
                temporary = staged.enter_context(replacing(self._folder / name))
                _write_synced(temporary, document_text(name, blocks).encode())
            self._ledger.append(line)
        self._read()
        self._mark_settled()
        self._tell(set(documents))

    def _mark_settled(self) -> None:
        """Says that the documents followed: a later return to what they were is no crash's work."""
        with contextlib.suppress(StorageError):  # then the next to open looks for itself
            self._ledger.append({"settled": self._head}, durably=False)
        self._read()

    def _replace(self, documents: dict[str, Blocks]) -> None:
        for name, blocks in documents.items():
            with replacing(self._folder / name) as temporary:
                _write_synced(temporary, document_text(name, blocks).encode())
        self._tell(set(documents))

    def _tell(self, names: set[str]) -> None:
        if self._settled is not None and names:
            self._settled(names)

    def _entry(self, number: int, *, is_done: bool = True) -> HistoryEntry:
        node = self._nodes[number]
        return HistoryEntry(
            number=number, act=node.act, words=node.words, time=node.time, is_done=is_done
        )


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
