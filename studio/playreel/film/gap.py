"""Gap: frames made between what is known on its left, on its right, on both sides or on neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from playreel.core.watch import show
from playreel.film.director import camera_of, direct
from playreel.film.dissolve import dissolve
from playreel.film.drawing import draw
from playreel.film.lens import look_through
from playreel.film.looks import in_their_looks
from playreel.film.sampling import Sampling, sub_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel

Progress = Callable[[int, int], None]  # (frames done, frames in all); may raise to stop


@dataclass(frozen=True, kw_only=True)
class GapPlan:
    """What to make, and beside what.

    Attributes:
        size: (height, width) in pixels.
        texts: a text per frame to be made; their number is the length of the gap.
        left: uint8 (L, H, W, 3), frames that come before, or None.
        right: uint8 (R, H, W, 3), frames that come after, or None.
        sketches: frame of the gap -> uint8 (H, W), ink 255 on 0.
        pictures: frame of the gap -> uint8 (H, W, 3), shown as it is; none has a sketch too.
    """

    size: tuple[int, int]
    texts: list[str]
    left: NDArray[np.uint8] | None = None
    right: NDArray[np.uint8] | None = None
    sketches: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    pictures: dict[int, NDArray[np.uint8]] = field(default_factory=dict)


def fill_gap(
    model: FilmModel, plan: GapPlan, sampling: Sampling, callback: Progress | None = None
) -> NDArray[np.uint8]:
    """The frames of ``plan``, uint8 (N, H, W, 3).

    Frames with a sketch, and the first one where nothing at all is known, are drawn; the rest is played
    on from its neighbours, forward, backward, or both ways to melt into each other. Where timed words
    change the look, what is played on is painted over (see `playreel.film.looks`).
    """
    count = len(plan.texts)
    made = np.zeros((count, *plan.size, 3), np.uint8)
    keys = sorted({*plan.sketches, *plan.pictures})
    if not keys and plan.left is None and plan.right is None:
        keys = [0]
    work = _Work(_num_frames(plan, keys), callback)
    for index in keys:
        given = plan.pictures.get(index)
        made[index] = _draw(model, plan, index, sampling) if given is None else given
        show(made[index])
        work.did(1)
    edges = [-1, *keys, count]
    for start, stop in pairwise(edges):
        if stop - start < 2:
            continue
        left = plan.left if start < 0 else made[start : start + 1]
        right = plan.right if stop == count else made[stop : stop + 1]
        part = slice(start + 1, stop)
        seed = sub_seed(sampling.seed, stop)
        made[part] = _between(
            model, left, right, plan.texts[part], replace(sampling, seed=seed), work
        )
        if left is None or right is None:  # between two sides each brings its own look
            begun = plan.texts[max(start, 0)] if right is None else plan.texts[min(stop, count - 1)]
            made[part] = in_their_looks(model, made[part], plan.texts[part], begun=begun)
    joined = plan.left is not None, plan.right is not None
    seen = look_through(made, plan.texts, joined=joined, seed=sampling.seed)
    for index, picture in plan.pictures.items():
        seen[index] = picture  # what is kept is kept, whatever the camera does
    return seen


class _Work:
    """Counts frames over several rolls for one callback."""

    def __init__(self, total: int, callback: Progress | None) -> None:
        self.total, self.callback, self.done = total, callback, 0
        self.did(0)

    def did(self, num_frames: int) -> None:
        self.done += num_frames
        if self.callback is not None:
            self.callback(self.done, self.total)


def _num_frames(plan: GapPlan, keys: list[int]) -> int:
    """Frames to be drawn and rolled; those between two known sides are rolled from both."""
    total = len(keys)
    edges = [-1, *keys, len(plan.texts)]
    for start, stop in pairwise(edges):
        has_left = start >= 0 or plan.left is not None
        has_right = stop < len(plan.texts) or plan.right is not None
        total += (stop - start - 1) * (has_left + has_right)
    return total


def _draw(model: FilmModel, plan: GapPlan, index: int, sampling: Sampling) -> NDArray[np.uint8]:
    return draw(
        model,
        plan.texts[index],
        size=plan.size,
        sampling=sampling,
        seed=sampling.seed + index,
        sketch=plan.sketches.get(index),
    )


def _between(
    model: FilmModel,
    left: NDArray[np.uint8] | None,
    right: NDArray[np.uint8] | None,
    texts: list[str],
    sampling: Sampling,
    work: _Work,
) -> NDArray[np.uint8]:
    """Frames that follow ``left``, precede ``right``, or lead from one to the other."""

    def tell(done: int, total: int) -> None:
        work.did(1)

    seed, temperature = sampling.seed, sampling.temperature
    cameras = [camera_of(text) for text in texts]
    ahead = back = None
    if left is not None:
        actions = direct(model, texts, neighbours=left)
        ahead = model.roll(
            left, actions, texts=texts, cameras=cameras, seed=seed, temperature=temperature,
            callback=tell,
        )  # fmt: skip
    if right is not None:
        actions = direct(model, texts, neighbours=right, backward=True)
        back = model.roll(
            right, actions[::-1], texts=texts[::-1], cameras=cameras[::-1], seed=seed,
            temperature=temperature, backward=True, callback=tell,
        )  # fmt: skip
    if ahead is None or back is None:
        assert ahead is not None or back is not None, "a gap with nothing on either side"
        return back if ahead is None else ahead
    return dissolve(ahead, back, seed=seed)
