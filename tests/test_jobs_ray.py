"""The same queue on a real Ray cluster of this machine: two workers, one of them killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from playreel.jobs import Job, Jobs
from playreel.media import Clip
from waiting import until

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TESTS = Path(__file__).resolve().parent
MODULE = "plain_operations"


@pytest.fixture(autouse=True)
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *sys.path]))
    monkeypatch.setenv("PLAYREEL_RAY_WORKERS", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path, MODULE, executor="ray", idle_s=120)
    yield jobs
    jobs.stop_worker()


def stages(*jobs: Job) -> list[psutil.Process]:
    """The processes of the cluster that have these jobs now."""
    found = []
    for job in jobs:
        news = [e for e in job.history() if e.kind in ("started", "placed")]
        if news and news[-1].kind == "placed" and job.state == "running":
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(news[-1].data["pid"]))
    return found


def test_jobs_spread_are_cancelled_and_survive_a_lost_machine_once(jobs: Jobs) -> None:
    four = [jobs.add("count", {"units": 300, "pause_s": 0.03, "name": n}) for n in "abcd"]
    until(lambda: len(stages(*four)) == 2)
    until(lambda: any(event.kind == "preview" for event in four[0].history()))
    victim = stages(*four)[0]
    victim.send_signal(signal.SIGKILL)
    records = jobs.wait(*four, timeout_s=240)
    assert {record.state for record in records} == {"done"}
    assert sorted(record.lost for record in records) == [0, 0, 0, 1]
    assert len({record.result["engine_pid"] for record in records}) >= 2
    for name in "abcd":
        assert (jobs.project / f"made/{name}.txt").read_text() == "300\n"

    unlucky = jobs.add("count", {"units": 9000, "name": "unlucky"})
    for _ in range(2):
        lost = unlucky.record.lost
        until(lambda: unlucky.record.done > 0 and stages(unlucky))
        stages(unlucky)[0].send_signal(signal.SIGKILL)
        until(lambda lost=lost: unlucky.record.lost == lost + 1)
    until(lambda: unlucky.state == "paused")
    time.sleep(0.5)
    assert unlucky.state == "paused", "it waits for its owner"
    unlucky.resume()
    until(lambda: unlucky.state == "running" and unlucky.record.done > 0)
    unlucky.pause()
    assert until(lambda: unlucky.state == "paused") < 2.0
    both = [jobs.add("count", {"units": 300, "name": n}) for n in "ef"]
    until(lambda: all(job.state == "running" for job in both))  # a paused job holds no machine
    jobs.wait(*both)
    unlucky.retry()
    until(lambda: unlucky.state == "running" and unlucky.record.done > 0)
    unlucky.cancel()
    assert until(lambda: unlucky.state == "cancelled") < 1.0
    assert not (jobs.project / "made/unlucky.txt").exists()


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, MODULE, executor="127.0.0.1:9", idle_s=30)
    try:
        job = jobs.add("count", {"units": 1})
        jobs.wait(job, timeout_s=240)
        assert job.state == "failed"
        assert "does not answer" in job.record.failure.cause
    finally:
        jobs.stop_worker()


@pytest.mark.weights
def test_a_sweep_comes_back_by_content_hash(tmp_path: Path) -> None:
    from playreel import Studio

    frame = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8)
    picture = Clip(frame.repeat(8, 0).repeat(8, 1)[None])
    studio = Studio(tmp_path / "pitch", executor="ray")
    try:
        sweep = studio.sweep("animate", picture, "a fox", seeds=(1, 2, 3), seconds=1)
        until(lambda: len(stages(*sweep)) == 2)
        stages(*sweep)[0].send_signal(signal.SIGKILL)
        clips = [job.result(240) for job in sweep]
        assert [clip.recipe.seed for clip in clips] == [1, 2, 3]
        assert {clip.content_hash for clip in clips} <= {t.content_hash for t in studio.takes}
        assert sum(job.record.lost for job in sweep) == 1
        alone = Studio(tmp_path / "alone")
        assert alone.animate(picture, "a fox", seed=1, seconds=1) == clips[0]
    finally:
        studio.jobs.stop_worker()
