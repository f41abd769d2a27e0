"""Questions about stills of procedural footage, for the critic: what a picture shows, in words."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from playreel.film.look import OUTLINED, PLAIN, UNLIT
from playreel.footage import Episode, EpisodeSpec, render_episode
from playreel.footage.captions import LANGUAGES
from playreel.footage.spec import COLOURLESS_STYLES, HEROES
from playreel.footage.vocabulary import VOCABULARY
from playreel.training.evaluation.prompts import ATTRIBUTES, HIDDEN_BY_STYLE
from playreel.training.schooling import Curriculum

#: Of every style as much: where half of the stills are in pixel style, the others are read half as well.
QUESTIONED = Curriculum(schools={"film": 1.0})
#: Attributes that are asked about, each with all that it may be.
ASKED = {name: values for name, values in ATTRIBUTES.items() if name != "camera"} | {"hero": HEROES}
WIDE_SHARE = 0.75  # of the episodes whose cuts are left out
PER_EPISODE = 3  # pictures of one episode at a time
SHELVED, REUSED = 256, 3  # episodes of an aspect that are kept, and how often one is asked about
_MOST_FRAMES = 12  # of an episode before the one that is looked at


class Questions(NamedTuple):
    """Pictures of one aspect, what is said of them, and what they show.

    Attributes:
        frames: uint8 (N, H, W, 3), `PER_EPISODE` of each episode, one after another.
        captions: of the first picture of each episode.
        words: attribute to a word for each value that it may have, in either language.
        labels: attribute to int64 (N,), the value that a picture shows; -1 where its style shows none.
        twins: uint8 (K, H, W, 3), the first pictures of some episodes in plain style, to be painted over.
        twin_of: int64 (K,), whose.
    """

    frames: np.ndarray
    captions: list[str]
    words: dict[str, list[str]]
    labels: dict[str, np.ndarray]
    twins: np.ndarray
    twin_of: np.ndarray


def ask(episodes: list[Episode], rng: np.random.Generator, *, num_twins: int = 0) -> Questions:
    """Questions about episodes of one aspect."""
    frames: list[np.ndarray] = []
    captions, twins, twin_of = [], [], []
    labels: dict[str, list[int]] = {name: [] for name in ASKED}
    for place, episode in enumerate(episodes):
        picked = rng.choice(len(episode.frames), PER_EPISODE, replace=False)
        frames += list(episode.frames[picked])
        captions.append(episode.captions(_language(rng), rng).text_at(int(picked[0])))
        if len(twins) < num_twins and episode.spec.style != PLAIN:
            twins.append(_twin(episode.spec, int(picked[0])))
            twin_of.append(place)
        is_gray = episode.spec.style in COLOURLESS_STYLES
        for name, values in ASKED.items():
            hidden = is_gray and name in HIDDEN_BY_STYLE
            label = -1 if hidden else values.index(getattr(episode.spec, name))
            labels[name] += [label] * PER_EPISODE
    words = {
        name: [str(rng.choice(VOCABULARY[name][value][_language(rng)])) for value in values]
        for name, values in ASKED.items()
    }
    told = {name: np.array(values) for name, values in labels.items()}
    seen = np.stack(frames)
    beside = np.stack(twins) if twins else seen[:0]
    return Questions(seen, captions, words, told, beside, np.array(twin_of, np.int64))


def _twin(spec: EpisodeSpec, frame: int) -> np.ndarray:
    """The frame as `playreel.film.look.drawn_by` has it drawn before it is painted over."""
    hour = "day" if spec.style in UNLIT | {OUTLINED} else spec.time_of_day
    return render_episode(replace(spec, style=PLAIN, time_of_day=hour), frame + 1).frames[frame]


def _language(rng: np.random.Generator) -> str:
    return LANGUAGES[int(rng.integers(len(LANGUAGES)))]


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
