"""The gate before everything that a share serves: nothing passes that is not known and allowed.

It stands before Gradio too, and lets only those of its routes pass that the pages need.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from playreel.errors import InputError, PlayreelError
from playreel.front.access import Access, Visit
from playreel.front.errors import NotAllowedError, SignedOutError, TooManyError
from playreel.front.limits import Meter

log = logging.getLogger("playreel.front")

Scope = dict[str, Any]
App = Callable[..., Any]

VISIT = "playreel.visit"  # in the scope of a request that passed
MAX_SMALL_BODY = 64 << 10
MAX_SESSIONS = 4096
_NAME = r"[A-Za-z0-9_-]{1,64}"
_PUBLIC = (
    ("GET", r"/front/[a-z0-9-]+\.(js|css|json|svg)"),
    ("GET", r"/(enter|favicon\.ico)"),
    ("POST", r"/enter"),
)
_FILE = r"([A-Za-z0-9_@-]+/){0,4}[A-Za-z0-9_@-][A-Za-z0-9_.@-]*"
_LOOKS = (
    r"/(config|theme\.css|robots\.txt)?",
    rf"/(assets|static|svelte)/{_FILE}",
    r"/media/(poster|strip)/[0-9a-f]{12,64}(-\d{1,4})?\.png",
    r"/media/film/[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(mp4|mov|m4v|gif)",
    r"/gradio_api/(info|openapi\.json|app_id|startup-events|theme\.css)/?",
    rf"/gradio_api/heartbeat/{_NAME}",
    r"/gradio_api/queue/data",
    rf"/gradio_api/call/{_NAME}/{_NAME}",
    r"/gradio_api/mcp(/schema|/sse|/http|/)*",
    r"/review\.html",
)
_ACTS = (
    rf"/gradio_api/(run|call)/{_NAME}/?",
    r"/gradio_api/queue/join/?",
    r"/gradio_api/(cancel|reset)/?",
    r"/gradio_api/mcp(/messages|/http|/)*",
    rf"/do/{_NAME}",
    r"/leave",
)
_KNOWN = {"GET": re.compile("|".join(_LOOKS)), "POST": re.compile("|".join(_ACTS))}
_CALL = re.compile(rf"/gradio_api/(?:(?:run|call)/({_NAME})|queue/join)/?")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
_STATUS = {"signed-out": 401, "not-allowed": 403, "too-many": 429, "budget": 507}


class Gate:
    """ASGI middleware that knows every visitor.

    Args:
        app: what lies behind.
        access: who may enter.
        meter: counts requests.
        ancestors: who may show the pages in a frame.
    """

    def __init__(
        self, app: App, access: Access, meter: Meter, *, ancestors: str = "'none'"
    ) -> None:
        self.app, self.access, self.meter = app, access, meter
        self.arity: Mapping[str | int, int] = {}  # of Gradio's functions, by name and number
        self._sessions: OrderedDict[str, str] = OrderedDict()  # Gradio's, and whose they are
        self._policy = _POLICY.format(ancestors=ancestors).encode()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answers one request, or lets it pass."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        reply = _Reply(send, self._policy)
        try:
            await self._answer(scope, receive, reply)
        except PlayreelError as error:
            await reply.error(error, scope)
        except Exception as error:  # told in one line: a request may hold what must not be logged
            log.error("A request failed: %s", type(error).__name__)
            await reply.error(InputError("This request cannot be answered. Try again."), scope)

    async def _answer(self, scope: Scope, receive: Any, reply: _Reply) -> None:
        method, path = scope["method"], route_of(scope)
        method = "GET" if method == "HEAD" else method
        if any(method == kind and re.fullmatch(pattern, path) for kind, pattern in _PUBLIC):
            if method == "POST":
                self._check_origin(scope)
                receive = await _whole_body(receive, scope, MAX_SMALL_BODY)
            await self.app(scope, receive, reply)
            return
        known = method in _KNOWN and _KNOWN[method].fullmatch(path)
        try:
            visit = self.access.visit_of(token_of(scope, self.access.cookie))
        except SignedOutError:
            if method == "GET" and path == "/" and "text/html" in header_of(scope, "accept"):
                await reply.away(f"{scope.get('root_path', '')}/enter")
                return
            raise
        if not known:
            await reply.json(404, {"code": "unknown", "message": "There is nothing here."})
            return
        self.meter.take(visit.id, "looks" if method == "GET" else "acts")
        scope = {**scope, VISIT: visit}
        if method == "GET":
            self._check_session(visit, _query(scope).get("session_hash"))
            if path.startswith("/gradio_api/heartbeat/"):
                self._check_session(visit, path.rsplit("/", 1)[1])
        else:
            self._check_origin(scope)
            receive = await _whole_body(receive, scope, self.meter.limits.body_bytes)
            call = _CALL.fullmatch(path)
            if call or path.startswith(("/gradio_api/cancel", "/gradio_api/reset")):
                self._check_call(visit, receive.body, call)
        await self.app(scope, receive, self._watched(reply, visit))

    def _watched(self, reply: _Reply, visit: Visit) -> Callable[[dict[str, Any]], Any]:
        """A stream ends when its visitor is cut off."""
        checked = time.monotonic()

        async def send(message: dict[str, Any]) -> None:
            nonlocal checked
            if message["type"] == "http.response.body" and time.monotonic() - checked > 1:
                checked = time.monotonic()
                self.access.visit_of(self.access.token(visit))
            await reply(message)

        return send

    def _check_origin(self, scope: Scope) -> None:
        """A page of another site must not act in a visitor's name."""
        origin = header_of(scope, "origin")
        if origin and origin.split("://", 1)[-1].lower() != header_of(scope, "host").lower():
            raise NotAllowedError("This request came from a page of another site.")

    def _check_session(self, visit: Visit, session: Any) -> None:
        """One of Gradio's sessions belongs to whom it was first used by."""
        if session is None:
            return
        if not isinstance(session, str) or not re.fullmatch(_NAME, session):
            raise InputError("session_hash is a short plain name.")
        if self._sessions.setdefault(session, visit.id) != visit.id:
            raise NotAllowedError("This session is someone else's.")
        self._sessions.move_to_end(session)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)

    def _check_call(self, visit: Visit, body: bytes, call: re.Match[str] | None) -> None:
        """What is sent to Gradio has the shape that it expects; it explains itself badly."""
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise InputError("The body of this request is not JSON.") from None
        if not isinstance(document, dict):
            raise InputError("The body of this request is a JSON object.")
        self._check_session(visit, document.get("session_hash"))
        for name in ("event_id", "event_data", "oauth_token", "trigger_id", "batched"):
            if isinstance(document.get(name), dict | list):
                raise InputError(f"{name} is a plain value.")
        if call is None:
            return
        number, data = document.get("fn_index"), document.get("data")
        name = number if call[1] in (None, "predict") else call[1]
        if isinstance(name, bool) or not isinstance(name, str | int) or name not in self.arity:
            raise InputError(f"There is no function {str(name)[:40]!r} here.")
        if not isinstance(data, list) or len(data) != self.arity[name]:
            raise InputError(f"data is a list of {self.arity[name]} values.")
        if document.get("batched") or document.get("simple_format") not in (None, True, False):
            raise InputError("Calls are made one by one.")


