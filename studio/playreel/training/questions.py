"""Questions about stills of procedural footage, for the critic: which of some texts is about a picture."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from playreel.footage import Episode, render_episode
from playreel.footage.captions import LANGUAGES
from playreel.footage.spec import COLOURLESS_STYLES, HEROES
from playreel.training.evaluation.prompts import ATTRIBUTES, HIDDEN_BY_STYLE
from playreel.training.schooling import Curriculum

#: Of every style as much: where half of the stills are in pixel style, the others are read half as well.
QUESTIONED = Curriculum(schools={"film": 1.0})
#: Attributes that are asked about, each with what might be said of it instead.
ASKED = {name: values for name, values in ATTRIBUTES.items() if name != "camera"} | {"hero": HEROES}
NUM_ASKED, MOST_CHOICES = 2, 4  # of them, of each episode; and texts to choose from
WIDE_SHARE = 0.75  # of the episodes whose cuts are left out
PER_EPISODE = 3  # pictures of one episode at a time
SHELVED, REUSED = 256, 2  # episodes of an aspect that are kept, and how often one is asked about
_MOST_FRAMES = 12  # of an episode before the one that is looked at


class Questions(NamedTuple):
    """Pictures of one aspect, and texts of which one is about a picture and the others are not.

    Attributes:
        frames: uint8 (N, H, W, 3), `PER_EPISODE` of each episode, one after another.
        texts: all of them.
        choices: int64 (Q, V), by number, the true one first; -1 where there are fewer.
        episode: int64 (Q,), which of them a question is about.
        labels: attribute to int64 (N,), what a picture shows; -1 where its style shows nothing of it.
    """

    frames: np.ndarray
    texts: list[str]
    choices: np.ndarray
    episode: np.ndarray
    labels: dict[str, np.ndarray]


def alternatives(
    episode: Episode, name: str, *, lang: str, frame: int, rng: np.random.Generator
) -> list[str]:
    """Captions of a frame in the same words but for one attribute, the true one first."""
    own = getattr(episode.spec, name)
    others = rng.permutation([value for value in ASKED[name] if value != own])
    values = [own, *map(str, others[: MOST_CHOICES - 1])]
    texts: list[str] = []
    while len(set(texts)) < len(values):  # some templates have no room for every attribute
        seed = int(rng.integers(2**32))
        texts = [
            replace(episode, spec=replace(episode.spec, **{name: value}))
            .captions(lang, np.random.default_rng(seed), named=(name,))
            .text_at(frame)
            for value in values
        ]
    return texts


def ask(episodes: list[Episode], rng: np.random.Generator) -> Questions:
    """Questions about episodes of one aspect."""
    frames: list[np.ndarray] = []
    texts: list[str] = []
    choices = []
    labels: dict[str, list[int]] = {name: [] for name in ASKED}
    for episode in episodes:
        picked = rng.choice(len(episode.frames), PER_EPISODE, replace=False)
        frames += list(episode.frames[picked])
        is_gray = episode.spec.style in COLOURLESS_STYLES
        shown = [name for name in ASKED if not (is_gray and name in HIDDEN_BY_STYLE)]
        for name, values in ASKED.items():
            label = values.index(getattr(episode.spec, name)) if name in shown else -1
            labels[name] += [label] * PER_EPISODE
        for name in rng.permutation(shown)[:NUM_ASKED]:
            lang = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
            said = alternatives(episode, str(name), lang=lang, frame=int(picked[0]), rng=rng)
            choices.append(np.arange(len(said)) + len(texts))
            texts += said
    padded = [np.pad(row, (0, MOST_CHOICES - len(row)), constant_values=-1) for row in choices]
    about = np.arange(len(episodes)).repeat(NUM_ASKED)
    told = {name: np.array(values) for name, values in labels.items()}
    return Questions(np.stack(frames), texts, np.stack(padded), about, told)


class EpisodeShelf:
    """Episodes that are asked about several times before they make room for new ones.

    To build an episode takes longer than to learn from it, and other frames of it, asked about in other
    words, are nearly as good as those of a new one.

    Args:
        curriculum: what is drawn.
    """

    def __init__(self, curriculum: Curriculum) -> None:
        self.curriculum = curriculum
        self.kept: dict[str, deque[Episode]] = {}

    def draw(self, rng: np.random.Generator, count: int) -> list[Episode]:
        """`count` episodes of one aspect, about one in `REUSED` of them new."""
        aspect = self.curriculum.draw_aspect(rng)
        kept = self.kept.setdefault(aspect, deque(maxlen=SHELVED))
        while len(kept) < count:
            kept.append(self._rendered(aspect, rng))
        for _ in range(-(-count // REUSED)):
            kept.append(self._rendered(aspect, rng))
        return [kept[int(i)] for i in rng.choice(len(kept), count, replace=False)]

    def _rendered(self, aspect: str, rng: np.random.Generator) -> Episode:
        episode = self.curriculum.draw_episode(rng, aspect, _MOST_FRAMES)
        if episode.spec.shots and rng.random() < WIDE_SHARE:
            return render_episode(replace(episode.spec, shots=()), _MOST_FRAMES)
        return episode
