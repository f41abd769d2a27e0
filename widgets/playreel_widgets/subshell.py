"""Where the messages of a comm are handled in the kernel."""

from __future__ import annotations

from typing import Any


def stay_on_own_subshell(comm: Any) -> None:
    """Keeps a browser's messages on the subshell it chose.

    ipykernel 7 answers a comm on the shell that last published on it. For a widget made in a cell
    that is the main one, so a running cell would block every button.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
