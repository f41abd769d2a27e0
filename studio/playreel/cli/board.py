"""Commands for the shot board: board, export."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from playreel.cli.options import (
    Commands,
    add_command,
    add_queue,
    add_weights,
    open_studio,
    report_queued,
)
from playreel.cli.output import Report
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.board import Planned

CAPTIONS = ("off", "burn", "files", "both")
TAKE = "a take's first digits, 'last', or a path"


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    board = add_command(commands, "board", _board, "list, add, move and remove shots")
    board.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=(
            "list",
            "add",
            "move",
            "remove",
            "retake",
            "sheet",
            "import",
            "table",
            "timeline",
            "conform",
        ),
    )
    board.add_argument(
        "what",
        nargs="?",
        help=f"add: {TAKE}; import: a .csv, .fountain or .fdx; conform: an .otio; "
        "others: a shot's number or uid",
    )
    board.add_argument("--size", default="", help="shot size, such as LS or close-up")
    board.add_argument("--dialogue", default="", help="what is said")
    board.add_argument("--description", default="", help="what is seen")
    board.add_argument("--fade", type=float, default=0.0, metavar="S", help="transition in seconds")
    board.add_argument("--transition", default="", help="dissolve, dip, dip-white, wipe or bridge")
    board.add_argument("--translation", default="", help="the dialogue in a second language")
    board.add_argument("--at", type=int, metavar="N", help="number on the board (add, move)")
    board.add_argument("--seed", type=int, help="retake: the new seed; default: a fresh one")
    board.add_argument(
        "--out",
        metavar="FILE",
        help="sheet: the .png to write; table: .csv; timeline: .otio, .otioz, .edl",
    )
    board.add_argument("--language", default="en", choices=("en", "zh"), help="table: its words")
    add_weights(board)

    export = add_command(commands, "export", _export, "cut the board into a film")
    export.add_argument("out", metavar="FILE", help=".mp4, .mov, .m4v or .gif")
    export.add_argument("--preset", help="landscape-1080p, vertical-1080p, square or gif")
    export.add_argument(
        "--captions", default="off", choices=CAPTIONS, help="burn dialogue in, or write .srt, .vtt"
    )
    export.add_argument("--music", metavar="FILE", help="music under the film")
    export.add_argument("--voice", action="store_true", help="speak dialogue by espeak-ng")
    export.add_argument(
        "--no-label", action="store_true", help="no visible AI mark; the recipe records it"
    )
    export.add_argument(
        "--no-sign", action="store_true", help="no C2PA signature; the recipe records it"
    )
    add_queue(export)


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
            transition=args.transition,
            translation=args.translation,
            at=args.at,
        )
        said = [f"added {shot.uid} as shot {shot.number}"]
    elif args.action == "import":
        said = [f"took over {len(board.take_over(_read_shots(_needed(args))))} shots"]
    elif args.action == "table":
        from playreel.board import write_table

        out = args.out or studio.path / "board.csv"
        said = [str(write_table(out, board.shots, language=args.language))]
    elif args.action == "timeline":
        from playreel.board.timeline import write_timeline

        said = [str(write_timeline(args.out or studio.path / "board.otio", board))]
    elif args.action == "conform":
        from playreel.board.timeline import conform

        done = conform(board, _needed(args))
        counts = {name: len(uids) for name, uids in vars(done).items()}
        said = [", ".join(f"{count} {name}" for name, count in counts.items())]
    elif args.action == "remove":
        said = [f"removed {board.remove(_key(args)).uid}; its take is kept"]
    elif args.action == "move":
        if args.at is None:
            raise InputError("Say where to: playreel board move SHOT --at NUMBER.")
        shot = board.move(_key(args), args.at)
        said = [f"moved {shot.uid} to {shot.number}"]
    elif args.action == "retake":
        shot = studio.retake(_key(args), seed=args.seed)
        seed = shot.take.recipe.seed if shot.take.recipe else None
        said = [f"made shot {shot.number} again, seed {seed}; the old take is kept"]
    elif args.action == "sheet":
        said = [str(board.contact_sheet(args.out or studio.path / "board.png"))]
    stale = studio.stale()
    shots = [_shot(shot) | {"stale": list(stale.get(shot.uid, ()))} for shot in board.shots]
    lines = [
        "{number:3d}  {uid}  {size:4s} {seconds:5.2f} s  {take}  {description}{dialogue}{stale}".format(
            **{
                **shot,
                "dialogue": f" “{shot['dialogue']}”" if shot["dialogue"] else "",
                "stale": f"  stale: {'; '.join(shot['stale'])}" if shot["stale"] else "",
            }
        )
        for shot in shots
    ]
    return Report(
        lines=said + (lines or ["The board is empty: playreel board add TAKE"]),
        document={"shots": shots, "said": said, "project": str(studio.path)},
    )


def _read_shots(path: str) -> list[Planned]:
    from playreel.board import read_script, read_table

    return read_table(path) if path.lower().endswith(".csv") else read_script(path)


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
    options: dict[str, Any] = {
        "preset": args.preset,
        "captions": args.captions,
        "music": args.music,
        "voice": args.voice,
        "label": not args.no_label,
        "sign": False if args.no_sign else None,
    }
    if args.queue:
        return report_queued(studio.submit("export", args.out, **options), studio)
    show = sys.stderr.isatty() and not args.json
    path = studio.export(args.out, on_frame=_progress if show else None, **options)
    return Report(
        lines=[str(path)],
        document={"path": str(path), "shots": len(studio.board), "project": str(studio.path)},
    )


def _progress(done: int, total: int) -> None:
    if done == total or done % 12 == 0:
        end = "\n" if done == total else ""
        print(f"\r  frame {done} of {total}", end=end, file=sys.stderr, flush=True)
