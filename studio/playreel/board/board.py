"""The shot board: shots in order, kept in a folder, cut into a film."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from playreel.board.export import export_film
from playreel.board.shot import SHOT_SIZES, Shot
from playreel.board.stitch import Film
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.media.clip import Clip
from playreel.media.contact import SheetRow, contact_sheet

SCHEMA_VERSION = 1
_FILE = "board.json"
_FIELDS = ("uid", "size", "dialogue", "description", "fade_s")


class Board:
    """Shots in the order of the film.

    With a folder, every change is saved at once: ``board.json`` and, in ``takes/``, each take under
    its content hash, without loss. Without one the board lives in memory.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Opens the board in ``folder``, or begins an empty one there.

        Raises:
            InputError: the folder holds a board that cannot be read.
        """
        self.folder = None if folder is None else Path(folder)
        self._shots: list[Shot] = []
        if self.folder is not None and (self.folder / _FILE).exists():
            self._shots = _read(self.folder)

    def __len__(self) -> int:
        return len(self._shots)

    def __iter__(self) -> Iterator[Shot]:
        return iter(self.shots)

    def __getitem__(self, key: str | int | Shot) -> Shot:
        return self._shots[self._index(key)]

    @property
    def shots(self) -> tuple[Shot, ...]:
        """The shots in order, numbered from 1."""
        return tuple(self._shots)

    def list(self) -> tuple[Shot, ...]:
        """The same as `shots`."""
        return self.shots

    def add(
        self,
        take: Clip | str | os.PathLike[str],
        *,
        size: str = "",
        dialogue: str = "",
        description: str = "",
        fade_s: float = 0.0,
        at: int | None = None,
    ) -> Shot:
        """Puts a take on the board.

        Args:
            take: a clip, or the path of one.
            size: shot size, such as ``"LS"`` or ``"close-up"``.
            dialogue: what is said.
            description: what is seen.
            fade_s: seconds of cross-fade from the shot before; 0 is a hard cut.
            at: number it gets, from 1; by default it goes last.

        Returns:
            The shot; its ``uid`` stays the same wherever it moves.
        """
        if isinstance(take, str | os.PathLike):
            take = Clip.open(take)
        shot = Shot(take=take, size=size, dialogue=dialogue, description=description, fade_s=fade_s)
        shots = list(self._shots)
        shots.insert(self._place(at, len(shots) + 1), shot)
        self._commit(shots)
        return self[shot.uid]

    def remove(self, key: str | int | Shot) -> Shot:
        """Takes a shot off the board; its take stays in the folder."""
        shots = list(self._shots)
        shot = shots.pop(self._index(key))
        self._commit(shots)
        return shot

    def move(self, key: str | int | Shot, to: int) -> Shot:
        """Gives a shot another number, from 1."""
        shots = list(self._shots)
        shot = shots.pop(self._index(key))
        shots.insert(self._place(to, len(self._shots)), shot)
        self._commit(shots)
        return self[shot.uid]

    def update(self, key: str | int | Shot, **changes: Any) -> Shot:
        """Changes a shot's size, dialogue, description, take or fade.

        Raises:
            InputError: a field that shots do not have, or that cannot be changed.
        """
        index = self._index(key)
        allowed = ("take", "size", "dialogue", "description", "fade_s")
        for name in changes:
            if name not in allowed:
                raise InputError(f"Cannot change a shot's {name!r}. Use: {', '.join(allowed)}.")
        shots = list(self._shots)
        shots[index] = replace(shots[index], **changes)
        self._commit(shots)
        return self[index + 1]

    def film(
        self,
        *,
        fps: Fraction | float | str | None = None,
        size: tuple[int, int] | None = None,
    ) -> Film:
        """The takes stitched, frames made when asked for; see `Film`."""
        if not self._shots:
            raise InputError("The board is empty. Add a take with board.add(take).")
        fades = [shot.fade_s if shot.number > 1 else 0.0 for shot in self._shots]
        return Film([shot.take for shot in self._shots], fps=fps, fades_s=fades, size=size)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        preset: str | None = None,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> Path:
        """Writes the film.

        Args:
            path: ``.mp4``, ``.mov``, ``.m4v`` or ``.gif``.
            preset: ``landscape-1080p``, ``vertical-1080p``, ``square`` or ``gif``; by default what
                suits the first take.
            on_frame: told (frames written, frames in all), for progress bars.

        Raises:
            InputError: an empty board, an unknown preset or a suffix it does not write.
            StorageError: the disk is full; an older film of that name survives.
        """
        return export_film(self.shots, path, preset=preset, on_frame=on_frame)

    def contact_sheet(self, path: str | os.PathLike[str], *, title: str | None = None) -> Path:
        """Draws the board as a sheet: a strip a shot, with its size and words."""
        rows = []
        for shot in self._shots:
            words = [SHOT_SIZES.get(shot.size, ""), shot.description]
            words.append(f"“{shot.dialogue}”" if shot.dialogue else "")
            label = "  ·  ".join(word for word in words if word) or f"Shot {shot.number}"
            rows.append(SheetRow(label=label, clip=shot.take))
        return contact_sheet(rows, path, title=title)

    def _index(self, key: str | int | Shot) -> int:
        uid = key.uid if isinstance(key, Shot) else key
        for index, shot in enumerate(self._shots):
            if uid == shot.uid or (not isinstance(uid, bool) and uid == shot.number):
                return index
        known = ", ".join(f"{shot.number} ({shot.uid})" for shot in self._shots[:20]) or "none"
        raise InputError(f"There is no shot {uid!r} on the board. Its shots: {known}.")

    def _place(self, number: int | None, last: int) -> int:
        if number is None:
            return last - 1
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
            raise InputError(f"A shot's number here is 1 to {last}, not {number!r}.")
        return number - 1

    def _commit(self, shots: list[Shot]) -> None:
        numbered = [replace(shot, number=n) for n, shot in enumerate(shots, start=1)]
        if self.folder is not None:
            _write(self.folder, numbered)
        self._shots = numbered


def _take_path(folder: Path, content_hash: str) -> Path:
    return folder / "takes" / f"{content_hash[:32]}.mkv"


def _write(folder: Path, shots: list[Shot]) -> None:
    entries = []
    for shot in shots:
        path = _take_path(folder, shot.take.content_hash)
        if not path.exists():
            shot.take.save(path)
        entry = {name: getattr(shot, name) for name in _FIELDS}
        entries.append({**entry, "take": shot.take.content_hash})
    document = {"schema_version": SCHEMA_VERSION, "shots": entries}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    write_bytes(folder / _FILE, text.encode() + b"\n")


def _read(folder: Path) -> list[Shot]:
    path = folder / _FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema_version {document['schema_version']!r} is not known")
        shots = []
        for number, entry in enumerate(document["shots"], start=1):
            content_hash = str(entry["take"])
            if not content_hash.isalnum():
                raise ValueError(f"{content_hash!r} does not name a take")
            take = Clip.open(_take_path(folder, content_hash))
            fields = {name: entry[name] for name in _FIELDS}
            shots.append(Shot(take=take, number=number, **fields))
        return shots
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"The board {path} cannot be read: {error!r}. Restore it from a copy, or move it "
            "away to begin an empty board; the takes in takes/ are kept."
        ) from error
