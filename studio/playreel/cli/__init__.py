"""The command line. It prints what the facade made; no model is loaded for ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from playreel import __version__
from playreel.cli import (
    board,
    direct,
    engines,
    extras,
    jobs,
    keep,
    learn,
    look,
    make,
    play,
    share,
    words,
)
from playreel.cli.output import Report, complain, show, warnings_in_words
from playreel.errors import PlayreelError

GROUPS = (make, direct, play, board, jobs, keep, learn, look, engines, words, share, extras)
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = argparse.ArgumentParser(
        prog="playreel",
        description="Sketch a world, play it, cut the film.",
        epilog="Takes are named by the digits that a command prints, by 'last', or by a path.",
    )
    parser.add_argument("--version", action="version", version=f"playreel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 when it worked, 1 when what was asked about is not in order (``doctor``), 2 for anything
        a user can put right, 130 after Ctrl-C.
    """
    args = build_parser().parse_args(argv)
    try:
        with warnings_in_words() as told:
            report: Report = args.run(args)
        if told:
            report.document["warnings"] = told
        show(report, as_json=args.json)
    except PlayreelError as error:
        complain(error, as_json=args.json)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("\nInterrupted. What was made so far is kept.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader, such as head, has gone
        sys.stderr.close()
        return EXIT_USAGE
    return report.exit_code
