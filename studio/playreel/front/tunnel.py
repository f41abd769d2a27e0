"""Gradio's tunnel: a public address for a server on this machine, for as long as the share lives."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from pathlib import Path

from playreel.front.errors import TunnelError

OTHER_WAYS = (
    "Two ways need no tunnel. In your own network: playreel share PROJECT --host 0.0.0.0, and give "
    "out http://YOUR-ADDRESS:PORT. To the internet: put a reverse proxy with HTTPS (such as Caddy, "
    "nginx or an SSH server) before http://127.0.0.1:PORT; docs/share.md shows how."
)


class Tunnel:
    """Opens the tunnel.

    Args:
        port: of the server, on loopback.

    Raises:
        TunnelError: the client is missing or does not come up.
    """

    def __init__(self, port: int) -> None:
        client = client_path()
        if not (client.is_file() and os.access(client, os.X_OK)):
            raise TunnelError(
                f"The tunnel's client is missing: {client} is not there, or cannot be run. Gradio's "
                "page 'Sharing your app' tells where it is to be had; it is never fetched by itself. "
                f"{OTHER_WAYS}"
            )
        from gradio import networking, tunneling

        known = list(tunneling.CURRENT_TUNNELS)
        address = os.environ.get("GRADIO_SHARE_SERVER_ADDRESS")
        try:
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                self.url = networking.setup_tunnel(
                    "127.0.0.1", port, secrets.token_urlsafe(32), address, None
                )
        except Exception as error:
            _end([tunnel for tunnel in tunneling.CURRENT_TUNNELS if tunnel not in known])
            raise TunnelError(
                f"The tunnel does not come up ({type(error).__name__}: {str(error)[:200]}). "
                f"{OTHER_WAYS}"
            ) from None
        self._tunnels = [tunnel for tunnel in tunneling.CURRENT_TUNNELS if tunnel not in known]

    def close(self) -> None:
        """Ends the tunnel and its process."""
        _end(self._tunnels)
        self._tunnels = []


def client_path() -> Path:
    """Where Gradio expects its tunnel's client."""
    from gradio import tunneling

    return Path(tunneling.BINARY_PATH)


def _end(tunnels: list) -> None:
    from gradio import tunneling

    for tunnel in tunnels:
        process = tunnel.proc
        with contextlib.redirect_stdout(io.StringIO()):
            tunnel.kill()
        if process is not None:
            with contextlib.suppress(Exception):
                process.wait(5)
            if process.poll() is None:
                process.kill()
        with contextlib.suppress(ValueError):
            tunneling.CURRENT_TUNNELS.remove(tunnel)
