"""Rework: frames drawn anew over what is there, the masked-diffusion kin of SDEdit.

SDEdit (arXiv 2108.01073) adds noise up to a level and denoises with a new text. The noise of an
absorbing-state model is the mask, so ``strength`` is the share of tokens that is hidden and drawn
anew. Hidden once, the kept tokens would stay in the old style, patch by patch; so it is done in
rounds, each hiding the same share at random. What is kept of the source falls as
``(1 - strength) ** rounds``, while every round still stands on the composition before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from playreel.core.watch import show
from playreel.film.canvas import Canvas, Progress, fill_canvas
from playreel.film.windows import window_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling

NUM_ROUNDS = 3
KEEPS_COLOURS = 0.5  # below this strength the source's colours are kept as well as its lines
REPAINTED = 16  # frames painted at a time


@dataclass(frozen=True, kw_only=True)
class Rework:
    """What came of it.

    Attributes:
        frames: uint8 (T, H, W, 3).
        kept_share: share of tokens that are the source's.
        num_rounds: rounds that were run.
    """

    frames: NDArray[np.uint8]
    kept_share: float
    num_rounds: int


def rework(
    model: FilmModel,
    frames: NDArray[np.uint8],
    texts: list[str],
    *,
    strength: float,
    sampling: Sampling,
    sketches: dict[int, NDArray[np.uint8]] | None = None,
    num_rounds: int = NUM_ROUNDS,
    callback: Progress | None = None,
) -> Rework:
    """Draw a share of the tokens of ``frames`` anew.

    Args:
        model: the network.
        frames: uint8 (T, H, W, 3).
        texts: a text per frame.
        strength: share of the tokens hidden in a round, over 0 up to 1.
        sampling: seed and sampling options; the steps are shared out among the rounds.
        sketches: frame -> uint8 (H, W) of lines to hold on to.
        num_rounds: rounds; one is enough at strength 1.
        callback: told of windows done, over all rounds.
    """
    if sketches is not None and len(sketches) == len(frames) and model.painter is not None:
        ink = np.stack([sketches[index] for index in range(len(frames))])
        painted = _repaint(model, frames, texts, ink, strength < KEEPS_COLOURS, callback)
        return Rework(frames=painted, kept_share=0.0, num_rounds=1)
    source = model.tokenizer.encode_frames(np.ascontiguousarray(frames))
    lines, lines_known = _lines(frames, sketches)
    rounds = 1 if strength == 1 else max(1, num_rounds)
    steps = max(1, math.ceil(sampling.num_steps * strength))
    codes = source
    for index in range(rounds):
        seed = window_seed(sampling.seed, -1 - index)
        draw = np.random.default_rng(seed).random(source.shape[:3])
        canvas = Canvas(
            codes=codes,
            known=draw >= strength,
            texts=texts,
            sketches=lines,
            sketch_known=lines_known,
        )
        codes = fill_canvas(
            model,
            canvas,
            replace(sampling, seed=seed, num_steps=steps),
            _offset(callback, index, rounds),
        )
    same = (codes == source).all(axis=-1)
    return Rework(
        frames=model.tokenizer.decode_frames(codes),
        kept_share=float(same.mean()),
        num_rounds=rounds,
    )


def _repaint(
    model: FilmModel,
    frames: NDArray[np.uint8],
    texts: list[str],
    ink: NDArray[np.uint8],
    keep_colours: bool,
    callback: Progress | None,
) -> NDArray[np.uint8]:
    """All frames, a few at a time, so that they can be watched and stopped."""
    parts = []
    for start in range(0, len(frames), REPAINTED):
        part = slice(start, start + REPAINTED)
        if callback is not None:
            callback(start, len(frames))
        parts.append(
            model.repaint(frames[part], texts[part], lines=ink[part], keep_colours=keep_colours)
        )
        show(parts[-1][-1])
    if callback is not None:
        callback(len(frames), len(frames))
    return np.concatenate(parts)


def _lines(
    frames: NDArray[np.uint8], sketches: dict[int, NDArray[np.uint8]] | None
) -> tuple[NDArray[np.uint8] | None, NDArray[np.bool_] | None]:
    if not sketches:
        return None, None
    lines = np.zeros(frames.shape[:3], np.uint8)
    known = np.zeros(len(frames), bool)
    for index, ink in sketches.items():
        lines[index], known[index] = ink, True
    return lines, known


def _offset(callback: Progress | None, index: int, rounds: int) -> Progress | None:
    if callback is None:
        return None
    return lambda done, total: callback(index * total + done, rounds * total)
