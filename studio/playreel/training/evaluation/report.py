"""The evaluation as a whole: which figures on which footage, as one document ready to be printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.core import load_bundle
from playreel.core.bundle import bundled_names
from playreel.errors import InputError
from playreel.training.evaluation.parallax import free_runs, parallax
from playreel.training.evaluation.players import ModelPlayer
from playreel.training.evaluation.presses import BUTTONS_TRIED, clean_presses
from playreel.training.evaluation.sets import (
    CONTEXT,
    DOMAINS,
    SCHOOLS,
    TrueClip,
    folder_clips,
    play_clips,
    still_frames,
)
from playreel.training.evaluation.tokenizer_figures import mean_figure, reconstruction
from playreel.training.evaluation.world_figures import (
    DELTA_FRAMES,
    agree,
    delta_psnr,
    obey,
    sharpness,
)

if TYPE_CHECKING:
    from playreel.core import Bundle, VideoTokenizer

PARTS = ("tokenizer", "world", "film", "promises")
FILM_PARTS = ("film", "promises")
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much is looked at; per school, unless it says otherwise.

    Attributes:
        still_episodes: episodes of three frames for the tokenizer.
        agree_clips: clips of 33 frames whose actions are read.
        delta_clips: clips that are played on twice.
        presses: of each button.
        rollouts: of `rollout_frames` frames, for sharpness.
        rollout_frames: length of those.
        runs: rollouts for parallax.
        stills: prompts for stills, in all.
        takes: prompts for takes, in all.
        kept_clips: clips that are extended, bridged and looped, in all.
        judge_episodes: true episodes that the judge is tried on, in all.
        timed: takes whose words change.
        cards: characters that are taken through six shots.
        restyled: clips that are restyled.
        sketches: drawings that stills are made of.
        long_takes: clips that are extended by `long_s` seconds.
        long_s: seconds.
    """

    still_episodes: int = 16
    agree_clips: int = 16
    delta_clips: int = 24
    presses: int = 16
    rollouts: int = 6
    rollout_frames: int = 120
    runs: int = 8
    stills: int = 48
    takes: int = 28
    kept_clips: int = 16
    judge_episodes: int = 96
    timed: int = 12
    cards: int = 8
    restyled: int = 128
    sketches: int = 12
    long_takes: int = 3
    long_s: float = 60.0


QUICK_COUNTS = Counts(
    still_episodes=4,
    agree_clips=5,
    delta_clips=6,
    presses=5,
    rollouts=2,
    runs=3,
    stills=16,
    takes=7,
    kept_clips=1,
    judge_episodes=32,
    timed=4,
    cards=2,
    restyled=6,
    sketches=2,
    long_takes=1,
    long_s=10.0,
)


