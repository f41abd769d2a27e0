"""`playreel train`: the stages of a goal one after the other, in one folder.

    out/plan.json        what is trained and how the time is shared
    out/runs/<stage>/    the stages' run folders
    out/footage/         decoded frames of the user's videos
    out/<part>/          finished weights; the folder loads by its path

Nothing here loads torch before a training starts.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import PlayreelWarning, TrainingError

if TYPE_CHECKING:
    import argparse

    from playreel.training.videos import VideoFolder

GOALS = ("tokenizer", "world", "film", "all")
DEFAULT_MINUTES = 60.0
#: Frames of the longest window that a stage of a goal draws; said before minutes are spent, not after.
LONGEST_WINDOW = {"tokenizer": 2, "world": 10, "film": 10, "all": 10}
PREPARE_SHARE = 0.15  # most of the time that may go into reading videos


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `playreel train` to `parser`."""
    parser.add_argument("stage", choices=GOALS, help="what to train; `all` trains every stage")
    parser.add_argument(
        "--footage",
        type=Path,
        metavar="DIR",
        help="folder of videos or numbered pictures to learn from (default: procedural footage)",
    )
    parser.add_argument(
        "--domain",
        choices=("platformer", "arm"),
        help="procedural footage for `world`: the platformer (default) or the robot arm",
    )
    parser.add_argument("--minutes", type=float, help=f"time budget (default {DEFAULT_MINUTES:g})")
    parser.add_argument("--out", type=Path, help="where the result goes (default runs/STAGE)")
    parser.add_argument("--resume", action="store_true", help="go on with the training in --out")
    parser.add_argument("--size", choices=("16:9", "9:16", "1:1"), help="train on this aspect only")
    parser.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda where there is one)")
    parser.add_argument("--num-workers", type=int, help="processes that prepare batches")
    parser.add_argument("--max-steps", type=int, help="most steps of a stage")
    parser.add_argument("--lr", type=float, help="peak learning rate, instead of each stage's own")
    parser.add_argument("--seed", type=int, default=0, help="seed of the batches (default 0)")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="auto")
    parser.add_argument("--compile", action="store_true", help="compile the networks first")


def run_train(namespace: argparse.Namespace) -> dict[str, Any]:
    """Trains what `namespace` (see `add_arguments`) asks for.

    Returns:
        goal, status ("finished" or "interrupted"), out, elapsed_s, stages (each stage's summary)
        and, with --footage, what was read.

    Raises:
        TrainingError: Nothing to learn from, a folder in use, or a training that went wrong.
    """
    options = vars(namespace)
    goal = options.get("stage")
    if goal not in GOALS:
        raise TrainingError(f"Unknown stage {goal!r}; use one of {', '.join(GOALS)}.")
    out = Path(options.get("out") or Path("runs") / goal)
    begin = time.monotonic()
    footage_path = options.get("footage")
    plan = _resumed_plan(out, goal, footage_path, resume=bool(options.get("resume")))
    if plan is not None:
        footage_path = plan["footage"]
    minutes = options.get("minutes") or (plan or {}).get("minutes") or DEFAULT_MINUTES
    if not minutes > 0:
        raise TrainingError(f"--minutes must be positive, got {minutes:g}.")
    size = options.get("size") or (plan or {}).get("size")
    domain = options.get("domain") or (plan or {}).get("domain") or "platformer"
    if domain == "arm" and (goal != "world" or footage_path):
        raise TrainingError(
            "--domain arm goes with `playreel train world` alone, without --footage: only worlds are "
            "taught about the robot arm."
        )
    footage = _read_footage(footage_path, size, out, minutes) if footage_path else None
    if footage is not None:
        footage.require(LONGEST_WINDOW[goal])

    from playreel.training.loop import train
    from playreel.training.stages import Workshop, shares

    workshop = Workshop(out=out, footage=footage, size=size, domain=domain)
    if plan is None:
        plan = {
            "goal": goal,
            "footage": str(Path(footage_path).resolve()) if footage_path else None,
            "size": size,
            "domain": domain,
            "shares": shares(goal, workshop),
            "reading_minutes": (time.monotonic() - begin) / 60,
        }
    plan["minutes"] = minutes
    _write_plan(out, plan)
    left = max(minutes - plan["reading_minutes"], 0.5 * minutes)
    summaries: list[dict[str, Any]] = []
    for stage, share in plan["shares"].items():
        summary = train(
            workshop.task(stage),
            out=workshop.run_folder(stage),
            minutes=left * share,
            resume=True,
            **_loop_options(options),
        )
        summaries.append(summary)
        if summary["status"] != "finished":
            break
        if _is_main():
            publish(workshop.result(stage), out)
    if summaries[-1]["status"] == "finished" and _is_main():
        workshop.describe()
    result: dict[str, Any] = {
        "goal": goal,
        "status": summaries[-1]["status"],
        "out": str(out),
        "elapsed_s": round(time.monotonic() - begin, 3),
        "stages": {summary["task"]: summary for summary in summaries},
    }
    if footage is not None:
        result["footage"] = {
            "path": str(footage.path),
            "size": list(footage.size),
            "fps": footage.fps,
            "train_frames": sum(len(clip) for clip in footage.clips("train")),
            "held_out_frames": sum(len(clip) for clip in footage.clips("held-out")),
            "skipped": [list(pair) for pair in footage.skipped],
        }
    return result


