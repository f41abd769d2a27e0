"""Video tokenizer: a per-frame conv encoder and decoder around FSQ, 8x8 pixels a token.

Genie (arXiv 2402.15391, sec. 2.1) with FSQ for VQ. Built for CPUs: the encoder starts with a pixel
unshuffle and the decoder ends with a shuffle, so nothing wide ever runs at full resolution.

Shape legend: B batch, T frames, C 3 colours, H x W pixels, h = H/8, w = W/8, D digits per token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.frames import to_frames, to_video
from playreel.core.fsq import DEFAULT_LEVELS, FSQ, NUM_COARSE
from playreel.core.precision import autocast
from playreel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATCH = 8  # pixels per token side


@dataclass(frozen=True, kw_only=True)
class VideoTokenizerConfig:
    """Architecture of a `VideoTokenizer`. Widths and block counts are at 1/4 and 1/8 resolution."""

    levels: tuple[int, ...] = DEFAULT_LEVELS
    fine_width: int = 96
    coarse_width: int = 192
    encoder_blocks: tuple[int, int] = (1, 1)  # fine, coarse
    decoder_blocks: tuple[int, int] = (3, 2)
    num_groups: int = 8


class ResidualBlock(nn.Module):
    """x + conv(silu(conv(silu(norm(x))))), the second conv starting at zero."""

    def __init__(self, width: int, num_groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(num_groups, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> same."""
        y = self.conv1(F.silu(self.norm(x)))
        return x + self.conv2(F.silu(y))


class VideoTokenizer(nn.Module):
    """Turns frames into tokens of D small integers and back."""

    config_class = VideoTokenizerConfig
    kind = "video_tokenizer"

    def __init__(self, config: VideoTokenizerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or VideoTokenizerConfig()
        self.fsq = FSQ(config.levels)
        digits = self.fsq.num_digits
        self.linear_in = nn.Sequential(nn.PixelUnshuffle(PATCH), nn.Conv2d(3 * PATCH**2, digits, 1))
        self.linear_out = nn.Sequential(nn.Conv2d(digits, 3 * PATCH**2, 1), nn.PixelShuffle(PATCH))
        fine, coarse, groups = config.fine_width, config.coarse_width, config.num_groups

        def blocks(width: int, count: int) -> list[nn.Module]:
            return [ResidualBlock(width, groups) for _ in range(count)]

        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(3 * 16, fine, 3, padding=1),
            *blocks(fine, config.encoder_blocks[0]),
            nn.Conv2d(fine, coarse, 4, stride=2, padding=1),
            *blocks(coarse, config.encoder_blocks[1]),
            nn.Conv2d(coarse, self.fsq.num_digits, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(self.fsq.num_digits, coarse, 3, padding=1),
            *blocks(coarse, config.decoder_blocks[1]),
            nn.Conv2d(coarse, fine * 4, 1),
            nn.PixelShuffle(2),
            *blocks(fine, config.decoder_blocks[0]),
            nn.Conv2d(fine, 3 * 16, 3, padding=1),
            nn.PixelShuffle(4),
        )
        for last in (self.encoder[-1], self.decoder[-2]):  # at first only the linear path speaks
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        self.to(memory_format=torch.channels_last)  # oneDNN convs are fastest in this layout

    @torch.no_grad()
    def start_from_patches(self, frames: NDArray[np.uint8], *, spread: float = 0.25) -> None:
        """Set the linear path to the principal components of 8x8 patches.

        A conv autoencoder takes thousands of steps to find what linear algebra finds at once.

        Args:
            frames: uint8 (T, H, W, C) of the footage to be learned.
            spread: standard deviation of each digit before the tanh of FSQ.
        """
        video = to_video(frames)[0]
        patches = nn.functional.pixel_unshuffle(video, PATCH).movedim(1, -1).flatten(0, 2).double()
        mean = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((patches - mean).T))
        digits = self.fsq.num_digits
        basis = vectors.flip(1)[:, :digits]  # (192, D), strongest first
        scale = values.flip(0)[:digits].clamp(min=1e-6).sqrt() / spread
        self.linear_in[1].weight.copy_((basis / scale).T[..., None, None])
        self.linear_in[1].bias.copy_(-(mean @ basis) / scale)
        # Digits are squashed by tanh: undo its slope on average, not at the middle alone.
        z = (patches - mean) @ basis / scale
        digit = self.fsq(z)
        slope = (digit * z).mean(0) / digit.square().mean(0)
        self.linear_out[0].weight.copy_((basis * scale * slope)[..., None, None])
        self.linear_out[0].bias.copy_(mean)

    def forward(self, video: Tensor) -> Tensor:
        """Reconstruct ``video`` (B, T, C, H, W) with straight-through gradients, for training."""
        values = self.fsq(self._features(video))
        return self._pixels(values)

    def encode(self, video: Tensor) -> Tensor:
        """Codes int64 (B, T, h, w, D) of ``video`` float (B, T, C, H, W) in [-1, 1].

        Raises:
            InputError: height or width is no multiple of 8.
        """
        return self.fsq.encode(self._features(video))

    def encode_coarse(self, video: Tensor) -> Tensor:
        """The first `NUM_COARSE` digits alone: int64 (B, T, h, w, K)."""
        return self.encode(video)[..., :NUM_COARSE]

    def decode(self, codes: Tensor) -> Tensor:
        """Video float32 (B, T, C, H, W) in [-1, 1] of integer ``codes`` (B, T, h, w, D)."""
        return self._pixels(self.fsq.to_values(codes)).clamp(-1.0, 1.0)

    def decode_coarse(self, codes: Tensor) -> Tensor:
        """Video float32 (B, T, C, H, W) of the first K digits (B, T, h, w, K): soft, true in colour."""
        values = F.pad(self.fsq.to_values(codes), (0, self.fsq.num_digits - codes.shape[-1]))
        flat = values.flatten(0, 1).movedim(-1, 1)
        return self.linear_out(flat).float().unflatten(0, values.shape[:2]).clamp(-1.0, 1.0)

    @torch.inference_mode()
    def encode_frames(
        self, frames: NDArray[np.uint8], *, batch_size: int = 16, precision: str = "fp32"
    ) -> NDArray[np.uint8]:
        """Codes uint8 (T, h, w, D) of media ``frames`` uint8 (T, H, W, C)."""
        device = next(self.parameters()).device
        chunks = []
        with autocast(device, precision):
            for start in range(0, len(frames), batch_size):
                codes = self.encode(to_video(frames[start : start + batch_size], device))
                chunks.append(codes[0].to(torch.uint8).cpu().numpy())
        if not chunks:
            raise InputError("There are no frames to encode. Pass at least one frame.")
        return np.concatenate(chunks)

    @torch.inference_mode()
    def decode_frames(
        self, codes: NDArray[np.uint8], *, batch_size: int = 16, precision: str = "fp32"
    ) -> NDArray[np.uint8]:
        """Media frames uint8 (T, H, W, C) of ``codes`` uint8 (T, h, w, D)."""
        device = next(self.parameters()).device
        chunks = []
        with autocast(device, precision):
            for start in range(0, len(codes), batch_size):
                chunk = np.ascontiguousarray(codes[start : start + batch_size])
                chunks.append(to_frames(self.decode(torch.from_numpy(chunk)[None].to(device))[0]))
        if not chunks:
            raise InputError("There are no codes to decode. Pass at least one frame of codes.")
        return np.concatenate(chunks)

    def _features(self, video: Tensor) -> Tensor:
        batch, time, channels, height, width = video.shape
        if height % PATCH or width % PATCH or not height or not width:
            raise InputError(
                f"A frame of {width}x{height} pixels cannot be cut into {PATCH}x{PATCH} tokens. "
                f"Fit it to multiples of {PATCH} first, for example 128x72."
            )
        x = video.reshape(batch * time, channels, height, width)
        x = x.contiguous(memory_format=torch.channels_last)
        z = self.encoder(x) + self.linear_in(x)
        return z.movedim(1, -1).reshape(batch, time, *z.shape[2:], z.shape[1])

    def _pixels(self, values: Tensor) -> Tensor:
        x = values.flatten(0, 1).movedim(-1, 1).contiguous(memory_format=torch.channels_last)
        return (self.decoder(x) + self.linear_out(x)).float().unflatten(0, values.shape[:2])


