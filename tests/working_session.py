"""A scripted working session, to be killed: acts are told to a file after they are done.

Run as ``python working_session.py PROJECT WEIGHTS RESULTS``: reads one line a round from standard
input (``SEED ACTS SECONDS CLOCK JOBS``), forks a child that works in the project with that seed,
its clock set back by so many years, and kills it so many seconds after it told so many acts. With
jobs it queues some, and works on when the disk is full. Networks are loaded once.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from playreel import Clip, Studio
from playreel.errors import PlayreelError, StorageError

SET_BACK = Path(__file__).with_name("set_back")


def work(studio: Studio, seed: int, tell, *, jobs: bool = False) -> None:
    """Edits, captures, jobs and saves, for ever."""
    draw = random.Random(seed)
    board = studio.board
    takes = [take.content_hash for take in studio.takes]
    if not takes:
        takes = [studio.still("a fox", seed=1, num_steps=1).content_hash]
        tell("take", takes[-1])
    world = studio.world(takes[0], seed=seed)
    while True:
        match draw.randrange(12 if jobs else 9):
            case 0:
                world.play("right*2")
                tell("press", f"{world.session.header.session_id} {world.cursor}")
            case 1:
                world.play(draw.choice(["jump", "left"]))
                takes.append(world.capture(0, None).content_hash)
                tell("take", takes[-1])
            case 2 | 3:
                noise = np.random.default_rng(draw.randrange(10**9))
                frames = noise.integers(0, 256, (draw.choice([1, 3]), 24, 32, 3), np.uint8)
                takes.append(studio.keep(Clip(frames, 12)).content_hash)
                tell("take", takes[-1])
            case 4:
                shot = board.add(studio.open(draw.choice(takes[-5:])), dialogue=f"雪 {seed}")
                tell("add", shot.uid)
            case 5 if len(board):
                text = f"line {draw.random()}"
                shot = board.update(draw.randint(1, len(board)), dialogue=text)
                tell("say", f"{shot.uid} {text}")
            case 6 if len(board) > 3:
                gone = board.remove(draw.randint(1, len(board)))
                tell("remove", gone.uid)
            case 7:
                number = draw.randrange(10**9)
                studio.set(number=number)
                tell("set", str(number))
            case 8:
                if draw.random() < 0.5:
                    entry = studio.undo()
                    tell("undo", str(entry and entry.number))
                else:
                    free = set(takes[2:]) - {shot.take.content_hash for shot in board}
                    if free:
                        gone = draw.choice(sorted(free))
                        if gone not in studio.trash:
                            studio.trash(gone)
                            tell("trash", gone)
                        takes.remove(gone)
            case 9 | 10 | 11:
                made = {"seconds": 0.25, "seed": draw.randrange(10**9), "num_steps": 1}
                tell("job", studio.submit("animate", takes[0], **made).id)


def count_moves(history: Path) -> int:
    """How often a document was changed, undone or done again."""
    text = history.read_bytes() if history.exists() else b""
    return text.count(b'{"number":') + text.count(b'{"head":')


def _set_clock_back(years: int) -> None:
    """Every clock that Python code can ask is set back, here and in the worker that is started."""
    os.environ["YEARS_BACK"] = str(years)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(SET_BACK), os.environ.get("PYTHONPATH", "")])
    sys.path.insert(0, str(SET_BACK))
    sys.modules.pop("sitecustomize", None)
    import sitecustomize

    assert years == sitecustomize.YEARS


def child(
    project: str, weights: str, bundle, seed: int, results: Path, clock: int, jobs: bool
) -> None:
    """Works until it is killed, or until the disk is full."""
    if clock:
        _set_clock_back(clock)
    log = os.open(results, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    history = Path(project) / ".playreel" / "history.ndjson"

    def tell(act: str, what: str) -> None:
        os.write(log, f"{act} {what}\nmoves {count_moves(history)}\n".encode())

    for attempt in itertools.count():
        try:
            studio = Studio(project, weights=weights, bundle=bundle)
            work(studio, seed + 1000 * attempt, tell, jobs=jobs)
        except StorageError as error:
            os.write(log, f"full {str(error)!r}\n".encode())
        except PlayreelError as error:
            os.write(log, f"refused {str(error)!r}\n".encode())
        if not jobs:
            return


def _num_lines(path: str) -> int:
    return Path(path).read_bytes().count(b"\n") if Path(path).exists() else 0


def main(project: str, weights: str, results: str) -> None:
    import torch

    from playreel.core import load_bundle

    torch.set_num_threads(1)
    bundle = load_bundle(weights)
    Studio(project, bundle=bundle)
    print("ready", flush=True)
    for line in sys.stdin:
        seed, acts, seconds, clock, jobs = line.split()
        told = _num_lines(results) + 2 * int(acts)
        pid = os.fork()
        if pid == 0:
            try:
                jobs = bool(int(jobs))
                child(project, weights, bundle, int(seed), Path(results), int(clock), jobs)
            finally:
                os._exit(0)
        limit = time.monotonic() + 60  # where nothing can be done any more
        while _num_lines(results) < told and time.monotonic() < limit:
            time.sleep(0.005)
        deadline = time.monotonic() + float(seconds)
        while time.monotonic() < deadline and os.waitpid(pid, os.WNOHANG) == (0, 0):
            time.sleep(min(0.005, max(0.0, deadline - time.monotonic())))
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        print("killed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
