"""The door: a page that takes an invitation or a password, and the cookie that it gives.

An invitation's token stands behind the # of its link. Browsers keep that to themselves, so it is in
no log and in no referrer; the page sends it in a body and takes it off the address.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError
from playreel.front.access import Access, Visit
from playreel.front.asked import Asked
from playreel.front.errors import SignedOutError, TooManyError
from playreel.front.gate import address_of, token_of
from playreel.front.limits import Meter

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class Entrance:
    """Routes for entering and leaving, and the files of the pages.

    Args:
        access: who may enter.
        meter: counts tries, and knows how many may be in.
        title: the project's name.
    """

    def __init__(self, access: Access, meter: Meter, title: str) -> None:
        self.access, self.meter, self.title = access, meter, title

    async def page(self, request: Request) -> Response:
        """The page before the door."""
        from html import escape

        from starlette.responses import HTMLResponse

        text = (STATIC / "enter.html").read_text(encoding="utf-8")
        return HTMLResponse(text.replace("{title}", escape(self.title)))

    async def enter(self, request: Request) -> Response:
        """Takes ``{"invite": ..}`` or ``{"password": ..}`` and a name; sets the cookie."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        try:
            asked = Asked(json.loads(await request.body()))
        except (ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("The body of this request is not JSON.") from None
        shown = token_of(request.scope, self.access.cookie)
        visit = await run_in_threadpool(self._enter, asked, address_of(request.scope), shown)
        token = self.access.token(visit)
        document: dict[str, Any] = {
            "role": visit.role,
            "name": visit.name,
            "expires": visit.expires,
        }
        if asked.flag("token", False):  # a program's own way: it sends it as a bearer token
            return JSONResponse({**document, "token": token})
        response = JSONResponse(document)
        response.set_cookie(
            self.access.cookie,
            token,
            max_age=max(1, int(visit.expires - time.time())),
            path=request.scope.get("root_path", "") or "/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def _enter(self, asked: Asked, address: str, shown: str) -> Visit:
        name = asked.text("name", "", limit=200)
        if asked.has("invite"):
            with contextlib.suppress(SignedOutError):
                known = self.access.visit_of(shown)
                if self.access.is_back(known, asked.text("invite", limit=400), name):
                    return known
        most = self.meter.limits.visitors
        if sum(visit.is_in for visit in self.access.visits()) >= most:
            raise TooManyError(f"{most} visitors are in, and no more may be. Ask the owner.")
        if asked.has("invite"):
            return self.access.enter_with_invite(asked.text("invite", limit=400), name)
        password = asked.text("password", limit=200)
        self.meter.take(address, "entries")
        visit = self.access.enter_with_password(password, name)
        self.meter.give_back(address, "entries")
        return visit

    async def leave(self, request: Request) -> Response:
        """Ends the visit."""
        from starlette.responses import JSONResponse

        from playreel.front.gate import VISIT

        self.access.cut_off(request.scope[VISIT].id)
        response = JSONResponse({})
        response.delete_cookie(self.access.cookie, path=request.scope.get("root_path", "") or "/")
        return response

    async def icon(self, request: Request) -> Response:
        """The pages' icon."""
        from starlette.responses import FileResponse

        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    async def file(self, request: Request) -> Response:
        """One of the pages' own files."""
        from starlette.responses import FileResponse, JSONResponse

        path = STATIC / request.path_params["name"]
        if path.suffix not in KINDS or path.parent != STATIC or not path.is_file():
            return JSONResponse({"code": "unknown", "message": "There is nothing here."}, 404)
        return FileResponse(
            path, media_type=KINDS[path.suffix], headers={"cache-control": "no-cache"}
        )
