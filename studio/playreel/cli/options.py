"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.cli.output import Report
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.media import Clip
    from playreel.studio import Studio

SIZES = ("16:9", "9:16", "1:1")
DEFAULT_PROJECT = "pitch"

Commands = Any  # argparse gives its list of commands no public type


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], Report], help: str
) -> argparse.ArgumentParser:
    """A command with the options that every one has."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + "."
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--project",
        metavar="DIR",
        default=os.environ.get("PLAYREEL_PROJECT") or None,
        help="project folder; default: this folder if it is one, else ./pitch",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser


def add_weights(parser: argparse.ArgumentParser) -> None:
    """``--weights``."""
    parser.add_argument(
        "--weights", metavar="NAME", default="bundled", help="'bundled', 'arm', or a folder"
    )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """How frames are drawn."""
    add_weights(parser)
    parser.add_argument(
        "--engine", metavar="NAME", help="what makes it; playreel engines lists them (bundled)"
    )
    parser.add_argument("--negative", metavar="TEXT", help="what is not to be seen; engines only")
    parser.add_argument("--seed", type=int, help="the same seed gives the same frames")
    parser.add_argument(
        "--steps", type=int, metavar="N", help="sampling passes (each engine has its own)"
    )
    parser.add_argument("--guidance", type=float, metavar="X", help="pull of the prompt (2.0)")
    parser.add_argument("--temperature", type=float, metavar="X", help="1 as trained, less tamer")
    parser.add_argument(
        "--candidates",
        type=int,
        metavar="N",
        help="most stills drawn from words, until one shows what they ask for (24)",
    )
    parser.add_argument(
        "--cache",
        action=argparse.BooleanOptionalAction,
        help="let steps reuse what hardly changed: faster, a little different; engines only",
    )
    parser.add_argument(
        "--cards",
        type=int,
        metavar="N",
        help="graphics cards that make the take together; for engines that can (1)",
    )
    parser.add_argument(
        "--draft",
        action="store_true",
        help="quick, with fewer steps; playreel finish makes all of it",
    )
    add_out(parser)


def add_expanding(parser: argparse.ArgumentParser) -> None:
    """``--expand`` and ``--expand-by``."""
    parser.add_argument(
        "--expand",
        action="store_true",
        help="add what the prompt leaves open, and print what was added",
    )
    parser.add_argument(
        "--expand-by",
        metavar="URL",
        help="expand by a language model, local:FOLDER or URL#MODEL; see playreel expand",
    )


def add_queue(parser: argparse.ArgumentParser) -> None:
    """``--queue``, ``--estimate`` and ``--executor``."""
    parser.add_argument(
        "--queue", action="store_true", help="queue it and come back at once; see playreel jobs"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="only say what time, memory and disk it would take"
    )
    parser.add_argument(
        "--executor", metavar="NAME", default="local", help="with --queue: local, ray or an address"
    )


def add_out(parser: argparse.ArgumentParser) -> None:
    """``--out`` and ``--scale``."""
    parser.add_argument("--out", metavar="FILE", help="also write it here (.mp4, .gif, .png, .mkv)")
    parser.add_argument("--scale", type=int, metavar="N", help="enlarge --out by a whole factor")


def sampling(args: argparse.Namespace) -> dict[str, Any]:
    """The sampling options that were given."""
    given = {
        "num_steps": args.steps,
        "guidance_scale": args.guidance,
        "temperature": args.temperature,
        "num_candidates": args.candidates,
        "engine": args.engine,
        "negative_prompt": args.negative,
        "cache": args.cache,
        "cards": args.cards,
        "draft": args.draft or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def project_of(args: argparse.Namespace) -> Path:
    """The project folder that a command works in."""
    if args.project:
        return Path(args.project)
    return Path() if Path("project.json").is_file() else Path(DEFAULT_PROJECT)


def open_studio(args: argparse.Namespace) -> Studio:
    """The facade for the command's project."""
    from playreel.studio import Studio

    return Studio(
        project_of(args),
        weights=getattr(args, "weights", "bundled"),
        executor=getattr(args, "executor", "local"),
        on_progress=None if args.json or not sys.stderr.isatty() else _progress,
    )


def make(args: argparse.Namespace, verb: str, *given: Any, **options: Any) -> Report:
    """Does a verb of the facade and reports its take, or with ``--queue`` queues it."""
    studio = open_studio(args)
    said: list[str] = []
    if getattr(args, "expand", False) or getattr(args, "expand_by", None):
        expansion = studio.expand(
            given[0],
            camera=options.get("camera"),
            engine=options.get("engine"),
            seed=options.get("seed") or 0,
            by=args.expand_by or "rules",
        )
        given = (expansion.text, *given[1:])
        said = [f"  {line}" for line in expansion.lines()]
    if not (args.queue or args.estimate):
        report = report_take(studio, getattr(studio, verb)(*given, **options), args)
        return Report(lines=[*report.lines, *said], document=report.document)
    if getattr(args, "out", None):
        raise InputError("--out is for a take that is made at once. Use it without --queue.")
    return queue_or_estimate(studio, args, verb, *given, **options)


def queue_or_estimate(
    studio: Studio, args: argparse.Namespace, verb: str, *given: Any, **options: Any
) -> Report:
    """Queues a verb, or with ``--estimate`` says what it would take."""
    if args.estimate:
        estimate = studio.jobs.estimate(verb, *given, **options)
        return Report(
            lines=[f"{verb}: {estimate}"],
            document={"estimate": estimate.document(), "project": str(studio.path)},
        )
    job = studio.submit(verb, *given, **options)
    record = job.record
    return Report(
        lines=[f"job {job.id}  {record.operation} {record.state}", "  playreel jobs watch last"],
        document={"job": record.document(), "project": str(studio.path)},
    )


def report_take(studio: Studio, clip: Clip, args: argparse.Namespace) -> Report:
    """What a command that made a take says."""
    path = studio.path_of(clip)
    take = studio.project.media.find(clip.content_hash)
    recipe = clip.recipe
    what = "still" if len(clip) == 1 else f"{len(clip)} frames, {clip.duration_s:.2f} s"
    seed = "" if recipe is None or recipe.seed is None else f", seed {recipe.seed}"
    lines = [f"{take.operation} {take.name}  {what}, {clip.width}x{clip.height}{seed}", f"  {path}"]
    document: dict[str, Any] = {
        "take": take.name,
        "content_hash": clip.content_hash,
        "operation": take.operation,
        "path": str(path),
        "num_frames": len(clip),
        "fps": str(clip.fps),
        "size": [clip.height, clip.width],
        "seed": recipe.seed if recipe else None,
        "measured": (recipe.options.get("measured") or {}) if recipe else {},
        "resolved": (recipe.options.get("resolved") or {}) if recipe else {},
        "project": str(studio.path),
    }
    snapped = document["resolved"].get("snapped")
    if snapped:
        lines.append(f"  {snapped}")
    if getattr(args, "out", None):
        saved = clip.save(args.out, scale=args.scale)
        lines.append(f"  {saved}")
        document["out"] = str(saved)
    return Report(lines=lines, document=document)


def _progress(done: int, total: int) -> None:
    end = "\n" if done >= total else ""
    print(f"\r  frame {done} of {total}", end=end, file=sys.stderr, flush=True)
