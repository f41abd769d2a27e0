"""Takes by content hash: every clip is written the moment it is made, and never changed.

takes.ndjson                    one line for each take, in the order they were made
takes/<32 digits>.png|mkv       the frames, lossless
takes/<...>.recipe.json         how they were made
posters/<32 digits>.png         one frame of each
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from playreel.errors import (
    InputError,
    MediaError,
    PlayreelError,
    StorageError,
)
from playreel.media import Clip, read_recipe
from playreel.media.lock import FileLock
from playreel.media.rate import as_fps
from playreel.media.stored import StoredClip
from playreel.project.ledger import Ledger
from playreel.project.posters import poster_path, write_poster
from playreel.recipe import Recipe

FOLDER = "takes"
FILE_DIGITS = 32  # of the content hash in a file's name; the shot board uses the same files
NAME_DIGITS = 12  # that are shown to users
MIN_DIGITS = 4  # that a user must type
MAX_TEXT = 200  # characters of a prompt in a line
_HASH = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"takes/[0-9a-f]{32}\.(png|mkv)")


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
        size: (height, width) in pixels, or (0, 0) in lines of older projects.
    """

    content_hash: str
    operation: str
    text: str
    file: str
    num_frames: int
    fps: str
    size: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """The short name that commands take."""
        return self.content_hash[:NAME_DIGITS]


