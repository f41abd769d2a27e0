"""Commands that come with an optional part."""

from __future__ import annotations

import argparse
from typing import NoReturn

from playreel.cli.options import Commands, add_command
from playreel.errors import MissingExtraError


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    add_command(commands, "lab", _lab, "open the studio in JupyterLab (extra: lab)")


def _lab(args: argparse.Namespace) -> NoReturn:
    raise MissingExtraError(_message("lab"))


def _message(extra: str) -> str:
    from playreel import __version__

    return (
        f"This command belongs to the extra '{extra}', which is not part of version {__version__}. "
        f"Once your version has it, install it with: pip install 'playreel[{extra}]'"
    )
