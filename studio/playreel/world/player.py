"""The player: one session played on one model, shared by all routes through it."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import PlayreelWarning
from playreel.world.session import ROOT, Session, frame_hash
from playreel.world.store import FrameStore, StateStore, StoreConfig

if TYPE_CHECKING:
    from playreel.core.bundle import PlayState, WorldModel
    from playreel.world.recorder import Recorder


class Player:
    """Turns presses into frames. Safe to call from several threads: presses take turns.

    Nothing runs between presses: an idle world costs nothing and does not change.
    """

    def __init__(
        self, model: WorldModel, session: Session, config: StoreConfig | None = None
    ) -> None:
        config = config or StoreConfig()
        self.model = model
        self.session = session
        self.lock = threading.RLock()
        self.recorder: Recorder | None = None
        self._frames = FrameStore(session.header.size, config.frame_bytes)
        self._states = StateStore(config.state_bytes, config.stride)
        self._differs = False

    def press(self, parent: int, action: str, code: int, seed: int) -> int:
        """Plays one action from ``parent``; a press played before is found, not played again."""
        with self.lock:
            node = self.session.child(parent, code, seed)
            if node is None:
                frame, state = self.model.advance(self.state(parent), code, seed)
                # First what may fail, so that a full disk leaves the tree as it was.
                self._frames.put(len(self.session), frame)
                node = self.session.add(parent, action, code, seed, frame_hash(frame))
                self._states.put(node, self.session[node].depth, state)
            return node

    def frame(self, node: int) -> np.ndarray:
        """The frame of a node, a fresh uint8 [height, width, 3]."""
        if node == ROOT:
            return self.session.header.prompt[-1].copy()
        with self.lock:
            frame = self._frames.get(node)
            if frame is None:
                self._replay_to(node)
                frame = self._frames.get(node)
            assert frame is not None, f"frame {node} was not kept"
            return frame

    def state(self, node: int) -> PlayState:
        """The model's state after a node, computed again from the nearest kept one if need be."""
        with self.lock:
            state = self._states.get(node)
            return self._replay_to(node) if state is None else state

    def _replay_to(self, node: int) -> PlayState:
        todo: list[int] = []
        state = self._states.get(node)
        while state is None and node != ROOT:
            todo.append(node)
            node = self.session[node].parent
            state = self._states.get(node)
        if state is None:
            state = self.model.begin(self.session.header.prompt)
            self._states.put(ROOT, 0, state)
        for node in reversed(todo):
            step = self.session[node]
            frame, state = self.model.advance(state, step.code, step.seed)
            if node not in self._frames:  # a session read from its log
                self._compare(node, frame)
                self._frames.put(node, frame)
            self._states.put(node, step.depth, state)
        return state

    def _compare(self, node: int, frame: np.ndarray) -> None:
        if self._differs or frame_hash(frame) == self.session[node].frame_hash:
            return
        self._differs = True
        warnings.warn(
            f"Frame {self.session[node].depth} came out otherwise than recorded: this machine "
            "rounds differently. The session goes on with the frames computed here.",
            PlayreelWarning,
            stacklevel=2,
        )

    def record(self, cursor: int) -> None:
        """Brings the log up to date, if one is kept."""
        if self.recorder is not None:
            self.recorder.update(cursor)
