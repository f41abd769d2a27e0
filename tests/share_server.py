"""A share over real HTTP, and visitors. Used by the tests of `playreel.front`."""

from __future__ import annotations

import base64
import contextlib
import io
from typing import Any

import httpx
import numpy as np
from PIL import Image

from playreel.front import Share


class Visitor:
    """Somebody who entered a share with a role."""

    def __init__(self, share: Share, role: str, name: str) -> None:
        self.http = httpx.Client(base_url=share.url, timeout=120)
        token = share.access.invite(role)[1]
        reply = self.http.post("/enter", json={"invite": token, "name": name})
        assert reply.status_code == 200, reply.text

    def ask(self, verb: str, **given: Any) -> httpx.Response:
        return self.http.post(f"/do/{verb}", json=given)

    def do(self, verb: str, **given: Any) -> Any:
        reply = self.ask(verb, **given)
        assert reply.status_code == 200, reply.text
        return reply.json()["value"]

    def code(self, verb: str, **given: Any) -> str:
        """The code of the error that this is answered with."""
        reply = self.ask(verb, **given)
        assert reply.status_code != 200, reply.text
        return reply.json()["code"]


@contextlib.contextmanager
def visitors(share: Share):
    """Lets visitors in; ``enter(role, name)``."""
    entered = []

    def enter(role: str, name: str = "Ann") -> Visitor:
        entered.append(Visitor(share, role, name))
        return entered[-1]

    try:
        yield enter
    finally:
        for visitor in entered:
            visitor.http.close()


def picture(*color: int, size: tuple[int, int] = (128, 72)) -> str:
    """A PNG as a data URL."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def frames_of(answer: dict[str, Any]) -> np.ndarray:
    """The frames in an answer, uint8 [time, height, width, 3]."""
    stacked = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["png"]))))
    return stacked.reshape(answer["frames"], -1, *stacked.shape[1:])
