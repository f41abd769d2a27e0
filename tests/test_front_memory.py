"""One thread for the model, few heaps, and free memory given back: real threads, the real C library."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from playreel.front.errors import ShareError
from playreel.front.memory import _glibc
from playreel.front.model_thread import ModelThread

needs_glibc = pytest.mark.skipif(_glibc() is None, reason="the C library is another one")

HOLES = """
import psutil
from playreel.front.memory import give_back
blocks = [bytearray(b"x" * 60_000) for _ in range(4000)]  # 240 MB, each too small for a map of its own
kept = blocks[::40]
del blocks
before = psutil.Process().memory_info().rss
assert give_back()
print((before - psutil.Process().memory_info().rss) >> 20)
"""

HEAPS = """
import ctypes, sys, threading
from playreel.front.memory import HEAPS, keep_few_heaps
assert keep_few_heaps() is (len(sys.argv) == 2)
together = threading.Barrier(24)
def work():
    together.wait()
    kept = [bytes(1000) for _ in range(200)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
file = library.fopen(sys.argv[1].encode(), b"w")
library.malloc_info(0, ctypes.c_void_p(file))
library.fclose(ctypes.c_void_p(file))
print(open(sys.argv[1]).read().count("<heap nr"), HEAPS)
"""


def python(code: str, *given: str, **env: str) -> str:
    import os

    found = subprocess.run(
        [sys.executable, "-c", code, *given],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **env},
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_what_is_asked_from_many_threads_is_done_on_one_in_the_order_asked() -> None:
    model, where, done = ModelThread(), set(), []
    begun, held = threading.Event(), threading.Event()
    first = threading.Thread(target=lambda: model.run(lambda: (begun.set(), held.wait(30))))
    first.start()
    assert begun.wait(30)

    def work(number: int) -> int:
        where.add(threading.get_ident())
        done.append(number)
        return number

    answers: list[int] = []
    threads = []
    for number in range(12):
        asked = model._asked.qsize()
        threads.append(threading.Thread(target=lambda n=number: answers.append(model.run(work, n))))
        threads[-1].start()
        while model._asked.qsize() == asked:  # so that the order asked is known
            time.sleep(0.001)
    held.set()
    for thread in [first, *threads]:
        thread.join(30)
    assert done == list(range(12)) == sorted(answers)
    assert len(where) == 1 and threading.get_ident() not in where
    model.close()


def test_what_fails_there_is_told_here_and_the_next_is_done() -> None:
    model = ModelThread()
    with pytest.raises(ZeroDivisionError):
        model.run(divmod, 1, 0)
    assert model.run(divmod, 7, 2) == (3, 1)
    thread = model._thread
    model.close()
    assert not thread.is_alive()
    with pytest.raises(ShareError, match="closed"):
        model.run(divmod, 7, 2)


@needs_glibc
def test_holes_between_what_is_kept_are_given_back() -> None:
    assert int(python(HOLES)) > 150


@needs_glibc
def test_many_threads_share_few_heaps_unless_the_user_says_otherwise(tmp_path) -> None:
    found, bound = map(int, python(HEAPS, str(tmp_path / "heaps.xml")).split())
    assert 1 <= found <= bound
    found, bound = map(
        int, python(HEAPS, str(tmp_path / "heaps.xml"), "more", MALLOC_ARENA_MAX="7").split()
    )
    assert found > bound
