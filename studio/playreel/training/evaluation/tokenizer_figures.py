"""Figures of the tokenizer: how well it gives frames back that it has never seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from playreel.training.evaluation.measure import psnr

if TYPE_CHECKING:
    from playreel.core import VideoTokenizer


def reconstruction(tokenizer: VideoTokenizer, pictures: Iterable[np.ndarray]) -> float:
    """Mean over frames of the PSNR in dB of their reconstruction.

    Args:
        tokenizer: encodes and decodes.
        pictures: arrays uint8 (T, H, W, 3), each of any size the tokenizer takes.
    """
    levels = []
    for frames in pictures:
        again = tokenizer.decode_frames(tokenizer.encode_frames(frames))
        levels.append(psnr(again, frames))
    return float(np.concatenate(levels).mean())


def mean_figure(figures: Mapping[str, float], name: str) -> dict[str, float]:
    """`name`, the mean of `figures`, and each of them as `name_<school>`."""
    mean = float(np.mean(list(figures.values())))
    return {name: mean} | {f"{name}_{school}": value for school, value in figures.items()}
