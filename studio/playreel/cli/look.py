"""Commands that show things: demo, doctor, inspect."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.cli.options import Commands, add_command, add_weights, open_studio, project_of
from playreel.cli.output import Report, plain, say
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.studio import Studio
    from playreel.studio.inspection import Inspection
    from playreel.studio.origin import Origin


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    demo = add_command(commands, "demo", _demo, "run the whole job once: sketch, world, film")
    demo.add_argument("--out", type=Path, default=Path("out"), help="folder for the film (out)")
    demo.add_argument("--sketch", type=Path, metavar="FILE", help="your own drawing")
    demo.add_argument("--prompt", help="your own sentence")
    demo.add_argument("--seed", type=int, help="another seed, another film")
    add_weights(demo)

    doctor = add_command(commands, "doctor", _doctor, "check this machine and this installation")
    add_weights(doctor)

    inspect = add_command(commands, "inspect", _inspect, "tell what a take or a file is made of")
    inspect.add_argument("what", nargs="?", help="a take, a path, or nothing to list all takes")
    inspect.add_argument(
        "--frame",
        metavar="N",
        help="trace a frame to where it was made: a number, a time such as 2.5s, or 'all'",
    )
    inspect.add_argument(
        "--replay", action="store_true", help="make it again from its recipe and compare"
    )
    add_weights(inspect)


def _demo(args: argparse.Namespace) -> Report:
    from playreel.demo import SEED, run_demo

    result = run_demo(
        args.out,
        project=args.project,
        weights=args.weights,
        sketch=args.sketch,
        prompt=args.prompt,
        seed=SEED if args.seed is None else args.seed,
        say=say if args.json else print,
    )
    lines = [f"film   {result['film']}", f"sheet  {result['sheet']}"]
    return Report(lines=lines, document=result)


def _doctor(args: argparse.Namespace) -> Report:
    from playreel.doctor import examine

    findings = examine(args.weights)
    lines = []
    for finding in findings:
        value = finding.value.replace("\n", f"\n     {'':14s} ")
        lines.append(f"{'ok ' if finding.ok else 'BAD'}  {finding.name:14s} {value}")
        if finding.advice:
            lines.append(f"     {'':14s} {finding.advice}")
    good = all(finding.ok for finding in findings)
    document = {
        "ok": good,
        "findings": {f.name: {"ok": f.ok, "value": f.value, "advice": f.advice} for f in findings},
    }
    return Report(lines=lines, document=document, exit_code=0 if good else 1)


def _inspect(args: argparse.Namespace) -> Report:
    if args.what is None:
        return _takes(open_studio(args))
    from playreel.studio.inspection import inspect_file

    is_file = bool(Path(args.what).suffix)
    here = (project_of(args) / "project.json").exists()
    if is_file and not here and not args.replay:
        inspected, studio = inspect_file(Path(args.what)), None  # makes no project for a look
    else:
        studio = open_studio(args)
        inspected = studio.inspect(args.what)
    report = _about(inspected)
    if args.frame is not None:
        _frames(inspected, args.frame, report)
    if args.replay and studio is not None:
        _replay(studio, inspected, report)
    return report


def _takes(studio: Studio) -> Report:
    takes = [
        {
            "take": take.name,
            "operation": take.operation,
            "num_frames": take.num_frames,
            "fps": take.fps,
            "path": str(studio.path / take.file),
            "text": take.text,
        }
        for take in studio.takes
    ]
    lines = [
        "{take}  {operation:8s} {num_frames:4d} frames  {text:.60s}".format(**t) for t in takes
    ]
    return Report(
        lines=lines or ["No takes yet: playreel still 'a fox in a meadow'"],
        document={"takes": takes, "sessions": studio.sessions, "project": str(studio.path)},
    )


def _about(inspected: Inspection) -> Report:
    height, width = inspected.size
    recipe = inspected.recipe
    document: dict[str, Any] = {
        "content_hash": inspected.content_hash,
        "num_frames": inspected.num_frames,
        "fps": str(inspected.fps),
        "duration_s": inspected.duration_s,
        "size": [height, width],
        "recipe": None if recipe is None else json.loads(recipe.to_json()),
    }
    lines = [
        f"{inspected.content_hash[:12]}  {inspected.num_frames} frames, "
        f"{inspected.duration_s:.2f} s, {width}x{height} at {float(inspected.fps):g} fps"
    ]
    if recipe is None:
        return Report(lines=[*lines, "  no recipe: not made by Playreel"], document=document)
    lines.append(f"  operation  {recipe.operation}")
    if recipe.seed is not None:
        lines.append(f"  seed       {recipe.seed}")
    lines.append(f"  engine     {recipe.engine} {recipe.weights[:12]}")
    if recipe.parents:
        lines.append(f"  made from  {' '.join(parent[:12] for parent in recipe.parents)}")
    for name, value in plain(recipe.options).items():
        if name in ("ancestry", "segments"):
            lines.append(f"  {name:10s} of {len(value)}; trace a frame with --frame")
            continue
        text = json.dumps(value, ensure_ascii=False)
        lines.append(f"  {name:10s} {text if len(text) <= 200 else text[:199] + '…'}")
    if recipe.actions:
        lines.append(f"  actions    {' '.join(recipe.actions)[:200]}")
    return Report(lines=lines, document=document)


def _frames(inspected: Inspection, which: str, report: Report) -> None:
    from playreel.studio.inspection import as_document

    text = which.strip().lower()
    try:
        if text == "all":
            origins = list(inspected.frames())
        elif text.endswith("s"):
            origins = [inspected.at(float(text[:-1]))]
        else:
            origins = [inspected.frame(int(text))]
    except (OverflowError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"--frame takes a number, a time such as 2.5s, or 'all', not {which[:40]!r}."
        ) from None
    resolved = sum(origin.is_resolved for origin in origins)
    report.document["frames"] = [as_document(origin) for origin in origins]
    report.document["resolved"] = resolved
    if text == "all":
        report.lines.append(f"  traced     {resolved} of {len(origins)} frames")
        return
    for origin in origins:
        report.lines.extend(_trail(origin))


def _trail(origin: Origin, heading: str = "frame") -> list[str]:
    lines = [f"  {heading} {origin.frame} at {origin.time_s:.3f} s"]
    for link in origin.trail:
        details = plain(link.details)
        details.pop("take", None)  # the next line tells it
        words = [f"{name} {value}" for name, value in details.items()]
        if link.seed is not None:
            words.insert(0, f"seed {link.seed}")
        if link.weights:
            words.append(f"weights {link.weights[:12]}")
        where = f"{link.clip[:12] or 'this file'} frame {link.frame}"
        lines.append(
            f"    {link.relation:10s} {link.operation or '?':8s} {where:24s} "
            + ", ".join(words)[:160]
        )
    return lines + (_trail(origin.fading, "fading from") if origin.fading else [])


def _replay(studio: Studio, inspected: Inspection, report: Report) -> None:
    from playreel.errors import RecipeError

    if inspected.recipe is None:
        raise RecipeError("This clip has no recipe, so it cannot be made again.")
    again = studio.replay(inspected.recipe)
    same = again.content_hash == inspected.content_hash
    report.document["replay_identical"] = same
    report.lines.append(f"  replay     {'bit for bit the same' if same else 'came out otherwise'}")
