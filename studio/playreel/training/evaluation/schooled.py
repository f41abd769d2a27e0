"""The judge: taught once on true footage, and shipped.

Where it is missing, or something else is to be taught, it is taught anew and kept in the user's cache.
`python -m playreel.training.evaluation.schooled` teaches one to be shipped, in about half an
hour; with `more`, the shipped one goes on, as it should when the footage looks different.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

import playreel.footage
from playreel.core import from_pretrained, save_pretrained, to_video
from playreel.core.bundle import WEIGHTS
from playreel.errors import CheckpointError, StorageError
from playreel.footage.school import render_episode
from playreel.footage.spec import COLOURLESS_STYLES, EpisodeSpec, sample_spec
from playreel.training.evaluation.classifier import (
    CLIP_FRAMES,
    STILL_ATTRIBUTES,
    AttributeClassifier,
    classifier_loss,
    motion_features,
)
from playreel.training.evaluation.prompts import ATTRIBUTES, HIDDEN_BY_STYLE

VERSION = 3  # of the networks and of this training
_SEED = 31_000
_STILLS_AT = (0, 4, 9)
_BATCH = 64
_WIDE_SHARE = 0.7

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """How much the judge is taught.

    Attributes:
        num_episodes: episodes that are drawn for each round.
        num_rounds: rounds, each on episodes of its own.
        num_epochs: how often each frame of a round is seen.
        lr: peak learning rate.
    """

    num_episodes: int = 2500
    num_rounds: int = 12
    num_epochs: int = 2
    lr: float = 3e-3


@dataclass(frozen=True, kw_only=True)
class LabelledFootage:
    """True footage with its attributes as numbers, -1 where nothing can be seen of one.

    Attributes:
        frames: uint8 (N, H, W, 3).
        labels: attribute to int64 (N,).
        motion: float16 (M, 3 * (CLIP_FRAMES - 1), h, w).
        moves: int64 (M,), the camera moves.
    """

    frames: np.ndarray
    labels: dict[str, Tensor]
    motion: Tensor
    moves: Tensor


FULL, QUICK = Lessons(), Lessons(num_episodes=400, num_rounds=2, num_epochs=4)
MORE = Lessons(num_episodes=1500, num_rounds=3, lr=1e-3)
SHIPPED = WEIGHTS / "judge"


def judge(lessons: Lessons = FULL, *, say: Say = lambda text: None) -> AttributeClassifier:
    """The trained judge: the shipped one, or one from the cache, or a new one.

    Args:
        lessons: how it is taught where there is none; a fully taught one is taken in any case.
        say: told when a training begins.
    """
    for path in (SHIPPED, _path(FULL), _path(lessons)):
        try:
            return from_pretrained(AttributeClassifier, path)
        except CheckpointError:
            continue  # not there yet, or a damaged copy: teach it again
    say(f"teaching the judge of attributes ({lessons.num_episodes} episodes, once per machine)")
    model = teach(lessons)
    try:
        save_pretrained(model, path)
    except StorageError as error:
        say(f"it will be taught again next time: {error}")
    return model


def teach(
    lessons: Lessons, *, start: AttributeClassifier | None = None, seed: int = _SEED
) -> AttributeClassifier:
    """A judge trained on film-school footage that is not held out.

    Args:
        lessons: how much.
        start: a judge that goes on learning, in place; None: a new one.
        seed: of the episodes.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = (start or AttributeClassifier()).requires_grad_(True).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lessons.lr, weight_decay=0.02)
    num_frames = lessons.num_episodes * len(_STILLS_AT)
    batch = min(_BATCH, num_frames)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=lessons.lr,
        total_steps=max(2, lessons.num_rounds * lessons.num_epochs * (num_frames // batch)),
        pct_start=0.2,
    )
    for number in range(lessons.num_rounds):
        footage = labelled_footage(lessons.num_episodes, seed=seed + number, held_out=False)
        for _ in range(lessons.num_epochs):
            order = rng.permutation(num_frames)
            for start in range(0, num_frames - batch + 1, batch):
                some = rng.integers(0, len(footage.moves), batch)
                loss = _loss(model, footage, order[start : start + batch], some)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
    return model.eval()


def _loss(
    model: AttributeClassifier, footage: LabelledFootage, frames: np.ndarray, takes: np.ndarray
) -> Tensor:
    """Of some of the frames and some of the takes, by number."""
    logits = model(to_video(footage.frames[frames])[0])
    loss = classifier_loss(logits, {name: of[frames] for name, of in footage.labels.items()})
    picked = torch.from_numpy(takes)
    camera = model.forward_camera(footage.motion[picked].float())
    return loss + F.cross_entropy(camera, footage.moves[picked])


def accuracy(
    model: AttributeClassifier, num_episodes: int, *, seed: int = 0, batch_size: int = 32
) -> dict[str, float]:
    """Share of attributes that the judge reads right off held-out true footage in wide shots."""
    footage = labelled_footage(num_episodes, seed=seed, held_out=True)
    right: dict[str, list[Tensor]] = {name: [] for name in STILL_ATTRIBUTES}
    with torch.inference_mode():
        for start in range(0, len(footage.frames), batch_size):
            part = slice(start, start + batch_size)
            logits = model(to_video(footage.frames[part])[0])
            for name, values in logits.items():
                truth = footage.labels[name][part]
                right[name].append((values.argmax(1) == truth)[truth >= 0])
        moves = model.forward_camera(footage.motion.float()).argmax(1)
    found = {name: float(torch.cat(parts).float().mean()) for name, parts in right.items()}
    return found | {"camera": float((moves == footage.moves).float().mean())}


def labelled_footage(num_episodes: int, *, seed: int, held_out: bool) -> LabelledFootage:
    """Film-school footage in 16:9 without cuts; held-out footage in wide shots only."""
    frames, specs, motion, moves = [], [], [], []
    for index in range(num_episodes):
        rng = np.random.default_rng((seed, 8, index))
        spec = replace(sample_spec(rng, "film", held_out=held_out), aspect="16:9")
        size = (
            "wide" if held_out or rng.random() < _WIDE_SHARE else rng.choice(("medium", "close-up"))
        )
        spec = replace(spec, shots=((10_000, str(size)),))
        episode = render_episode(spec, max(_STILLS_AT) + 1).frames
        frames.append(episode[list(_STILLS_AT)])
        specs += [spec] * len(_STILLS_AT)
        motion.append(motion_features(episode[:CLIP_FRAMES]).half())
        moves.append(ATTRIBUTES["camera"].index(spec.camera))
    return LabelledFootage(
        frames=np.concatenate(frames),
        labels={
            name: torch.tensor([_label(spec, name) for spec in specs]) for name in STILL_ATTRIBUTES
        },
        motion=torch.stack(motion),
        moves=torch.tensor(moves),
    )


def _label(spec: EpisodeSpec, name: str) -> int:
    if name in HIDDEN_BY_STYLE and spec.style in COLOURLESS_STYLES:
        return -1
    return ATTRIBUTES[name].index(getattr(spec, name))


def cache_folder() -> Path:
    """Where this machine keeps what can be made again."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "playreel"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "playreel" / "cache"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "playreel"


def _path(lessons: Lessons) -> Path:
    """Changes with the networks, their lessons and the footage that they learn from."""
    digest = hashlib.sha256(f"{VERSION} {lessons}".encode())
    for file in sorted(Path(playreel.footage.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return cache_folder() / f"judge-{digest.hexdigest()[:12]}"


if __name__ == "__main__":
    if sys.argv[1:] == ["more"]:
        taught = {"lessons": vars(FULL), "more": vars(MORE)}
        improved = teach(MORE, start=judge().float(), seed=_SEED + 10_000)
        save_pretrained(improved, SHIPPED, small=True, training=taught)
    else:
        save_pretrained(teach(FULL), SHIPPED, small=True, training={"lessons": vars(FULL)})
