"""The stages of a training and how their tasks are put together.

A later stage stands on what earlier ones made: the result in the same run, else the bundled
weights. The tasks themselves live in `<stage>_task.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import CheckpointError, TrainingError

if TYPE_CHECKING:
    from torch import nn

    from playreel.training.task import Task
    from playreel.training.videos import VideoFolder

#: Shares of the minutes. A stage that is not listed is not trained.
SHARES: dict[str, dict[str, float]] = {
    "tokenizer": {"tokenizer": 1.0},
    "world": {"lam": 0.2, "world": 0.8},
    "film": {"film": 1.0},
    "all": {"tokenizer": 0.2, "lam": 0.1, "world": 0.35, "film": 0.35},
}
TOKENIZER_SHARE = 0.2  # when a goal needs a tokenizer that is new or fitted to new footage


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Builds the tasks of one training.

    Attributes:
        out: Folder of the training; each stage runs in `out/runs/<stage>`.
        footage: The user's videos, or None for procedural footage.
        size: The only aspect to train on ("16:9", ...), or None for all three.
    """

    out: Path
    footage: VideoFolder | None = None
    size: str | None = None

    def run_folder(self, stage: str) -> Path:
        """Where a stage keeps its checkpoints."""
        return self.out / "runs" / stage

    def result(self, stage: str) -> Path:
        """Where a finished stage leaves its weights."""
        return self.run_folder(stage) / "pretrained"

    def has(self, part: str) -> bool:
        """Whether a part is there to build on, from this run or bundled."""
        return self.result(part).is_dir() or self._bundled(part) is not None

    def task(self, stage: str) -> Task:
        """The task of a stage.

        Raises:
            TrainingError: It needs a part that nobody has trained yet.
        """
        options = self._footage_options(stage)
        if stage == "tokenizer":
            from playreel.training.tokenizer_task import TokenizerTask

            start = self._bundled("tokenizer") if self.footage is not None else None
            return TokenizerTask(**options, start=start)
        if stage == "lam":
            from playreel.training.lam_task import LamTask

            return LamTask(**options)
        if stage == "world":
            from playreel.training.world_task import WorldTask

            return WorldTask(**options, tokenizer=self._part("tokenizer"), lam=self._part("lam"))
        from playreel.training.film_task import FilmTask

        return FilmTask(**options, tokenizer=self._part("tokenizer"))

    def _footage_options(self, stage: str) -> dict[str, Any]:
        if self.footage is not None:
            return {"source": self.footage}
        if self.size is None:
            return {}
        from importlib import import_module

        usual = import_module(f"playreel.training.{stage}_task").CURRICULUM
        return {"curriculum": replace(usual, aspects={self.size: 1.0})}

    def _part(self, part: str) -> nn.Module:
        from playreel.core import LatentActionModel, VideoTokenizer, from_pretrained

        classes = {"tokenizer": VideoTokenizer, "lam": LatentActionModel}
        trained = self.result(part) / part
        if trained.is_dir():
            return from_pretrained(classes[part], trained)
        bundled = self._bundled(part)
        if bundled is None:
            raise TrainingError(
                f"There is no {part} to build on, neither in {self.out} nor among the bundled "
                "weights; train with `playreel train all`."
            )
        return bundled

    def _bundled(self, part: str) -> nn.Module | None:
        from playreel.core import load_bundle

        try:
            return getattr(load_bundle("bundled").world, part, None)
        except CheckpointError:
            return None


def shares(goal: str, workshop: Workshop) -> dict[str, float]:
    """Stages of a goal, in order, and their shares of the time, which sum to 1."""
    plan = dict(SHARES[goal])
    if "tokenizer" not in plan and (workshop.footage is not None or not workshop.has("tokenizer")):
        plan = {name: share * (1 - TOKENIZER_SHARE) for name, share in plan.items()}
        plan = {"tokenizer": TOKENIZER_SHARE, **plan}
    return plan
