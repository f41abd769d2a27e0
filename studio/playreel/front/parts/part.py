"""What the parts of a desk have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playreel.front.desk import Desk, Verb


class Part:
    """Verbs about one noun.

    Args:
        desk: where they belong.
    """

    verbs: dict[str, Verb]

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.studio = desk.studio

    def close(self) -> None:
        """Lets go of what is held in memory."""
