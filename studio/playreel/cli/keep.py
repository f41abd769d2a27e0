"""Commands that keep: history, undo, redo, trash, disk, restore."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playreel.cli.options import Commands, add_command, add_weights, open_studio
from playreel.cli.output import Report
from playreel.errors import InputError


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    history = add_command(commands, "history", _history, "list every act, or go back to one")
    history.add_argument("--to", type=int, metavar="N", help="go to how things were after entry N")
    history.add_argument("--last", type=int, default=20, metavar="N", help="how many to list (20)")
    add_command(commands, "undo", _undo, "take back the last act; takes always stay")
    add_command(commands, "redo", _redo, "do again what was undone last")

    trash = add_command(
        commands, "trash", _trash, "list, put, restore or empty: takes out of the way"
    )
    trash.add_argument(
        "action", nargs="?", default="list", choices=("list", "put", "restore", "empty")
    )
    trash.add_argument("takes", nargs="*", help="first digits of takes' names")
    trash.add_argument("--yes", action="store_true", help="empty: do it, for good")

    disk = add_command(commands, "disk", _disk, "tell what the project takes, or set a budget")
    disk.add_argument("--budget", metavar="SIZE", help="such as 10GB; 'none' lifts the limit")

    restore = add_command(
        commands, "restore", _restore, "bring a take back from the trash, or make a file again"
    )
    restore.add_argument("what", help="a take, or a file with a recipe; a film remakes its takes")
    add_weights(restore)


def _history(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    if args.to is not None:
        studio.roll_back(args.to)
    entries = studio.history
    shown = [
        {
            "number": entry.number,
            "act": entry.act,
            "words": entry.words,
            "time": entry.time,
            "done": entry.is_done,
        }
        for entry in (entries[-args.last :] if args.last > 0 else ())
    ]
    lines = [
        f"{entry['number'] or '':>5}  {'  ' if entry['done'] else 'x '}{entry['time'][:16]}  "
        f"{entry['act']:14s} {entry['words'][:80]}"
        for entry in shown
    ]
    if any(not entry["done"] for entry in shown):
        lines.append("x was undone: playreel redo, or playreel history --to NUMBER")
    return Report(
        lines=lines or ["Nothing has been done yet."],
        document={"entries": shown, "count": len(entries), "project": str(studio.path)},
    )


def _undo(args: argparse.Namespace) -> Report:
    return _moved(open_studio(args).undo(), "undone", "There is nothing to undo.")


def _redo(args: argparse.Namespace) -> Report:
    return _moved(open_studio(args).redo(), "done again", "There is nothing to redo.")


def _moved(entry: Any, verb: str, nothing: str) -> Report:
    if entry is None:
        return Report(lines=[nothing], document={"entry": None})
    return Report(
        lines=[f"{verb}: {entry.words}"],
        document={"entry": entry.number, "act": entry.act, "words": entry.words},
    )


def _trash(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    said: list[str] = []
    document: dict[str, Any] = {}
    if args.action in ("put", "restore"):
        if not args.takes and args.action == "put":
            raise InputError("Say which takes: playreel trash put TAKE...")
        act = studio.trash.put if args.action == "put" else studio.trash.restore
        moved = act(*args.takes)
        verb = "put into the trash" if args.action == "put" else "brought back"
        said = [f"{verb}: {take.name}  {take.text:.60s}" for take in moved]
        document["moved"] = [take.name for take in moved]
    elif args.action == "empty":
        if not args.yes:
            raise InputError(
                f"This removes the frames of {len(studio.trash)} takes for good and frees "
                f"{studio.trash.num_bytes} bytes; their recipes stay. Do it with: "
                "playreel trash empty --yes"
            )
        document["freed_bytes"] = studio.trash.empty()
        said = [f"freed {document['freed_bytes']} bytes"]
    takes = [
        {"take": take.name, "operation": take.operation, "text": take.text} for take in studio.trash
    ]
    lines = ["{take}  {operation:8s} {text:.60s}".format(**take) for take in takes]
    return Report(
        lines=said + (lines or ["The trash is empty."]),
        document=document | {"takes": takes, "num_bytes": studio.trash.num_bytes},
    )


def _disk(args: argparse.Namespace) -> Report:
    from playreel.project.disk import shown

    studio = open_studio(args)
    if args.budget is not None:
        studio.set_budget(None if args.budget.lower() == "none" else args.budget)
    use = studio.disk
    lines = [f"{kind:9s} {shown(size):>10s}" for kind, size in use.kinds.items() if size]
    budget = "no budget is set" if use.budget is None else f"of {shown(use.budget)}"
    lines.append(f"{'in all':9s} {shown(use.total):>10s}  {budget}; {shown(use.free)} free")
    return Report(
        lines=lines,
        document={
            "kinds": use.kinds,
            "total": use.total,
            "budget": use.budget,
            "free": use.free,
            "left": use.left,
            "project": str(studio.path),
        },
    )


def _restore(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    done = studio.restore(args.what)
    lines = []
    for clip in done.clips:
        path = studio.path_of(clip)
        lines.append(f"{clip.content_hash[:12]}  {len(clip)} frames  {Path(path)}")
    verdict = {
        True: "bit for bit the same frames",
        False: "the frames came out otherwise: other weights or another machine made them",
        None: "made again; the file is a lossy copy, so that there is nothing to compare with",
    }[done.is_identical]
    lines.append("brought back from the trash" if done.from_trash else verdict)
    return Report(
        lines=lines,
        document={
            "takes": [clip.content_hash for clip in done.clips],
            "expected": list(done.expected),
            "identical": done.is_identical,
            "from_trash": done.from_trash,
            "project": str(studio.path),
        },
        exit_code=1 if done.is_identical is False else 0,
    )
