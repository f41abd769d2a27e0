"""The weights of a run and how they move: optimiser, average, one guarded step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from playreel.errors import TrainingError
from playreel.training.ema import WeightAverage
from playreel.training.muon import MuonAdamW
from playreel.training.ranks import Ranks

Parts = dict[str, dict[str, Tensor]]


class Learner:
    """AdamW over a task's modules, with clipping, an average of the weights and a guard.

    Args:
        modules: What is trained, already on its device.
        ranks: The processes to average gradients with.
        lr: Peak learning rate.
        weight_decay: Applied to weights of two or more dimensions only.
        ema_decay: Final decay of the average.
        muon: Says of a weight, by name and value, whether Muon is to move it.

    Raises:
        TrainingError: The modules hold no trainable weights.
    """

    def __init__(
        self,
        modules: dict[str, nn.Module],
        ranks: Ranks,
        *,
        lr: float,
        weight_decay: float,
        ema_decay: float,
        betas: tuple[float, float] = (0.9, 0.95),
        grad_clip: float = 1.0,
        muon: Callable[[str, Tensor], bool] | None = None,
    ) -> None:
        self.modules, self.ranks, self.lr, self.grad_clip = modules, ranks, lr, grad_clip
        self.parameters = {
            f"{name}.{key}": parameter
            for name, module in modules.items()
            for key, parameter in module.named_parameters()
            if parameter.requires_grad
        }
        if not self.parameters:
            raise TrainingError(f"Nothing to train: {sorted(modules)} hold no trainable weights.")
        for module in modules.values():
            ranks.share(value for value in module.state_dict().values())
        inner = [p for name, p in self.parameters.items() if muon is not None and muon(name, p)]
        ids = {id(p) for p in inner}
        wide = [p for p in self.parameters.values() if p.ndim >= 2 and id(p) not in ids]
        narrow = [p for p in self.parameters.values() if p.ndim < 2]
        groups = [
            {"params": wide, "weight_decay": weight_decay},
            {"params": narrow, "weight_decay": 0.0},
        ]
        self.optimizer: torch.optim.Optimizer | MuonAdamW
        if inner:
            self.optimizer = MuonAdamW(inner, groups, lr=lr, betas=betas, weight_decay=weight_decay)
        else:
            self.optimizer = torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)
        self.average = WeightAverage(self.parameters, decay=ema_decay)

    @property
    def num_parameters(self) -> int:
        """How many numbers are trained."""
        return sum(p.numel() for p in self.parameters.values())

    def step(
        self, compute: Callable[[], tuple[Tensor, dict[str, float]]], *, rate: float
    ) -> dict[str, float] | None:
        """One optimiser step on the loss that `compute` gives.

        Args:
            compute: Returns the loss and named figures.
            rate: Factor on the learning rate.

        Returns:
            The figures with `loss`, `lr` and `grad_norm`; None when the loss or its gradient was
            not finite in some process: then no weight has moved.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * rate
        loss, figures = compute()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ranks.any(not bool(torch.isfinite(loss.detach()))):
            return None
        loss.backward()
        if self.ranks.size > 1:
            for parameter in self.parameters.values():
                if parameter.grad is None:  # every process must send the same tensors
                    parameter.grad = torch.zeros_like(parameter)
            self.ranks.average(p.grad for p in self.parameters.values() if p.grad is not None)
        norm = nn.utils.clip_grad_norm_(list(self.parameters.values()), self.grad_clip)
        if not bool(torch.isfinite(norm)):
            self.optimizer.zero_grad(set_to_none=True)
            return None
        self.optimizer.step()
        self.average.update()
        return {
            "loss": float(loss.detach()),
            "lr": self.lr * rate,
            "grad_norm": float(norm),
            **{key: float(value) for key, value in figures.items()},
        }

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Inside, the modules hold the averaged weights, in evaluation mode, without gradients."""
        modes = {name: module.training for name, module in self.modules.items()}
        with self.average.applied(), torch.no_grad():
            for module in self.modules.values():
                module.eval()
            try:
                yield
            finally:
                for name, module in self.modules.items():
                    module.train(modes[name])

    def collect(self) -> Parts:
        """Every tensor of the run, by part; optimiser slots are called `<slot>/<parameter>`."""
        slots: dict[str, Tensor] = {}
        for name, parameter in self.parameters.items():
            for slot, value in self.optimizer.state.get(parameter, {}).items():
                slots[f"{slot}/{name}"] = torch.as_tensor(value)
        model = {
            f"{name}.{key}": value
            for name, module in self.modules.items()
            for key, value in module.state_dict().items()
        }
        return {"model": model, "ema": self.average.averages, "optimizer": slots}

    def restore(self, parts: Parts, *, ema_updates: int) -> None:
        """Puts collected tensors back.

        Raises:
            KeyError, RuntimeError: Names or shapes do not fit.
        """
        for name, module in self.modules.items():
            start = f"{name}."
            own = {k[len(start) :]: v for k, v in parts["model"].items() if k.startswith(start)}
            module.load_state_dict(own)
        for name, value in self.average.averages.items():
            value.copy_(parts["ema"][name])
        state: Any = self.optimizer.state
        for key, value in parts["optimizer"].items():
            slot, name = key.split("/", 1)
            parameter = self.parameters[name]
            # fused AdamW wants its step counters beside the weights
            state[parameter][slot] = value.to(parameter.device)
        self.average.num_updates = ema_updates
