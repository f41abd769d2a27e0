"""The player: one session played on one model, shared by all routes through it."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError, PlayreelWarning
from playreel.world.log import Kept
from playreel.world.session import ROOT, Session, frame_hash
from playreel.world.store import FrameStore, StoreConfig

LANDMARK_STEPS = 6  # between states that are kept, so that going far back takes less than a second

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
        states: Mapping[int, bytes] | None = None,
    ) -> None:
        """Sits down at a session.

        Args:
            model: the weights.
            session: what was played so far.
            config: memory bounds.
            frames: of some nodes, checked against their hashes; others are computed when needed.
            states: of some of these, packed.
        """
        config = config or StoreConfig()
        self.model = model
        self.session = session
        self.lock = threading.RLock()
        self.recorder: Recorder | None = None
        self._frames = FrameStore(session.header.size, config.frame_bytes)
        self._states: OrderedDict[int, PlayState] = OrderedDict()  # the last ones used
        self._num_states = max(1, config.num_states)
        self._root: PlayState | None = None
        self._landmarks: dict[int, bytes] = {}  # packed: a tenth of the memory
        self._num_landmarks, self._stride = config.num_landmarks, LANDMARK_STEPS
        self._differs = False
        self._packed = dict(states or {})
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
                frame = self.state(node).frames[-1].copy()
            return frame

    @property
    def kept(self) -> Kept:
        """Frames and states that are at hand."""
        return Kept(self._kept_frame, self._kept_state)

    def _kept_frame(self, node: int) -> np.ndarray | None:
        return self.frame(node) if node == ROOT or node in self._frames else None

    def _kept_state(self, node: int) -> bytes | None:
        packed = self._landmarks.get(node) or self._packed.get(node)
        if packed is not None or node not in self._states:
            return packed
        from playreel.core.packing import pack

        return pack(self._states[node])

    def state(self, node: int) -> PlayState:
        """The model's state after a node; where it was let go, played again from one that was kept."""
        with self.lock:
            todo: list[int] = []
            while (state := self._at_hand(node)) is None:
                todo.append(node)
                node = self.session[node].parent
            self._keep(node, state)
            for node in reversed(todo):
                step = self.session[node]
                frame, state = self.model.advance(state, step.code, step.seed)
                if node not in self._frames:
                    self._compare(node, frame)
                    self._frames.put(node, frame)
                self._keep(node, state)
            return state

    def _at_hand(self, node: int) -> PlayState | None:
        if node == ROOT:
            if self._root is None:
                self._root = self.model.begin(self.session.header.prompt)
            return self._root
        state = self._states.get(node)
        packed = self._landmarks.get(node) or self._packed.get(node)
        if state is None and packed is not None:
            frames = [self._kept_frame(at) for at in (self.session[node].parent, node)]
            if all(frame is not None for frame in frames):
                return self._unpacked(node, packed, np.stack(frames))
        return state

    def _unpacked(self, node: int, packed: bytes, frames: np.ndarray) -> PlayState | None:
        from playreel.core.packing import unpack

        try:
            return unpack(packed, frames, self.state(ROOT))
        except InputError as error:
            self._landmarks.pop(node, None)
            self._packed.pop(node, None)
            warnings.warn(
                f"{error} The session is played again instead.", PlayreelWarning, stacklevel=2
            )
            return None

    def record(self, cursor: int) -> None:
        """Brings the log up to date, if one is kept."""
        if self.recorder is not None:
            self.recorder.update(cursor)

    def _keep(self, node: int, state: PlayState) -> None:
        if node == ROOT:
            return
        self._states[node] = state
        self._states.move_to_end(node)
        while len(self._states) > self._num_states:
            self._states.popitem(last=False)
        if self.session[node].depth % self._stride == 0 and node not in self._landmarks:
            from playreel.core.packing import pack

            self._landmarks[node] = pack(state)
        while len(self._landmarks) > self._num_landmarks:
            self._stride *= 2
            self._landmarks = {
                at: kept
                for at, kept in self._landmarks.items()
                if self.session[at].depth % self._stride == 0
            }

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
