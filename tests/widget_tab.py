"""A browser tab without a browser: asks a host, and collects what it is sent."""

from __future__ import annotations

import io
import time

import numpy as np
from PIL import Image

from playreel_widgets.host import Host


class Tab:
    """A browser tab: collects what it is sent."""

    def __init__(self, host: Host) -> None:
        self.host, self.heard = host, []
        host.join(self)

    def send(self, content, buffers=None) -> None:
        self.heard.append((content, buffers or []))

    def ask(self, verb: str, buffers=(), timeout: float = 30, **args):
        ticket = f"t{len(self.heard)}"
        self.host.receive(self, {"do": verb, "args": args, "ticket": ticket}, buffers)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for content, sent in list(self.heard):
                if content.get("ticket") == ticket:
                    return content, sent
            time.sleep(0.01)
        raise AssertionError(f"no answer to {verb}")

    def wait_task(self, uid: str, timeout: float = 60) -> dict:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for content, _ in list(self.heard):
                value = content.get("value") or {}
                ended = content.get("event") == "task" and value.get("uid") == uid
                if ended and value["state"] in ("done", "failed", "cancelled"):
                    return value
            time.sleep(0.02)
        raise AssertionError(f"{uid} did not end")


def picture(width: int = 64, height: int = 36) -> bytes:
    buffer = io.BytesIO()
    image = np.full((height, width, 3), 255, np.uint8)
    image[height // 2] = 0
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
