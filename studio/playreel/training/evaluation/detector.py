"""What a press did, read from the pixels alone: no network, no weights, nothing of the model's.

The platformer's camera keeps the hero in the middle, so running shows as the near layer scrolling and a
jump as the hero rising in the middle columns.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from playreel.footage.sprites import HERO_HEIGHT, HERO_WIDTH
from playreel.training.evaluation.measure import shift_costs

HEAD_ROWS = 8  # of the hero's drawing; the legs change from pose to pose, the head does not
_SHIFTS = range(-8, 9)
_NEAR_ROWS = 24  # from the lower edge; ground is seldom lower than 8 and usually 16
_REACH = 28  # px that the hero is looked for up and down
_HALF = 0.5  # share of the true move that counts as having moved


def scroll(first: np.ndarray, second: np.ndarray) -> int:
    """Pixels that the near layer scrolled by from a frame to the next, positive for running right.

    Each row's match counts for as much as it tells, that is by how much the best shift beats the
    usual one: flat rows say nothing, and rows of layers farther off are outvoted by the ground.

    Args:
        first: uint8 (H, W, 3).
        second: the next frame.
    """
    height, width = first.shape[:2]
    band = slice(height - _NEAR_ROWS, height)
    costs = shift_costs(first[band], second[band], _SHIFTS)
    middle = width // 2
    reach = max(abs(shift) for shift in _SHIFTS)
    columns = np.r_[reach : middle - HERO_WIDTH, middle + HERO_WIDTH : width - reach]
    rows = costs[:, :, columns].mean(-1)  # (shifts, rows)
    rows = rows / (np.median(rows, axis=0) + 1.0)
    weight = np.linspace(0.5, 1.0, _NEAR_ROWS)  # the lowest rows are surely ground
    return _SHIFTS[int((rows * weight).sum(1).argmin())]


def hero_rise(first: np.ndarray, last: np.ndarray, head_top: int) -> int | None:
    """Pixels that the hero rose by between two frames; None where it cannot be found.

    Args:
        first: uint8 (H, W, 3), a true frame.
        last: a later frame.
        head_top: the row in `first` where the hero's drawing begins.
    """
    height, width = first.shape[:2]
    left = width // 2 - HERO_WIDTH // 2
    strip = slice(left, left + HERO_WIDTH)
    head = first[max(head_top, 0) : head_top + HEAD_ROWS, strip].astype(np.int16)
    column = last[:, strip].astype(np.int16)
    best, found = np.inf, None
    for rise in range(-_REACH, _REACH + 1):
        top = max(head_top, 0) - rise
        if top < 0 or top + len(head) > height:
            continue
        window = column[top : top + len(head)]
        for turned in (head, head[:, ::-1]):
            cost = np.minimum(np.abs(window - turned).mean(-1), 48).mean()
            if cost < best - 1e-6:
                best, found = cost, rise
    spread = np.minimum(np.abs(head - np.median(head, axis=(0, 1))).mean(-1), 48).mean()
    return found if best < max(spread, 6.0) else None


def read_press(frames: np.ndarray, head_top: int, *, run: int, rise: int) -> str:
    """The button that a stretch of frames looks like, or "other".

    Args:
        frames: uint8 (T, H, W, 3): the frame before the press, then the frames of the press.
        head_top: the row of the first frame where the hero's drawing begins.
        run: pixels that running moves the picture by in that time.
        rise: pixels that a jump lifts the hero by in that time.
    """
    across = sum(scroll(a, b) for a, b in pairwise(frames))
    up = hero_rise(frames[0], frames[-1], head_top)
    if up is None:
        return "other"
    side = "" if abs(across) < _HALF * run else ("right" if across > 0 else "left")
    if up <= -_HALF * rise:
        return "other"
    if up >= _HALF * rise:
        return f"jump-{side}" if side else "jump"
    return side or "stay"


def head_row(height: int, feet: int) -> int:
    """The row where the hero's drawing begins, for feet so many pixels above the lower edge."""
    return height - feet - HERO_HEIGHT
