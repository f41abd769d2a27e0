"""Measures on pictures that several figures share."""

from __future__ import annotations

import numpy as np

PSNR_CAP = 40.0  # dB; a copied frame would be infinitely good and rule every mean
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)


def psnr(frames: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR of each frame in dB, at most `PSNR_CAP`.

    Args:
        frames: uint8 (T, H, W, 3).
        truth: the same shape.

    Returns:
        float (T,).
    """
    error = frames.astype(np.float32) - truth.astype(np.float32)
    mse = np.square(error).mean(axis=(1, 2, 3), dtype=np.float64)
    least = 255.0**2 / 10 ** (PSNR_CAP / 10)
    return 10 * np.log10(255.0**2 / np.maximum(mse, least))


def gradient_energy(frame: np.ndarray) -> float:
    """Mean squared luma step between neighbouring pixels of a frame uint8 (H, W, 3)."""
    luma = frame.astype(np.float32) @ _LUMA
    return float(np.square(np.diff(luma, axis=0)).mean() + np.square(np.diff(luma, axis=1)).mean())


def shift_costs(first: np.ndarray, second: np.ndarray, shifts: range) -> np.ndarray:
    """How badly `first` moved left by each shift matches `second`, pixel by pixel.

    Differences are cut off at 48 levels, so that something that moves by itself counts as wrong but
    not as very wrong; what would come from outside the frame counts as wrong.

    Args:
        first: uint8 (H, W, 3).
        second: a later frame.
        shifts: pixels to the left.

    Returns:
        float32 (len(shifts), H, W), at the pixel of `first` that moves.
    """
    here, there = first.astype(np.int16), second.astype(np.int16)
    width = here.shape[1]
    costs = np.full((len(shifts), *here.shape[:2]), _CUT_OFF, np.float32)
    for index, shift in enumerate(shifts):
        left, right = max(shift, 0), width + min(shift, 0)
        moved = np.abs(here[:, left:right] - there[:, left - shift : right - shift]).mean(-1)
        costs[index, :, left:right] = np.minimum(moved, _CUT_OFF)
    return costs


_CUT_OFF = 48.0
