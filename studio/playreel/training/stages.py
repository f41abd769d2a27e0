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
    "world": {"lam": 0.2, "motion": 0.35, "things": 0.15, "transformer": 0.1, "painter": 0.2},
    "film": {
        "text": 0.03,
        "layout": 0.32,
        "stills": 0.22,
        "restyler": 0.2,
        "critic": 0.08,
        "transformer": 0.15,
    },
    "all": {
        "tokenizer": 0.12,
        "lam": 0.09,
        "motion": 0.16,
        "things": 0.08,
        "text": 0.03,
        "layout": 0.16,
        "stills": 0.11,
        "restyler": 0.08,
        "critic": 0.04,
        "transformer": 0.06,
        "painter": 0.07,
    },
}
#: The same for the robot arm: nothing scrolls into view, and no thing is known beforehand.
ARM_SHARES = {"lam": 0.15, "motion": 0.35, "painter": 0.5}
#: The same for a user's videos, where it differs. Moving what is there is worth more than drawing what is
#: new, and is learned sooner.
FOOTAGE_SHARES: dict[str, dict[str, float]] = {
    "world": {"tokenizer": 0.05, "lam": 0.25, "motion": 0.47, "transformer": 0.08, "painter": 0.15},
}
NEED_CAPTIONS = ("text", "layout", "stills", "restyler", "critic")  # which a stranger's videos lack
TOKENIZER_SHARE = 0.1  # when a goal needs a tokenizer that is new or fitted to new footage
TEXT_SHARE = 0.03  # when a goal needs words and nobody has learned to read


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Builds the tasks of one training.

    Attributes:
        out: Folder of the training; each stage runs in `out/runs/<stage>`.
        footage: The user's videos, or None for procedural footage.
        size: The only aspect to train on ("16:9", ...), or None for all three.
        domain: Procedural footage to learn from, "platformer" or "arm".
    """

    out: Path
    footage: VideoFolder | None = None
    size: str | None = None
    domain: str = "platformer"

    @property
    def is_arm(self) -> bool:
        """Whether the robot arm is learned."""
        return self.footage is None and self.domain == "arm"

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

            return TokenizerTask(**options, start=self._start("tokenizer"))
        if stage == "lam":
            if self.footage is not None:
                from playreel.training.pixel_lam_task import PixelLamTask

                return PixelLamTask(self.footage)
            from playreel.training.lam_task import LamTask

            # What moves little beside a still background takes longer to find without the past.
            past = {"past": (0.5, 0.7)} if self.is_arm else {}
            return LamTask(**options, **past)
        if stage == "motion":
            from playreel.training.motion_task import MotionTask

            return MotionTask(self._part("lam"), **options, start=self._start("motion"))
        if stage == "things":
            from playreel.training.things_task import ThingTask

            return ThingTask(self._part("lam"), self._part("motion"), **options)
        if stage == "text":
            from playreel.training.text_task import TextTask

            return TextTask()
        if stage == "layout":
            from playreel.training.layout_task import LayoutTask

            return LayoutTask(self._part("text"))
        if stage == "stills":
            from playreel.training.stills_task import StillsTask

            return StillsTask(self._part("text"))
        if stage == "critic":
            from playreel.training.critic_task import CriticTask

            parts = (self._part(part) for part in ("text", "layout", "stills", "restyler"))
            return CriticTask(*parts)
        if stage == "restyler":
            from playreel.training.restyler_task import RestylerTask

            watched = {}
            if self.has("layout") and self._understands("critic"):
                watched = {part: self._part(part) for part in ("layout", "critic")}
            return RestylerTask(self._part("text"), painter=self._part("stills"), **watched)
        if stage == "painter":
            return self._painter_task()
        from playreel.training.transformer_task import TransformerTask

        return TransformerTask(
            self._part("tokenizer"),
            self._part("text"),
            **options,
            start=self._start("transformer"),
        )

    def _painter_task(self) -> Task:
        from playreel.training.painter_task import MOVING, PainterTask, Plays
        from playreel.training.schooling import ARM

        lam, motion = self._part("lam"), self._part("motion")
        start = None
        if (self.is_arm or self.footage is not None) and self.has("painter"):
            start = self._part("painter").requires_grad_(True)
            start = start.taught(num_actions=lam.config.num_actions, remembers=self.is_arm)
        return PainterTask(
            self._part("tokenizer"),
            [Plays(curriculum=ARM if self.is_arm else MOVING, lam=lam, motion=motion)],
            source=self.footage,
            start=start,
        )

    def _footage_options(self, stage: str) -> dict[str, Any]:
        if stage in (*NEED_CAPTIONS, "painter"):
            return {}
        if self.footage is not None:
            return {"source": self.footage}
        if stage == "transformer" or not (self.is_arm or self.size):
            return {}
        from importlib import import_module

        from playreel.training.schooling import ARM

        usual = import_module(f"playreel.training.{stage}_task").CURRICULUM
        if self.is_arm:
            usual = replace(usual, schools=ARM.schools)
        return {"curriculum": replace(usual, aspects={self.size: 1.0}) if self.size else usual}

    def _part(self, part: str) -> nn.Module:
        from playreel.core import from_pretrained
        from playreel.core.bundle import part_class

        trained = self.result(part) / part
        if trained.is_dir():
            return from_pretrained(part_class(part, trained), trained)
        bundled = self._bundled(part)
        if bundled is None:
            raise TrainingError(
                f"There is no {part} to build on, neither in {self.out} nor among the bundled "
                "weights; train with `playreel train all`."
            )
        return bundled

    def _understands(self, part: str) -> bool:
        """Whether a part is there that knows the words of the text encoder that is built on."""
        if self.result(part).is_dir():
            return True
        return not self.result("text").is_dir() and self._bundled(part) is not None

    def _start(self, part: str) -> nn.Module | None:
        """Bundled weights to fit to the user's footage; procedural training starts from nothing."""
        if self.footage is None:
            return None
        bundled = self._bundled(part)
        # A bundle's parts come frozen.
        return None if bundled is None else bundled.requires_grad_(True)

    def _bundled(self, part: str) -> nn.Module | None:
        from playreel.core import load_bundle

        try:
            return load_bundle("bundled").part(part)
        except CheckpointError:
            return None

    def describe(self) -> None:
        """Write `bundle.json`, so that `out` loads by its path; parts not trained here are shared.

        Buttons of procedural footage have names from calibration. A stranger's videos have no labels:
        their buttons are called after the latent actions that the model uses.
        """
        from playreel.core import from_pretrained
        from playreel.core.bundle import action_reader_class, save_bundle_info

        if not (self.out / "lam").is_dir():
            return
        lam = from_pretrained(action_reader_class(self.out / "lam"), self.out / "lam")
        if self.footage is None:
            from playreel.training.calibration import calibrate

            buttons = calibrate(lam, domain=self.domain)
            size = (72, 128)
        else:
            used = [code for code, on in enumerate(lam.enabled.tolist()) if on]
            buttons = {f"action-{number}": code for number, code in enumerate(used, start=1)}
            size = tuple(self.footage.size)
        # Things know the actions by number: those of other actions would be of no use.
        parts = ("tokenizer", "motion", "transformer", "painter", *NEED_CAPTIONS)
        shared = {name: "bundled" for name in parts if not (self.out / name).is_dir()}
        more: dict[str, Any] = {"domain": "arm"} if self.is_arm else {}
        if self.footage is not None:
            more["footage"] = self.footage.fingerprints
        save_bundle_info(self.out, buttons=buttons, size=size, fps=12, shares=shared, **more)
        if self.footage is not None:
            more["redraw"] = self._is_redrawing_worth_it()
            save_bundle_info(self.out, buttons=buttons, size=size, fps=12, shares=shared, **more)

    def _is_redrawing_worth_it(self) -> bool:
        from playreel.core import Bundle
        from playreel.training.redrawing import FAVOUR, redraw_gain

        assert self.footage is not None, "procedural worlds are trained until they draw well"
        try:
            return redraw_gain(Bundle(self.out).world, self.footage) > -FAVOUR
        except (CheckpointError, TrainingError):  # parts are missing, or the videos are very short
            return True


def shares(goal: str, workshop: Workshop) -> dict[str, float]:
    """Stages of a goal, in order, and their shares of the time, which sum to 1."""
    if workshop.is_arm:
        return dict(ARM_SHARES)
    if workshop.footage is not None and goal in FOOTAGE_SHARES:
        plan = dict(FOOTAGE_SHARES[goal])
    else:
        plan = dict(SHARES[goal])
    if workshop.footage is not None:
        plan = {name: share for name, share in plan.items() if name not in NEED_CAPTIONS}
        plan = {name: share / sum(plan.values()) for name, share in plan.items()}
    if "transformer" in plan and "text" not in plan and not workshop.has("text"):
        plan = _first("text", TEXT_SHARE, plan)
    if "tokenizer" not in plan and (workshop.footage is not None or not workshop.has("tokenizer")):
        plan = _first("tokenizer", TOKENIZER_SHARE, plan)
    return plan


def _first(stage: str, share: float, plan: dict[str, float]) -> dict[str, float]:
    """The plan with a stage before all others, which leave it its share."""
    return {stage: share, **{name: part * (1 - share) for name, part in plan.items()}}
