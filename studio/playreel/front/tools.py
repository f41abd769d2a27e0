"""The verbs as programs and MCP clients see them: names, types and words, no doing.

The results are JSON values; pictures go in and come out as base64 of PNG files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Result = dict[str, Any]


def me() -> Result:
    """Who you are in this share, your role, and the verbs that you may use."""


def people() -> Result:
    """Passes that let people in, and who is in. Owners only."""


def invite(role: str, expires: str = "24h", once: bool = False, label: str = "") -> Result:
    """Makes an invitation; its token is told this once. Owners only.

    Args:
        role: reviewer, player, editor or owner.
        expires: such as 30m, 24h or 7d.
        once: whether it lets in one visitor only.
        label: whom it is for.
    """


def revoke(id: str) -> Result:
    """Takes a pass back; who came in with it is out at once. Owners only.

    Args:
        id: of the pass.
    """


def cut(id: str) -> Result:
    """Ends a visit at once. Owners only.

    Args:
        id: of the visit.
    """


TOOLS: dict[str, Callable[..., Result]] = {
    tool.__name__: tool for tool in (me, people, invite, revoke, cut)
}
