from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from playreel.errors import LockedError, StorageError
from playreel.media.atomic import append_line, replacing, sweep
from playreel.media.lock import FileLock

HOLDER = """
import sys, time
from pathlib import Path
from playreel.media.lock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""
COUNTER = """
import sys
from pathlib import Path
from playreel.media.lock import FileLock
lock, number = FileLock(sys.argv[1] + ".lock"), Path(sys.argv[1])
for _ in range(100):
    with lock:
        number.write_text(str(int(number.read_text()) + 1))
"""
WRITER = """
import sys, time
from playreel.media.atomic import replacing
with replacing(sys.argv[1]) as temporary:
    temporary.write_bytes(b"half")
    print("half", flush=True)
    time.sleep(60)
"""


def _run(program: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_writers_in_several_processes_take_turns(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0")
    running = [_run(COUNTER, tmp_path / "number") for _ in range(3)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    assert (tmp_path / "number").read_text() == "300"


def test_threads_take_turns_and_may_enter_again(tmp_path: Path) -> None:
    count = 0

    def work() -> None:
        nonlocal count
        for _ in range(50):
            with FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock"):
                seen = count
                threading.Event().wait(0.0001)
                count = seen + 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count == 200


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    holder = _run(HOLDER, tmp_path / "lock")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with (
        pytest.raises(LockedError, match="Another writer"),
        FileLock(tmp_path / "lock", timeout_s=0.2),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with FileLock(tmp_path / "lock", timeout_s=5):
        pass


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_what_the_dead_left_is_swept_and_what_is_being_written_stays(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(b"old")
    writer = _run(WRITER, tmp_path / "file.json")
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half\n"
    assert sweep(tmp_path) == 0
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert (tmp_path / "file.json").read_bytes() == b"old"
    with replacing(tmp_path / "file.json") as temporary:
        assert sweep(tmp_path) == 1
        temporary.write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]
    assert (tmp_path / "file.json").read_bytes() == b"new"


def test_a_line_is_added_whole_after_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines"
    append_line(path, b"one")
    with path.open("ab") as file:
        file.write(b"tw")
    append_line(path, b"three")
    assert path.read_bytes() == b"one\ntw\nthree\n"


@pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE")
def test_a_line_that_finds_no_room_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from playreel.errors import StorageError\n"
        "from playreel.media.atomic import append_line\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))\n"
        "append_line(sys.argv[1], b'x' * 30)\n"
        "try:\n"
        "    append_line(sys.argv[1], b'y' * 30)\n"
        "except StorageError as error:\n"
        "    print(error)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "lines")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "unchanged" in out.stdout
    assert (tmp_path / "lines").read_bytes() == b"x" * 30 + b"\n"


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="lock"), FileLock(tmp_path / "file" / "lock"):
        pass
