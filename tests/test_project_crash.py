"""Processes killed at random moments, full disks and clocks set back: nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from playreel.jobs import Jobs
from playreel.jobs.launch import worker_alive
from playreel.media import Clip
from playreel.project import ProjectFolder
from playreel.world import Session
from small_disk import small_disk
from tiny_bundle import save_tiny_bundle
from waiting import until
from working_session import count_moves

pytestmark = pytest.mark.skipif(os.name == "nt", reason="fork and SIGKILL")
OPERATIONS = "playreel.studio.operations"
SCRIPT = Path(__file__).with_name("working_session.py")


class Worker:
    """The program of `working_session`, and what it told."""

    def __init__(self, project: Path, weights: str, results: Path) -> None:
        self.project, self.results = project, results
        self._read = 0
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(project), weights, str(results)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert self._line() == "ready"

    def round(
        self, seed: int, seconds: float, clock: int = 0, *, acts: int = 0, jobs: bool = False
    ) -> list[str]:
        """Lets a child work until so long after so many acts and kills it; returns those told."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed} {acts} {seconds} {clock} {int(jobs)}\n")
        self.process.stdin.flush()
        assert self._line() == "killed"
        lines = self.results.read_text().splitlines() if self.results.exists() else []
        told, self._read = lines[self._read :], len(lines)
        return told

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def check_whole(project: Path, seen: set[tuple[object, ...]] | None = None) -> ProjectFolder:
    """Opens the project and reads every file of it, but for media that were ``seen`` unchanged."""
    folder = ProjectFolder(project)
    seen = set() if seen is None else seen
    until(lambda: not list(project.rglob(".writing-*")), 30 if worker_alive(project) else 0)
    json.loads((project / "project.json").read_text(encoding="utf-8"))
    if (project / "trash.json").exists():
        json.loads((project / "trash.json").read_text(encoding="utf-8"))
    if (project / "board.toml").exists():
        tomllib.loads((project / "board.toml").read_text(encoding="utf-8"))
    for path in [
        *(project / "takes").iterdir(),
        *project.glob("trash/*"),
        *project.glob("posters/*"),
    ]:
        if path.name.startswith(".writing-"):  # by the worker, which lives
            continue
        stat = path.stat()
        stamp = (path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if stamp in seen:
            continue
        seen.add(stamp)
        if path.name.endswith(".recipe.json"):
            json.loads(path.read_text(encoding="utf-8"))
        else:
            clip = Clip.open(path)
            is_poster = path.parent.name == "posters"
            assert is_poster or path.name.startswith(clip.content_hash[:32])
    for take in folder.media:
        assert (project / take.file).is_file()
    for path in (project / "sessions").glob("*.ndjson"):
        if b"\n" in path.read_bytes():  # else it was killed in its first line: nothing was played
            with pytest.warns() if not path.read_bytes().endswith(b"\n") else _nothing():
                Session.load(path)
    for shot in folder.board():
        assert not shot.take.is_missing
    return folder


class _nothing:  # noqa: N801 - a block
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


def check_told(folder: ProjectFolder, told: list[str]) -> None:
    """Whatever the session had told as done is there, and at most one act more."""
    known = {take.content_hash for take in folder.media.all()}
    moves = None
    for line in told:
        act, what = line.split(" ", 1)
        if act == "take":
            assert what in known
        elif act == "press":
            name, cursor = what.split()
            session = Session.load(folder.sessions / f"{name}.ndjson")
            assert max(step.depth for step in session) >= int(cursor)
        elif act == "moves":
            moves = int(what)
    if moves is not None:  # the act under way may have been done without having been told
        there = count_moves(folder.private / "history.ndjson")
        assert 0 <= there - moves <= 1
    if {"undo", "remove"} & {line.split()[0] for line in told}:
        return  # then the history alone says what is in force
    said = dict(line.split(" ", 2)[1:] for line in told if line.startswith("say "))
    spoken = {shot.uid: shot.dialogue for shot in folder.board()}
    assert sum(spoken.get(uid) != text for uid, text in said.items()) <= 1


def check_history(folder: ProjectFolder) -> None:
    """Every document is what the history says, so undo leads all the way back."""
    assert not [e for e in folder.history.entries() if e.act == "outside"]


def kill_often(worker: Worker, kills: int, longest_s: float, clock=lambda n: 0) -> int:
    draw, acts = random.Random(kills), 0
    seen: set[tuple[object, ...]] = set()
    for number in range(kills):
        seconds = draw.uniform(0.02, longest_s)
        told = worker.round(number, seconds, clock(number), acts=draw.randrange(1, 3))
        folder = check_whole(worker.project, seen)
        check_told(folder, told)
        check_history(folder)
        acts += len(told)
    check_whole(worker.project)
    return acts


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_bundle(tmp_path_factory.mktemp("weights") / "tiny"))


@pytest.fixture
def worker(tmp_path: Path, tiny: str) -> Iterator[Worker]:
    worker = Worker(tmp_path / "pitch", tiny, tmp_path / "told")
    yield worker
    worker.close()


def test_killed_at_a_dozen_moments_a_project_opens_with_all_that_was_told(worker: Worker) -> None:
    assert kill_often(worker, 12, 0.5) > 12


def test_with_the_clock_set_back_each_time(worker: Worker) -> None:
    assert kill_often(worker, 5, 0.5, clock=lambda number: 1 + 3 * number) > 5
    folder = ProjectFolder(worker.project)
    times = [entry.time for entry in folder.history.entries()]
    assert times != sorted(times)  # the clock did run backward
    numbers = [entry.number for entry in folder.history.entries() if entry.number]
    assert numbers == sorted(numbers)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 1) as disk:
        yield disk


