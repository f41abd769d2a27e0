from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from playreel.errors import InputError, JobStateError, NotYoursError, StorageError
from playreel.jobs.ledger import KEPT_PREVIEWS, Ledger
from playreel.jobs.owner import my_token, owner_hash
from playreel.jobs.queue import JobQueue
from playreel.jobs.record import Failure
from playreel.jobs.store import Store

ME, YOU = owner_hash("my own secret"), owner_hash("your own secret")
WHY = Failure(code="engine-crash", cause="it fell", next_step="Retry.")


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    return JobQueue(tmp_path)


@pytest.fixture
def ledger(queue: JobQueue, tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path)
    ledger.begin()
    return ledger


def test_jobs_are_kept_in_order_and_found_by_name(queue: JobQueue, tmp_path: Path) -> None:
    made = [queue.submit("count", {"units": n}, owner=ME) for n in (1, 2, 3)]
    again = JobQueue(tmp_path)
    assert [job.id for job in again.jobs()] == [job.id for job in made]
    assert again.get(made[1].id[:6]) == made[1]
    assert again.get(2) == again.get("#2") == made[1]
    assert again.get("last").options == {"units": 3}
    for bad in ("", "zz", "0", 99, "ffffffff"):
        with pytest.raises(InputError, match="names 0 jobs"):
            again.get(bad)
    with pytest.raises(InputError, match="state"):
        again.jobs("pending")


def test_options_must_be_plain_and_small(queue: JobQueue) -> None:
    for bad in ({"x": object()}, {"x": float("nan")}, {"x": "y" * 300_000}):
        with pytest.raises(InputError, match="options of count"):
            queue.submit("count", bad, owner=ME)
    assert queue.jobs() == []


def test_only_the_owner_may_ask_anything(queue: JobQueue) -> None:
    job = queue.submit("count", {}, owner=ME).id
    for ask in (queue.cancel, queue.pause, queue.resume, queue.retry):
        with pytest.raises(NotYoursError, match="someone else"):
            ask(job, YOU)
    with pytest.raises(NotYoursError):
        queue.move(job, 1, YOU)
    assert queue.get(job).state == "queued"
    assert "owner" not in queue.get(job).document()
    assert queue.forget(YOU) == 0