class Evaluation:
    """Measures one bundle.

    Args:
        bundle: what is measured.
        counts: how much is looked at.
        seed: draws the held-out footage; the same seed, the same footage.
        quick: teach the judge of prompts less, if it has to be taught.
        say: told what is being measured.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        counts: Counts | None = None,
        seed: int = 0,
        quick: bool = False,
        say: Say = lambda text: None,
    ) -> None:
        self.bundle, self.counts, self.seed, self.quick = bundle, counts or Counts(), seed, quick
        self.domain = domain_of(bundle)
        self.elapsed_s: dict[str, float] = {}
        self._say = say

    @property
    def has_film(self) -> bool:
        """Whether the bundle draws the school's pictures from words."""
        return self.domain == "platformer" and self.bundle.part_path("text").is_dir()

    # --- procedural footage ---

    def tokenizer(self) -> dict[str, float]:
        """PSNR by school and their mean; the arm's by the arm's own tokenizer where it has one."""
        schools = ("narrow", "world", "film", "arm") if self.domain != "arm" else ("arm",)
        figures = {}
        with self._timed("tokenizer"):
            for school in schools:
                pictures = still_frames(school, self.counts.still_episodes, seed=self.seed)
                figures[school] = reconstruction(self._tokenizer(school), pictures)
        return mean_figure(figures, "psnr")

    def world(self) -> dict[str, Any]:
        """The world's figures, the mean over its schools, and each school's under `by_school`."""
        schools = {school: self.school(school) for school in SCHOOLS[self.domain]}
        return _mean(schools) | ({"by_school": schools} if len(schools) > 1 else {})

    def school(self, school: str) -> dict[str, float]:
        """The world's figures on one school."""
        counts, seed, player = self.counts, self.seed, ModelPlayer(self.bundle.world)
        figures: dict[str, float] = {}
        with self._timed(f"{school}: actions"):
            clips = play_clips(school, counts.agree_clips, 33, seed=seed + 1)
            figures |= agree(player, clips, num_actions=player.model.num_actions)
        with self._timed(f"{school}: delta_psnr"):
            length = CONTEXT + max(DELTA_FRAMES)
            clips = play_clips(school, counts.delta_clips, length, seed=seed + 2)
            figures |= delta_psnr(player, clips, seed=seed)
        if all(name in player.buttons for name in clips[0].names):
            with self._timed(f"{school}: sharpness"):
                length = CONTEXT + counts.rollout_frames
                clips = play_clips(school, counts.rollouts, length, seed=seed + 3)
                figures |= sharpness(player, clips, seed=seed)
        if self.domain == "platformer" and all(name in player.buttons for name in BUTTONS_TRIED):
            with self._timed(f"{school}: obey"):
                presses = clean_presses(school, counts.presses, seed=seed + 4)
                figures |= obey(player, presses, seed=seed)
            with self._timed(f"{school}: parallax"):
                figures |= parallax(
                    player, free_runs(school, counts.runs, seed=seed + 5), seed=seed
                )
        return figures

    def film(self) -> dict[str, Any]:
        """The film's figures, with the judge's own accuracy on true footage beside them."""
        from playreel.training.evaluation.film_figures import operations, prompt_accuracy
        from playreel.training.evaluation.schooled import FULL, QUICK, accuracy, judge

        counts, model = self.counts, self.bundle.film
        with self._timed("film: kept frames"):
            figures = operations(model, counts.kept_clips, seed=self.seed)
        with self._timed("film: judge"):
            reader = judge(QUICK if self.quick else FULL, say=self._say)
            trusted = accuracy(reader, counts.judge_episodes, seed=self.seed)
        with self._timed("film: prompts"):
            figures |= prompt_accuracy(
                model, reader, num_stills=counts.stills, num_takes=counts.takes, seed=self.seed
            )
        return figures | {"judge": mean_figure(trusted, "accuracy")}

    def promises(self) -> dict[str, float]:
        """What the film module promises beyond single pictures; see `promises`."""
        from playreel.training.evaluation import promises
        from playreel.training.evaluation.schooled import FULL, QUICK, judge

        counts, model, seed = self.counts, self.bundle.film, self.seed
        with self._timed("promises: times"):
            figures = promises.timing(model, counts.timed, seed=seed)
        with self._timed("promises: judge"):
            reader = judge(QUICK if self.quick else FULL, say=self._say)
        with self._timed("promises: characters"):
            figures |= promises.character(model, reader, counts.cards, seed=seed)
        with self._timed("promises: restyling"):
            figures |= promises.restyling(model, reader, counts.restyled, seed=seed)
        with self._timed("promises: sketches"):
            figures |= promises.sketching(model, counts.sketches, seed=seed)
        with self._timed("promises: drift"):
            figures |= promises.long_drift(
                model, counts.long_takes, seconds=counts.long_s, seed=seed
            )
        return figures

    # --- anybody's videos ---

    def footage(self, path: Path, parts: tuple[str, ...]) -> dict[str, Any]:
        """Tokenizer and world figures on the held-out part of a folder of videos."""
        from playreel.training.videos import VideoFolder

        with self._timed("reading videos"):
            trained = self.bundle.info.get("footage", [])
            # Weights made from videos are measured at their own size, whatever shape most of these have.
            size = self.bundle.size if trained else None
            folder = VideoFolder(path, size=size, say=self._say)
            length = CONTEXT + max(DELTA_FRAMES)
            clips = folder_clips(
                folder, self.counts.delta_clips, length, seed=self.seed, trained=trained
            )
        document: dict[str, Any] = {}
        if "tokenizer" in parts:
            with self._timed("tokenizer"):
                pictures = [clip.frames[::7] for clip in clips]
                document["tokenizer"] = {"psnr": reconstruction(self._tokenizer("own"), pictures)}
        if "world" in parts:
            with self._timed("delta_psnr"):
                player = ModelPlayer(self.bundle.world)
                document["world"] = delta_psnr(player, clips, seed=self.seed)
        document["footage"] = _about(folder, clips)
        return document

    # --- ways and means ---

    def _tokenizer(self, school: str) -> VideoTokenizer:
        is_guest = school == "arm" and self.domain != "arm"
        if is_guest and "arm" in bundled_names() and self.bundle.path.name == "bundled":
            return load_bundle("arm").world.tokenizer
        return self.bundle.world.tokenizer

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        self._say(what)
        begin = time.perf_counter()
        yield
        self.elapsed_s[what] = time.perf_counter() - begin


