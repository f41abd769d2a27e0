"""The one training loop: every stage, CPU or GPU, killed and resumed at any time.

Time, not steps, is the budget: the learning rate follows the share of the budget that is spent,
so the same command ends well trained on a laptop and on a data-centre GPU.
"""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.precision import autocast
from playreel.errors import CheckpointError, StorageError, TrainingError
from playreel.training.batches import BatchFeeder, batch_seed
from playreel.training.learner import Learner
from playreel.training.pace import Pace
from playreel.training.progress import Progress, duration
from playreel.training.ranks import Ranks
from playreel.training.run_folder import RunFolder
from playreel.training.stopping import stop_on_signals
from playreel.training.task import Task, compile_task, to_device

MAX_BAD_STEPS = 20


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How a run is paced and optimised; a task's own `lr` and the like are used where None.

    Attributes:
        minutes: Wall-time budget, time before a --resume included.
        max_steps: Most optimiser steps; the run ends at whichever budget is spent first.
        num_workers: Processes that make batches; None picks by the number of cores.
        log_every: Seconds between logged lines.
        checkpoint_every_s: Most seconds of work that a kill may cost.
        precision: "auto", "bf16" or "fp32" (see `playreel.core.precision`).
        compile: Compile the modules' forward passes with torch.compile.
        warmup: Share of the budget over which the learning rate rises.
        floor: Share of the learning rate left at the end.
    """

    minutes: float | None = None
    max_steps: int | None = None
    resume: bool = False
    device: str | None = None
    num_workers: int | None = None
    log_every: float = 10.0
    sample_every_minutes: float = 5.0
    checkpoint_every_s: float = 60.0
    lr: float | None = None
    weight_decay: float | None = None
    ema_decay: float | None = None
    betas: tuple[float, float] = (0.9, 0.95)
    grad_clip: float = 1.0
    warmup: float = 0.03
    floor: float = 0.05
    precision: str = "auto"
    compile: bool = False
    seed: int = 0
    quiet: bool = False


def train(task: Task, *, out: Path, **options: Any) -> dict[str, Any]:
    """Trains `task` into the run folder `out`.

    SIGTERM and SIGINT save a checkpoint and return; a killed run goes on with `resume=True`.

    Args:
        task: What to train.
        out: Run folder (see `playreel.training.run_folder`).
        options: Fields of `LoopConfig`; `minutes` or `max_steps` is required.

    Returns:
        A summary: task, status ("finished" or "interrupted"), steps, skipped_steps, elapsed_s,
        steps_per_s, loss, metrics, device, out, checkpoint and, when finished, pretrained.

    Raises:
        TrainingError: No budget, a folder that already holds a run, a batch worker that failed,
            or 20 steps in a row whose loss is not finite.
        CheckpointError: The run in `out` does not fit this task.
        StorageError: The last checkpoint or the result could not be written.
    """
    try:
        config = LoopConfig(**options)
    except TypeError as error:
        raise TrainingError(f"train() got an option it does not know: {error}.") from error
    for name in ("minutes", "max_steps"):
        value = getattr(config, name)
        if value is not None and not value > 0:
            raise TrainingError(f"{name} must be positive, got {value!r}.")
    if config.minutes is None and config.max_steps is None:
        raise TrainingError("Give a budget: minutes, max_steps or both.")
    ranks = Ranks(config.device)
    try:
        return _Run(task, Path(out), config, ranks).run()
    finally:
        ranks.close()


class _Run:
    """One call of `train`: the state that a checkpoint holds, and the steps that move it."""

    def __init__(self, task: Task, out: Path, config: LoopConfig, ranks: Ranks) -> None:
        self.task, self.config, self.ranks = task, config, ranks
        self.device = ranks.device
        self.pace = Pace(
            minutes=config.minutes,
            max_steps=config.max_steps,
            warmup=config.warmup,
            floor=config.floor,
        )
        self.progress = Progress(
            task.name, every_s=config.log_every, quiet=config.quiet or not ranks.is_main
        )
        if not ranks.is_main:
            ranks.wait()  # the first process makes the folder
        self.folder = RunFolder(out, task=task.name)
        if ranks.is_main:
            ranks.wait()
        torch.manual_seed(config.seed)
        if self.device.type == "cuda":
            torch.set_float32_matmul_precision("high")
        for module in (*task.modules.values(), *getattr(task, "frozen", {}).values()):
            module.to(self.device)
        for module in getattr(task, "frozen", {}).values():
            module.eval().requires_grad_(False)
        if hasattr(task, "setup"):
            task.setup(self.device)
        self.learner = Learner(
            task.modules,
            ranks,
            lr=_pick(config.lr, task, "lr", 1e-3),
            weight_decay=_pick(config.weight_decay, task, "weight_decay", 0.01),
            ema_decay=_pick(config.ema_decay, task, "ema_decay", 0.999),
            betas=config.betas,
            grad_clip=config.grad_clip,
            muon=getattr(task, "muon", None),
        )
        if config.compile:
            compile_task(task)
        self.next_batch = self.skipped = 0
        self.loss = math.nan
        self.metrics: dict[str, float] = {}
        self.save_s = 0.0
        self.saved_at = self.sampled_at = time.monotonic()
        self.has_sampled = False
        self.stop = threading.Event()

    # -- checkpoints ---------------------------------------------------------------------

    def load(self) -> None:
        """Takes up the newest checkpoint, or refuses a folder that should not be written over."""
        config, folder = self.config, self.folder
        if not config.resume:
            if folder.checkpoints():
                raise TrainingError(
                    f"{folder.path} already holds a run of {self.task.name!r} "
                    f"({folder.checkpoints()[-1].name}); go on with --resume or choose another "
                    "--out."
                )
            return
        loaded = folder.load_checkpoint(self.progress.say)
        if loaded is None:
            self.progress.say("nothing to resume yet, starting from the beginning")
            return
        parts, state = loaded
        try:
            self.learner.restore(parts, ema_updates=state["ema_updates"])
            self.pace.resume(step=state["step"], step_s=state["step_s"], spent_s=state["elapsed_s"])
            self.next_batch, self.skipped = state["next_batch"], state["skipped_steps"]
            self.loss, self.metrics = state["loss"] or math.nan, dict(state["metrics"])
        except (KeyError, RuntimeError, TypeError) as error:
            raise CheckpointError(
                f"The run in {folder.path} does not fit this {self.task.name!r} task ({error}); "
                "use the --size it was started with, or another --out."
            ) from error
        self.saved_at = self.sampled_at = time.monotonic()
        spent = duration(self.pace.spent_before_s)
        self.progress.say(f"resumed at step {self.pace.step} after {spent} of training")

    def save(self) -> Path | None:
        """Writes a checkpoint (rank 0 only)."""
        self.saved_at = begin = time.monotonic()
        if not self.ranks.is_main:
            return None
        path = self.folder.save_checkpoint(
            self.pace.step,
            self.learner.collect(),
            {
                "task": self.task.name,
                "step": self.pace.step,
                "next_batch": self.next_batch,
                "skipped_steps": self.skipped,
                "elapsed_s": self.pace.elapsed_s,
                "step_s": self.pace.step_s,
                "loss": self.loss if math.isfinite(self.loss) else None,
                "metrics": {k: v for k, v in self.metrics.items() if math.isfinite(v)},
                "ema_updates": self.learner.average.num_updates,
            },
        )
        self.saved_at = time.monotonic()
        self.save_s = self.saved_at - begin
        self.folder.log("checkpoint", step=self.pace.step, seconds=round(self.save_s, 3))
        return path

    def save_or_warn(self) -> None:
        """Writes a checkpoint; a full disk in mid-run is said, and tried again later."""
        try:
            self.save()
        except StorageError as error:
            self.progress.say(f"warning: {error}")

    def sample(self) -> None:
        """Draws pictures; the checkpoint before it means that nothing is lost if drawing fails."""
        if self.ranks.is_main:
            self.save_or_warn()
            begin = time.monotonic()
            folder = self.folder.samples(self.pace.step)
            with self.learner.averaged():
                self.task.sample(folder, self.pace.step)
            self.folder.log(
                "sample", step=self.pace.step, seconds=round(time.monotonic() - begin, 3)
            )
        self.sampled_at = time.monotonic()
        self.has_sampled = True

    # -- steps ---------------------------------------------------------------------------

    def run(self) -> dict[str, Any]:
        """Loads, trains until the budget is spent or a signal comes, exports."""
        self.load()
        self._event(
            "resume" if self.pace.step else "start",
            step=self.pace.step,
            device=str(self.device),
            parameters=self.learner.num_parameters,
            ranks=self.ranks.size,
            minutes=self.config.minutes,
            max_steps=self.config.max_steps,
        )
        feeder = BatchFeeder(
            self.task.batch,
            seed=self.config.seed,
            start=self.next_batch + self.ranks.rank,
            stride=self.ranks.size,
            num_workers=0 if self.out_of_budget() else self.num_workers(),
        )
        for module in self.task.modules.values():
            module.train()
        with stop_on_signals(self.stop), feeder:
            self._steps(feeder)
        interrupted = self.ranks.any(self.stop.is_set()) and not self.out_of_budget()
        path = self.save()
        pretrained = None
        if not interrupted and self.ranks.is_main:
            with self.learner.averaged():
                pretrained = self.folder.export(self.task.export)
        self.ranks.wait()
        summary = {
            "task": self.task.name,
            "status": "interrupted" if interrupted else "finished",
            "steps": self.pace.step,
            "skipped_steps": self.skipped,
            "elapsed_s": round(self.pace.elapsed_s, 3),
            "steps_per_s": round(1 / self.pace.step_s, 4) if self.pace.step_s else None,
            "loss": self.loss if math.isfinite(self.loss) else None,
            "metrics": self.metrics,
            "device": str(self.device),
            "out": str(self.folder.path),
            "checkpoint": str(path) if path else None,
            "pretrained": str(pretrained) if pretrained else None,
        }
        self._event("interrupt" if interrupted else "finish", **summary)
        self.progress.say(
            f"{summary['status']} at step {self.pace.step}, loss {self.loss:.4f}; "
            + (f"result in {pretrained}" if pretrained else "go on with --resume")
        )
        return summary

    def out_of_budget(self) -> bool:
        """Whether the budget is spent, for all ranks alike."""
        return self.ranks.any(self.pace.fraction >= 1.0)

    def num_workers(self) -> int:
        """Batch workers: one on a laptop, more beside a GPU."""
        if self.config.num_workers is not None:
            return self.config.num_workers
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
        if self.device.type == "cpu":
            return 1
        return max(1, min(16, (cores or 2) // self.ranks.size - 1))

    def _steps(self, feeder: BatchFeeder) -> None:
        config = self.config
        bad_in_a_row = 0
        seen: list[dict[str, float]] = []
        logged_at, logged_step = time.monotonic(), self.pace.step
        while not self.out_of_budget() and not self.ranks.any(self.stop.is_set()):
            begin = time.monotonic()
            received = feeder.next(self.stop.is_set if self.ranks.size == 1 else lambda: False)
            if received is None:
                break
            index, host_batch = received
            figures = self._one_step(index, to_device(host_batch, self.device))
            self.next_batch += self.ranks.size
            if figures is None:
                bad_in_a_row += 1
                self.skipped += 1
                self.progress.say(
                    f"warning: loss or gradient not finite at batch {index}, step skipped"
                )
                self._event("not-finite", step=self.pace.step, batch=index)
                if bad_in_a_row >= MAX_BAD_STEPS:
                    raise TrainingError(
                        f"The loss was not finite {bad_in_a_row} times in a row at step "
                        f"{self.pace.step}; the last checkpoint is kept. Lower --lr (now "
                        f"{self.learner.lr:g}) or use --precision fp32, then --resume."
                    )
                continue
            bad_in_a_row = 0
            self.pace.advance(time.monotonic() - begin)
            seen.append(figures)
            now = time.monotonic()
            if now - logged_at >= min(config.log_every, 10.0) or self.pace.step == 1:
                self._log(
                    seen, steps_per_s=(self.pace.step - logged_step) / max(now - logged_at, 1e-9)
                )
                logged_at, logged_step, seen = now, self.pace.step, []
            if self._checkpoint_is_due():
                self.save_or_warn()
            if self._sample_is_due():
                self.sample()
        if seen:
            rate = (self.pace.step - logged_step) / max(time.monotonic() - logged_at, 1e-9)
            self._log(seen, steps_per_s=rate, force=True)
        self.progress.close()

    def _one_step(self, index: int, batch: Any) -> dict[str, float] | None:
        """One optimiser step; None when it was skipped because something was not finite."""
        # Masks and noise drawn by the loss repeat exactly after a resume.
        torch.manual_seed(batch_seed(self.config.seed + 1, index) % (1 << 62))

        def compute() -> tuple[Tensor, dict[str, float]]:
            with autocast(self.device, self.config.precision):
                return self.task.loss(batch, self.pace.step, self.pace.num_steps_estimate)

        return self.learner.step(compute, rate=self.pace.rate(self.pace.fraction))

    def _log(
        self, seen: list[dict[str, float]], *, steps_per_s: float, force: bool = False
    ) -> None:
        names = list(dict.fromkeys(key for figures in seen for key in figures))
        mean = {k: float(np.mean([f[k] for f in seen if k in f])) for k in names}
        self.loss = mean.pop("loss")
        norm, _ = mean.pop("grad_norm"), mean.pop("lr")
        self.metrics = mean
        fraction = self.pace.fraction
        self._event(
            "step",
            step=self.pace.step,
            loss=self.loss,
            lr=seen[-1]["lr"],
            grad_norm=norm,
            elapsed_s=round(self.pace.elapsed_s, 2),
            fraction=round(fraction, 5),
            steps_per_s=round(steps_per_s, 4),
            **mean,
        )
        self.progress.update(
            step=self.pace.step,
            loss=self.loss,
            fraction=fraction,
            eta_s=self.pace.eta_s,
            steps_per_s=steps_per_s,
            metrics=mean,
            force=force,
        )

    def _event(self, event: str, **fields: Any) -> None:
        if self.ranks.is_main:
            self.folder.log(event, **fields)

    def _checkpoint_is_due(self) -> bool:
        # Early enough that a kill during the next step and its write still loses no more.
        since = time.monotonic() - self.saved_at
        return since + 1.5 * self.pace.step_s + self.save_s >= self.config.checkpoint_every_s

    def _sample_is_due(self) -> bool:
        wait = 60 * self.config.sample_every_minutes
        return time.monotonic() - self.sampled_at >= (wait if self.has_sampled else wait / 4)


def _pick(option: float | None, task: Task, name: str, default: float) -> float:
    value = getattr(task, name, None) if option is None else option
    return default if value is None else float(value)
