"""The command that expands prompts."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from playreel.cli.options import Commands, add_command
from playreel.cli.output import Report


def register(commands: Commands) -> None:
    """Adds the command of this group."""
    expand = add_command(commands, "expand", _expand, "add to a prompt what it leaves open")
    expand.add_argument("prompt", help="a few words, English or Chinese")
    expand.add_argument("--camera", help="a move that will be given besides; none is added then")
    expand.add_argument("--engine", metavar="NAME", help="whose words to use (bundled)")
    expand.add_argument("--seed", type=int, default=0, help="another seed, other words")
    expand.add_argument(
        "--by",
        metavar="URL",
        default="rules",
        help="'rules', a local language model as local:FOLDER, or an OpenAI-compatible endpoint, URL#MODEL",
    )


def _expand(args: argparse.Namespace) -> Report:
    from playreel.studio.expanding import expand

    expansion = expand(
        args.prompt, engine=args.engine or "bundled", camera=args.camera, seed=args.seed, by=args.by
    )
    return Report(lines=[expansion.text, *expansion.lines()], document=asdict(expansion))
