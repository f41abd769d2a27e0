"""Describe: a timed caption of a clip, what happens in it read by the latent action model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.film.duration import FILM_FPS
from playreel.film.fit import fit_clip
from playreel.film.lexicon import language_of
from playreel.film.schedule import TimedPrompt, TimedText

if TYPE_CHECKING:
    from playreel.core import FilmModel
    from playreel.media import Clip

WINDOW = 5  # frames that vote on each action: one misread frame makes no event
LEAST_FRAMES = 3  # a shorter stretch is joined to the one before it

Words = Mapping[str, Mapping[str, Sequence[str]]]  # button -> language -> synonyms


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a clip shows.

    Attributes:
        text: the caption, in the grammar of `playreel.film.prompt`.
        spans: (start_s, end_s, button) in order; stretches whose button has no name are left out.
    """

    text: str
    spans: tuple[tuple[float, float, str], ...] = ()

    def __str__(self) -> str:
        return self.text


def describe(
    model: FilmModel, clip: Clip, *, story: str, words: Words, language: str | None = None
) -> Description:
    """A caption of a clip.

    Args:
        model: its world's latent action model reads what happens from frame to frame.
        clip: any clip; fitted to the model's size and rate first.
        story: what all of it shows, in words that are known already; may be empty.
        words: how to say what a button does.
        language: "en" or "zh"; None takes that of the story.

    Raises:
        InputError: another language.
    """
    language = language or language_of(story)
    if language not in ("en", "zh"):
        raise InputError(f"Captions are written in 'en' or 'zh', not {language!r:.40}.")
    frames = fit_clip(clip).frames
    spans = tuple(
        (start / FILM_FPS, stop / FILM_FPS, name)
        for start, stop, name in _stretches(_buttons(model, frames))
        if name in words
    )
    timed = tuple(
        TimedText(start_s=start, end_s=stop, text=words[name][language][0])
        for start, stop, name in spans
    )
    return Description(text=str(TimedPrompt(base=story, timed=timed)), spans=spans)


def _buttons(model: FilmModel, frames: np.ndarray) -> list[str]:
    """The button of each frame, by the vote of those around it; the first shows what follows it."""
    if len(frames) < 3:
        return []
    world = model.world
    read = world.lam.infer_frames(np.ascontiguousarray(frames))[1:]
    codes = np.concatenate([read[:1], read[:1], read])  # nothing leads to the first two frames
    names = {code: name for name, code in world.buttons.items()}
    half = WINDOW // 2
    voted = [
        np.bincount(codes[max(0, i - half) : i + half + 1]).argmax() for i in range(len(codes))
    ]
    return [names.get(int(code), "") for code in voted]


def _stretches(names: list[str]) -> list[tuple[int, int, str]]:
    """(start, stop, name) of each stretch, short ones joined to the one before."""
    found: list[tuple[int, int, str]] = []
    start = 0
    for name, run in groupby(names):
        stop = start + sum(1 for _ in run)
        if found and (stop - start < LEAST_FRAMES or found[-1][2] == name):
            found[-1] = (found[-1][0], stop, found[-1][2])
        else:
            found.append((start, stop, name))
        start = stop
    return found
