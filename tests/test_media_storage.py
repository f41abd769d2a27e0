"""A full disk: a clear error, the old file whole, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playreel.errors import MediaError, StorageError
from playreel.media import Clip, write_video
from playreel.media.atomic import write_bytes

SUFFIXES = ("mp4", "mkv", "gif", "png")

SAVE_ALL = """
import sys
from pathlib import Path
import numpy as np
from playreel.errors import StorageError
from playreel.media import Clip, contact_sheet

folder = Path(sys.argv[1])
if len(sys.argv) > 2:
    import resource
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.random.default_rng(0).integers(0, 256, (8, 72, 128, 3), np.uint8)
for suffix in ("mp4", "mkv", "gif", "png"):
    try:
        Clip(noise, 12).save(folder / f"film.{suffix}")
    except StorageError as error:
        print(suffix, error)
try:
    contact_sheet([("noise", noise)], folder / "film.png")
except StorageError as error:
    print("sheet", error)
"""


def _run(folder: Path, *arguments: str) -> list[str]:
    import playreel

    root = str(Path(playreel.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", SAVE_ALL, str(folder), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _assert_refused(folder: Path, lines: list[str]) -> None:
    assert [line.split()[0] for line in lines] == [*SUFFIXES, "sheet"], lines
    for line in lines:
        assert "Could not write" in line
        assert "unchanged" in line
        assert "Free some space" in line
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"film.{s}" for s in SUFFIXES)
    for suffix in SUFFIXES:
        assert (folder / f"film.{suffix}").read_bytes() == b"old"


def _old_files(folder: Path) -> None:
    for suffix in SUFFIXES:
        (folder / f"film.{suffix}").write_bytes(b"old")


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit on Windows")
def test_files_that_may_not_grow(tmp_path: Path) -> None:
    _old_files(tmp_path)
    _assert_refused(tmp_path, _run(tmp_path, "30000"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs tmpfs")
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("mounting needs rights that this user does not have")
    try:
        _old_files(disk)
        _assert_refused(disk, _run(disk))
    finally:
        subprocess.run(["umount", str(disk)], capture_output=True, check=False)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    with pytest.raises(StorageError, match="folder"):
        Clip(np.zeros((1, 4, 4, 3), np.uint8)).save(tmp_path / "film.mp4")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(StorageError, match="Could not write"):
        write_bytes(tmp_path / "file" / "film.png", b"x")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = Clip(np.zeros((1, 4, 4, 3), np.uint8)).save(tmp_path / "a" / "b" / "still.png")
    assert path.exists()


def test_frames_that_fail_half_way_leave_nothing(tmp_path: Path) -> None:
    def failing(index: int) -> np.ndarray:
        if index == 5:
            raise RuntimeError("the model stopped")
        return np.zeros((16, 16, 3), np.uint8)

    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="the model stopped"):
        write_video(path, failing, 12, num_frames=10)
    short = iter([np.zeros((16, 16, 3), np.uint8)] * 5)
    with pytest.raises(MediaError, match="after 5, 10"):
        write_video(path, short, 12, num_frames=10)
    with pytest.raises(MediaError, match="num_frames"):
        write_video(path, iter([]), 12)
    sizes = [np.zeros((16, 16, 3), np.uint8), np.zeros((8, 16, 3), np.uint8)]
    with pytest.raises(MediaError, match="one size"):
        write_video(path, sizes, 12)
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]
    assert path.read_bytes() == b"old"


def test_files_get_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    path = tmp_path / "film.png"
    write_bytes(path, b"x")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o600)
    write_bytes(path, b"y")
    assert path.stat().st_mode & 0o777 == 0o600
