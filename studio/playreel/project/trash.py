"""The trash: takes that are out of the way until they are brought back or the trash is emptied.

``trash.json`` says what is in it, and is a document of the history; the files follow it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from playreel.errors import InputError, StorageError
from playreel.media.lock import FileLock
from playreel.project.documents import BOARD, TRASH, Blocks, read_document
from playreel.project.history import History

if TYPE_CHECKING:
    from playreel.project.media_store import MediaStore, Take

FOLDER = "trash"
FILE_DIGITS = 32


class Trash:
    """The trash of one project.

    Args:
        folder: the project folder.
        history: remembers what is put in and brought back.
        lock: held meanwhile.
        media: the takes.
    """

    def __init__(self, folder: Path, history: History, lock: FileLock, media: MediaStore) -> None:
        self._folder = folder
        self._history = history
        self._lock = lock
        self._media = media

    def __iter__(self) -> Iterator[Take]:
        """The takes in it whose frames are still there."""
        listed = self._listed()
        for take in self._media.all():
            if take.content_hash in listed and (self._files / Path(take.file).name).is_file():
                yield take

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, content_hash: object) -> bool:
        return content_hash in self._listed()

    def __call__(self, *references: str) -> list[Take]:
        """The same as `put`."""
        return self.put(*references)

    @property
    def num_bytes(self) -> int:
        """What emptying would free."""
        return sum((self._files / Path(take.file).name).stat().st_size for take in self)

    def put(self, *references: str) -> list[Take]:
        """Moves takes to the trash, in one act.

        Args:
            references: first digits of takes' names.

        Raises:
            InputError: no such take, or a shot on the board shows it.
        """
        with self._lock:
            takes = [self._media.find(reference) for reference in references]
            shown = {
                entry["take"]: number
                for number, entry in enumerate(read_document(self._folder, BOARD).values(), start=1)
            }
            for take in takes:
                if take.content_hash in shown:
                    raise InputError(
                        f"Shot {shown[take.content_hash]} shows take {take.name}. Take the shot "
                        "off the board or give it another take first."
                    )
            blocks = self._listed() | {take.content_hash: take.operation for take in takes}
            names = ", ".join(take.name for take in takes)
            self._history.commit(
                "trash.put", f"put {names} into the trash", {TRASH: _sorted(blocks)}
            )
            return takes

    def restore(self, *references: str) -> list[Take]:
        """Brings takes back, in one act.

        Args:
            references: first digits of their names; none means all.

        Raises:
            InputError: no such take in the trash.
        """
        with self._lock:
            here = list(self)
            takes = [_found(here, reference) for reference in references] if references else here
            blocks = self._listed()
            for take in takes:
                blocks.pop(take.content_hash, None)
            names = ", ".join(take.name for take in takes)
            if takes:
                self._history.commit("trash.restore", f"brought {names} back", {TRASH: blocks})
            return takes

    def take_out(self, content_hash: str) -> None:
        """Brings one take back because it was made again; its frames may be gone."""
        with self._lock:
            blocks = self._listed()
            if blocks.pop(content_hash, None) is not None:
                name = content_hash[:12]
                self._history.commit("trash.restore", f"brought {name} back", {TRASH: blocks})

    def empty(self) -> int:
        """Removes the frames of all takes in it, for good; returns the bytes that this freed.

        Their recipes stay, so that they can be made again.
        """
        freed = 0
        with self._lock:
            for take in list(self):
                path = self._files / Path(take.file).name
                size = path.stat().st_size
                try:
                    path.unlink()
                except OSError as error:
                    raise StorageError(f"Cannot remove {path}: {error.strerror}.") from error
                freed += size
            if freed:
                self._history.note(f"emptied the trash, {freed} bytes", "trash.empty")
        return freed

    def settle(self) -> None:
        """Moves files to where trash.json says they belong; the lock is held."""
        listed = self._listed()
        stems = {content_hash[:FILE_DIGITS] for content_hash in listed}
        takes = self._folder / "takes"
        with contextlib.suppress(FileNotFoundError):
            for path in list(self._files.iterdir()):
                if path.name[:FILE_DIGITS] not in stems:
                    path.replace(takes / path.name)
        for take in self._media.all() if listed else ():
            if take.content_hash in listed:
                path = self._folder / take.file
                for file in (path, path.with_name(path.name + ".recipe.json")):
                    if file.is_file():
                        self._files.mkdir(exist_ok=True)
                        file.replace(self._files / file.name)

    @property
    def _files(self) -> Path:
        return self._folder / FOLDER

    def _listed(self) -> Blocks:
        return read_document(self._folder, TRASH)


def _sorted(blocks: Blocks) -> Blocks:
    return {key: blocks[key] for key in sorted(blocks)}


def _found(takes: list[Take], reference: str) -> Take:
    text = reference.strip().lower()
    found = [take for take in takes if len(text) >= 4 and take.content_hash.startswith(text)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(take.name for take in takes[-8:]) or "nothing"
    raise InputError(
        f"{reference[:80]!r} names {len(found)} takes in the trash. It holds: {known}."
    )