def tokenizer_loss(video: Tensor, recon: Tensor) -> Tensor:
    """L1 + L2 + gradient difference, weighted towards what is small, crisp or moving.

    A fast hero a few pixels wide is lost in a plain mean and fades in mid-air. Each pixel is
    weighted by the local contrast and motion of the true video around it; the mean weight is 1.

    Args:
        video: true video (B, T, C, H, W) in [-1, 1].
        recon: its reconstruction, same shape.

    Returns:
        Scalar loss.
    """
    error = recon - video
    weight = saliency(video)
    size = error.abs().mean(2)
    pixel = (weight * (size + 6.0 * error.square().mean(2))).mean()
    edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    return pixel + 0.25 * edges


@torch.no_grad()
def saliency(video: Tensor) -> Tensor:
    """Weight (B, T, H, W) of each pixel by local contrast and motion, mean 1 per clip."""
    batch, time = video.shape[:2]
    flat = video.mean(2).flatten(0, 1)[:, None]  # (B*T, 1, H, W) luma will do
    contrast = (flat - F.avg_pool2d(flat, 9, 1, 4, count_include_pad=False)).abs()
    motion = torch.zeros_like(flat).unflatten(0, (batch, time))
    if time > 1:
        change = video.diff(dim=1).abs().mean(2)[:, :, None]
        motion[:, 1:] += change
        motion[:, :-1] += change
    raw = F.avg_pool2d(contrast + motion.flatten(0, 1), 5, 1, 2, count_include_pad=False)
    weight = (0.15 + raw).unflatten(0, (batch, time))[:, :, 0]
    return weight / weight.mean(dim=(1, 2, 3), keepdim=True)
