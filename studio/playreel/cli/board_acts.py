"""What `playreel board ACTION` does, one function an action."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.board import Planned
    from playreel.studio import Studio

TAKE = "a take's first digits, 'last', or a path"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an action has to say.

    Attributes:
        lines: for a person.
        document: for a program, besides the shots.
        instead: whether this stands for the list of shots, and not above it.
        exit_code: 1 where something that was looked at is not in order.
    """

    lines: list[str] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    instead: bool = False
    exit_code: int = 0


def _list(studio: Studio, args: argparse.Namespace) -> Said:
    return Said()


def _add(studio: Studio, args: argparse.Namespace) -> Said:
    clip = studio.open(_needed(args))
    shot = studio.board.add(
        studio.keep(clip),
        size=args.size,
        dialogue=args.dialogue,
        description=args.description,
        fade_s=args.fade,
        transition=args.transition,
        translation=args.translation,
        at=args.at,
    )
    return Said(lines=[f"added {shot.uid} as shot {shot.number}"])


def _move(studio: Studio, args: argparse.Namespace) -> Said:
    if args.at is None:
        raise InputError("Say where to: playreel board move SHOT --at NUMBER.")
    shot = studio.board.move(_key(args), args.at)
    return Said(lines=[f"moved {shot.uid} to {shot.number}"])


def _remove(studio: Studio, args: argparse.Namespace) -> Said:
    return Said(lines=[f"removed {studio.board.remove(_key(args)).uid}; its take is kept"])


def _split(studio: Studio, args: argparse.Namespace) -> Said:
    if args.frame is None:
        raise InputError("Say where: playreel board split SHOT --frame N.")
    first, second = studio.board.split(_key(args), args.frame)
    return Said(
        lines=[f"split into {first.number} ({first.uid}) and {second.number} ({second.uid})"]
    )


def _merge(studio: Studio, args: argparse.Namespace) -> Said:
    first, dash, last = _needed(args).partition("..")
    if not dash:
        raise InputError("Say which: playreel board merge FIRST..LAST, such as 2..4.")
    shot = studio.board.merge(_number(first), _number(last))
    return Said(lines=[f"merged into {shot.number} ({shot.uid}); all takes are kept"])


def _frame(studio: Studio, args: argparse.Namespace) -> Said:
    shot = studio.board[_key(args)]
    if args.keys is not None:
        shot = studio.board.update(shot.uid, framing=args.keys)
        return Said(lines=[f"shot {shot.number} is framed by {shot.framing or 'who moves'}"])
    keys = studio.frame_keys(shot.uid)
    document = {"uid": shot.uid, "keys": keys}
    lines = [f"shot {shot.number} from 16:9 to 9:16 and the like: {keys}"]
    return Said(lines=lines, document=document, instead=True)


def _bind(studio: Studio, args: argparse.Namespace) -> Said:
    if args.what is None:
        bound = studio.references
        lines = [f"{ref.name}  {ref.kind}  {ref.take[:12] or '-'}  {ref.words}" for ref in bound]
        document = {"references": {ref.name: ref.entry for ref in bound}}
        return Said(lines=lines or ["Nothing is bound yet."], document=document, instead=True)
    ref = studio.bind(args.what, args.picture, kind=args.kind, words=args.words)
    return Said(lines=[f"bound {ref.name} to {ref.take[:12] or ref.words}"], instead=True)


def _unbind(studio: Studio, args: argparse.Namespace) -> Said:
    studio.unbind(_needed(args))
    return Said(lines=[f"unbound {args.what}"], instead=True)


def _check(studio: Studio, args: argparse.Namespace) -> Said:
    faults = studio.preflight(args.episode)
    lines = [
        f"{'BAD' if fault.blocks else '   '}  {fault.uid}  {fault.code:10s} "
        f"{fault.words[args.language]}"
        for fault in faults
    ]
    bad = sum(fault.blocks for fault in faults)
    lines.append(f"{bad} to mend; {len(faults) - bad} still to make")
    document = {"faults": [vars(fault) for fault in faults]}
    return Said(lines=lines, document=document, instead=True, exit_code=1 if bad else 0)


def _make(studio: Studio, args: argparse.Namespace) -> Said:
    if args.queue:
        job = studio.submit("make", episode=args.episode)
        return Said(lines=[f"job {job.id}  make {job.record.state}"], instead=True)
    made = studio.make(args.episode)
    return Said(lines=[f"made {len(made)} shots"], instead=len(made) > 100)


def _retake(studio: Studio, args: argparse.Namespace) -> Said:
    shot = studio.retake(_key(args), seed=args.seed)
    seed = shot.take.recipe.seed if shot.take.recipe else None
    return Said(lines=[f"made shot {shot.number} again, seed {seed}; the old take is kept"])


