"""A bundle with the faces of WorldModel and FilmModel over a real tokenizer with random weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np


@dataclass(frozen=True)
class StandInState:
    frames: np.ndarray


class StandInWorld:
    """Shifts the picture by the action, and draws some noise by the seed."""

    buttons = {"stay": 5, "left": 2, "right": 0, "jump": 7, "jump-left": 1, "jump-right": 3}
    num_actions = 8
    num_context = 4
    fps = 12
    size = (72, 128)
    weights_hash = "1" * 64

    def begin(self, frames):
        return StandInState(np.array(frames[-4:]))

    def advance(self, state, action, seed):
        digest = hashlib.sha256(state.frames.tobytes() + bytes([action]))
        key = int.from_bytes(digest.digest()[:4], "big") ^ seed
        frame = np.roll(state.frames[-1], (action % 3, action - 3), (0, 1))
        frame[32:40] = np.random.default_rng(key).integers(0, 256, 3)
        return frame, StandInState(np.concatenate([state.frames, frame[None]])[-4:])


class StandInFilm:
    """Fills unknown tokens by the hash of everything it is told."""

    max_frames = 8
    weights_hash = "2" * 64

    def __init__(self):
        import torch

        from playreel.core import VideoTokenizer, VideoTokenizerConfig

        torch.manual_seed(0)
        config = VideoTokenizerConfig(fine_width=16, coarse_width=16, num_groups=4)
        self.tokenizer = VideoTokenizer(config).eval()
        self.texts: list[list[str]] = []

    def fill(self, codes, known, texts, *, actions=None, sketches=None, sketch_known=None,
             num_steps=12, temperature=1.0, guidance_scale=3.0, seed=0, callback=None):  # fmt: skip
        self.texts.append(list(texts))
        digest = hashlib.sha256(repr((texts, seed, num_steps)).encode())
        digest.update(np.where(known[..., None], codes, 0).tobytes())
        if sketches is not None:
            digest.update(sketches.tobytes())
        rng = np.random.default_rng(int.from_bytes(digest.digest()[:8], "big"))
        shape = (len(codes), 1, 1, codes.shape[-1])  # flat frames, which are quick to encode
        drawn = np.broadcast_to(rng.integers(0, 5, shape), codes.shape).astype(np.uint8)
        return np.where(known[..., None], codes, drawn)


def stand_in_bundle():
    return SimpleNamespace(world=StandInWorld(), film=StandInFilm())
