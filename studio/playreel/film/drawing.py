"""Drawing: a still by words, first as the model draws best, then in the style that was asked for.

The model knows places, heroes and weather best in pixel style. So a still of another style is drawn in that,
and painted over in its own: what stands where does not depend on how it is painted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playreel.film.contrast import contrasts
from playreel.film.look import drawn_by
from playreel.film.sampling import Sampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel


def draw(
    model: FilmModel,
    text: str,
    *,
    size: tuple[int, int],
    sampling: Sampling,
    seed: int,
    sketch: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """A still, uint8 (H, W, 3).

    Args:
        model: draws and paints over.
        text: prompt, "" for none.
        size: (height, width).
        sampling: how; its own seed is not looked at.
        seed: the only source of randomness.
        sketch: uint8 (H, W), ink 255 on 0.
    """
    from playreel.core.sampler import SamplerOptions  # torch, which the model has loaded by now

    options = SamplerOptions(**sampling.sampler())
    words, is_painted_over = drawn_by(text, by_sketch=sketch is not None)
    return model.draw(
        words,
        size=size,
        sketch=sketch,
        options=options,
        contrasts=contrasts(text),
        over=text if is_painted_over else "",
        seed=seed,
    )
