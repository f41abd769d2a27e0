"""Commands for the shot board: board, export."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from playreel.cli.board_acts import ACTS, TAKE, Said
from playreel.cli.options import (
    Commands,
    add_command,
    add_queue,
    add_weights,
    open_studio,
    queue_or_estimate,
)
from playreel.cli.output import Report

if TYPE_CHECKING:
    from playreel.board import Shot

CAPTIONS = ("off", "burn", "files", "both")


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    board = add_command(commands, "board", _board, "list, change and hand over the shots")
    board.add_argument("action", nargs="?", default="list", choices=tuple(ACTS))
    board.add_argument(
        "what",
        nargs="?",
        help=f"add: {TAKE}; import: a .csv, .fountain or .fdx; conform: an .otio; "
        "lint: an episode; merge: FIRST..LAST; bind, unbind: a name; others: a shot's number or uid",
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
        help="sheet: the .pdf or .png to write; table: .csv; timeline: .otio, .otioz, .fcpxml, "
        ".xml (xmeml) or .edl; draft: a folder; handoff: .png with .json, .ogv, .ndjson, .csv or a "
        "folder",
    )
    board.add_argument("--language", default="en", choices=("en", "zh"), help="of what is written")
    board.add_argument("--aspect", default="", help="import: 16:9, 9:16 or 1:1, of new shots")
    board.add_argument(
        "--platform",
        action="append",
        metavar="NAME",
        help="lint: short-drama, youtube-shorts, reels or tiktok; may be given several times",
    )
    board.add_argument(
        "--turn", type=float, default=40.0, metavar="S", help="lint: longest stretch without a beat"
    )
    board.add_argument("--frame", type=int, metavar="N", help="split: first of the second half")
    board.add_argument("--picture", metavar="TAKE", help=f"bind: {TAKE}")
    board.add_argument(
        "--kind", default="character", help="bind: character, place, prop, style or frame"
    )
    board.add_argument("--words", default="", help="bind: what prompts say for it")
    board.add_argument(
        "--keys",
        metavar="TEXT",
        help="frame: where the eye belongs, as '0:0.3,0.5 24:0.7,0.5'; '' follows who moves",
    )
    board.add_argument("--scale", type=int, default=1, metavar="N", help="handoff: enlarge an .ogv")
    board.add_argument("--title", help="sheet: on top")
    board.add_argument("--episode", metavar="NAME", help="sheet, check, make: only this one")
    board.add_argument("--paper", default="a4", choices=("a4", "letter"), help="sheet: of a .pdf")
    board.add_argument(
        "--numbering", default="1-1", choices=("1A", "1-1", "010"), help="sheet: how shots count"
    )
    add_weights(board)
    add_queue(board)

    export = add_command(commands, "export", _export, "cut the board into a film")
    export.add_argument(
        "out", metavar="FILE", help=".mp4, .mov, .m4v or .gif; a folder with --series"
    )
    export.add_argument("--preset", help="landscape-1080p, vertical-1080p, square or gif")
    export.add_argument("--episode", metavar="NAME", help="only this episode")
    export.add_argument(
        "--series", action="store_true", help="a film an episode: ep-001.mp4, ep-002.mp4, ..."
    )
    export.add_argument(
        "--captions", default="off", choices=CAPTIONS, help="burn dialogue in, or write .srt, .vtt"
    )
    export.add_argument(
        "--animatic", action="store_true", help="show number, plan and words of every shot"
    )
    export.add_argument(
        "--reframe",
        action="store_true",
        help="fill the film's shape, following who moves, instead of black bars",
    )
    export.add_argument(
        "--language", default="en", choices=("en", "zh"), help="--animatic: its words"
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
    said: Said = ACTS[args.action](studio, args)
    if said.instead:
        return Report(
            lines=said.lines,
            document={**said.document, "project": str(studio.path)},
            exit_code=said.exit_code,
        )
    stale = studio.stale()
    shots = [_shot(shot) | {"stale": list(stale.get(shot.uid, ()))} for shot in studio.board.shots]
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
        lines=said.lines + (lines or ["The board is empty: playreel board add TAKE"]),
        document={
            **said.document,
            "shots": shots,
            "said": said.lines,
            "project": str(studio.path),
        },
    )


def _shot(shot: Shot) -> dict[str, Any]:
    from playreel.board.planned import PlannedClip

    is_planned = isinstance(shot.take, PlannedClip)
    return {
        "number": shot.number,
        "uid": shot.uid,
        "size": shot.size,
        "seconds": shot.take.duration_s,
        "take": "planned".ljust(12) if is_planned else shot.take.content_hash[:12],
        "description": shot.description,
        "dialogue": shot.dialogue,
        "fade_s": shot.fade_s,
    }


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
    for name in ("animatic", "reframe"):
        if getattr(args, name):
            options[name] = True
    if args.language != "en":
        options["language"] = args.language
    if args.episode is not None and not args.series:
        options["episode"] = args.episode
    if args.queue or args.estimate:
        verb = "export_series" if args.series else "export"
        return queue_or_estimate(studio, args, verb, args.out, **options)
    on_frame = _progress if sys.stderr.isatty() and not args.json else None
    if args.series:
        names = None if args.episode is None else args.episode.split(",")
        paths = studio.export_series(args.out, episodes=names, on_frame=on_frame, **options)
        return Report(
            lines=[str(path) for path in paths],
            document={"paths": [str(path) for path in paths], "project": str(studio.path)},
        )
    path = studio.export(args.out, on_frame=on_frame, **options)
    return Report(
        lines=[str(path)],
        document={"path": str(path), "shots": len(studio.board), "project": str(studio.path)},
    )


def _progress(done: int, total: int) -> None:
    if done == total or done % 12 == 0:
        end = "\n" if done == total else ""
        print(f"\r  frame {done} of {total}", end=end, file=sys.stderr, flush=True)
