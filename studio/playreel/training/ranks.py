"""Several GPUs: one process each, gradients averaged between them.

`accelerate launch -m playreel train ...` and `torchrun -m playreel train ...` both start such
processes. Gradients are averaged after the backward pass instead of wrapping modules, so that a
task may call its networks in any way it likes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
from torch import Tensor


class Ranks:
    """This process's place among the processes of a run; a lone process is rank 0 of 1."""

    def __init__(self, device: str | None) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self._owns_group = False
        if self.size == 1:
            self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
            return
        local = int(os.environ.get("LOCAL_RANK", "0"))
        use_cuda = device != "cpu" and torch.cuda.is_available()
        if use_cuda and os.environ.get("ACCELERATE_USE_CPU", "false").lower() in ("1", "true"):
            use_cuda = False
        self.device = torch.device("cuda", local) if use_cuda else torch.device("cpu")
        if use_cuda:
            torch.cuda.set_device(self.device)
        if not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if use_cuda else "gloo")
            self._owns_group = True

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    @torch.no_grad()
    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replaces each tensor by its mean over all processes."""
        if self.size == 1:
            return
        found = list(tensors)
        for dtype in {t.dtype for t in found}:
            group = [t for t in found if t.dtype == dtype]
            flat = torch.cat([t.reshape(-1) for t in group])
            torch.distributed.all_reduce(flat)
            flat /= self.size
            offset = 0
            for tensor in group:
                tensor.copy_(flat[offset : offset + tensor.numel()].view_as(tensor))
                offset += tensor.numel()

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in any process."""
        if self.size == 1:
            return flag
        value = torch.tensor(float(flag), device=self.device)
        torch.distributed.all_reduce(value, op=torch.distributed.ReduceOp.MAX)
        return bool(value.item())

    @torch.no_grad()
    def share(self, tensors: Iterable[Tensor]) -> None:
        """Gives every process the values of rank 0."""
        if self.size == 1:
            return
        for tensor in tensors:
            torch.distributed.broadcast(tensor, 0)

    def wait(self) -> None:
        """Waits for the other processes."""
        if self.size > 1:
            torch.distributed.barrier()

    def close(self) -> None:
        """Leaves the group that this object made."""
        if self._owns_group:
            torch.distributed.destroy_process_group()
