"""Looks: frames painted over where timed words name another look.

What is played on keeps the look that it began with. Where timed words name another, each frame from that time
on is painted over, by the same rule as a restyle, so that the change is there at its very frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playreel.film.look import changes_look
from playreel.film.rework import painted_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel


def in_their_looks(
    model: FilmModel, frames: NDArray[np.uint8], texts: list[str], *, begun: str
) -> NDArray[np.uint8]:
    """Frames with those painted over whose text names another look.

    Args:
        model: paints.
        frames: uint8 (T, H, W, 3), all in the look that they began with.
        texts: a text per frame.
        begun: the text that the frames began with.
    """
    other = {text for text in set(texts) if changes_look(begun, text)}
    places = [index for index, text in enumerate(texts) if text in other]
    if not places:
        return frames
    made = frames.copy()
    made[places] = painted_over(model, frames[places], [texts[index] for index in places])
    return made