def _import(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.media import size_of

    size = size_of(args.aspect) if args.aspect else None
    shots = studio.board.take_over(_read_shots(_needed(args)), size=size)
    return Said(lines=[f"took over {len(shots)} shots"], instead=len(shots) > 100)


def _table(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.board import write_table

    out = args.out or studio.path / "board.csv"
    return Said(lines=[str(write_table(out, studio.board.shots, language=args.language))])


def _sheet(studio: Studio, args: argparse.Namespace) -> Said:
    sheet = studio.board.contact_sheet(
        args.out or studio.path / "board.png",
        title=args.title,
        episode=args.episode,
        paper=args.paper,
        language=args.language,
        numbering=args.numbering,
    )
    return Said(lines=[str(sheet)])


def _timeline(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.board.timeline import write_timeline

    return Said(lines=[str(write_timeline(args.out or studio.path / "board.otio", studio.board))])


def _draft(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.board.draft import write_draft

    folder = write_draft(args.out or studio.path / "draft", studio.board)
    return Said(lines=[f"{folder}  experimental: made for 剪映 5.9 and CapCut of its time"])


def _handoff(studio: Studio, args: argparse.Namespace) -> Said:
    if args.out is None:
        raise InputError("Say where to: playreel board handoff SHOT --out FILE.")
    return Said(lines=[str(studio.handoff(_key(args), args.out, scale=args.scale))], instead=True)


def _conform(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.board.timeline import conform

    done = conform(studio.board, _needed(args))
    counts = {name: len(uids) for name, uids in vars(done).items()}
    return Said(lines=[", ".join(f"{count} {name}" for name, count in counts.items())])


def _series(studio: Studio, args: argparse.Namespace) -> Said:
    series = studio.board.series
    rows = [
        {
            "episode": episode.name,
            "scenes": len(episode.scenes),
            "shots": len(episode.shots),
            "made": episode.made,
            "seconds": episode.seconds,
        }
        for episode in series.episodes
    ]
    head = (
        f"{series.progress:.1%} made: {series.made} of {series.num_shots} shots, "
        f"{len(rows)} episodes, {series.seconds / 60:.1f} min"
    )
    lines = [
        f"{row['episode'] or '-':>8}  {row['seconds']:6.1f} s  {row['scenes']:2d} scenes  "
        f"{row['made']:3d} of {row['shots']:3d} shots made"
        for row in rows
    ]
    document = {
        "progress": series.progress,
        "made": series.made,
        "shots": series.num_shots,
        "seconds": series.seconds,
        "episodes": rows,
    }
    return Said(lines=[head, *lines], document=document, instead=True)


def _lint(studio: Studio, args: argparse.Namespace) -> Said:
    from playreel.board import PacingRules, Series, lint_series

    rules = PacingRules(turn_s=args.turn, platforms=tuple(args.platform or PacingRules().platforms))
    series = studio.board.series
    if args.what is not None:
        series = Series(episodes=(series.episode(args.what),))
    found = lint_series(series, rules)
    lines = [
        f"{finding.episode or '-':>8}  {finding.at_s:5.1f} s  {finding.code:15s} "
        f"{finding.words[args.language]}"
        for finding in found
    ]
    clean = len(series.episodes) - len({finding.episode for finding in found})
    lines.append(f"{len(found)} findings; {max(0, clean)} of {len(series.episodes)} episodes clean")
    document = {"findings": [vars(finding) for finding in found]}
    return Said(lines=lines, document=document, instead=True, exit_code=1 if found else 0)


def _read_shots(path: str) -> list[Planned]:
    from playreel.board import read_script, read_table

    return read_table(path) if path.lower().endswith(".csv") else read_script(path)


def _needed(args: argparse.Namespace) -> str:
    if not args.what:
        raise InputError(f"playreel board {args.action} needs what: {TAKE}, or a shot.")
    return str(args.what)


def _key(args: argparse.Namespace) -> str | int:
    return _number(_needed(args))


def _number(what: str) -> str | int:
    return int(what) if what.isdigit() and len(what) < 6 else what


ACTS: Mapping[str, Callable[[Studio, argparse.Namespace], Said]] = {
    "list": _list,
    "add": _add,
    "move": _move,
    "remove": _remove,
    "split": _split,
    "merge": _merge,
    "retake": _retake,
    "frame": _frame,
    "bind": _bind,
    "unbind": _unbind,
    "check": _check,
    "make": _make,
    "import": _import,
    "table": _table,
    "sheet": _sheet,
    "timeline": _timeline,
    "draft": _draft,
    "handoff": _handoff,
    "conform": _conform,
    "series": _series,
    "lint": _lint,
}
