"""Blend: kept frames next to a joint melted into what the made frames beside them would have shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import InputError
from playreel.film.director import direct
from playreel.film.dissolve import dissolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel

MAX_BLEND = 12


def check_blend(blend: int) -> int:
    """The number of frames to blend at each joint.

    Raises:
        InputError: not a whole number from 0 to `MAX_BLEND`.
    """
    if isinstance(blend, bool) or not isinstance(blend, int) or not 0 <= blend <= MAX_BLEND:
        raise InputError(
            f"blend must be a whole number of frames from 0 to {MAX_BLEND}, got {blend!r}. "
            "0 keeps every frame of the clip as it is."
        )
    return blend


def blend_end(
    model: FilmModel, kept: NDArray[np.uint8], made: NDArray[np.uint8], *, blend: int, seed: int
) -> NDArray[np.uint8]:
    """The last ``blend`` frames of ``kept`` melted towards ``made``, which follows them.

    ``made`` is played backward over them; patch by patch the second version takes over.
    """
    tail = kept[-blend:]
    actions = direct(model, [""] * len(tail), neighbours=made, backward=True)
    other = model.roll(made, actions[::-1], seed=seed, backward=True)
    return dissolve(tail, other, seed=seed)


def blend_start(
    model: FilmModel, kept: NDArray[np.uint8], made: NDArray[np.uint8], *, blend: int, seed: int
) -> NDArray[np.uint8]:
    """The first ``blend`` frames of ``kept`` melted out of ``made``, which leads up to them."""
    head = kept[:blend]
    actions = direct(model, [""] * len(head), neighbours=made)
    return dissolve(model.roll(made, actions, seed=seed), head, seed=seed)
