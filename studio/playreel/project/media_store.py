"""Takes by content hash: every clip is written the moment it is made, and never changed.

takes.ndjson                    one line for each take, in the order they were made
takes/<32 digits>.png|mkv       the frames, lossless
takes/<...>.recipe.json         how they were made
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playreel.errors import InputError, MediaError, StorageError
from playreel.media import Clip, read_recipe
from playreel.recipe import Recipe

FOLDER = "takes"
FILE_DIGITS = 32  # of the content hash in a file's name; the shot board uses the same files
NAME_DIGITS = 12  # that are shown to users
MIN_DIGITS = 4  # that a user must type
MAX_TEXT = 200  # characters of a prompt in a line


@dataclass(frozen=True, kw_only=True)
class Take:
    """One line of takes.ndjson: a clip that the project keeps.

    Attributes:
        content_hash: SHA-256 of shape, rate and pixels.
        operation: what made it, such as ``"extend"``; ``"input"`` for what the user brought.
        text: the prompt it was made from, or the buttons that were pressed.
        file: path of the frames, relative to the project folder.
        num_frames: its length.
        fps: frames per second, as ``"12"`` or ``"24000/1001"``.
    """

    content_hash: str
    operation: str
    text: str
    file: str
    num_frames: int
    fps: str

    @property
    def name(self) -> str:
        """The short name that commands take."""
        return self.content_hash[:NAME_DIGITS]


class MediaStore:
    """The takes of one project.

    Args:
        folder: the project folder, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "takes.ndjson"

    def __iter__(self) -> Iterator[Take]:
        """Every take once, oldest first; a line that a crash cut short is passed over."""
        if not self._index.exists():
            return
        seen: set[str] = set()
        with self._index.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                take = _read_line(line)
                if take is not None and take.content_hash not in seen:
                    seen.add(take.content_hash)
                    yield take

    def add(self, clip: Clip) -> Take:
        """Writes a clip and its line; a clip that is there already is left as it is.

        Raises:
            StorageError: the disk is full or the folder cannot be written; nothing is lost.
        """
        suffix = ".png" if len(clip) == 1 else ".mkv"
        file = Path(FOLDER) / f"{clip.content_hash[:FILE_DIGITS]}{suffix}"
        known = next((t for t in self if t.content_hash == clip.content_hash), None)
        if known is not None and (self._folder / known.file).is_file():
            return known
        clip.save(self._folder / file)
        recipe = clip.recipe
        take = Take(
            content_hash=clip.content_hash,
            operation=recipe.operation if recipe else "input",
            text=_text(recipe) if recipe else "",
            file=file.as_posix(),
            num_frames=len(clip),
            fps=str(clip.fps),
        )
        if known is None:
            self._append(take)
        return take

    def find(self, reference: str) -> Take:
        """The take that a user means.

        Args:
            reference: the first digits of its hash (at least 4), or ``"last"``.

        Raises:
            InputError: no take, or more than one, goes by that name.
        """
        takes = list(self)
        text = reference.strip().lower()
        if text == "last":
            made = [take for take in takes if take.operation != "input"]
            if made:
                return made[-1]
            raise InputError("This project has no take yet. Make one first, e.g. with still.")
        found = [take for take in takes if take.content_hash.startswith(text)]
        if len(text) >= MIN_DIGITS and len(found) == 1:
            return found[0]
        if len(text) >= MIN_DIGITS and found:
            raise InputError(f"{reference!r} names {len(found)} takes. Give more digits of one.")
        latest = ", ".join(take.name for take in takes[-5:]) or "none"
        raise InputError(
            f"There is no take {reference[:80]!r} in {self._folder}. The latest are: {latest}. "
            f"Give at least {MIN_DIGITS} digits of a take's name, 'last', or a path to a file."
        )

    def open(self, content_hash: str) -> Clip:
        """The clip with this content hash (or its first digits), with its recipe.

        Raises:
            InputError: no such take.
            MediaError: its file is missing or has been changed.
        """
        take = self.find(content_hash)
        path = self._folder / take.file
        if not path.is_file():
            raise MediaError(
                f"The frames of take {take.name} are missing: {path}. Put the file back, or make "
                "the take again from its recipe."
            )
        clip = Clip.open(path)
        if clip.content_hash != take.content_hash:
            raise MediaError(
                f"{path} has been changed: it shows {clip.content_hash[:NAME_DIGITS]}, not "
                f"{take.name}. "
                "Put the original back; takes are never edited in place."
            )
        return clip

    def recipe(self, content_hash: str) -> Recipe | None:
        """How a take was made, without reading its frames.

        Raises:
            InputError: no such take.
        """
        return read_recipe(self.path(content_hash))

    def path(self, content_hash: str) -> Path:
        """Where the frames of a take lie."""
        return self._folder / self.find(content_hash).file

    def _append(self, take: Take) -> None:
        line = json.dumps(asdict(take), ensure_ascii=False) + "\n"
        if _is_cut_short(self._index):
            line = "\n" + line
        try:
            # One write of one line: two processes on a project do not mix theirs.
            handle = os.open(self._index, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise StorageError(
                f"Could not write {self._index}: {error.strerror}. The frames are saved in "
                f"{take.file}. Free some space or choose another folder."
            ) from error


def _is_cut_short(path: Path) -> bool:
    """Whether the last line has no end, because a crash or a full disk stopped it."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _read_line(line: str) -> Take | None:
    try:
        document: dict[str, Any] = json.loads(line)
        return Take(**document)
    except (ValueError, TypeError):
        return None


def _text(recipe: Recipe) -> str:
    if recipe.actions:
        runs = [(name, len(list(run))) for name, run in itertools.groupby(recipe.actions)]
        text = " ".join(name if count == 1 else f"{name}*{count}" for name, count in runs)
    else:
        prompt = recipe.options.get("prompt")
        text = prompt if isinstance(prompt, str) and recipe.operation != "capture" else ""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
