"""Latents on disk: what hours of denoising made, kept until it is decoded.

Decoding a long take may need more memory than denoising it. Where it fails, or the machine does, the same
request goes on from here: nothing is denoised twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import PlayreelError

if TYPE_CHECKING:
    import torch

    from playreel.film.engines.request import Request

FOLDER = "latents"
MAX_FILES = 32  # the oldest goes; a take that is never tried again is not kept for ever


class LatentStore:
    """Keeps latents under what they were made from.

    Args:
        folder: where to; it is made when first needed.
        model: SHA-256 of the weights; latents of other weights are never found.
    """

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.model = folder, model

    def load(self, request: Request) -> dict[str, torch.Tensor] | None:
        """What was saved for a request, or None; a damaged file counts as none."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            found = load_file(self.path(request))
        except (OSError, SafetensorError):
            return None
        return found if "latents" in found else None

    def has(self, request: Request) -> bool:
        """Whether something whole was saved for a request."""
        return self.load(request) is not None

    def save(self, request: Request, tensors: dict[str, torch.Tensor]) -> None:
        """Keeps ``latents`` and what else decoding needs; without room for it, they are not kept."""
        from safetensors.torch import save_file

        from playreel.media.atomic import replacing

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.path(request)) as temporary:
                whole = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
                save_file(whole, temporary)
            files = sorted(self.folder.glob("*.safetensors"), key=lambda f: f.stat().st_mtime_ns)
            for old in files[:-MAX_FILES]:
                old.unlink(missing_ok=True)
        except (OSError, PlayreelError):
            return

    def drop(self, files: Iterable[Path]) -> None:
        """Forgets what `path` named: it was decoded."""
        for file in files:
            file.unlink(missing_ok=True)

    def path(self, request: Request) -> Path:
        """Where a request's latents lie, or would."""
        digest = hashlib.sha256(self.model.encode())
        for field in fields(request):
            digest.update(f"\n{field.name} ".encode())
            digest.update(_bytes(getattr(request, field.name)))
        return self.folder / f"{digest.hexdigest()[:32]}.safetensors"


def _bytes(value: Any) -> bytes:
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype} ".encode() + np.ascontiguousarray(value).tobytes()
    if isinstance(value, tuple):
        return b"|".join(_bytes(item) for item in value)
    if hasattr(value, "frames"):  # known frames
        return f"{value.start} ".encode() + _bytes(value.frames)
    return json.dumps(value).encode()
