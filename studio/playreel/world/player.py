"""The player: one session played on one model, shared by all routes through it."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import PlayreelWarning
from playreel.world.prompt import NUM_CONTEXT
from playreel.world.session import ROOT, Session, frame_hash
from playreel.world.store import FrameStore, StoreConfig

if TYPE_CHECKING:
    from playreel.core.bundle import PlayState, WorldModel
    from playreel.world.recorder import Recorder


class Player:
    """Turns presses into frames. Safe to call from several threads: presses take turns.

    Nothing runs between presses: an idle world costs nothing and does not change.
    """

    def __init__(
        self,
        model: WorldModel,
        session: Session,
        config: StoreConfig | None = None,
        *,
        frames: Mapping[int, np.ndarray] | None = None,
    ) -> None:
        """Sits down at a session.

        Args:
            model: the weights.
            session: what was played so far.
            config: memory bounds.
            frames: of some nodes, checked against their hashes; others are computed when needed.
        """
        config = config or StoreConfig()
        self.model = model
        self.session = session
        self.lock = threading.RLock()
        self.recorder: Recorder | None = None
        self._frames = FrameStore(session.header.size, config.frame_bytes)
        self._states: OrderedDict[int, PlayState] = OrderedDict()  # the last ones used
        self._num_states = max(1, config.num_states)
        self._differs = False
        for node, frame in (frames or {}).items():
            self._frames.put(node, frame)

    def press(self, parent: int, action: str, code: int, seed: int) -> int:
        """Plays one action from ``parent``; a press played before is found, not played again."""
        with self.lock:
            node = self.session.child(parent, code, seed)
            if node is None:
                frame, state = self.model.advance(self.state(parent), code, seed)
                # First what may fail, so that a full disk leaves the tree as it was.
                self._frames.put(len(self.session), frame)
                node = self.session.add(parent, action, code, seed, frame_hash(frame))
                self._keep(node, state)
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

    def kept_frame(self, node: int) -> np.ndarray | None:
        """The frame of a node, or None where it would have to be computed."""
        return self.frame(node) if node == ROOT or node in self._frames else None

    def state(self, node: int) -> PlayState:
        """The model's state after a node, built from its last frames where it was let go."""
        with self.lock:
            state = self._states.get(node)
            if state is None:
                state = self.model.begin(self._context(node))
            self._keep(node, state)
            return state

    def record(self, cursor: int) -> None:
        """Brings the log up to date, if one is kept."""
        if self.recorder is not None:
            self.recorder.update(cursor)

    def _keep(self, node: int, state: PlayState) -> None:
        self._states[node] = state
        self._states.move_to_end(node)
        while len(self._states) > self._num_states:
            self._states.popitem(last=False)

    def _context(self, node: int) -> np.ndarray:
        """The frames a state looks back on, uint8 [k, height, width, 3]."""
        prompt = self.session.header.prompt
        if node == ROOT:
            return prompt
        frames: list[np.ndarray] = []
        while node != ROOT and len(frames) < NUM_CONTEXT:
            frames.append(self.frame(node))
            node = self.session[node].parent
        if len(frames) < NUM_CONTEXT:
            frames.append(prompt[-1])
        return np.stack([prompt[0], *reversed(frames)])  # the first one is never forgotten

    def _replay_to(self, node: int) -> None:
        """Computes the frames of a session read from its log, up to ``node``."""
        todo: list[int] = []
        while node != ROOT and not self._can_resume(node):
            todo.append(node)
            node = self.session[node].parent
        state = self.state(node)
        for node in reversed(todo):
            step = self.session[node]
            frame, state = self.model.advance(state, step.code, step.seed)
            if node not in self._frames:
                self._compare(node, frame)
                self._frames.put(node, frame)
            self._keep(node, state)

    def _can_resume(self, node: int) -> bool:
        """Whether the frames that the state of ``node`` looks back on are all kept."""
        for _ in range(NUM_CONTEXT):
            if node != ROOT and node not in self._frames:
                return False
            node = max(ROOT, self.session[node].parent)
        return True

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
