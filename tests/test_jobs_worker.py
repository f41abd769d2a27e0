"""The worker with plain operations: real processes, killed for real; no model."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from playreel.errors import InputError, JobFailedError, NotYoursError
from playreel.jobs import Job, Jobs
from playreel.jobs.launch import call_worker, worker_alive
from playreel.jobs.wire import Address, ask
from small_disk import fill, small_disk
from waiting import until, with_ticks

TESTS = Path(__file__).resolve().parent
MODULE = "plain_operations"


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *sys.path]))
    jobs = Jobs(tmp_path, MODULE, idle_s=60)
    yield jobs
    jobs.stop_worker()


def running(job: Job) -> bool:
    return job.state == "running" and job.record.done > 0


def test_a_job_is_done_by_another_process(jobs: Jobs) -> None:
    job = jobs.add("count", {"units": 5})
    record = job.wait(30)
    assert record.result["engine_pid"] not in (os.getpid(), record.worker_pid)
    assert (jobs.project / "made/count.txt").read_text() == "5\n"
    assert job.progress == 1.0
    kinds = [event.kind for event in job.events()]
    assert kinds[:2] == ["submitted", "started"] and kinds[-1] == "done"
    assert "preview" not in kinds, "the result is there; its previews are not kept"


def test_clients_share_one_worker_and_one_engine(jobs: Jobs) -> None:
    code = (
        "import sys; from pathlib import Path; from playreel.jobs import Jobs\n"
        f"job = Jobs(Path(sys.argv[1]), {MODULE!r}).add('count', {{'units': 2}})\n"
        "record = job.wait(30); print(record.worker_pid, record.result['engine_pid'])"
    )
    command = [sys.executable, "-c", code, str(jobs.project)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    mine = jobs.add("count", {"units": 2}).wait(30)
    told = {other.communicate(timeout=60)[0].strip() for other in others}
    assert told == {f"{mine.worker_pid} {mine.result['engine_pid']}"}


def test_cancel_takes_effect_within_a_second(jobs: Jobs) -> None:
    willing = jobs.add("count", {"units": 10_000, "name": "never"})
    until(lambda: running(willing))
    willing.cancel()
    assert until(lambda: willing.state == "cancelled") < 1.0
    jobs.add("count", {"units": 1}).wait(30)
    engine = jobs.worker()["engines"]["local"]
    deaf = jobs.add("deaf", {})
    until(lambda: deaf.state == "running")
    time.sleep(0.2)
    deaf.cancel()
    assert until(lambda: deaf.state == "cancelled") < 1.0
    with pytest.raises(JobFailedError, match="cancelled"):
        deaf.result(1)
    after = jobs.add("count", {"units": 1}).wait(30)
    assert after.engine_pid != engine, "one that would not stop was ended"
    assert not (jobs.project / "made/never.txt").exists()


def test_a_paused_job_keeps_what_it_has_while_another_runs(jobs: Jobs) -> None:
    long = jobs.add("count", {"units": 60, "name": "long"})
    until(lambda: running(long))
    long.pause()
    assert until(lambda: long.state == "paused") < 1.0
    done = long.record.done
    time.sleep(0.3)
    assert long.record.done == done
    short = jobs.add("count", {"units": 2, "name": "short"}).wait(30)
    assert long.state == "paused"
    long.resume()
    record = long.wait(30)
    assert record.result["engine_pid"] == short.result["engine_pid"]
    told = [event.data["done"] for event in long.events() if event.kind == "progress"]
    assert told == sorted(told), "it went on where it was"
    held = jobs.add("count", {"units": 10_000})
    until(lambda: running(held))
    held.pause(), until(lambda: held.state == "paused")
    held.cancel()
    assert held.state == "cancelled"
    jobs.add("count", {"units": 1}).wait(30)


def test_the_queue_can_be_reordered_while_it_runs(jobs: Jobs) -> None:
    first = jobs.add("count", {"units": 60})
    until(lambda: running(first))
    a, b, c = (jobs.add("count", {"units": 1, "name": n}) for n in "abc")
    b.pause()
    order = [record.id for record in jobs.reorder([c, a])]
    assert order == [c.id, a.id, b.id]
    jobs.wait(first, a, c, timeout_s=30)
    assert c.record.started_at < a.record.started_at
    assert b.state == "paused"


def test_sigkill_of_the_worker_leaves_paused_jobs_and_a_retry_works(jobs: Jobs) -> None:
    job = jobs.add("count", {"units": 60, "name": "one"})
    waiting = jobs.add("count", {"units": 1, "name": "two"})
    until(lambda: running(job))
    engine = jobs.worker()["engines"]["local"]
    os.kill(jobs.worker()["pid"], signal.SIGKILL)
    until(lambda: not worker_alive(jobs.project))
    later = Jobs(jobs.project, MODULE, idle_s=60)
    assert {record.state for record in later.list()} == {"paused"}
    assert "worker ended" in later.get(job.id).record.note
    until(lambda: not _alive(engine))
    assert not (jobs.project / "made").exists()
    fresh = later.add("count", {"units": 1, "name": "three"})
    fresh.wait(30)
    time.sleep(0.2)
    assert {later.get(j.id).state for j in (job, waiting)} == {"paused"}, "nothing reruns by itself"
    later.retry(job.id), later.resume(waiting.id)
    later.wait(timeout_s=30)
    assert sorted(p.name for p in (jobs.project / "made").iterdir()) == [
        "one.txt",
        "three.txt",
        "two.txt",
    ]


def test_events_survive_the_client_that_submitted(jobs: Jobs) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from playreel.jobs import Jobs\n"
        f"job = Jobs(Path(sys.argv[1]), {MODULE!r}, idle_s=60).add('count', {{'units': 40}})\n"
        "for event in job.events():\n"
        "    if event.kind == 'progress': os.kill(os.getpid(), signal.SIGKILL)"
    )
    client = subprocess.run([sys.executable, "-c", code, str(jobs.project)], timeout=60)
    assert client.returncode == -signal.SIGKILL
    job = jobs.get("last")
    assert job.state == "running"
    seen = list(job.events())
    assert [event.seq for event in seen] == sorted({event.seq for event in seen})
    assert (seen[0].kind, seen[1].kind, seen[-1].kind) == ("submitted", "started", "done")
    pictures = [event for event in seen if event.kind == "preview"]
    assert pictures and pictures[0].png.startswith(b"\x89PNG")
    assert next(job.events(since=seen[-2].seq)).kind == "done"


def test_an_event_loop_stays_free(jobs: Jobs) -> None:
    async def main(job: Job) -> tuple[list[str], dict[str, object]]:
        return [event.kind async for event in job], await job

    worst = []
    while not worst or worst[-1] >= 0.5:
        assert len(worst) < 4, worst
        job = jobs.add("count", {"units": 30, "pause_s": 0.03})
        (kinds, result), late_s = asyncio.run(with_ticks(main(job)))
        assert kinds[-1] == "done" and "preview" in kinds
        assert result["path"] == "made/count.txt"
        worst.append(late_s)


@pytest.mark.parametrize(
    ("trouble", "code", "cause", "step"),
    [
        ("memory", "out-of-memory", "memory", "fewer seconds"),
        ("disk", "disk-full", "space", "Free some space"),
        ("crash", "engine-crash", "signal 6", "Retry"),
        ("odd", "internal", "KeyError", "report"),
    ],
)
def test_troubles_are_told_and_a_retry_works(
    jobs: Jobs, trouble: str, code: str, cause: str, step: str
) -> None:
    (jobs.project / "trouble").write_text(trouble)
    job = jobs.add("as-told", {})
    jobs.wait(job, timeout_s=30)
    failure = job.record.failure
    assert failure is not None and failure.code == code
    assert cause in failure.cause and step in failure.next_step
    with pytest.raises(JobFailedError, match=step.split()[0]):
        job.result()
    (jobs.project / "trouble").unlink()
    assert job.retry().wait(30).result == {"path": "well"}
    assert job.record.failure is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit on another process")
def test_no_memory_for_another_job_is_told_and_the_engine_lives(jobs: Jobs) -> None:
    held = jobs.add("count", {"units": 4000})
    until(lambda: held.record.done > 0)
    held.pause()
    until(lambda: held.state == "paused")
    engine = psutil.Process(held.record.engine_pid)
    soft, hard = engine.rlimit(psutil.RLIMIT_AS)
    # Less than the stack of one more thread; the first job keeps its own.
    engine.rlimit(psutil.RLIMIT_AS, (engine.memory_info().vms + (1 << 20), hard))
    job = jobs.add("count", {"units": 3})
    jobs.wait(job, timeout_s=30)
    failure = job.record.failure
    assert failure is not None and failure.code == "out-of-memory", job.record
    engine.rlimit(psutil.RLIMIT_AS, (soft, hard))
    assert job.retry().wait(30).result["engine_pid"] == engine.pid
    done = held.record.done
    held.resume()
    until(lambda: held.record.done > done)
    held.cancel()


def test_a_full_disk_costs_no_job_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *sys.path]))
    with small_disk(tmp_path / "disk", 4) as disk:
        jobs = Jobs(disk / "pitch", MODULE, idle_s=60)
        try:
            jobs.add("count", {"units": 1}).wait(30)
            # More than the room that the queue keeps for itself and gives free.
            job = jobs.add("count", {"units": 60, "name": "late", "padding": 1 << 20})
            until(lambda: job.record.done > 0)
            fill(disk / "ballast")
            jobs.wait(job, timeout_s=30)
            failure = job.record.failure
            assert failure is not None and failure.code == "disk-full", job.record
            assert "space" in failure.next_step
            assert not (disk / "pitch/made/late.txt").exists()
            (disk / "ballast").unlink()
            assert job.retry().wait(30).state == "done"
            assert (disk / "pitch/made/late.txt").read_text().strip() == "60"
        finally:
            jobs.stop_worker()


def test_strangers_get_no_answer(jobs: Jobs) -> None:
    jobs.add("count", {"units": 1}).wait(30)
    folder = jobs.project / ".playreel/jobs"
    file = folder / "worker.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    address = Address.load(folder)
    assert ask(address, {"ask": "status"})["pid"] == address.pid
    wrong = Address(port=address.port, secret="0" * 64, pid=1)
    with pytest.raises(OSError, match=r"went away|reset"):
        ask(wrong, {"ask": "stop"})
    with socket.create_connection(("127.0.0.1", address.port)) as rude:
        rude.sendall(b"\xff" * 100_000 + b"\n")
    assert jobs.worker()["pid"] == address.pid
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        Address(port=impostor.getsockname()[1], secret=address.secret, pid=1).save(folder)
        impostor.settimeout(5)
        import threading

        def lie() -> None:
            connection, _ = impostor.accept()
            with connection:
                connection.sendall(b'{"nonce": "x"}\n')
                connection.recv(1000)
                connection.sendall(b'{"proof": "none"}\n')

        thread = threading.Thread(target=lie)
        thread.start()
        assert call_worker(jobs.project, {"ask": "stop"}) is None
        thread.join()
    address.save(folder)


def test_others_may_look_but_not_touch(jobs: Jobs) -> None:
    other = Jobs(jobs.project, MODULE, owner="a visitor's secret", idle_s=60)
    job = jobs.add("count", {"units": 10_000})
    until(lambda: running(job))
    assert other.get(job.id).state == "running"
    assert not other.is_mine(job.record)
    with pytest.raises(NotYoursError):
        other.cancel(job.id)
    theirs = other.add("count", {"units": 1})
    with pytest.raises(NotYoursError):
        jobs.cancel(theirs)
    job.cancel()
    assert theirs.wait(30).state == "done"


def test_estimates_learn_from_runs(jobs: Jobs) -> None:
    before = jobs.reckon("count", {"units": 10})
    assert (before.seconds, before.measured_runs) == (0.5, 0)
    assert before.free_disk_bytes > 0
    jobs.add("count", {"units": 10, "pause_s": 0.1}).wait(30)
    after = jobs.reckon("count", {"units": 20})
    assert after.measured_runs == 1
    assert 1.8 < after.seconds < 6
    assert after.memory_bytes > 1 << 20
    assert "1 runs here" in str(after)
    with pytest.raises(InputError, match="can be queued"):
        jobs.reckon("paint", {})
    with pytest.raises(InputError, match="can be queued"):
        jobs.add("paint", {})


def test_an_idle_worker_goes_and_comes_back(tmp_path: Path, jobs: Jobs) -> None:
    brief = Jobs(tmp_path, MODULE, idle_s=0.2)
    first = brief.add("count", {"units": 1}).wait(30)
    until(lambda: not worker_alive(tmp_path))
    assert brief.worker() is None
    assert not (tmp_path / ".playreel/jobs/worker.json").exists()
    second = brief.add("count", {"units": 1}).wait(30)
    assert second.worker_pid != first.worker_pid


def test_a_stopped_worker_pauses_what_it_had(jobs: Jobs) -> None:
    job = jobs.add("count", {"units": 10_000})
    until(lambda: running(job))
    assert jobs.stop_worker()
    assert not worker_alive(jobs.project)
    assert job.state == "paused"
    with pytest.raises(JobFailedError, match="paused"):
        job.wait(1)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except OSError:
        return False
