"""Redraw: a clip redrawn in runs that overlap and pass over into each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.engines.gap import Made, num_runs
from playreel.film.engines.request import Frames, Request, whole

if TYPE_CHECKING:
    from playreel.film.engines.driver import Driver
    from playreel.film.engines.steps import Meter

OVERLAP = 8


@dataclass(frozen=True, kw_only=True)
class Redrawing:
    """What is to be redrawn.

    Attributes:
        model: a request that names all but what differs from run to run.
        frames: the source, of the request's size.
        segments: (number of frames, what is said of them), in the order of time.
    """

    model: Request
    frames: Frames
    segments: tuple[tuple[int, str], ...]


def redraw(driver: Driver, what: Redrawing, made: Made, meter: Meter) -> Frames:
    """All frames of the source, redrawn; segments meet in a cut, runs of one segment in a fade."""
    spans = [span for span in _spans(driver, what)]
    for _ in spans:
        meter.expect(driver.steps_of(replace(what.model, source=what.frames)))
    parts: list[Frames] = []
    for start, stop, prompt, fade in spans:
        source = what.frames[start:stop]
        num_frames = driver.grid.frames(len(source))
        held = np.minimum(np.arange(num_frames), len(source) - 1)
        request = replace(what.model, prompt=prompt, num_frames=num_frames, source=source[held])
        new = whole(made(request))[: len(source)]
        if fade:
            share = ((np.arange(fade) + 1) / (fade + 1))[:, None, None, None]
            mixed = parts[-1][-fade:] * (1 - share) + new[:fade] * share
            parts[-1] = np.concatenate([parts[-1][:-fade], (mixed + 0.5).astype(np.uint8)])
            new = new[fade:]
        parts.append(new)
    return np.concatenate(parts)


def _spans(driver: Driver, what: Redrawing) -> list[tuple[int, int, str, int]]:
    """(start, stop, prompt, frames that overlap with the span before) of each run."""
    spans = []
    begin = 0
    most = driver.grid.max_frames
    overlap = min(OVERLAP, (most - 1) // 2)
    for count, prompt in what.segments:
        number = num_runs(count, most, overlap)
        length = count if number == 1 else most
        for index in range(number):
            start = begin + min(index * (length - overlap), count - length)
            fade = 0 if index == 0 else spans[-1][1] - start
            spans.append((start, start + length, prompt, fade))
        begin += count
    return spans
