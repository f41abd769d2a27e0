"""Canvas: the tokens of a result of any length, filled window by window.

Shape legend: T frames, H x W pixels, h = H/8, w = W/8, D digits per token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.windows import plan_windows, window_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.film.sampling import Sampling

Progress = Callable[[int, int], None]  # (windows done, windows in all); may raise to stop


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """What is known of a result, and what is said of it.

    Attributes:
        codes: uint8 (T, h, w, D); anything where not known.
        known: bool (T, h, w), tokens that must stay.
        texts: a text for each frame, "" for none.
        sketches: uint8 (T, H, W), ink 255 on 0, or None.
        sketch_known: bool (T,), frames that have a sketch, or None.
    """

    codes: NDArray[np.uint8]
    known: NDArray[np.bool_]
    texts: list[str]
    sketches: NDArray[np.uint8] | None = None
    sketch_known: NDArray[np.bool_] | None = None


def fill_canvas(
    model: FilmModel, canvas: Canvas, sampling: Sampling, callback: Progress | None = None
) -> NDArray[np.uint8]:
    """Codes uint8 (T, h, w, D) of the whole canvas; known tokens are untouched.

    What one window made is context for the next as tokens, never decoded in between, so no round
    trip through pixels wears it down.
    """
    codes, known = canvas.codes.copy(), canvas.known.copy()
    windows = plan_windows(
        known.all(axis=(1, 2)),
        max_frames=model.max_frames,
        context_frames=sampling.context_frames,
    )
    has_sketch = canvas.sketches is not None and canvas.sketch_known is not None
    for index, window in enumerate(windows):
        if callback:
            callback(index, len(windows))
        seen = slice(window.start, window.stop)
        sketched = has_sketch and bool(canvas.sketch_known[seen].any())
        filled = model.fill(
            codes[seen],
            known[seen],
            canvas.texts[seen],
            sketches=canvas.sketches[seen] if sketched else None,
            sketch_known=canvas.sketch_known[seen] if sketched else None,
            num_steps=sampling.num_steps,
            temperature=sampling.temperature,
            guidance_scale=sampling.guidance_scale,
            seed=window_seed(sampling.seed, index),
        )
        made = slice(window.fill_start, window.fill_stop)
        fresh = filled[window.fill_start - window.start : window.fill_stop - window.start]
        codes[made] = np.where(known[made][..., None], codes[made], fresh)
        known[made] = True
    if callback:
        callback(len(windows), len(windows))
    return codes


def token_shape(model: FilmModel, size: tuple[int, int]) -> tuple[int, int, int]:
    """(h, w, D) of a frame of ``size`` (height, width) pixels."""
    blank = np.zeros((1, *size, 3), np.uint8)
    return model.tokenizer.encode_frames(blank).shape[1:]
