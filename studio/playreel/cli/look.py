"""Commands that show things: demo, doctor, inspect."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.cli.options import Commands, add_command, add_weights, open_studio, project_of
from playreel.cli.output import Report, plain, say

if TYPE_CHECKING:
    from playreel.studio import Studio


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    demo = add_command(commands, "demo", _demo, "run the whole job once: sketch, world, film")
    demo.add_argument("--out", type=Path, default=Path("out"), help="folder for the film (out)")
    demo.add_argument("--sketch", type=Path, metavar="FILE", help="your own drawing")
    demo.add_argument("--prompt", help="your own sentence")
    demo.add_argument("--seed", type=int, default=7, help="another seed, another film (7)")
    add_weights(demo)

    doctor = add_command(commands, "doctor", _doctor, "check this machine and this installation")
    add_weights(doctor)

    inspect = add_command(commands, "inspect", _inspect, "tell what a take or a file is made of")
    inspect.add_argument("what", nargs="?", help="a take, a path, or nothing to list all takes")
    inspect.add_argument(
        "--replay", action="store_true", help="make it again from its recipe and compare"
    )
    add_weights(inspect)


def _demo(args: argparse.Namespace) -> Report:
    from playreel.demo import run_demo

    result = run_demo(
        args.out,
        project=args.project,
        weights=args.weights,
        sketch=args.sketch,
        prompt=args.prompt,
        seed=args.seed,
        say=say if args.json else print,
    )
    lines = [f"film   {result['film']}", f"sheet  {result['sheet']}"]
    return Report(lines=lines, document=result)


def _doctor(args: argparse.Namespace) -> Report:
    from playreel.doctor import examine

    findings = examine(args.weights)
    lines = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.ok else 'BAD'}  {finding.name:14s} {finding.value}")
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
    if (
        Path(args.what).suffix
        and not args.replay
        and not (project_of(args) / "project.json").exists()
    ):
        from playreel.media import Clip

        return _clip(Clip.open(args.what))
    studio = open_studio(args)
    clip = studio.open(args.what)
    report = _clip(clip)
    if args.replay:
        _replay(studio, clip, report)
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


def _clip(clip: Any) -> Report:
    document: dict[str, Any] = {
        "content_hash": clip.content_hash,
        "num_frames": len(clip),
        "fps": str(clip.fps),
        "duration_s": clip.duration_s,
        "size": [clip.height, clip.width],
        "recipe": None if clip.recipe is None else json.loads(clip.recipe.to_json()),
    }
    lines = [
        f"{clip.content_hash[:12]}  {len(clip)} frames, {clip.duration_s:.2f} s, "
        f"{clip.width}x{clip.height} at {float(clip.fps):g} fps"
    ]
    if clip.recipe is None:
        return Report(lines=[*lines, "  no recipe: not made by Playreel"], document=document)
    recipe = clip.recipe
    lines.append(f"  operation  {recipe.operation}")
    if recipe.seed is not None:
        lines.append(f"  seed       {recipe.seed}")
    lines.append(f"  engine     {recipe.engine} {recipe.weights[:12]}")
    if recipe.parents:
        lines.append(f"  made from  {' '.join(parent[:12] for parent in recipe.parents)}")
    for name, value in plain(recipe.options).items():
        text = json.dumps(value, ensure_ascii=False)
        lines.append(f"  {name:10s} {text if len(text) <= 200 else text[:199] + '…'}")
    if recipe.actions:
        lines.append(f"  actions    {' '.join(recipe.actions)[:200]}")
    return Report(lines=lines, document=document)


def _replay(studio: Studio, clip: Any, report: Report) -> None:
    from playreel.errors import RecipeError

    if clip.recipe is None:
        raise RecipeError("This clip has no recipe, so it cannot be made again.")
    again = studio.replay(clip.recipe)
    same = again.content_hash == clip.content_hash
    report.document["replay_identical"] = same
    report.lines.append(f"  replay     {'bit for bit the same' if same else 'came out otherwise'}")