class _Reply:
    """Sends a response with the headers that every one has; at most once."""

    def __init__(self, send: Any, policy: bytes) -> None:
        self._send, self._policy = send, policy
        self.begun = self.ended = False

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = [
                (key, value)
                for key, value in message.get("headers", ())
                if not key.lower().startswith((b"access-control-", b"server"))
            ]
            if not any(key.lower() == b"cache-control" for key, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*headers, *self._more()]}
        elif message["type"] == "http.response.body":
            self.ended = not message.get("more_body", False)
        await self._send(message)

    def _more(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"content-security-policy", self._policy),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]

    async def json(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document, ensure_ascii=False).encode()
        kind = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await self({"type": "http.response.start", "status": status, "headers": kind})
        await self({"type": "http.response.body", "body": body})

    async def away(self, where: str) -> None:
        headers = [(b"location", where.encode()), (b"content-length", b"0")]
        await self({"type": "http.response.start", "status": 303, "headers": headers})
        await self({"type": "http.response.body", "body": b""})

    async def error(self, error: PlayreelError, scope: Scope) -> None:
        if self.ended:
            return
        if self.begun:  # a stream: its end is all that can be told
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await self.json(*told(error))


def told(error: PlayreelError) -> tuple[int, dict[str, str]]:
    """An error as HTTP status and JSON; ``detail`` is where Gradio's scripts look for words."""
    document = {"code": error.code, "message": str(error), "detail": str(error)}
    return _STATUS.get(error.code, 400), document


class _Body:
    """A body that was read whole, to be received again."""

    def __init__(self, body: bytes, receive: Any) -> None:
        self.body, self._receive, self._given = body, receive, False

    async def __call__(self) -> dict[str, Any]:
        if self._given:
            return dict(await self._receive())
        self._given = True
        return {"type": "http.request", "body": self.body, "more_body": False}


async def _whole_body(receive: Any, scope: Scope, limit: int) -> _Body:
    announced = header_of(scope, "content-length")
    if announced.isdigit() and int(announced) > limit:
        raise TooManyError(f"A request may have {limit} bytes; this has {announced}.")
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise InputError("The request was broken off.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooManyError(f"A request may have {limit} bytes; this has more.")
        if not message.get("more_body"):
            return _Body(b"".join(parts), receive)


def route_of(scope: Scope) -> str:
    """The path below where the share is mounted."""
    path, root = scope["path"], scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path


def header_of(scope: Scope, name: str) -> str:
    """A header of a request, or ""."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), "")


def token_of(scope: Scope, name: str) -> str:
    """What a request shows: the cookie of that name, or a bearer token."""
    return token_in(header_of(scope, "authorization"), header_of(scope, "cookie"), name)


def token_in(authorization: str, cookies: str, name: str) -> str:
    """The token in one of these headers, or "".

    Cookies of other servers on the same host come along, such as Jupyter's; any text may be in them.
    """
    if authorization[:7].lower() == "bearer ":
        return authorization[7:].strip()
    for cookie in cookies.split(";"):
        key, _, value = cookie.partition("=")
        if key.strip() == name:
            return value.strip().strip('"')
    return ""


def address_of(scope: Scope) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else "?"


def _query(scope: Scope) -> dict[str, str]:
    from urllib.parse import parse_qsl

    text = scope.get("query_string", b"").decode("latin-1")
    return dict(parse_qsl(text[:4000], max_num_fields=40))
