"""The command for the queue: jobs."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from playreel.cli.options import Commands, add_command, open_studio
from playreel.cli.output import Report, say
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.jobs import Job, JobRecord
    from playreel.studio import Studio

ASKED = ("cancel", "pause", "resume", "retry")
ACTIONS = ("list", "watch", *ASKED, "move", "forget", "stop")
BAR = 20


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    jobs = add_command(commands, "jobs", _jobs, "look after what was queued with --queue")
    jobs.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=ACTIONS,
        help="forget takes ended jobs off the list; stop ends the worker and pauses the rest",
    )
    jobs.add_argument("job", nargs="*", help="a job's first digits, its number, or 'last'")
    jobs.add_argument("--to", type=int, metavar="N", help="move: its place in the queue, 1 is next")
    jobs.add_argument("--state", action="append", metavar="STATE", help="list: only these")


def _jobs(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    said: list[str] = []
    if args.action == "watch":
        _watch(studio, [studio.jobs.get(name) for name in args.job])
    elif args.action in ASKED:
        for job in _named(studio, args):
            getattr(job, args.action)()
            if args.action == "cancel":
                _settle(job)
            said.append(f"{args.action} {job.id}: it is {job.state}")
    elif args.action == "move":
        (job,) = _named(studio, args)[:1]
        if args.to is None:
            raise InputError("Say where to: playreel jobs move JOB --to NUMBER.")
        job.move(args.to)
    elif args.action == "forget":
        said.append(f"{studio.jobs.forget()} ended jobs taken off the list; what they made stays")
    elif args.action == "stop":
        was_up = studio.jobs.stop_worker()
        said.append("the worker was ended" if was_up else "there is no worker")
    records = studio.jobs.list(*(args.state or ()))
    lines = [line_of(record, mine=studio.jobs.is_mine(record)) for record in records]
    return Report(
        lines=said + (lines or ["No jobs: queue one with playreel still 'a fox' --queue"]),
        document={
            "jobs": [{**r.document(), "mine": studio.jobs.is_mine(r)} for r in records],
            "worker": studio.jobs.worker(),
            "said": said,
            "project": str(studio.path),
        },
    )


def line_of(record: JobRecord, *, mine: bool = True) -> str:
    """A job in one line."""
    more = record.note
    if record.state == "running":
        eta = "" if record.eta_s is None else f", {record.eta_s:.0f} s left"
        more = f"{bar(record.share)} {record.done} of {record.total}{eta}"
    elif record.failure is not None:
        more = f"{record.failure.cause} {record.failure.next_step}"
    elif record.result is not None:
        takes = record.result.get("takes", [record.result])
        names = [take["take"][:12] for take in takes if take.get("take")]
        more = f"take {', '.join(names)}" if names else str(record.result.get("path", ""))
    owner = "" if mine else "  (someone else's)"
    text = f"#{record.number:<3d} {record.id}  {record.operation:8s} {record.state:9s} {more}"
    return text.rstrip() + owner


def bar(share: float) -> str:
    """Progress as a row of characters."""
    full = round(share * BAR)
    return "█" * full + "░" * (BAR - full)


def _named(studio: Studio, args: argparse.Namespace) -> list[Job]:
    if not args.job:
        raise InputError(f"Say which: playreel jobs {args.action} JOB, such as 'last'.")
    return [studio.jobs.get(name) for name in args.job]


def _settle(job: Job) -> None:
    """Waits a moment for a running job to have stopped, so that what is printed is true."""
    deadline = time.monotonic() + 2.0
    while job.state == "running" and time.monotonic() < deadline:
        time.sleep(0.02)


def _watch(studio: Studio, jobs: list[Job]) -> None:
    """Shows jobs until none of them waits or runs; without names, all that do."""
    ids = [job.id for job in jobs]
    ids = ids or [record.id for record in studio.jobs.list("queued", "running")]
    shown: dict[str, Any] = {}
    live = sys.stderr.isatty()
    while True:
        records = [studio.jobs.look(job) for job in ids]
        for record in records:
            now = (record.state, record.done if live else 0)
            if shown.get(record.id) != now:
                shown[record.id] = now
                if live and record.state == "running":
                    print(f"\r\033[K{line_of(record)}", end="", file=sys.stderr, flush=True)
                else:
                    say(("\r\033[K" if live else "") + line_of(record))
        if not any(record.state in ("queued", "running") for record in records):
            return
        time.sleep(0.1)
