"""Commands for the shot board: board, export."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from playreel.cli.options import Commands, add_command, open_studio
from playreel.cli.output import Report
from playreel.errors import InputError

TAKE = "a take's first digits, 'last', or a path"


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    board = add_command(commands, "board", _board, "list, add, move and remove shots")
    board.add_argument(
        "action", nargs="?", default="list", choices=("list", "add", "move", "remove", "sheet")
    )
    board.add_argument("what", nargs="?", help=f"add: {TAKE}; move, remove: a shot's number or uid")
    board.add_argument("--size", default="", help="shot size, such as LS or close-up")
    board.add_argument("--dialogue", default="", help="what is said")
    board.add_argument("--description", default="", help="what is seen")
    board.add_argument("--fade", type=float, default=0.0, metavar="S", help="cross-fade in seconds")
    board.add_argument("--at", type=int, metavar="N", help="number on the board (add, move)")
    board.add_argument("--out", metavar="FILE", help="sheet: the .png to write")

    export = add_command(commands, "export", _export, "cut the board into a film")
    export.add_argument("out", metavar="FILE", help=".mp4, .mov, .m4v or .gif")
    export.add_argument("--preset", help="landscape-1080p, vertical-1080p, square or gif")


def _board(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    board = studio.board
    said: list[str] = []
    if args.action == "add":
        clip = studio.open(_needed(args))
        shot = board.add(
            studio.keep(clip),
            size=args.size,
            dialogue=args.dialogue,
            description=args.description,
            fade_s=args.fade,
            at=args.at,
        )
        said = [f"added {shot.uid} as shot {shot.number}"]
    elif args.action == "remove":
        said = [f"removed {board.remove(_key(args)).uid}; its take is kept"]
    elif args.action == "move":
        if args.at is None:
            raise InputError("Say where to: playreel board move SHOT --at NUMBER.")
        shot = board.move(_key(args), args.at)
        said = [f"moved {shot.uid} to {shot.number}"]
    elif args.action == "sheet":
        said = [str(board.contact_sheet(args.out or studio.path / "board.png"))]
    shots = [_shot(shot) for shot in board.shots]
    lines = [
        "{number:3d}  {uid}  {size:4s} {seconds:5.2f} s  {take}  {description}{dialogue}".format(
            **{**shot, "dialogue": f" “{shot['dialogue']}”" if shot["dialogue"] else ""}
        )
        for shot in shots
    ]
    return Report(
        lines=said + (lines or ["The board is empty: playreel board add TAKE"]),
        document={"shots": shots, "said": said, "project": str(studio.path)},
    )


def _shot(shot: Any) -> dict[str, Any]:
    return {
        "number": shot.number,
        "uid": shot.uid,
        "size": shot.size,
        "seconds": shot.take.duration_s,
        "take": shot.take.content_hash[:12],
        "description": shot.description,
        "dialogue": shot.dialogue,
        "fade_s": shot.fade_s,
    }


def _needed(args: argparse.Namespace) -> str:
    if not args.what:
        raise InputError(f"playreel board {args.action} needs what: {TAKE}, or a shot.")
    return str(args.what)


def _key(args: argparse.Namespace) -> str | int:
    what = _needed(args)
    return int(what) if what.isdigit() and len(what) < 6 else what


def _export(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    show = sys.stderr.isatty() and not args.json
    path = studio.export(args.out, preset=args.preset, on_frame=_progress if show else None)
    return Report(
        lines=[str(path)],
        document={"path": str(path), "shots": len(studio.board), "project": str(studio.path)},
    )


def _progress(done: int, total: int) -> None:
    if done == total or done % 12 == 0:
        end = "\n" if done == total else ""
        print(f"\r  frame {done} of {total}", end=end, file=sys.stderr, flush=True)
