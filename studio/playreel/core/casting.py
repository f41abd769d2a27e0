"""Casting: the figure of one picture in the place of another's.

Shape legend: H x W pixels, S side of a thing's crop.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.stage import Stage, Thing, laid_on
from playreel.core.world_model import WorldModel

LEAST_ROWS = 9  # of a figure; coins and most enemies are lower
MIDDLE = 0.5  # of the width, where cameras keep who is played


@torch.inference_mode()
def find_figure(world: WorldModel, frame: np.ndarray) -> Thing | None:
    """Who a picture uint8 (H, W, 3) is about: as high as a hero, and the nearest to the middle."""
    return _figure_of(world.sized(frame.shape[:2]).begin(frame[None]).stage)


@torch.inference_mode()
def recast(
    world: WorldModel, frame: np.ndarray, figure: Thing, *, anyway: bool = False
) -> np.ndarray | None:
    """A frame with a figure of another picture in place of its own, its feet where those were.

    Args:
        world: finds its own.
        frame: uint8 (H, W, 3).
        figure: of another picture.
        anyway: where the frame has none, the figure stands where it stood in its own picture.

    Returns:
        uint8 (H, W, 3); None where the frame has none.
    """
    stage = world.sized(frame.shape[:2]).begin(frame[None]).stage
    own = _figure_of(stage)
    if own is None and not anyway:
        return None
    others = tuple(thing for thing in stage.things if thing is not own)
    height, width = frame.shape[:2]
    placed = figure if own is None else _moved(figure, own)
    top, bottom, left, right = _box(placed)
    down = max(-top, min(0, height - 1 - bottom))
    across = max(-left, min(0, width - 1 - right))
    placed = replace(placed, top=placed.top + down, left=placed.left + across)
    return to_frames(laid_on(laid_on(stage.backdrop, others), (placed,)))[0]


def _figure_of(stage: Stage) -> Thing | None:
    middle = MIDDLE * stage.backdrop.shape[3]

    def off(thing: Thing) -> float:
        _, _, left, right = _box(thing)
        return abs((left + right) / 2 - middle)

    return min((t for t in stage.things if _rows(t) >= LEAST_ROWS), key=off, default=None)


def _moved(figure: Thing, own: Thing) -> Thing:
    """A figure where another stands: on the same row, about the same column."""
    _, bottom, left, right = _box(figure)
    _, ground, first, last = _box(own)
    across = (first + last - left - right) // 2
    return replace(figure, top=figure.top + ground - bottom, left=figure.left + across)


def _rows(thing: Thing) -> int:
    top, bottom, _, _ = _box(thing)
    return bottom - top + 1


def _box(thing: Thing) -> tuple[int, int, int, int]:
    """First and last row, first and last column of a thing in its frame."""
    there: Tensor = thing.pose[3] > 0
    rows, columns = torch.nonzero(there.any(1))[:, 0], torch.nonzero(there.any(0))[:, 0]
    return (
        thing.top + int(rows[0]), thing.top + int(rows[-1]),
        thing.left + int(columns[0]), thing.left + int(columns[-1]),
    )  # fmt: skip
