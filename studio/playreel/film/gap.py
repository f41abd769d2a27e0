"""Gap: frames made between what is known on its left, on its right, on both sides or on neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.canvas import Canvas, Progress, fill_canvas, token_shape
from playreel.film.colour import colour_gap, colour_map, match_colours
from playreel.film.windows import check_context

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
        colour_match: how far made frames are pulled to the kept colours, 0 to 1.
    """

    size: tuple[int, int]
    texts: list[str]
    left: NDArray[np.uint8] | None = None
    right: NDArray[np.uint8] | None = None
    left_text: str = ""
    right_text: str = ""
    sketches: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    colour_match: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What was made.

    Attributes:
        frames: uint8 (N, H, W, 3).
        left_drawn: uint8 (k, H, W, 3), the last kept frames on the left as the network draws them.
        right_drawn: uint8 (k, H, W, 3), the first kept frames on the right, likewise.
        colour: measured colour error on the overlap before and after matching, levels of 255.
    """

    frames: NDArray[np.uint8]
    left_drawn: NDArray[np.uint8]
    right_drawn: NDArray[np.uint8]
    colour: dict[str, float] = field(default_factory=dict)


def fill_gap(
    model: FilmModel, plan: GapPlan, sampling: Sampling, callback: Progress | None = None
) -> Gap:
    """Make the frames of ``plan``; only the frames that a window can see are encoded."""
    context = check_context(sampling.context_frames, model.max_frames)
    reach = model.max_frames - 1
    none = np.zeros((0, *plan.size, 3), np.uint8)
    left = none if plan.left is None else plan.left[-reach:]
    right = none if plan.right is None else plan.right[:reach]
    num_made = len(plan.texts)
    start, stop = len(left), len(left) + num_made
    total = stop + len(right)
    codes = np.zeros((total, *token_shape(model, plan.size)), np.uint8)
    if start:
        codes[:start] = model.tokenizer.encode_frames(np.ascontiguousarray(left))
    if stop < total:
        codes[stop:] = model.tokenizer.encode_frames(np.ascontiguousarray(right))
    known = np.ones(codes.shape[:3], bool)
    known[start:stop] = False
    sketches, sketch_known = _sketches(plan, start, total)
    canvas = Canvas(
        codes=codes,
        known=known,
        texts=[plan.left_text] * start + plan.texts + [plan.right_text] * len(right),
        sketches=sketches,
        sketch_known=sketch_known,
    )
    codes = fill_canvas(model, canvas, sampling, callback)
    first, last = max(0, start - context), min(total, stop + context)
    drawn = model.tokenizer.decode_frames(codes[first:last])
    left_drawn, made, right_drawn = np.split(drawn, [start - first, stop - first])
    made, colour = _matched(plan, left[first - start :] if start else left, left_drawn,
                            made, right[: last - stop], right_drawn)  # fmt: skip
    return Gap(frames=made, left_drawn=left_drawn, right_drawn=right_drawn, colour=colour)


def _sketches(
    plan: GapPlan, start: int, total: int
) -> tuple[NDArray[np.uint8] | None, NDArray[np.bool_] | None]:
    if not plan.sketches:
        return None, None
    sketches = np.zeros((total, *plan.size), np.uint8)
    known = np.zeros(total, bool)
    for index, ink in plan.sketches.items():
        sketches[start + index], known[start + index] = ink, True
    return sketches, known


def _matched(
    plan: GapPlan,
    left: NDArray[np.uint8],
    left_drawn: NDArray[np.uint8],
    made: NDArray[np.uint8],
    right: NDArray[np.uint8],
    right_drawn: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], dict[str, float]]:
    """``made`` with matched colours, and the colour error of the overlap before and after."""
    sides = [(d, k) for d, k in ((left_drawn, left), (right_drawn, right)) if len(k)]
    if not sides or plan.colour_match == 0:
        return made, {}
    left_map = colour_map(left_drawn, left) if len(left) else None
    right_map = colour_map(right_drawn, right) if len(right) else None
    matched = match_colours(made, left_map, right_map, amount=plan.colour_match)
    after = [
        colour_gap(match_colours(d, colour_map(d, k), None, amount=plan.colour_match), k)
        for d, k in sides
    ]
    before = [colour_gap(d, k) for d, k in sides]
    return matched, {
        "colour_before": round(float(np.mean(before)), 3),
        "colour_after": round(float(np.mean(after)), 3),
    }
