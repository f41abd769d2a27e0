"""Running a share: in a terminal, in a notebook cell, or inside another FastAPI application."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from playreel.front.access import DAY_S, Pass
from playreel.front.app import ShareApp
from playreel.front.errors import ShareError
from playreel.front.limits import Limits
from playreel.front.roles import OWNER

if TYPE_CHECKING:
    from fastapi import FastAPI

    from playreel.studio import Studio

FIRST_PORT, PORTS = 7860, 40
START_S = 30.0


class Share:
    """A project served to a team, until it is closed.

    Args:
        studio: the project.
        host: ``"127.0.0.1"`` for this machine, ``"0.0.0.0"`` for the network.
        port: None takes the first free one from 7860.
        tunnel: also give it a public address through Gradio's tunnel.
        limits: what each visitor may ask for.
        owner_link: make an invitation for the owner, for one time; closed with the share.
        ancestors: who may show the pages in a frame, as in a content security policy.

    Raises:
        ShareError: it would be public and nobody could enter, or the port is taken.
        TunnelError: the tunnel's client is missing.
    """

    def __init__(
        self,
        studio: Studio,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        tunnel: bool = False,
        limits: Limits | None = None,
        owner_link: bool = True,
        ancestors: str = "'none'",
    ) -> None:
        from playreel.front.access import Access

        self.studio = studio
        if tunnel or not is_loopback(host):
            check_public(Access(studio.project.private), studio)
        self._mine: list[Pass] = []
        self._notebook: str | None = None
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._tunnel: Any = None
        self.app = ShareApp(studio, limits=limits, ancestors=ancestors)
        self.access = self.app.access
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.host = host
        try:
            self._start()
            if tunnel:
                from playreel.front.tunnel import Tunnel

                self._tunnel = Tunnel(self.port)
            self.url = self._tunnel.url if self._tunnel else f"http://{_shown(host)}:{self.port}"
            self.owner_link = (
                self.invite(OWNER, once=True, label="owner")[1] if owner_link else None
            )
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        state = "closed" if self._server is None else self.url
        return f"<Share of {str(self.studio.path)!r}: {state}>"

    def _repr_html_(self) -> str:
        """In a notebook: the pages. The link opens once and within minutes, so it may be saved."""
        from html import escape

        if self._server is None:
            return "<p>This share is closed.</p>"
        if self._notebook is None:  # shown again, it is the same visitor
            made, _ = self.invite(OWNER, once=True, label="notebook")
            self._notebook = escape(self._link(f"now={self.access.for_now(made)}"))
        return (
            f'<iframe src="{self._notebook}" title="Playreel" style="width:100%;height:860px;'
            'border:1px solid #8884;border-radius:6px"></iframe>'
        )

    def __enter__(self) -> Share:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def invite(
        self, role: str, *, expires_s: float = DAY_S, once: bool = False, label: str = ""
    ) -> tuple[Pass, str]:
        """An invitation that ends with this share; returns it and its link."""
        made, token = self.access.invite(role, expires_s=expires_s, once=once, label=label)
        self._mine.append(made)
        return made, self._link(token)

    def set_password(self, role: str, password: str, *, expires_s: float = DAY_S) -> Pass:
        """A role's password that ends with this share."""
        made = self.access.set_password(role, password, expires_s=expires_s)
        self._mine.append(made)
        return made

    def _link(self, token: str) -> str:
        return f"{self.url}/enter#{token}"

    def wait(self) -> None:
        """Until it is closed from elsewhere, or the server ends."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.5)

    def close(self) -> None:
        """Ends tunnel and server, and revokes what was made for this share alone."""
        if self._tunnel is not None:
            self._tunnel.close()
            self._tunnel = None
        for entry in self._mine:
            with contextlib.suppress(Exception):
                self.access.revoke(entry.id)
        self._mine = []
        if self._server is not None:
            self._server.should_exit = True
            if self._thread is not None:
                self._thread.join(10)
            self._server = None
        self._socket.close()
        self.app.close()

    def _start(self) -> None:
        import uvicorn

        config = uvicorn.Config(
            self.app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=2,
            timeout_keep_alive=20,
            limit_concurrency=400,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="playreel-share",
            daemon=True,
        )
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise ShareError("The server did not start. Run playreel doctor, and try again.")
            time.sleep(0.02)


def share(studio: Studio, **options: Any) -> Share:
    """Serves a project from a notebook or a script; see `Share`.

    The result shows the pages in the notebook, and ``close()`` ends it; it ends with the kernel too.
    """
    options.setdefault("ancestors", "'self' http://127.0.0.1:* http://localhost:*")
    options.setdefault("owner_link", False)
    return Share(studio, **options)


def mount(app: FastAPI, studio: Studio, *, path: str = "/playreel", **options: Any) -> ShareApp:
    """Serves a project as a part of another FastAPI application.

    Args:
        app: the other application.
        studio: the project.
        path: where, such as ``"/playreel"``.
        **options: of `ShareApp`.

    Returns:
        The part; make invitations with ``access.invite``.
    """
    if not path.startswith("/") or path.rstrip("/") == "":
        raise ShareError(f"A path to mount at is such as /playreel, not {path!r:.60}.")
    part = ShareApp(studio, **options)
    before = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def lifespan(outer: FastAPI) -> Any:
        async with before(outer) as state, part.web.router.lifespan_context(part.web):
            yield state

    app.router.lifespan_context = lifespan
    app.mount(path.rstrip("/"), part)
    return part


def check_public(access: Any, studio: Studio) -> None:
    """Nothing is public without a pass.

    Raises:
        ShareError: nobody could enter; says how to change that.
    """
    if not access.has_open_pass:
        raise ShareError(
            "Nothing is made public without a password or an invitation, and there is none. Add "
            "one: --invite reviewer, or --password editor, with --expires 24h; or beforehand: "
            f"playreel share {studio.path} invite --role reviewer --expires 24h"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bind(host: str, port: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else (port,)
    for number in ports:
        taken = socket.socket(family, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((host, number))
            return taken
        except (OSError, OverflowError) as error:
            taken.close()
            reason = error
    raise ShareError(
        f"Cannot listen on {host} port {port or f'{FIRST_PORT} to {FIRST_PORT + PORTS - 1}'} "
        f"({reason}). Choose another with --port."
    )


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - as the user chose
        return _own_address()
    return f"[{host}]" if ":" in host else host


def _own_address() -> str:
    """This machine's address in its network; nothing is sent."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return socket.gethostname()
