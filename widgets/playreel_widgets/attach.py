"""The kernel half for fronts that bring their own tab: JupyterLab's plugin, and widgets that lost theirs.

They open a comm named ``playreel`` with the project's path; no widget and no cell is needed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playreel import Studio
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel_widgets.host import Host, explain
from playreel_widgets.subshell import stay_on_own_subshell

TARGET = "playreel"
_hosts: dict[str, Host] = {}
_links: set[CommLink] = set()


class CommLink:
    """A comm as a host's link."""

    def __init__(self, comm: Any, host: Host) -> None:
        self._comm = comm
        self._host = host
        stay_on_own_subshell(comm)
        comm.on_msg(self._received)
        comm.on_close(self._closed)
        host.join(self)

    def send(self, content: dict[str, Any], buffers: Sequence[bytes] | None = None) -> None:
        """Sends one message."""
        self._comm.send(content, buffers=list(buffers or []))

    def _received(self, message: dict[str, Any]) -> None:
        content = message["content"]["data"]
        self._host.receive(self, content, message.get("buffers") or [])

    def _closed(self, message: dict[str, Any]) -> None:
        self._host.leave(self)
        _links.discard(self)


def serve(project: str) -> str:
    """Opens a project for comms to come.

    Args:
        project: its folder; made where it is missing.

    Returns:
        The folder's full path, which comms name.
    """
    from comm import get_comm_manager

    path = str(Path(project).resolve())
    if path not in _hosts:
        _hosts[path] = Host.of(Studio(path))
        _mark(Path(path))
    get_comm_manager().register_target(TARGET, _opened)
    return path


def _opened(comm: Any, message: dict[str, Any]) -> None:
    try:
        path = message["content"]["data"].get("project")
        if path not in _hosts:
            raise InputError(f"The project {path!r:.200} is not open in this kernel.")
        _links.add(CommLink(comm, _hosts[path]))
    except Exception as error:
        comm.send({"event": "refused", "value": explain(error)})


def _mark(project: Path) -> None:
    """A file to double-click: JupyterLab opens the studio with it."""
    path = project / "studio.playreel"
    if not path.exists():
        text = json.dumps({"schema_version": 1, "name": project.name}, ensure_ascii=False)
        write_bytes(path, text.encode() + b"\n")
