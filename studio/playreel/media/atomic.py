"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playreel.errors import StorageError


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a temporary path beside ``path`` that takes its place when the block succeeds.

    The temporary file keeps the suffix, because encoders choose the container by it. Missing
    parent folders are made. Whatever goes wrong, an existing file at ``path`` stays as it was.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        if path.is_dir():
            raise StorageError(f"Cannot write {path}: a folder of that name exists. Rename it.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except OSError as error:
        raise StorageError(_explain(path, error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a small file atomically.

    Raises:
        StorageError: see `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


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
