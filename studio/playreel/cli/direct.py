"""Commands that make several takes, or take one further: transition, starts, sequence, finish."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from playreel.cli.make import TAKE
from playreel.cli.options import (
    Commands,
    add_command,
    add_out,
    add_queue,
    add_sampling,
    add_weights,
    make,
    open_studio,
    queue_or_estimate,
    report_take,
    sampling,
)
from playreel.cli.output import Report
from playreel.errors import InputError

MAX_BYTES = 1 << 20


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    transition = add_command(commands, "transition", _transition, "let one thing become another")
    transition.add_argument("first", help="what it begins with")
    transition.add_argument("last", help="what it ends with")
    transition.add_argument("--seconds", type=float, default=4.0, help="length of all of it (4)")
    transition.add_argument("--camera", help="a move, such as 'pan right' or 'zoom in'")
    transition.add_argument("--size", default="16:9", help="16:9, 9:16 or 1:1")
    add_sampling(transition)
    add_queue(transition)

    starts = add_command(commands, "starts", _starts, "make several ways that lead up to a take")
    starts.add_argument("take", help=TAKE)
    starts.add_argument("--count", type=int, default=3, metavar="N", help="how many (3)")
    starts.add_argument(
        "--prompt", action="append", help="what leads up to it; several times for several starts"
    )
    starts.add_argument("--seconds", type=float, default=2.0, help="length of each (2)")
    add_sampling(starts)
    add_queue(starts)

    sequence = add_command(
        commands, "sequence", _sequence, "make several shots in one go, with the same character"
    )
    sequence.add_argument(
        "file",
        metavar="FILE",
        help='JSON: [{"description": "...", "seconds": 2, "size": "CU", "camera": "pan right"}, ...]',
    )
    sequence.add_argument("--character", metavar="WORDS", help="how who is in all of them looks")
    sequence.add_argument(
        "--picture", metavar="FILE", action="append", default=[], help="a picture of the character"
    )
    sequence.add_argument("--size", default="16:9", help="16:9, 9:16 or 1:1")
    sequence.add_argument("--no-board", action="store_true", help="do not put them on the board")
    add_sampling(sequence)
    add_queue(sequence)

    finish = add_command(commands, "finish", _finish, "make a draft whole, by the same recipe")
    finish.add_argument("take", help=TAKE)
    add_weights(finish)
    add_out(finish)
    add_queue(finish)


def _transition(args: argparse.Namespace) -> Report:
    return make(
        args,
        "transition",
        args.first,
        args.last,
        seconds=args.seconds,
        camera=args.camera,
        size=args.size,
        seed=args.seed,
        **sampling(args),
    )


def _starts(args: argparse.Namespace) -> Report:
    return _several(
        args,
        "starts",
        args.take,
        count=args.count,
        prompts=args.prompt,
        seconds=args.seconds,
        seed=args.seed,
        **sampling(args),
    )


def _sequence(args: argparse.Namespace) -> Report:
    from playreel.studio.directing import Character

    if args.picture and not args.character:
        raise InputError("A character with a picture needs words too: --character 'an orange fox'.")
    character = None
    if args.character:
        character = Character(words=args.character, stills=tuple(args.picture))
    return _several(
        args,
        "sequence",
        _shots(Path(args.file)),
        character=character,
        size=args.size,
        on_board=not args.no_board,
        seed=args.seed,
        **sampling(args),
    )


def _finish(args: argparse.Namespace) -> Report:
    return make(args, "finish", args.take)


def _shots(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(
                f"{path} is larger than {MAX_BYTES >> 20} MiB: that is no list of shots."
            )
        shots = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON: {error}.") from None
    if not isinstance(shots, list) or not all(isinstance(shot, dict) for shot in shots):
        raise InputError(f"{path} must hold a list of shots, each an object with a description.")
    return shots


def _several(args: argparse.Namespace, verb: str, *given: Any, **options: Any) -> Report:
    """Does a verb that makes several takes and reports them, or with ``--queue`` queues it."""
    if args.out:
        raise InputError("--out is for one take; these are several. Export them from the board.")
    studio = open_studio(args)
    if args.queue or args.estimate:
        return queue_or_estimate(studio, args, verb, *given, **options)
    reports = [report_take(studio, c, args) for c in getattr(studio, verb)(*given, **options)]
    return Report(
        lines=[line for report in reports for line in report.lines],
        document={"takes": [report.document for report in reports], "project": str(studio.path)},
    )
