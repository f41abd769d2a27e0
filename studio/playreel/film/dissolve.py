"""Dissolve: two versions of the same stretch of time melted into one, patch by patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATCH = 8


def dissolve(
    first: NDArray[np.uint8], second: NDArray[np.uint8], *, seed: int
) -> NDArray[np.uint8]:
    """Frames that begin as `first` and end as `second`, both uint8 (N, H, W, 3).

    Soft noise decides when each place changes over, so that the picture melts along irregular fronts
    and every pixel belongs to one version: nothing is blurred by a mix.
    """
    count, height, width = first.shape[:3]
    rng = np.random.default_rng(seed % 2**63)
    rows, columns = height // PATCH + 2, width // PATCH + 2
    coarse = rng.random((rows, columns))
    y, x = np.arange(height) / PATCH, np.arange(width) / PATCH
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[:, None], (x - x0)[None]
    noise = (
        coarse[y0][:, x0] * (1 - fy) * (1 - fx)
        + coarse[y0][:, x0 + 1] * (1 - fy) * fx
        + coarse[y0 + 1][:, x0] * fy * (1 - fx)
        + coarse[y0 + 1][:, x0 + 1] * fy * fx
    )
    rank = noise.ravel().argsort().argsort().reshape(noise.shape) / noise.size  # uniform in [0, 1)
    time = (np.arange(count) + 1) / (count + 1)
    share = time * time * (3 - 2 * time)  # slowly in, slowly out: no jump where it begins
    late = rank[None] < share[:, None, None]
    return np.where(late[..., None], second, first)