def evaluate(
    weights: str | Path = "bundled",
    *,
    footage: Path | None = None,
    only: str | None = None,
    quick: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure weights and return all figures, nested by part, with the settings they were found with.

    Args:
        weights: name or folder of a bundle. With `bundled` the robot arm's own weights are measured
            beside it (`world.arm`) where they are installed.
        footage: measure tokenizer and world on these videos instead of on procedural footage.
        only: one of `PARTS`.
        quick: a third of the samples or less.
        seed: draws the held-out footage.

    Raises:
        InputError: no such part, or one that videos cannot measure.
        CheckpointError: the weights cannot be loaded.
    """
    if only is not None and only not in PARTS:
        raise InputError(f"Unknown part {only[:40]!r}; use one of {', '.join(PARTS)}.")
    if footage is not None and only in FILM_PARTS:
        raise InputError(
            "Videos without captions cannot measure the film model. Leave out --footage or "
            f"--only {only}."
        )
    parts = PARTS if only is None else (only,)
    begin = time.perf_counter()
    counts = QUICK_COUNTS if quick else Counts()
    bundle = load_bundle(weights)
    own = Evaluation(bundle, counts=counts, seed=seed, quick=quick, say=_say)
    if only in FILM_PARTS and not own.has_film:
        raise InputError(
            f"The weights {str(weights)!r} draw nothing from words. Name others, or leave out --only {only}."
        )
    document: dict[str, Any] = {}
    if footage is not None:
        document = own.footage(Path(footage), parts)
    else:
        if "tokenizer" in parts:
            document["tokenizer"] = own.tokenizer()
        if "world" in parts:
            document["world"] = own.world()
            if str(weights) == "bundled" and "arm" in bundled_names():
                arm = Evaluation(load_bundle("arm"), counts=counts, seed=seed, say=_say)
                document["world"]["arm"] = arm.world()
                own.elapsed_s |= arm.elapsed_s
        if "film" in parts and own.has_film:
            document["film"] = own.film()
        if "promises" in parts and own.has_film:
            document["promises"] = own.promises()
    document["settings"] = {
        "weights": str(weights),
        "weights_hash": bundle.weights_hash,
        "seed": seed,
        "held_out": "videos kept out of training" if footage else "episodes whose seed ends in 0",
        "quick": quick,
        "counts": asdict(counts),
        "elapsed_s": own.elapsed_s | {"all": time.perf_counter() - begin},
    }
    return _rounded(document)


def domain_of(bundle: Bundle) -> str:
    """The procedural domain that a bundle plays: "platformer" or "arm"."""
    told = bundle.info.get("domain")
    if told in DOMAINS:
        return str(told)
    return "arm" if set(DOMAINS["arm"]) <= set(bundle.buttons) else "platformer"


def _mean(schools: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The mean over schools of every figure that all of them have."""
    first, *others = schools.values()
    return {
        name: sum(figures[name] for figures in schools.values()) / len(schools)
        for name in first
        if all(name in other for other in others)
    }


def _about(folder: Any, clips: list[TrueClip]) -> dict[str, Any]:
    return {
        "path": str(folder.path),
        "size": list(folder.size),
        "fps": folder.fps,
        "held_out_frames": sum(len(clip) for clip in folder.clips("held-out")),
        "windows": len(clips),
        "window_frames": len(clips[0].frames),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _say(text: str) -> None:
    sys.stderr.write(f"eval: {text}\n")
    sys.stderr.flush()
