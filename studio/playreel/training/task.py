"""What the training loop asks of a stage, and how a batch reaches the device."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn


@runtime_checkable
class Task(Protocol):
    """One stage of training: what is learned, from which batches, by which loss.

    Optional attributes the loop also reads: `lr`, `weight_decay`, `ema_decay`, `muon`, `frozen`
    (dict of modules moved to the device and left untrained), `setup(device)` (called once, after
    the modules are on the device) and `compile()` (in place of compiling each `forward`).
    """

    name: str
    modules: dict[str, nn.Module]

    def batch(self, rng_seed: int) -> Any:
        """One batch on the host: (nested) numpy arrays, strings, numbers.

        Runs in a forked worker process: it must touch no network and no GPU.
        """

    def loss(
        self, batch: Any, step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """The scalar loss of `batch` (its arrays now tensors on the device) and named figures."""

    def sample(self, dir: Path, step: int) -> None:
        """Writes PNG pictures of what the averaged weights can do."""

    def export(self, dir: Path) -> None:
        """Writes the averaged weights as final pretrained folders under `dir`."""


def compile_task(task: Task) -> None:
    """Compiles a task's networks, in its own way where they are not called through `forward`."""
    if hasattr(task, "compile"):
        task.compile()
        return
    for module in task.modules.values():
        module.compile()


def to_device(batch: Any, device: torch.device) -> Any:
    """`batch` with each numpy array (or tensor) in it as a tensor on `device`."""
    if isinstance(batch, np.ndarray):
        if batch.dtype.kind in "OUS":  # texts stay as they are
            return batch
        if not batch.flags.writeable:
            batch = batch.copy()
        batch = torch.from_numpy(np.ascontiguousarray(batch))
    if isinstance(batch, Tensor):
        if device.type == "cuda" and not batch.is_cuda:
            return batch.pin_memory().to(device, non_blocking=True)
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(to_device(value, device) for value in batch)
    return batch
