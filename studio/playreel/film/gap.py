"""Gap: frames made between what is known on its left, on its right, on both sides or on neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from playreel.core.sampler import SamplerOptions
from playreel.film.canvas import Progress
from playreel.film.director import direct
from playreel.film.dissolve import dissolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling


@dataclass(frozen=True, kw_only=True)
class GapPlan:
    """What to make, and beside what.

    Attributes:
        size: (height, width) in pixels.
        texts: a text per frame to be made; their number is the length of the gap.
        left: uint8 (L, H, W, 3), frames that come before, or None.
        right: uint8 (R, H, W, 3), frames that come after, or None.
        left_text: text of the frames before.
        right_text: text of the frames after.
        sketches: frame of the gap -> uint8 (H, W), ink 255 on 0.
    """

    size: tuple[int, int]
    texts: list[str]
    left: NDArray[np.uint8] | None = None
    right: NDArray[np.uint8] | None = None
    left_text: str = ""
    right_text: str = ""
    sketches: dict[int, NDArray[np.uint8]] = field(default_factory=dict)


def fill_gap(
    model: FilmModel, plan: GapPlan, sampling: Sampling, callback: Progress | None = None
) -> NDArray[np.uint8]:
    """The frames of ``plan``, uint8 (N, H, W, 3).

    Frames with a sketch, and the first one where nothing is known on either side, are drawn; the rest is
    played on from its neighbours, forward, backward, or both ways to meet in the middle.
    """
    count = len(plan.texts)
    options = SamplerOptions(
        num_steps=sampling.num_steps,
        temperature=sampling.temperature,
        guidance_scale=sampling.guidance_scale,
    )
    made = np.zeros((count, *plan.size, 3), np.uint8)
    keys = set(plan.sketches)
    if not keys and plan.left is None and plan.right is None:
        keys = {0}
    for index in sorted(keys):
        made[index] = model.draw(
            plan.texts[index],
            size=plan.size,
            sketch=plan.sketches.get(index),
            options=options,
            seed=sampling.seed + index,
        )
    edges = [-1, *sorted(keys), count]
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        left = plan.left if start < 0 else made[start : start + 1]
        right = plan.right if stop == count else made[stop : stop + 1]
        part = slice(start + 1, stop)
        if stop - start > 1:
            made[part] = _between(model, left, right, plan.texts[part], sampling.seed + 7919 * stop)
        if callback:
            callback(min(stop, count), count)
    return made


def _between(
    model: FilmModel,
    left: NDArray[np.uint8] | None,
    right: NDArray[np.uint8] | None,
    texts: list[str],
    seed: int,
) -> NDArray[np.uint8]:
    """Frames that follow ``left``, precede ``right``, or lead from one to the other."""
    ahead = back = None
    if left is not None and len(left):
        ahead = model.roll(left, direct(model, texts, neighbours=left), seed=seed)
    if right is not None and len(right):
        actions = direct(model, texts, neighbours=right, backward=True)
        back = model.roll(right, actions[::-1], seed=seed, backward=True)
    if ahead is None or back is None:
        assert ahead is not None or back is not None, "a gap with nothing on either side"
        return back if ahead is None else ahead
    return dissolve(ahead, back, seed=seed)