def publish(result: Path, out: Path) -> None:
    """Copies the finished parts of a stage into `out`, each whole or not at all."""
    for part in sorted(result.iterdir()):
        target, fresh, old = out / part.name, out / f".new-{part.name}", out / f".old-{part.name}"
        if part.is_file():
            shutil.copyfile(part, fresh)
            fresh.replace(target)
            continue
        for stale in (fresh, old):
            shutil.rmtree(stale, ignore_errors=True)
        shutil.copytree(part, fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _loop_options(options: dict[str, Any]) -> dict[str, Any]:
    names = ("device", "num_workers", "max_steps", "lr", "seed", "precision", "compile", "quiet")
    return {name: options[name] for name in names if options.get(name) is not None}


def _is_main() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _say(text: str) -> None:
    if _is_main():
        sys.stderr.write(f"footage: {text}\n")
        sys.stderr.flush()


def _read_footage(path: Path | str, size: str | None, out: Path, minutes: float) -> VideoFolder:
    from playreel.training.videos import VideoFolder

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PlayreelWarning)
        folder = VideoFolder(
            path,
            size=size,
            cache=out / "footage",
            prepare_s=60 * minutes * PREPARE_SHARE,
            say=_say,
        )
    for warning in caught:
        _say(f"warning: {warning.message}")
    return folder


def _resumed_plan(
    out: Path, goal: str, footage: Path | str | None, *, resume: bool
) -> dict[str, Any] | None:
    """The plan in `out` when it is resumed, None for a fresh start."""
    path = out / "plan.json"
    if not path.exists() or (not resume and not _is_main()):
        return None
    if not resume:
        raise TrainingError(
            f"{out} already holds a training; go on with --resume or choose another --out."
        )
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        found, videos = plan["goal"], plan["footage"]
        if not (isinstance(plan["shares"], dict) and plan["reading_minutes"] >= 0):
            raise ValueError("its shares are missing")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"{path} is not a training plan ({error}); choose another --out."
        ) from error
    if found != goal:
        raise TrainingError(
            f"{out} holds a training of {found!r}, not of {goal!r}; choose another --out."
        )
    if footage and str(Path(footage).resolve()) != videos:
        raise TrainingError(
            f"The training in {out} learns from {videos or 'procedural footage'}, not from "
            f"{footage}; leave --footage out, or choose another --out."
        )
    return plan


def _write_plan(out: Path, plan: dict[str, Any]) -> None:
    if not _is_main():
        return
    from playreel.training.run_folder import make_folder, write_text_atomic

    make_folder(out)
    write_text_atomic(out / "plan.json", json.dumps(plan, indent=2) + "\n")
