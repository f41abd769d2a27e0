"""Posters: one small picture for each take, to look at without opening videos."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from playreel.media import Clip
from playreel.media.atomic import write_bytes

FOLDER = "posters"


def poster_path(folder: Path, content_hash: str) -> Path:
    """Where a take's poster lies."""
    return folder / FOLDER / f"{content_hash[:32]}.png"


def write_poster(folder: Path, clip: Clip) -> Path:
    """Writes the poster of a clip, its middle frame, pixel for pixel.

    Raises:
        StorageError: the disk is full.
    """
    from PIL import Image

    path = poster_path(folder, clip.content_hash)
    if not path.exists():
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(clip.poster)).save(buffer, "PNG", optimize=True)
        write_bytes(path, buffer.getvalue())
    return path
