"""A program's way in: Gradio's client, entered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playreel.errors import InputError
from playreel.front.errors import SignedOutError
from playreel.front.gradio_app import require_gradio

if TYPE_CHECKING:
    from gradio_client import Client


PATIENCE_S = 120.0  # a server that makes frames answers late


def connect(
    url: str, *, password: str | None = None, invite: str | None = None, name: str = "program"
) -> Client:
    """Enters a share; every verb is then an endpoint: ``client.predict(..., api_name="/press")``.

    Args:
        url: of the share, or an invitation's whole link.
        password: of a role.
        invite: instead: an invitation's token or link.
        name: what the owner sees.

    Raises:
        InputError: neither a password nor an invitation.
        SignedOutError: it does not open the share.
    """
    require_gradio()
    import gradio_client

    token = enter(url, password=password, invite=invite, name=name)
    return gradio_client.Client(
        url.split("/enter#")[0],
        headers={"Authorization": f"Bearer {token}"},
        verbose=False,
        download_files=False,
        analytics_enabled=False,
        httpx_kwargs={"timeout": PATIENCE_S},
    )


def enter(
    url: str, *, password: str | None = None, invite: str | None = None, name: str = "program"
) -> str:
    """The token to send as ``Authorization: Bearer ...``, for MCP clients and others; see `connect`."""
    import httpx

    base, _, token = url.partition("/enter#")
    invite = (invite or token).rsplit("#", 1)[-1]
    if not password and not invite:
        raise InputError("Give the password of a role, or an invitation.")
    given = {"password": password} if password else {"invite": invite}
    reply = httpx.post(
        f"{base.rstrip('/')}/enter", json={**given, "name": name, "token": True}, timeout=PATIENCE_S
    )
    try:
        document = reply.json()
    except json.JSONDecodeError:
        raise InputError(
            f"{base} is no share of Playreel: it answers {reply.status_code}."
        ) from None
    if reply.status_code != 200:
        raise SignedOutError(str(document.get("message", reply.status_code)))
    return str(document["token"])
