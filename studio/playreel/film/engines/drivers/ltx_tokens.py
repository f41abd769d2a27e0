"""LTX tokens: latents as the sequence that both generations of LTX work on, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from playreel.film.engines.request import Request


def packed(pipeline: Any, latents: torch.Tensor) -> torch.Tensor:
    """Latents (1, C, T, h, w) as tokens (1, N, C)."""
    return pipeline._pack_latents(
        latents, pipeline.transformer_spatial_patch_size, pipeline.transformer_temporal_patch_size
    )


def unpacked(
    pipeline: Any, latents: torch.Tensor, request: Request, *, leads: bool
) -> torch.Tensor:
    """The frames' own tokens as latents (1, C, T, h, w).

    Args:
        pipeline: knows the compression.
        latents: tokens, with those of conditions where there are some.
        request: knows the size.
        leads: whether tokens of conditions come before the frames' own.
    """
    height, width = (side // pipeline.vae_spatial_compression_ratio for side in request.size)
    num_frames = (request.num_frames - 1) // pipeline.vae_temporal_compression_ratio + 1
    patch = pipeline.transformer_spatial_patch_size
    patch_t = pipeline.transformer_temporal_patch_size
    count = (height // patch) * (width // patch) * (num_frames // patch_t)
    own = latents[:, -count:] if leads else latents[:, :count]
    return pipeline._unpack_latents(own, num_frames, height, width, patch, patch_t)
