"""Pieces: latents decoded a piece of time at a time, so that few frames are ever held as floats.

Two kinds of VAE work through time themselves and keep what they need of the frames before; the frames are
the same, bit for bit. In spatial tiles they go through all of time tile by tile, and are left to themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch


def one_by_one(vae: Any, latents: torch.Tensor) -> Iterator[torch.Tensor]:
    """Latents (1, C, T, h, w) of Wan's VAE, as frames (1, 3, t, H, W): one latent frame at a time."""
    if _is_tiled(vae, latents) or vae.config.patch_size is not None:
        yield vae.decode(latents, return_dict=False)[0]
        return
    _arrive(vae)
    vae.clear_cache()
    try:
        ready = vae.post_quant_conv(latents)
        for index in range(ready.shape[2]):
            vae._conv_idx = [0]
            first = {"first_chunk": True} if index == 0 else {}
            piece = vae.decoder(
                ready[:, :, index : index + 1],
                feat_cache=vae._feat_map,
                feat_idx=vae._conv_idx,
                **first,
            )
            yield piece.clamp(-1.0, 1.0)
    finally:
        vae.clear_cache()


def few_by_few(vae: Any, latents: torch.Tensor) -> Iterator[torch.Tensor]:
    """Latents (1, C, T, h, w) of CogVideoX's VAE, as frames: as many at a time as it takes itself."""
    if _is_tiled(vae, latents):
        yield vae.decode(latents, return_dict=False)[0]
        return
    _arrive(vae)
    size = vae.num_latent_frames_batch_size
    count = latents.shape[2]
    rest = count % size  # goes with the first
    cache = None
    for index in range(max(count // size, 1)):
        start, stop = size * index + (rest if index else 0), size * (index + 1) + rest
        part = latents[:, :, start:stop]
        if vae.post_quant_conv is not None:
            part = vae.post_quant_conv(part)
        piece, cache = vae.decoder(part, conv_cache=cache)
        yield piece


def _is_tiled(vae: Any, latents: torch.Tensor) -> bool:
    if not vae.use_tiling:
        return False
    if hasattr(vae, "tile_latent_min_height"):
        least = vae.tile_latent_min_height, vae.tile_latent_min_width
    else:
        ratio = vae.spatial_compression_ratio
        least = vae.tile_sample_min_height // ratio, vae.tile_sample_min_width // ratio
    return latents.shape[-2] > least[0] or latents.shape[-1] > least[1]


def _arrive(vae: Any) -> None:
    """Brings a VAE that waits in memory to the card, as its own ``decode`` would."""
    hook = getattr(vae, "_hf_hook", None)
    if hasattr(hook, "pre_forward"):
        hook.pre_forward(vae)
