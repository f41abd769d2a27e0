"""What visitors can do with a project: one table of verbs, each with the role it takes.

Every way in, page, API or tool, comes through here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError, PlayreelError
from playreel.front.access import Access, Visit
from playreel.front.asked import Asked
from playreel.front.limits import Limits, Meter
from playreel.front.roles import require

if TYPE_CHECKING:
    from playreel.studio import Studio

log = logging.getLogger("playreel.front")


@dataclass(frozen=True, kw_only=True)
class Verb:
    """Something that can be done.

    Attributes:
        run: takes the visitor and the arguments, and returns JSON values.
        role: who may, and all above.
        words: for a sentence such as "a reviewer cannot play worlds".
    """

    run: Callable[[Visit, Asked], Any]
    role: str
    words: str


class Desk:
    """The verbs of one shared project.

    Args:
        studio: the project.
        access: who may enter.
        limits: what each may ask for.
    """

    def __init__(self, studio: Studio, access: Access, limits: Limits) -> None:
        from playreel.front.parts import make_parts

        self.studio, self.access, self.limits = studio, access, limits
        self.meter = Meter(limits)
        self.lock = threading.RLock()  # what visitors change in the project, one at a time
        self.parts = make_parts(self)
        self.verbs: dict[str, Verb] = {}
        for part in self.parts.values():
            self.verbs |= part.verbs

    def do(self, visit: Visit, name: str, given: Any) -> Any:
        """Does what a visitor asks for.

        Raises:
            PlayreelError: it cannot be done; says why.
        """
        verb = self.verbs.get(name)
        if verb is None:
            raise InputError(f"There is no verb {name!r:.40}.")
        require(visit.role, verb.role, verb.words)
        try:
            return verb.run(visit, Asked(given))
        except PlayreelError as error:
            raise self.without_paths(error) from None
        except Exception as error:
            log.error("%s failed: %s", name, type(error).__name__)
            raise FaultError(
                "Something here is at fault. What was made is kept. Try again, or tell the owner."
            ) from None

    def without_paths(self, error: PlayreelError) -> PlayreelError:
        """The same error; where this machine keeps the project is no business of visitors."""
        text, folder = str(error), self.studio.path
        for path in (str(folder.resolve()), str(folder.absolute()), str(folder)):
            if len(path) > 1:
                text = text.replace(path + "/", "").replace(path, "the project")
        if text == str(error):
            return error
        told = type(error).__new__(type(error))
        told.args = (text,)
        return told

    def close(self) -> None:
        """Puts away what visitors left open."""
        for part in self.parts.values():
            part.close()


class FaultError(PlayreelError):
    """A fault of this program, told without its details."""

    code = "fault"
