"""The web application: door, pages, pictures and verbs, behind the gate."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING, Any, cast

from playreel.errors import InputError, PlayreelError, StorageError
from playreel.front.access import Access
from playreel.front.desk import Desk
from playreel.front.entrance import Entrance
from playreel.front.gate import VISIT, Gate, told
from playreel.front.limits import Limits
from playreel.front.parts.looking import Looking

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from playreel.studio import Studio


class ShareApp:
    """An ASGI application that serves one project.

    Args:
        studio: the project.
        limits: what each visitor may ask for.
        ancestors: who may show the pages in a frame, as in a content security policy.

    Attributes:
        access: who may enter.
        desk: what can be done.
    """

    def __init__(
        self, studio: Studio, *, limits: Limits | None = None, ancestors: str = "'none'"
    ) -> None:
        from playreel.front.gradio_app import mount_pages, require_gradio

        require_gradio()
        from fastapi import FastAPI

        self.studio = studio
        self.limits = limits or Limits()
        self.access = Access(studio.project.private)
        self.desk = Desk(studio, self.access, self.limits)
        self._sweep()  # what a killed server left
        self.web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        entrance = Entrance(self.access, self.desk.meter, studio.path.resolve().name)
        self.web.add_exception_handler(PlayreelError, _explain)
        add = self.web.add_route
        add("/enter", entrance.page, methods=["GET"])
        add("/enter", entrance.enter, methods=["POST"])
        add("/leave", entrance.leave, methods=["POST"])
        add("/favicon.ico", entrance.icon, methods=["GET"])
        add("/front/{name}", entrance.file, methods=["GET"])
        add("/media/{kind}/{name}", self._media, methods=["GET"])
        add("/review.html", self._offline, methods=["GET"])
        add("/do/{verb}", self._do, methods=["POST"])
        self.gate = Gate(self.web, self.access, self.desk.meter, ancestors=ancestors)
        self.gate.arity = mount_pages(self.web, self.desk)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """ASGI."""
        await self.gate(scope, receive, send)

    async def _do(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        body = await request.body()
        try:
            given = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            raise InputError("The body of this request is not JSON.") from None
        verb = request.path_params["verb"]
        value = await run_in_threadpool(self.desk.do, request.scope[VISIT], verb, given)
        return JSONResponse({"value": value})

    async def _offline(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import Response

        from playreel.front.offline import review_page

        self.desk.meter.take(request.scope[VISIT].id, "pages")
        page = await run_in_threadpool(review_page, self.studio)
        headers = {"content-disposition": 'attachment; filename="review.html"'}
        return Response(page, media_type="text/html", headers=headers)

    async def _media(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import FileResponse, JSONResponse, Response

        kind, name = request.path_params["kind"], request.path_params["name"]
        looking = cast(Looking, self.desk.parts["looking"])
        try:
            if kind == "film":
                return FileResponse(looking.film(name))
            take, _, chunk = name.removesuffix(".png").partition("-")
            pictures = looking.pictures
            if kind == "poster":
                data = await run_in_threadpool(pictures.poster, take)
            else:
                data = await run_in_threadpool(pictures.strip, take, int(chunk or 0))
        except InputError:  # also a take in the trash, or a file that cannot be read
            return JSONResponse({"code": "unknown", "message": "There is nothing here."}, 404)
        kept = {"cache-control": "private, max-age=3600"}  # named by content: it never changes
        return Response(data, media_type="image/png", headers=kept)

    def close(self) -> None:
        """Puts away what visitors left open, and removes temporary files."""
        self.desk.close()
        self._sweep()

    def _sweep(self) -> None:
        from playreel.front.gradio_app import TEMPORARY

        shutil.rmtree(self.access.folder / TEMPORARY, ignore_errors=True)
        with contextlib.suppress(StorageError):
            self.studio.jobs.sweep_inputs()


def _explain(request: Request, error: Exception) -> Response:
    from starlette.responses import JSONResponse

    status, document = told(cast(PlayreelError, error))
    return JSONResponse(document, status)
