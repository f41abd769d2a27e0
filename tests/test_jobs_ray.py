"""The same queue on a real Ray cluster of this machine: two workers, one of them killed.

A cluster takes half a minute to start on an idle machine and minutes on a busy one. Nothing here
hangs on how long that takes; what must be quick (pause, cancel) is timed once it runs.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from playreel.jobs import Job, Jobs
from playreel.jobs.ray_engine import LOCAL_SETTINGS
from playreel.media import Clip
from waiting import until

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

TESTS = Path(__file__).resolve().parent
MODULE = "plain_operations"
START_S = 600.0  # for a cluster, and for models to load beside everything else
MAX_CLUSTER_BYTES = 3 << 30  # Ray's own processes and two workers without a model take 1 GiB


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
        assert job.state != "failed", job.record.failure
        news = [e for e in job.history() if e.kind in ("started", "placed")]
        if news and news[-1].kind == "placed" and job.state == "running":
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(news[-1].data["pid"]))
    return found


def family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_jobs_spread_are_cancelled_and_survive_a_lost_machine_once(jobs: Jobs) -> None:
    four = [jobs.add("count", {"units": 300, "pause_s": 0.03, "name": n}) for n in "abcd"]
    until(lambda: len(stages(*four)) == 2, START_S)
    until(lambda: any(event.kind == "preview" for event in four[0].history()))
    cluster = family(jobs.worker()["pid"])
    check_bounds(cluster)
    victim = next(job for job in four if job.state == "running" and job.record.done > 0)
    stages(victim)[0].send_signal(signal.SIGKILL)
    records = jobs.wait(*four, timeout_s=START_S)
    assert {record.state for record in records} == {"done"}
    assert {record.id: record.lost for record in records} == {
        job.id: int(job == victim) for job in four
    }
    assert len({record.result["engine_pid"] for record in records}) >= 2
    for name in "abcd":
        assert (jobs.project / f"made/{name}.txt").read_text() == "300\n"

    unlucky = jobs.add("count", {"units": 9000, "name": "unlucky"})
    for lost in range(2):
        until(lambda: unlucky.record.done > 0 and stages(unlucky))
        stages(unlucky)[0].send_signal(signal.SIGKILL)
        until(lambda lost=lost: unlucky.record.lost == lost + 1)
    until(lambda: unlucky.state == "paused")
    assert "twice" in unlucky.record.note
    after = jobs.add("count", {"units": 1, "name": "after"})
    assert after.wait(START_S).state == "done"
    assert unlucky.state == "paused", "it waits for its owner, while others go on"
    unlucky.resume()
    until(lambda: unlucky.state == "running" and unlucky.record.done > 0)
    unlucky.pause()
    assert until(lambda: unlucky.state == "paused") < 2.0
    both = [jobs.add("count", {"units": 300, "name": n}) for n in "ef"]
    until(lambda: all(job.state == "running" for job in both))  # a paused job holds no machine
    jobs.wait(*both, timeout_s=START_S)
    unlucky.retry()
    until(lambda: unlucky.state == "running" and unlucky.record.done > 0)
    unlucky.cancel()
    assert until(lambda: unlucky.state == "cancelled") < 1.0
    assert not (jobs.project / "made/unlucky.txt").exists()
    cluster = family(jobs.worker()["pid"])
    assert jobs.stop_worker()
    until(lambda: not any(map(lives, cluster)))


def lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def check_bounds(cluster: list[psutil.Process]) -> None:
    """It listens on the loopback alone and takes little memory."""
    assert len(cluster) > 4
    memory, ports = 0, []
    for process in cluster:
        with contextlib.suppress(psutil.NoSuchProcess):
            memory += process.memory_info().rss
            ports += [c.laddr for c in process.net_connections("inet") if c.status == "LISTEN"]
    assert memory < MAX_CLUSTER_BYTES
    assert ports
    for address in ports:
        host = ipaddress.ip_address(address.ip)
        assert (getattr(host, "ipv4_mapped", None) or host).is_loopback, address


@pytest.mark.parametrize("listener", ["nobody", "a stranger"])
def test_a_cluster_that_is_not_there_is_told(tmp_path: Path, listener: str) -> None:
    with contextlib.ExitStack() as open_:
        port = free_port()
        if listener == "a stranger":
            port = open_.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        check_told(tmp_path, f"127.0.0.1:{port}", 60 if listener == "nobody" else 180)


def check_told(tmp_path: Path, address: str, within_s: float) -> None:
    jobs = Jobs(tmp_path, MODULE, executor=address, idle_s=60)
    try:
        job = jobs.add("count", {"units": 1})
        since = time.monotonic()
        jobs.wait(job, timeout_s=START_S)
        assert time.monotonic() - since < within_s, "Ray itself would try for a quarter of an hour"
        assert job.state == "failed"
        assert "does not answer" in job.record.failure.cause
        assert "retry" in job.record.failure.next_step
    finally:
        jobs.stop_worker()


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a cluster that somebody else has started."""
    # It listens on the loopback alone, is waited for and is heeded on a busy machine.
    for name, value in LOCAL_SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    log, place = tmp_path / "ray.log", f"127.0.0.1:{free_port()}"
    command = [Path(sys.executable).with_name("ray"), "start", "--head", "--block"]
    command += ["--node-ip-address=127.0.0.1", f"--port={place.split(':')[1]}", "--num-cpus=2"]
    # Ray waits 15 s for its helpers to choose ports, which is too short on a busy machine.
    helpers = (
        "dashboard-agent-grpc",
        "dashboard-agent-listen",
        "metrics-export",
        "runtime-env-agent",
    )
    command += [f"--{name}-port={free_port()}" for name in helpers]
    command += ["--include-dashboard=false", f"--object-store-memory={256 << 20}"]
    with log.open("w") as file:
        head = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        until(lambda: "Ray runtime started" in log.read_text() or head.poll() is not None, START_S)
        assert head.poll() is None, log.read_text()
        yield place
    finally:
        for process in family(head.pid):  # at once: asked in kind, it waits for half a minute
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        head.wait(60)


@pytest.mark.weights
def test_a_sweep_comes_back_by_content_hash(tmp_path: Path, address: str) -> None:
    from playreel import Studio

    frame = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8)
    picture = Clip(frame.repeat(8, 0).repeat(8, 1)[None])
    options = {"seconds": 1, "num_steps": 1}
    studio = Studio(tmp_path / "pitch", executor=address)
    try:
        sweep = studio.sweep("animate", picture, "a fox", seeds=(1, 2, 3), **options)
        until(lambda: len(stages(*sweep)) == 2, START_S)
        stages(*sweep)[0].send_signal(signal.SIGKILL)
        clips = [job.result(START_S) for job in sweep]
        assert [clip.recipe.seed for clip in clips] == [1, 2, 3]
        assert {clip.content_hash for clip in clips} <= {t.content_hash for t in studio.takes}
        assert sum(job.record.lost for job in sweep) == 1
        alone = Studio(tmp_path / "alone")
        assert alone.animate(picture, "a fox", seed=1, **options) == clips[0]
    finally:
        studio.jobs.stop_worker()
