"""A route: one path through a session's tree, and where on it the player stands."""

from __future__ import annotations

import numpy as np

from playreel.errors import RewindError
from playreel.world.player import Player
from playreel.world.session import step_seed


class Route:
    """Moves of one player through a session that other routes may share.

    `path` holds the nodes from the start to the last one on this route; those past `cursor` were
    rewound. Pressing what was pressed before walks over them again, pressing another button leaves
    them to the tree.
    """

    def __init__(self, player: Player, tip: int) -> None:
        """Stands at ``tip``, a node of the session."""
        self.player = player
        self.path = player.session.path(tip)
        self.cursor = len(self.path) - 1

    @property
    def node(self) -> int:
        """The cursor's node."""
        return self.path[self.cursor]

    def press(self, action: str, code: int, seed: int | None = None) -> int:
        """Plays one button and returns its node."""
        with self.player.lock:
            if seed is None:
                seed = step_seed(self.player.session.header.seed, self.cursor + 1)
            node = self.player.press(self.node, action, code, seed)
            if self.path[self.cursor + 1 : self.cursor + 2] != [node]:
                del self.path[self.cursor + 1 :]
                self.path.append(node)
            self.cursor += 1
            self.player.record(node)
            return node

    def rewind(self, n: int) -> None:
        """Moves the cursor back.

        Raises:
            RewindError: past the start, or ``n`` is no whole number from 0 up.
        """
        with self.player.lock:
            if _checked(n) > self.cursor:
                raise RewindError(
                    f"Cannot rewind {n}: the cursor stands at frame {self.cursor}. "
                    f"world.rewind({self.cursor}) goes to the start."
                )
            self.cursor -= int(n)
            self.player.record(self.node)

    def forward(self, n: int) -> None:
        """Moves the cursor ahead over frames that were rewound.

        Raises:
            RewindError: past the last of them, or ``n`` is no whole number from 0 up.
        """
        with self.player.lock:
            ahead = len(self.path) - 1 - self.cursor
            if _checked(n) > ahead:
                raise RewindError(
                    f"Cannot go forward {n}: {ahead} frames lie ahead of the cursor. "
                    "Press a button to play on."
                )
            self.cursor += int(n)
            self.player.record(self.node)

    def fork(self, at: int | None) -> Route:
        """A second route that ends at frame ``at``, or at the cursor.

        Raises:
            RewindError: no such frame on this route.
        """
        with self.player.lock:
            index = self.cursor if at is None else at
            if not _is_whole(index) or not 0 <= index < len(self.path):
                raise RewindError(
                    f"There is no frame {index!r} to fork at; this route has frames 0 to "
                    f"{len(self.path) - 1}."
                )
            return Route(self.player, self.path[index])

    def stack(self, nodes: list[int]) -> np.ndarray:
        """The frames of nodes, uint8 [len(nodes), height, width, 3]."""
        header = self.player.session.header
        frames = np.empty((len(nodes), *header.size, 3), np.uint8)
        for index, node in enumerate(nodes):
            frames[index] = self.player.frame(node)
        return frames


def _is_whole(n: object) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool)


def _checked(n: int) -> int:
    if not _is_whole(n) or n < 0:
        raise RewindError(f"Give a number of frames from 0 up, not {n!r}.")
    return int(n)
