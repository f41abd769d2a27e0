"""The kernel half of every panel of one project.

All panels of a `Studio` share one host, so that two tabs and two widgets show the same. Requests
arrive on the kernel's shell threads and are only put in line there; work happens on lanes, and what
changes is told to every panel.
"""

from __future__ import annotations

import logging
import secrets
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from playreel.errors import InputError, PlayreelError
from playreel_widgets.asked import Asked
from playreel_widgets.lane import Lane

if TYPE_CHECKING:
    from playreel import Studio

log = logging.getLogger("playreel_widgets")
Verb = Callable[[Asked], Any]


class Link(Protocol):
    """One way to a browser: a widget's comm or the JupyterLab plugin's."""

    def send(self, content: dict[str, Any], buffers: Sequence[bytes] | None = None) -> None:
        """Sends one message to every view behind this link."""


class Part(Protocol):
    """Verbs about one noun.

    Attributes:
        quick: done at once, on the thread that heard of them.
        verbs: done one after another; none takes longer than a look at the disk.
        slow: done one after another beside those; they wait for the model.
    """

    quick: dict[str, Verb]
    verbs: dict[str, Verb]
    slow: dict[str, Verb]


class Answer:
    """A value with binary buffers."""

    def __init__(self, value: Any, *buffers: bytes) -> None:
        self.value = value
        self.buffers = buffers


class Host:
    """Routes what browsers ask to the parts of a project, and tells every browser what changed.

    Attributes:
        studio: the project.
        boot: a new word for each host; a browser that sees another one knows that the kernel is new.
    """

    _hosts: ClassVar[weakref.WeakValueDictionary[int, Host]] = weakref.WeakValueDictionary()
    _hosts_lock = threading.Lock()

    def __init__(self, studio: Studio) -> None:
        from playreel_widgets.parts import make_parts

        self.studio = studio
        self.boot = secrets.token_hex(4)
        self.app: Any = None  # what a cell that ends with the studio shows
        self.lane, self.slow_lane = Lane("playreel-look"), Lane("playreel-model")
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self.parts = make_parts(self)
        self._quick = {name: verb for p in self.parts.values() for name, verb in p.quick.items()}
        self._verbs = {name: verb for p in self.parts.values() for name, verb in p.verbs.items()}
        self._slow = {name: verb for p in self.parts.values() for name, verb in p.slow.items()}

    @classmethod
    def of(cls, studio: Studio) -> Host:
        """The host of a studio; the same one every time."""
        with cls._hosts_lock:
            host = cls._hosts.get(id(studio))  # a host keeps its studio, so the id stays taken
            if host is None:
                host = cls._hosts[id(studio)] = cls(studio)
            return host

    def join(self, link: Link) -> None:
        """From now on this link is told what changes."""
        self._links.add(link)

    def leave(self, link: Link) -> None:
        """This link is closed."""
        self._links.discard(link)

    def tell(self, event: str, value: Any = None, buffers: Sequence[bytes] = ()) -> None:
        """Tells every panel what changed. Safe from any thread."""
        content = {"event": event, "value": value}
        for link in list(self._links):
            try:
                link.send(content, list(buffers))
            except Exception:  # a closed comm must not stop the others
                log.debug("A panel could not be told %s", event, exc_info=True)

    def receive(self, link: Link, content: Any, buffers: Sequence[Any] = ()) -> None:
        """Takes one request; returns at once."""
        if not isinstance(content, dict) or not isinstance(content.get("do"), str):
            return
        name, ticket = content["do"], content.get("ticket")
        asked = Asked(content.get("args"), [bytes(buffer) for buffer in buffers])
        if name in self._quick:
            self._answer(link, ticket, self._quick[name], asked)
        elif name in self._verbs:
            self.lane.put(lambda: self._answer(link, ticket, self._verbs[name], asked))
        elif name in self._slow:
            self.slow_lane.put(lambda: self._answer(link, ticket, self._slow[name], asked))
        else:
            self._answer(link, ticket, _unknown(name), asked)

    def _answer(self, link: Link, ticket: Any, verb: Verb, asked: Asked) -> None:
        buffers: Sequence[bytes] = ()
        try:
            value = verb(asked)
            if isinstance(value, Answer):
                value, buffers = value.value, value.buffers
            reply = {"ticket": ticket, "ok": True, "value": value}
        except Exception as error:
            reply = {"ticket": ticket, "ok": False, "error": explain(error)}
        if ticket is not None or not reply["ok"]:
            link.send(reply, list(buffers))


def explain(error: BaseException) -> dict[str, str]:
    """An error as a panel shows it: in words, never as a traceback."""
    if isinstance(error, PlayreelError):
        return {"code": error.code, "message": str(error)}
    log.error("A panel's request failed", exc_info=error)
    return {
        "code": "fault",
        "message": (
            f"Something here is at fault ({type(error).__name__}: {str(error)[:200]}). What was made "
            "is kept. Try again; the kernel's log has the details."
        ),
    }


def _unknown(name: str) -> Verb:
    def verb(asked: Asked) -> None:
        raise InputError(
            f"This kernel does not know {name[:40]!r}: page and kernel are of different versions. "
            "Restart the kernel, then reload the page."
        )

    return verb
