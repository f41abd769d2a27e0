"""The session: everything ever played from one prompt, as a tree of presses. No model, no pixels.

Node 0 is the prompt's last frame; every other node is one press. The tree only grows, so rewinding
and forking are moves in it, and what was played stays reachable.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError, RecipeError
from playreel.recipe import Recipe

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel
    from playreel.world.log import Kept

MAX_STEPS = 1_000_000
ROOT = 0


def frame_hash(frame: np.ndarray) -> str:
    """SHA-256 over shape and pixels of one frame, uint8 [height, width, 3]."""
    digest = hashlib.sha256(f"{frame.shape}".encode())
    digest.update(np.ascontiguousarray(frame).data)
    return digest.hexdigest()


def step_seed(session_seed: int, depth: int) -> int:
    """The seed of the step that leads to ``depth``, the same on every route.

    It hangs on nothing else, so the same presses give the same frames wherever they are played, and
    a preview shows what a press will do.
    """
    text = f"playreel step {session_seed} {depth}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


def checked_seed(seed: int) -> int:
    """``seed`` as an int, or InputError."""
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**64:
        raise InputError(f"A seed is a whole number from 0 to 2**64 - 1, not {seed!r}.")
    return int(seed)


def checked_name(name: str) -> str:
    """``name``, or InputError."""
    if not isinstance(name, str) or not 0 < len(name) <= 256:
        raise InputError(f"A world's name is text of 1 to 256 characters, not {str(name)[:40]!r}.")
    return name


def new_session_id() -> str:
    """Twelve hexadecimal digits that no other session has."""
    return secrets.token_hex(6)


@dataclass(frozen=True, kw_only=True)
class SessionHeader:
    """What a session starts from.

    Attributes:
        session_id: names the session in recipes.
        name: the user's word for it.
        seed: draws the seed of every step.
        weights: hash of the model's weights.
        fps: frames per second.
        prompt: uint8 [k, height, width, 3], the frames the model sees first; the last is frame 0.
        prompt_recipe: how the prompt was made, if known.
        parents: content hashes of the clips or stills the prompt was taken from.
    """

    session_id: str = field(default_factory=new_session_id)
    name: str = "world"
    seed: int = 0
    weights: str = ""
    fps: str = "12"
    prompt: np.ndarray = field(repr=False, compare=False)
    prompt_recipe: Recipe | None = None
    parents: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.prompt.shape[1], self.prompt.shape[2]


@dataclass(frozen=True, slots=True)
class Step:
    """One press: from which node, which button, what came of it."""

    parent: int
    action: str
    code: int
    seed: int
    frame_hash: str
    depth: int


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of playing a session again.

    Attributes:
        num_steps: how many steps were compared.
        first_difference: the first node whose frame came out otherwise, or None.
    """

    num_steps: int
    first_difference: int | None

    @property
    def exact(self) -> bool:
        """Whether every frame was bit-identical."""
        return self.first_difference is None


class Session:
    """A growing tree of steps under one header."""

    def __init__(self, header: SessionHeader) -> None:
        self.header = header
        root = Step(-1, "", -1, 0, frame_hash(header.prompt[-1]), 0)
        self._steps = [root]
        self._children: dict[tuple[int, int, int], int] = {}
        self._has_child = bytearray(1)

    def __len__(self) -> int:
        """Nodes in the tree, the start included."""
        return len(self._steps)

    def __getitem__(self, node: int) -> Step:
        return self._steps[node]

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def child(self, parent: int, code: int, seed: int) -> int | None:
        """The node that this press led to before, or None."""
        return self._children.get((parent, code, seed))

    def add(self, parent: int, action: str, code: int, seed: int, frame_hash: str) -> int:
        """Adds one press under ``parent`` and returns its node.

        Raises:
            InputError: the session is full.
        """
        if len(self._steps) > MAX_STEPS:
            raise InputError(
                f"This session holds {MAX_STEPS} steps, the most there may be. "
                "Start a new world from its last frame."
            )
        node = len(self._steps)
        depth = self._steps[parent].depth + 1
        self._steps.append(Step(parent, action, code, seed, frame_hash, depth))
        self._children[parent, code, seed] = node
        self._has_child[parent] = 1
        self._has_child.append(0)
        return node

    def path(self, node: int) -> list[int]:
        """Nodes from the start to ``node``, both included."""
        nodes = [node]
        while node != ROOT:
            node = self._steps[node].parent
            nodes.append(node)
        return nodes[::-1]

    def leaves(self) -> list[int]:
        """The last node of every branch, oldest first."""
        return [node for node in range(len(self)) if not self._has_child[node]]

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        cursor: int | None = None,
        kept: Kept | None = None,
    ) -> Path:
        """Writes the action log, whole or not at all.

        Args:
            path: where to.
            cursor: where the player stands.
            kept: gives frames and states that are at hand. Some are written along, so that a long
                session opens without being played again.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        from playreel.media.atomic import replacing
        from playreel.world.log import lines

        with replacing(path) as temporary, temporary.open("wb") as file:
            file.writelines(lines(self, cursor=cursor, kept=kept))
        return Path(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Session:
        """Reads an action log; a log cut off while it was written loads to its last whole line.

        Raises:
            RecipeError: not an action log, damaged inside, too large, or from a newer version.
        """
        from playreel.world.log import read_log

        return read_log(path).session

    def replay(
        self, model: WorldModel, *, progress: Callable[[int, int], None] | None = None
    ) -> Replay:
        """Plays everything again from the prompt and compares every frame's hash.

        Args:
            model: the weights the session was played on.
            progress: called with (steps done, steps in all).

        Raises:
            RecipeError: the model has other weights.
        """
        from playreel.world.player import Player
        from playreel.world.prompt import context_frames

        self.check_weights(model.weights_hash)
        context_frames(model, self.header.prompt)  # of a size it plays
        player = Player(model.sized(self.header.size), Session(self.header))
        twin = {ROOT: ROOT}  # node here -> node there; presses repeated in a log share one
        first_difference = None
        for node in range(1, len(self)):
            step = self._steps[node]
            twin[node] = player.press(twin[step.parent], step.action, step.code, step.seed)
            if player.session[twin[node]].frame_hash != step.frame_hash:
                first_difference = node
                break
            if progress is not None:
                progress(node, len(self) - 1)
        played = len(self) - 1 if first_difference is None else first_difference
        return Replay(num_steps=played, first_difference=first_difference)

    def check_weights(self, weights: str) -> None:
        """Raises RecipeError unless ``weights`` are those the session was played on."""
        if weights != self.header.weights:
            raise RecipeError(
                f"This session was played on weights {self.header.weights[:12]!r}, the model given "
                f"has {weights[:12]!r}: its frames would differ. Load the first model, or start a "
                "new world from a frame."
            )
