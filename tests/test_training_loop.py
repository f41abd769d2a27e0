"""The training loop on a tiny real network: budgets, checkpoints, kills, bad losses, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from playreel.errors import CheckpointError, PlayreelError, TrainingError
from playreel.training.batches import BatchFeeder, batch_seed
from playreel.training.loop import train

STUDIO = Path(__file__).resolve().parents[1] / "studio"


class LineTask:
    """Learns y = A x from noise-free examples; keeps a note of every data seed it used."""

    name = "line"
    lr = 0.03
    weight_decay = 0.0

    def __init__(self, *, bad_from: int | None = None, pause_s: float = 0.0) -> None:
        torch.manual_seed(0)
        self.modules = {"net": nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 2))}
        self.target = np.arange(8, dtype=np.float32).reshape(4, 2) / 8
        self.bad_from = bad_from
        self.pause_s = pause_s
        self.seeds: list[int] = []
        self.estimates: list[int] = []

    def batch(self, rng_seed: int) -> dict[str, np.ndarray]:
        x = np.random.default_rng(rng_seed).normal(size=(32, 4)).astype(np.float32)
        return {"x": x, "y": x @ self.target, "seed": np.array([rng_seed])}

    def loss(self, batch, step, num_steps_estimate):
        time.sleep(self.pause_s)
        self.seeds.append(int(batch["seed"][0]))
        self.estimates.append(num_steps_estimate)
        error = (self.modules["net"](batch["x"]) - batch["y"]).float().square().mean()
        if self.bad_from is not None and step >= self.bad_from:
            error = error * torch.nan
        return error, {"rms": error.detach().sqrt().item()}

    def sample(self, dir: Path, step: int) -> None:
        assert not self.modules["net"].training
        (dir / "picture.png").write_bytes(b"")

    def export(self, dir: Path) -> None:
        net = dir / "net"
        net.mkdir()
        save_file(self.modules["net"].state_dict(), net / "model.safetensors")


def run(task: LineTask, out: Path, **options):
    return train(task, out=out, **{"num_workers": 0, "quiet": True, "device": "cpu", **options})


def events(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "train.ndjson").read_text().splitlines()]


def test_learns_and_exports_the_averaged_weights(tmp_path):
    task = LineTask()
    summary = run(task, tmp_path / "run", max_steps=150)
    assert summary["status"] == "finished" and summary["steps"] == 150
    log = [e for e in events(tmp_path / "run") if e["event"] == "step"]
    assert summary["loss"] < 0.2 * log[0]["loss"]
    exported = load_file(tmp_path / "run" / "pretrained" / "net" / "model.safetensors")
    trained = task.modules["net"].state_dict()
    assert exported.keys() == trained.keys()
    assert any(not torch.equal(exported[k], trained[k]) for k in trained)  # average, not last
    assert not list((tmp_path / "run").rglob("*.pt")) + list((tmp_path / "run").rglob("*.pkl"))


def test_minutes_are_a_wall_time_budget_and_the_rate_falls_to_its_floor(tmp_path):
    task = LineTask(pause_s=0.005)
    begin = time.monotonic()
    summary = run(task, tmp_path / "run", minutes=4 / 60, log_every=0.1)
    assert 3 < time.monotonic() - begin < 100
    assert summary["steps"] > 1
    last = [e for e in events(tmp_path / "run") if e["event"] == "step"][-1]
    assert last["lr"] < 0.5 * task.lr
    assert task.estimates[-1] == pytest.approx(summary["steps"], rel=0.5, abs=3)


def test_needs_a_budget_and_a_positive_one(tmp_path):
    with pytest.raises(TrainingError, match="budget"):
        run(LineTask(), tmp_path / "a")
    with pytest.raises(TrainingError, match="-3"):
        run(LineTask(), tmp_path / "b", minutes=-3)
    with pytest.raises(TrainingError, match="does not know"):
        run(LineTask(), tmp_path / "c", max_steps=1, epochs=4)


def test_a_resumed_run_is_the_run_that_was_never_stopped(tmp_path):
    whole, first, second = LineTask(), LineTask(), LineTask()
    run(whole, tmp_path / "whole", max_steps=40)

    first.loss_before, limit = first.loss, 25

    def stop_at(batch, step, estimate):
        if step == limit:
            os.kill(os.getpid(), signal.SIGTERM)
        return first.loss_before(batch, step, estimate)

    first.loss = stop_at
    summary = run(first, tmp_path / "parts", max_steps=40)
    assert summary["status"] == "interrupted" and summary["steps"] == limit + 1
    assert summary["pretrained"] is None
    summary = run(second, tmp_path / "parts", max_steps=40, resume=True)
    assert summary["status"] == "finished" and summary["steps"] == 40
    assert first.seeds + second.seeds == whole.seeds
    assert len(set(whole.seeds)) == 40
    for name, value in whole.modules["net"].state_dict().items():
        torch.testing.assert_close(second.modules["net"].state_dict()[name], value)


def test_workers_hand_out_the_same_batches_in_the_same_order(tmp_path):
    alone, helped = LineTask(), LineTask()
    run(alone, tmp_path / "alone", max_steps=12)
    run(helped, tmp_path / "helped", max_steps=12, num_workers=2)
    assert alone.seeds == helped.seeds == [batch_seed(0, i) for i in range(12)]


def test_a_failing_batch_in_a_worker_says_where(tmp_path):
    task = LineTask()

    def broken(rng_seed):
        raise ZeroDivisionError("no pixels")

    task.batch = broken
    with pytest.raises(TrainingError, match=r"(?s)batch 0.*no pixels"):
        run(task, tmp_path / "run", max_steps=3, num_workers=1)


def test_a_killed_worker_is_an_error_and_not_a_hang():
    with BatchFeeder(lambda s: np.zeros(3), seed=0, start=0, num_workers=1) as feeder:
        feeder.next()
        os.kill(feeder._processes[0].pid, signal.SIGKILL)
        with pytest.raises(TrainingError, match="ended from outside"):
            for _ in range(10_000):
                feeder.next()


def test_a_bad_loss_skips_its_step_and_twenty_in_a_row_end_the_run(tmp_path):
    task = LineTask(bad_from=5)
    with pytest.raises(TrainingError, match="20 times"):
        run(task, tmp_path / "run", max_steps=100)
    log = events(tmp_path / "run")
    assert sum(e["event"] == "not-finite" for e in log) == 20
    assert all(torch.isfinite(p).all() for p in task.modules["net"].parameters())


def test_one_bad_loss_does_not_touch_the_weights(tmp_path):
    task = LineTask()
    good, calls = task.loss, []

    def sometimes(batch, step, estimate):
        calls.append(step)
        value, figures = good(batch, step, estimate)
        return (value * torch.inf if len(calls) == 3 else value), figures

    task.loss = sometimes
    summary = run(task, tmp_path / "run", max_steps=10)
    assert summary["steps"] == 10 and summary["skipped_steps"] == 1 and len(calls) == 11
    assert all(torch.isfinite(p).all() for p in task.modules["net"].parameters())


def test_a_folder_with_a_run_is_not_written_over(tmp_path):
    run(LineTask(), tmp_path / "run", max_steps=2)
    with pytest.raises(TrainingError, match="--resume"):
        run(LineTask(), tmp_path / "run", max_steps=2)
    other = LineTask()
    other.name = "curve"
    with pytest.raises(TrainingError, match=r"'line'.*'curve'"):
        run(other, tmp_path / "run", max_steps=2, resume=True)
    wider = LineTask()
    wider.modules = {"net": nn.Linear(4, 2)}
    with pytest.raises(CheckpointError, match="does not fit"):
        run(wider, tmp_path / "run", max_steps=4, resume=True)


def test_a_torn_checkpoint_falls_back_to_the_one_before(tmp_path):
    out = tmp_path / "run"
    run(LineTask(), out, max_steps=6, checkpoint_every_s=0.0)
    kept = sorted((out / "checkpoints").iterdir())
    assert [p.name for p in kept] == ["step-00000005", "step-00000006"]
    torn = kept[-1] / "optimizer.safetensors"
    torn.write_bytes(torn.read_bytes()[:100])
    task = LineTask()
    assert run(task, out, max_steps=8, resume=True)["steps"] == 8
    assert len(task.seeds) == 3  # steps 5, 6 and 7
    for folder in (out / "checkpoints").iterdir():
        (folder / "state.json").write_text("{")
    with pytest.raises(CheckpointError, match="None of the 2"):
        run(LineTask(), out, max_steps=9, resume=True)


def test_an_unwritten_checkpoint_leaves_the_old_one(tmp_path, monkeypatch):
    out = tmp_path / "run"
    run(LineTask(), out, max_steps=3)
    before = {p: p.read_bytes() for p in (out / "checkpoints").rglob("*.safetensors")}
    import safetensors.torch

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", full_disk)
    with pytest.raises(PlayreelError, match="No space left"):
        run(LineTask(), out, max_steps=6, resume=True)
    assert {p: p.read_bytes() for p in (out / "checkpoints").rglob("*.safetensors")} == before
    assert not list((out / "checkpoints").glob(".tmp*"))


def test_pictures_are_drawn_while_training(tmp_path):
    run(LineTask(pause_s=0.002), tmp_path / "run", max_steps=60, sample_every_minutes=0.0005)
    assert list((tmp_path / "run" / "samples").glob("step-*/picture.png"))


SCRIPT = """
    import sys
    sys.path[:0] = [{studio!r}, {tests!r}]
    from pathlib import Path
    from test_training_loop import LineTask
    from playreel.training.loop import train
    summary = train(LineTask(pause_s=0.01), out=Path({out!r}), max_steps={steps}, device="cpu",
                    num_workers=1, checkpoint_every_s=0.5, log_every=0.2, resume={resume})
    print(summary["steps"], summary["status"])