def test_the_token_of_a_user_stays_and_is_theirs_alone() -> None:
    token = my_token()
    assert token == my_token() and len(token) >= 16
    other = subprocess.run(
        [sys.executable, "-c", "from playreel.jobs.owner import my_token; print(my_token())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == token
    import os

    file = Path(os.environ["XDG_CONFIG_HOME"]) / "playreel" / "owner"
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(InputError, match="8 characters"):
        owner_hash("short")


def test_waiting_jobs_pause_resume_and_move(queue: JobQueue) -> None:
    a, b, c = (queue.submit("count", {"units": n}, owner=ME).id for n in (1, 2, 3))
    queue.move(c, 1, ME)
    assert [job.id for job in queue.jobs()] == [c, a, b]
    queue.move(c, 99, ME)
    assert [job.id for job in queue.jobs()] == [a, b, c]
    assert queue.pause(a, ME).state == "paused"
    assert queue.resume(a, ME).state == "queued"
    assert queue.cancel(b, ME).state == "cancelled"
    with pytest.raises(JobStateError, match="it is cancelled"):
        queue.pause(b, ME)
    with pytest.raises(JobStateError):
        queue.retry(a, ME)
    with pytest.raises(InputError, match="place"):
        queue.move(a, 0, ME)
    assert queue.retry(b, ME).state == "queued"
    kinds = [event.kind for event in queue.events(b)]
    assert kinds == ["submitted", "cancelled", "retried"]


def test_a_job_is_claimed_once_and_ends_whole(queue: JobQueue, ledger: Ledger) -> None:
    job = queue.submit("count", {"units": 9}, owner=ME).id
    assert ledger.claim("ray", 1) is None
    assert ledger.claim("local", 1).id == job
    assert ledger.claim("local", 1) is None
    ledger.progress(job, 3, 9, 1.5)
    record = queue.get(job)
    assert (record.share, record.eta_s, record.attempts) == (3 / 9, 1.5, 1)
    ledger.finish(job, {"path": "x"})
    record = queue.get(job)
    assert (record.state, record.result, record.share) == ("done", {"path": "x"}, 1.0)
    with pytest.raises(JobStateError):
        queue.retry(job, ME)
    assert queue.forget(ME) == 1
    assert queue.events() == []


def test_running_jobs_are_asked_and_only_the_latest_previews_stay(
    queue: JobQueue, ledger: Ledger
) -> None:
    job = queue.submit("count", {}, owner=ME).id
    ledger.claim("local", 1)
    for index in range(KEPT_PREVIEWS + 9):
        ledger.preview(job, index, b"png%d" % index)
    shown = [event for event in queue.events(job) if event.kind == "preview"]
    assert [event.data["frame"] for event in shown] == list(range(9, KEPT_PREVIEWS + 9))
    assert shown[-1].png == b"png%d" % (KEPT_PREVIEWS + 8)
    assert queue.pause(job, ME).wanted == "pause"
    assert queue.resume(job, ME).wanted == ""
    assert queue.cancel(job, ME).wanted == "cancel"
    assert queue.pause(job, ME).wanted == "cancel"  # a cancel is not taken back by a pause
    ledger.fail(job, WHY)
    assert queue.get(job).failure == WHY
    assert queue.retry(job, ME).failure is None


def test_after_a_crash_jobs_are_paused_and_nothing_runs(queue: JobQueue, ledger: Ledger) -> None:
    a, b, c, d = (queue.submit("count", {"n": n}, owner=ME).id for n in range(4))
    ledger.claim("local", 1), ledger.claim("local", 1)
    queue.cancel(b, ME), queue.cancel(d, ME)
    assert ledger.recover() == 3
    states = {job.id: job.state for job in queue.jobs()}
    assert states == {a: "paused", b: "cancelled", c: "paused", d: "cancelled"}
    assert "worker ended" in queue.get(a).note
    assert ledger.recover() == 0
    fresh = queue.submit("count", {}, owner=ME).id
    assert ledger.recover() == 0, "what was submitted since the crash is no leftover of it"
    assert ledger.claim("local", 1).id == fresh


def test_a_worker_that_signs_off_leaves_nothing_waiting(queue: JobQueue, ledger: Ledger) -> None:
    job = queue.submit("count", {}, owner=ME).id
    assert not ledger.close()
    assert ledger.close("ended by hand")
    assert (queue.get(job).state, queue.get(job).note) == ("paused", "ended by hand")


def test_a_lost_machine_is_forgiven_once(queue: JobQueue, ledger: Ledger) -> None:
    job = queue.submit("count", {}, owner=ME, executor="ray").id
    ledger.claim("ray", 1)
    assert ledger.machine_lost(job, "worker 2 died")
    assert ledger.claim("ray", 1).lost == 1
    assert not ledger.machine_lost(job, "worker 3 died")
    assert queue.get(job).state == "paused"
    assert [e.data["retried"] for e in queue.events(job) if e.kind == "lost"] == [True, False]


def test_a_newer_or_damaged_queue_is_told_and_left_alone(queue: JobQueue, tmp_path: Path) -> None:
    path = queue.store.path
    queue.store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="schema version 99"):
        JobQueue(tmp_path)
    for file in path.parent.glob("queue.sqlite*"):
        file.unlink()
    path.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    with pytest.raises(StorageError, match="cannot be read"):
        JobQueue(tmp_path)
    assert path.read_bytes().startswith(b"no database")


def test_many_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from playreel.jobs.queue import JobQueue\n"
        "queue = JobQueue(Path(sys.argv[1]))\n"
        "for n in range(25): queue.submit('count', {'n': n}, owner='x')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    writers = [subprocess.Popen(command) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    jobs = JobQueue(tmp_path).jobs()
    assert sorted(job.number for job in jobs) == list(range(1, 101))
    assert len({job.id for job in jobs}) == 100


def test_room_is_kept_for_a_full_disk(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_reserve()
    assert store.release_reserve()
    assert not store.release_reserve()