def test_with_the_disk_full_everything_told_is_there(
    full_disk: Path, tiny: str, tmp_path: Path
) -> None:
    worker = Worker(full_disk / "pitch", tiny, tmp_path / "told")
    full = 0
    for seed in range(8):
        told = worker.round(seed, 20.0)
        full += told[-1:] != [] and told[-1].startswith("full")
        folder = check_whole(worker.project)
        check_told(folder, [line for line in told if not line.startswith("full")])
        check_history(folder)
        if full:
            assert "free some space" in told[-1].lower()
        if full >= 3:
            break
    assert full >= 3
    # Room is made by emptying the trash or by hand; then work goes on.
    ballast = sorted((worker.project / "sessions").glob("*.ndjson"))
    for path in ballast[:-1]:
        path.unlink()
    assert any(worker.round(99, seconds) for seconds in (2.0, 8.0, 30.0))  # busy machines, too
    check_history(check_whole(worker.project))
    worker.close()


class Queue:
    """What a project's queue must keep to, kill after kill."""

    def __init__(self, project: Path) -> None:
        self.jobs = Jobs(project, OPERATIONS)
        self.told: set[str] = set()
        self.paused: set[str] = set()
        self.done: set[str] = set()
        self.workers_killed = 0

    def check(self, folder: ProjectFolder, told: list[str]) -> None:
        self.told |= {line.split()[1] for line in told if line.startswith("job ")}
        records = {record.id: record for record in self.jobs.list()}
        assert self.told <= records.keys(), "a job that was told is there"
        for job in self.paused:
            assert records[job].state == "paused", "nothing reruns by itself"
        for record in records.values():
            if record.state == "done" and record.id not in self.done:
                self.done.add(record.id)
                take = folder.media.known(record.result["take"])
                assert take is not None and len(folder.media.stored(take.content_hash).frames) == 3
            elif record.state == "failed":
                assert record.failure.code in ("disk-full", "storage"), record.failure

    def kill_worker(self) -> None:
        """What ran or waited is paused from then on."""
        worker = self.jobs.worker()
        if worker is None:
            return
        os.kill(worker["pid"], signal.SIGKILL)
        until(lambda: not worker_alive(self.jobs.project))
        self.workers_killed += 1
        until(lambda: not self.jobs.list("queued", "running"), 20)
        self.paused = {record.id for record in self.jobs.list("paused")}


def kill_a_hundred_times(
    worker: Worker, *, longest_s: float, clock=lambda number: 0, room: Path | None = None
) -> Queue:
    """A hundred rounds with jobs; in some the job's worker is killed, too.

    Args:
        longest_s: of a round.
        clock: years by which the clock is set back in a round.
        room: a file that leaves little free on the project's disk, less each time than is needed.
    """
    draw, opened, acts, full = random.Random(7), 0, 0, 0
    queue, seen = None, set()
    for number in range(100):
        if room is not None and number:
            leave_free(room, draw.choice((0, 8, 30, 100, 400)) << 10)
        # A busy machine is given time to work in; the moment of the kill is drawn all the same.
        due = draw.randrange(4) if room is None else 0
        told = worker.round(
            number, draw.uniform(0.02, longest_s), clock(number), acts=due, jobs=True
        )
        full += any(line.startswith("full") for line in told)
        acts += sum(line.split()[0] not in ("moves", "full", "refused") for line in told)
        folder = check_whole(worker.project, seen)
        opened += 1
        check_told(folder, [line for line in told if not line.startswith(("full", "refused"))])
        check_history(folder)
        queue = queue or Queue(worker.project)
        queue.check(folder, told)
        if draw.random() < 0.3:
            queue.kill_worker()
    if room is not None:
        room.unlink()
        assert full > 20
    print(
        f"{opened} of 100 opened, {acts} acts, {full} rounds on a full disk, {len(queue.told)} jobs "
        f"({len(queue.done)} done), worker killed {queue.workers_killed} times"
    )
    assert acts > (100 if room is None else 30) and queue.told and queue.workers_killed
    queue.kill_worker()
    again = Jobs(worker.project, OPERATIONS, idle_s=20)
    try:  # whatever happened, the owner's word gets a job done
        waiting = again.list("paused", "failed", "cancelled")
        if waiting:
            assert again.retry(waiting[0].id).wait(240).state == "done"
    finally:
        again.stop_worker()
    check_whole(worker.project)
    return queue


def leave_free(ballast: Path, num_bytes: int) -> None:
    """Makes a file so large that so much is left on its disk, or less if there is less."""
    size = ballast.stat().st_size if ballast.exists() else 0
    wanted = max(0, size + shutil.disk_usage(ballast.parent).free - num_bytes)
    with ballast.open("ab") as file, contextlib.suppress(OSError):
        file.truncate(min(size, wanted))
        file.write(bytes(max(0, wanted - size)))


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(3000)
def test_killed_at_a_hundred_moments_with_the_bundled_model(tmp_path: Path) -> None:
    worker = Worker(tmp_path / "pitch", "bundled", tmp_path / "told")
    kill_a_hundred_times(worker, longest_s=1.5)
    worker.close()


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_killed_at_a_hundred_moments_with_the_clock_set_back(worker: Worker) -> None:
    kill_a_hundred_times(worker, longest_s=1.5, clock=lambda number: 1 + number % 7)
    times = [entry.time for entry in ProjectFolder(worker.project).history.entries()]
    assert times != sorted(times)  # the clock did run backward


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_killed_at_a_hundred_moments_on_a_full_disk(tmp_path: Path, tiny: str) -> None:
    with small_disk(tmp_path / "disk", 48) as disk:
        worker = Worker(disk / "pitch", tiny, tmp_path / "told")
        kill_a_hundred_times(worker, longest_s=2.5, room=disk / "ballast")
        worker.close()