"""


def start(out: Path, *, steps: int, resume: bool) -> subprocess.Popen:
    code = textwrap.dedent(SCRIPT).format(
        studio=str(STUDIO), tests=str(Path(__file__).parent), out=str(out), steps=steps,
        resume=resume,
    )  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def wait_for(condition, process: subprocess.Popen, timeout_s: float = 280) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


@pytest.mark.timeout(600)
def test_sigkill_then_resume_goes_on_from_the_last_checkpoint(tmp_path):
    out = tmp_path / "run"
    process = start(out, steps=100_000, resume=False)
    try:
        wait_for(lambda: len(list((out / "checkpoints").glob("step-*"))) == 2, process)
        workers = children(process.pid)
    finally:
        process.kill()
        process.communicate()
    newest = max(int(p.name[5:]) for p in (out / "checkpoints").glob("step-*"))
    assert newest > 0
    again = start(out, steps=newest + 20, resume=True)
    stdout, stderr = again.communicate(timeout=280)
    assert stdout.split() == [str(newest + 20), "finished"], stderr
    assert f"resumed at step {newest}" in stderr
    assert (out / "pretrained" / "net" / "model.safetensors").exists()
    resumed = [e for e in events(out) if e["event"] == "resume"]
    assert [e["step"] for e in resumed] == [newest]
    # The orphaned batch workers notice that their parent is gone.
    end = time.monotonic() + 60
    while any(Path(f"/proc/{w}").exists() for w in workers) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{w}").exists() for w in workers)


@pytest.mark.timeout(600)
def test_sigint_saves_and_ends_cleanly(tmp_path):
    out = tmp_path / "run"
    process = start(out, steps=100_000, resume=False)
    try:
        wait_for(lambda: any((out / "checkpoints").glob("step-*")), process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=280)
    finally:
        process.kill()
    steps, status = stdout.split()
    assert (process.returncode, status) == (0, "interrupted"), stderr
    assert (out / "checkpoints" / f"step-{int(steps):08d}").is_dir()


PAIR = """
    import hashlib, os, sys
    sys.path[:0] = [{studio!r}, {tests!r}]
    from pathlib import Path
    from test_training_loop import LineTask
    from playreel.training.loop import train
    task = LineTask()
    train(task, out=Path({out!r}), max_steps=30, device="cpu", num_workers=1)
    weights = b"".join(p.detach().numpy().tobytes() for p in task.modules["net"].parameters())
    note = Path({out!r} + "-rank" + os.environ["RANK"])
    note.write_text(hashlib.sha256(weights).hexdigest() + " " + ",".join(map(str, task.seeds)))
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_train_one_model(tmp_path):
    out, script = tmp_path / "run", tmp_path / "pair.py"
    places = {"studio": str(STUDIO), "tests": str(Path(__file__).parent), "out": str(out)}
    script.write_text(textwrap.dedent(PAIR).format(**places))
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    subprocess.run(
        [*launch, "--master-addr", "127.0.0.1", "--master-port", "29541", str(script)],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=500,
    )
    ranks = [Path(f"{out}-rank{rank}").read_text().split() for rank in (0, 1)]
    assert ranks[0][0] == ranks[1][0]  # the same weights
    seeds = [set(rank[1].split(",")) for rank in ranks]
    assert len(seeds[0]) == 30 and not seeds[0] & seeds[1]  # from different batches
    assert sum(e["event"] == "finish" for e in events(out)) == 1
