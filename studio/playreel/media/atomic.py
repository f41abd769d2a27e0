"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playreel.errors import StorageError
from playreel.media.lock import try_lock

PREFIX = ".writing-"


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a temporary path beside ``path`` that takes its place when the block succeeds.

    The temporary file keeps the suffix, because encoders choose the container by it. Missing
    parent folders are made. Whatever goes wrong, an existing file at ``path`` stays as it was. What
    a killed process left half written is never at ``path``; `sweep` removes it.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    temporary: Path | None = None
    handle = -1
    try:
        if path.is_dir():
            raise StorageError(f"Cannot write {path}: a folder of that name exists. Rename it.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = _temporary(path)
        yield temporary
        _sync(temporary)
        temporary.chmod(_mode(path))
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(_explain(path, error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if handle >= 0:
            os.close(handle)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a small file atomically.

    Raises:
        StorageError: see `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def append_line(path: str | os.PathLike[str], line: bytes, *, durably: bool = True) -> None:
    """Adds one line to a text file, whole or not at all.

    Half a line that a crash left at the end is closed first, so that it spoils no other. Hold a
    lock where several processes append: taking back a failed write must not cut another's line.

    Args:
        path: a text file; made with its folders if missing.
        line: without a newline inside; one is added.
        durably: whether it must outlive a power cut.

    Raises:
        StorageError: the disk is full, or the folder cannot be written; the file is as it was.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("ab+", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            data = line + b"\n"
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    data = b"\n" + data
            try:
                written = 0
                while written < len(data):
                    written += file.write(data[written:])
                if durably:
                    os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
        if is_new:
            _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(_explain(path, error)) from error


def sweep(folder: str | os.PathLike[str]) -> int:
    """Removes what killed processes left half written in ``folder``; returns how many files.

    A file that is still being written is locked by its writer and stays.
    """
    swept = 0
    if os.name == "nt":  # the handle cannot be held there while the file is moved
        return swept
    for path in Path(folder).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR)
            try:
                if try_lock(handle):
                    path.unlink()
                    swept += 1
            finally:
                os.close(handle)
    return swept


def _temporary(path: Path) -> tuple[int, Path]:
    """A file that `sweep` leaves alone, and its open handle (-1 where handles bar renaming)."""
    while True:
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        if os.name == "nt":
            os.close(handle)
            return -1, temporary
        # Between making and locking it a sweep may have taken it for a dead one's.
        if try_lock(handle) and temporary.exists():
            return handle, temporary
        os.close(handle)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Makes a new name in ``folder`` outlive a power cut, where the system can."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _explain(path: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    room = ""
    with contextlib.suppress(OSError):
        room = f" {shutil.disk_usage(path.parent).free / 2**20:.1f} MiB are free there."
    kept = " The file that was there is unchanged." if path.exists() else ""
    return (
        f"Could not write {path}: {reason}.{room}{kept} Free some space or choose another folder."
    )