class MediaStore:
    """The takes of one project.

    Args:
        folder: the project folder, which exists.
        lock: held while something is added; the folder's own if not given.
        trashed: gives what is in the trash, by content hash.
        made: told of each take that was made, in words.
        untrash: brings a take back that is made again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lock: FileLock | None = None,
        trashed: Callable[[], Container[str]] = tuple,
        made: Callable[[str], None] | None = None,
        untrash: Callable[[str], object] | None = None,
    ) -> None:
        self._folder = folder
        self._lock = lock or FileLock(folder / ".playreel" / "lock")
        self._trashed = trashed
        self._made = made
        self._untrash = untrash
        self._ledger = Ledger(folder / "takes.ndjson")
        self._takes: dict[str, Take] = {}

    def __iter__(self) -> Iterator[Take]:
        """Every take once, oldest first, those in the trash left out."""
        trashed = self._trashed()
        return iter([take for take in self.all() if take.content_hash not in trashed])

    def all(self) -> tuple[Take, ...]:
        """Every take once, oldest first, those in the trash included."""
        rewritten, lines = self._ledger.read_new()
        if rewritten:
            self._takes = {}
        for line in lines:
            take = _take(line)
            if take is not None:
                self._takes.setdefault(take.content_hash, take)
        return tuple(self._takes.values())

    def add(self, clip: Clip) -> Take:
        """Writes a clip and its line; a clip that is there already is left as it is.

        Raises:
            StorageError: the disk is full or the folder cannot be written; nothing is lost.
        """
        self.all()
        content_hash = clip.content_hash
        suffix = ".png" if len(clip) == 1 else ".mkv"
        file = Path(FOLDER) / f"{content_hash[:FILE_DIGITS]}{suffix}"
        known = self._takes.get(content_hash)
        if known is not None:
            if content_hash in self._trashed() and self._untrash is not None:
                self._untrash(content_hash)
            if (self._folder / known.file).is_file():
                return known
            file = Path(known.file)
        clip.save(self._folder / file)
        with contextlib.suppress(StorageError):  # made again when looked for
            write_poster(self._folder, clip)
        return known or self._list(clip, file)

    def adopt(self) -> list[Take]:
        """Lists frames that were saved but not listed, because a crash came between.

        Returns:
            The takes that were found so.
        """
        with self._lock:
            listed = {take.file for take in self.all()}
            found = []
            for path in sorted((self._folder / FOLDER).glob("*")):
                file = f"{FOLDER}/{path.name}"
                if file in listed or not _FILE.fullmatch(file):
                    continue
                with contextlib.suppress(PlayreelError):  # no clip of ours: left alone
                    clip = Clip.open(path)
                    if path.name.startswith(clip.content_hash[:FILE_DIGITS]):
                        found.append(self._list(clip, Path(file)))
            return found

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
        if len(text) >= MIN_DIGITS and any(t.content_hash.startswith(text) for t in self.all()):
            raise InputError(
                f"Take {text[:NAME_DIGITS]} is in the trash. Bring it back with: "
                f"playreel trash restore {text[:NAME_DIGITS]}"
            )
        latest = ", ".join(take.name for take in takes[-5:]) or "none"
        raise InputError(
            f"There is no take {reference[:80]!r} in {self._folder}. The latest are: {latest}. "
            f"Give at least {MIN_DIGITS} digits of a take's name, 'last', or a path to a file."
        )

    def known(self, content_hash: str) -> Take | None:
        """The take with exactly this content hash, in the trash or not, or None."""
        self.all()
        return self._takes.get(content_hash)

    def open(self, content_hash: str) -> Clip:
        """The clip with this content hash (or its first digits), with its recipe.

        Raises:
            InputError: no such take.
            MediaError: its file is missing or has been changed.
        """
        stored = self.stored(self.find(content_hash).content_hash)
        frames = stored.frames
        return Clip(frames, stored.fps, stored.recipe)

    def stored(self, content_hash: str, frames: np.ndarray | None = None) -> StoredClip:
        """The same without reading the frames, which are read when they are looked at.

        Args:
            content_hash: of a take; one that is not here becomes a clip without frames.
            frames: its frames, if they are in memory.
        """
        take = self.known(content_hash)
        if take is None:
            file = f"{FOLDER}/{content_hash[:FILE_DIGITS]}.mkv"
            return StoredClip(self._folder / file, content_hash, frames=frames)
        recipe = None
        path = self._folder / take.file
        if not path.exists():
            recipe = self.recipe_of(take)  # it outlives the frames
            in_trash = self._folder / "trash" / path.name
            path = in_trash if in_trash.exists() else path
        return StoredClip(
            path,
            content_hash,
            num_frames=take.num_frames,
            fps=take.fps,
            recipe=recipe,
            related=self.related,
            frames=frames,
        )

    def related(self, content_hash: str) -> StoredClip | None:
        """The take with exactly this content hash, in the trash or not; None if it is not here."""
        return None if self.known(content_hash) is None else self.stored(content_hash)

    def recipe(self, content_hash: str) -> Recipe | None:
        """How a take was made, without reading its frames.

        Raises:
            InputError: no such take.
        """
        return self.recipe_of(self.find(content_hash))

    def recipe_of(self, take: Take) -> Recipe | None:
        """The same, for takes in the trash too."""
        path = self._folder / take.file
        recipe = read_recipe(path) or read_recipe(self._folder / "trash" / path.name)
        if recipe is None and take.operation != "input" and path.is_file():
            with contextlib.suppress(MediaError):
                recipe = Clip.open(path).recipe  # files carry it inside as well
        return recipe

    def path(self, content_hash: str) -> Path:
        """Where the frames of a take lie."""
        return self._folder / self.find(content_hash).file

    def poster(self, content_hash: str) -> Path:
        """A picture of a take; made if it is not there.

        Raises:
            InputError: no such take.
            MediaError: its frames cannot be read.
        """
        take = self.find(content_hash)
        path = poster_path(self._folder, take.content_hash)
        return path if path.exists() else write_poster(self._folder, self.open(take.content_hash))

    def _list(self, clip: Clip, file: Path) -> Take:
        recipe = clip.recipe
        take = Take(
            content_hash=clip.content_hash,
            operation=recipe.operation if recipe else "input",
            text=_text(recipe) if recipe else "",
            file=file.as_posix(),
            num_frames=len(clip),
            fps=str(clip.fps),
            size=clip.size,
        )
        with self._lock:
            self.all()
            if take.content_hash in self._takes:  # another writer made the same
                return self._takes[take.content_hash]
            try:
                self._ledger.append(asdict(take))
            except StorageError as error:
                raise StorageError(f"{error} The frames are saved in {take.file}.") from error
            self.all()
            if take.operation != "input" and self._made is not None:
                with contextlib.suppress(StorageError):  # the take itself is safe
                    self._made(f"{take.operation} {take.name} {take.text}".strip())
        return take


def _take(line: dict[str, Any]) -> Take | None:
    """A line as a take, or None: lines come from other people's folders too."""
    try:
        given = {field.name: line[field.name] for field in fields(Take) if field.name in line}
        take = Take(**given | {"size": tuple(line.get("size", (0, 0)))})
        as_fps(take.fps)
        whole = (
            _HASH.fullmatch(take.content_hash)
            and _FILE.fullmatch(take.file)
            and type(take.num_frames) is int
            and 0 < take.num_frames < 10**7
            and isinstance(take.operation, str)
            and isinstance(take.text, str)
            and len(take.size) == 2
            and all(type(side) is int for side in take.size)
        )
    except (KeyError, TypeError, ValueError):
        return None
    return take if whole else None


def _text(recipe: Recipe) -> str:
    if recipe.actions:
        runs = [(name, len(list(run))) for name, run in itertools.groupby(recipe.actions)]
        text = " ".join(name if count == 1 else f"{name}*{count}" for name, count in runs)
    else:
        prompt = recipe.options.get("prompt")
        text = prompt if isinstance(prompt, str) and recipe.operation != "capture" else ""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
