"""Media frames and model video: the only place that converts between the two.

Media: uint8 (T, H, W, C), sRGB. Model: float32 (B, T, C, H, W) in [-1, 1].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from playreel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def to_video(frames: NDArray[np.uint8], device: torch.device | str | None = None) -> Tensor:
    """Turn media frames into model video.

    Args:
        frames: uint8 (T, H, W, C), or a batch of equal clips (B, T, H, W, C).
        device: where the video shall live; the CPU unless told.

    Returns:
        float32 (B, T, C, H, W) in [-1, 1]; B is 1 for a single clip.

    Raises:
        InputError: the array is not uint8 or has another number of axes.
    """
    if frames.dtype != np.uint8 or frames.ndim not in (4, 5):
        raise InputError(
            f"Frames must be uint8 (T, H, W, C), got {frames.dtype} {tuple(frames.shape)}. "
            "Scale to 0..255 and convert with .astype('uint8')."
        )
    batch = frames if frames.ndim == 5 else frames[None]
    if not batch.flags.writeable:  # torch has no read-only tensors; Clip.frames is read-only
        batch = batch.copy()
    video = torch.from_numpy(np.ascontiguousarray(batch)).to(device or "cpu")
    return video.movedim(-1, -3).float().div_(127.5).sub_(1.0)


def to_frames(video: Tensor) -> NDArray[np.uint8]:
    """Turn model video into media frames, clipping what lies outside [-1, 1].

    Args:
        video: float (B, T, C, H, W) or (T, C, H, W).

    Returns:
        uint8 (B, T, H, W, C) or (T, H, W, C).

    Raises:
        InputError: the tensor has another number of axes.
    """
    if video.ndim not in (4, 5):
        raise InputError(
            f"Video must be (B, T, C, H, W) or (T, C, H, W), got {tuple(video.shape)}. "
            "Add or remove leading axes."
        )
    levels = video.detach().float().add(1.0).mul_(127.5).round_().clamp_(0, 255)
    return levels.to(torch.uint8).movedim(-3, -1).contiguous().cpu().numpy()
