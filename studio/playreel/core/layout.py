"""LayoutModel: what stands where in a still, and in which light, at a quarter of its size.

A rectified flow (arXiv 2209.03003, 2210.02747) from noise to a small picture, by a transformer that is told
time and words as in DiT (arXiv 2212.09748) with PixArt's shared modulation (arXiv 2310.00426). It says the
clean picture, not the flow, which a narrow network finds easier (arXiv 2511.13720).

Shape legend: B batch, H x W pixels of the still, rows x columns tokens of 8x8 pixels, N in all, S text
slots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.tokenizer import PATCH

SHRINK = 4  # pixels of the still to one of the small picture
_CELLS = PATCH // SHRINK
_COLORS = 3 * _CELLS**2
CONTRAST = 2.0  # small pictures are scaled to a deviation of about 1
LEAST_NOISE = 0.1  # below, errors count no more
# Noise at many sizes: (cells to one value, amount); 0 cells are the whole picture. White noise hides no hour
# and no style: a mean over all cells would tell them, words would not be asked, and chance would decide.
NOISES = ((1, 0.65), (2, 0.45), (4, 0.45), (8, 0.45), (0, 0.45))


@dataclass(frozen=True, kw_only=True)
class LayoutModelConfig:
    """Architecture of a `LayoutModel`."""

    width: int = 224
    num_layers: int = 6
    head_width: int = 56
    mlp_ratio: int = 3
    text_width: int = 128
    num_text_slots: int = 4


@dataclass(frozen=True, kw_only=True)
class LayoutAsk:
    """What a layout is asked to be. Every part may be missing.

    Attributes:
        said: (B, S, text_width), prompts as a `TextEncoder` gives them.
        is_said: bool (B,), whose prompt counts; None is all.
        lines: (B, 1, H, W) in [0, 1], ink 1.
        lines_known: bool (B,); None is all.
        given: (B, 3, H/4, W/4) in [-1, 1], a small picture that is known in part.
        is_given: bool (B, 1, rows, columns), where.
    """

    said: Tensor | None = None
    is_said: Tensor | None = None
    lines: Tensor | None = None
    lines_known: Tensor | None = None
    given: Tensor | None = None
    is_given: Tensor | None = None


class _Block(nn.Module):
    """Attention and MLP over text slots and tokens; tokens also see those beside them."""

    def __init__(self, config: LayoutModelConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = width // config.head_width
        self.shift = nn.Parameter(torch.zeros(6, width))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.beside = nn.Conv2d(width, width, 3, padding=1, groups=width)
        hidden = config.mlp_ratio * width
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.SiLU(), nn.Linear(hidden, width))
        for last in (self.out, self.mlp[2], self.beside):
            nn.init.normal_(last.weight, 0, 0.02)

    def forward(self, x: Tensor, told: Tensor, size: tuple[int, int]) -> Tensor:
        """Tokens (B, S + N, width), told (B, 6, width) how to change them."""
        shift1, scale1, gate1, shift2, scale2, gate2 = (told + self.shift)[:, :, None].unbind(1)
        y = _normed(x) * (1 + scale1) + shift1
        q, k, v = self.qkv(y).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        # By hand: for so few tokens the fused kernel takes three times as long to train on a CPU.
        q = _normed(q) / q.shape[-1] ** 0.5
        mixed = (q @ _normed(k).transpose(2, 3)).softmax(3) @ v
        mixed = self.out(mixed.transpose(1, 2).flatten(2))
        count = size[0] * size[1]
        grid = y[:, -count:].transpose(1, 2).unflatten(2, size)
        near = self.beside(grid).flatten(2).transpose(1, 2)
        mixed = mixed + F.pad(near, (0, 0, x.shape[1] - count, 0))
        x = x + gate1 * mixed
        return x + gate2 * self.mlp(_normed(x) * (1 + scale2) + shift2)


def _normed(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


class LayoutModel(nn.Module):
    """A noisy small picture, the time and a `LayoutAsk` to the clean small picture."""

    config_class = LayoutModelConfig
    kind = "layout_model"

    def __init__(self, config: LayoutModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or LayoutModelConfig()
        width = config.width
        planes = _COLORS + (_COLORS + 1) + (PATCH**2 + 1)
        self.enter = nn.Conv2d(planes, width, 3, padding=1)
        self.place = nn.Linear(4 * _WAVES, width)
        self.slots = nn.Linear(config.text_width, width)
        self.silence = nn.Parameter(torch.zeros(config.num_text_slots, config.text_width))
        self.time = nn.Sequential(nn.Linear(2 * _WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.words = nn.Linear(config.text_width * config.num_text_slots, width)
        self.told = nn.Linear(width, 6 * width)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.num_layers))
        self.leave = nn.Linear(width, _COLORS)
        nn.init.normal_(self.told.weight, 0, 0.01)
        with torch.no_grad():  # gates start half open
            self.told.bias.zero_().view(6, width)[[2, 5]] = 0.5

    def forward(self, noisy: Tensor, time: Tensor, ask: LayoutAsk) -> Tensor:
        """The clean picture that a noisy one comes from.

        Args:
            noisy: (B, 3, H/4, W/4), `(1 - time) * noise + time * picture * CONTRAST`.
            time: (B,) in [0, 1].
            ask: what it shows.

        Returns:
            (B, 3, H/4, W/4), the picture times `CONTRAST`.
        """
        batch, size = len(noisy), (noisy.shape[2] // _CELLS, noisy.shape[3] // _CELLS)
        said = self._said(ask, batch)
        x = self.enter(self._planes(noisy, ask, size))
        x = x.flatten(2).transpose(1, 2) + self.place(_places(size, noisy))
        x = torch.cat([self.slots(said).to(x.dtype), x], 1)
        condition = self.time(_waves(time)) + self.words(said.flatten(1))
        told = self.told(F.silu(condition)).unflatten(1, (6, -1))
        for block in self.blocks:
            x = block(x, told, size)
        x = self.leave(_normed(x[:, -size[0] * size[1] :])).float()
        return F.pixel_shuffle(x.transpose(1, 2).unflatten(2, size), _CELLS)

    def _said(self, ask: LayoutAsk, batch: int) -> Tensor:
        if ask.said is None:
            return self.silence.expand(batch, -1, -1)
        said = ask.said.float().expand(batch, -1, -1)
        if ask.is_said is None:
            return said
        return torch.where(ask.is_said[:, None, None], said, self.silence)

    def _planes(self, noisy: Tensor, ask: LayoutAsk, size: tuple[int, int]) -> Tensor:
        batch = len(noisy)
        given = noisy.new_zeros(batch, _COLORS + 1, *size)
        if ask.given is not None and ask.is_given is not None:
            colors = F.pixel_unshuffle(ask.given * CONTRAST, _CELLS)
            given = torch.cat([colors * ask.is_given, ask.is_given.to(noisy.dtype)], 1)
        lines = noisy.new_zeros(batch, PATCH**2 + 1, *size)
        if ask.lines is not None:
            known = noisy.new_ones(batch) if ask.lines_known is None else ask.lines_known.float()
            known = known[:, None, None, None]
            ink = F.pixel_unshuffle(ask.lines.expand(batch, -1, -1, -1).float(), PATCH)
            lines = torch.cat([ink * known, known.expand(-1, 1, *size)], 1)
        return torch.cat(
            [F.pixel_unshuffle(noisy, _CELLS), given.expand(batch, -1, -1, -1), lines], 1
        )


_WAVES = 8


def _waves(value: Tensor) -> Tensor:
    """Numbers in [0, 1] as sines and cosines, (..., 2 * _WAVES)."""
    angles = value[..., None] * torch.pi * 2.0 ** torch.arange(_WAVES, device=value.device)
    return torch.cat([angles.sin(), angles.cos()], -1)


def _places(size: tuple[int, int], like: Tensor) -> Tensor:
    """(N, 4 * _WAVES): how far down and how far right each token lies."""
    down = (torch.arange(size[0], device=like.device) + 0.5) / size[0]
    right = (torch.arange(size[1], device=like.device) + 0.5) / size[1]
    down, right = torch.meshgrid(down, right, indexing="ij")
    return torch.cat([_waves(down.flatten()), _waves(right.flatten())], -1)


def flow_error(model: LayoutModel, picture: Tensor, ask: LayoutAsk) -> Tensor:
    """Mean squared error of the flow towards small pictures (B, 3, H/4, W/4), at random times."""
    clean = picture * CONTRAST
    time = torch.sigmoid(torch.randn(len(clean), device=clean.device) - 0.4)
    part = time[:, None, None, None]
    noisy = (1 - part) * drawn_noise(clean.shape, clean.device) + part * clean
    error = (model(noisy, time, ask) - clean).square().mean((1, 2, 3))
    return (error / (1 - time).clamp(min=LEAST_NOISE).square()).mean()


def drawn_noise(
    shape: tuple[int, ...], device: torch.device, generator: torch.Generator | None = None
) -> Tensor:
    """What a picture of `shape` (B, 3, h, w) comes out of."""
    total = torch.zeros(shape, device=device)
    for cells, amount in NOISES:
        small = [1 if cells == 0 else -(-side // cells) for side in shape[2:]]
        part = torch.randn(*shape[:2], *small, generator=generator, device=device)
        total += amount * F.interpolate(part, shape[2:], mode="bilinear")
    return total


@torch.inference_mode()
def draw_layout(
    model: LayoutModel,
    ask: LayoutAsk,
    *,
    size: tuple[int, int],
    num_steps: int,
    guidance_scale: float,
    temperature: float,
    generator: torch.Generator,
) -> Tensor:
    """Draw a small picture.

    Args:
        model: says where noise flows to.
        ask: what it shows, B = 1; what is given comes back as it is.
        size: (H, W) of the still, multiples of 8.
        num_steps: passes of the network (two each under guidance).
        guidance_scale: classifier-free guidance of the words; 1 is none.
        temperature: deviation of the noise it begins with; 1 is true to what was learned.
        generator: the only source of randomness.

    Returns:
        (1, 3, H/4, W/4) in [-1, 1].
    """
    device = generator.device
    shape = (1, 3, size[0] // SHRINK, size[1] // SHRINK)
    guided = guidance_scale != 1 and ask.said is not None
    both = torch.tensor([True, False], device=device) if guided else None
    x = drawn_noise(shape, device, generator) * temperature
    times = torch.linspace(0, 1, num_steps + 1, device=device)
    for time, after in pairwise(times):
        if guided:
            pair = replace(ask, is_said=both)
            with_words, without = model(x.expand(2, -1, -1, -1), time.expand(2), pair).split(1)
            clean = without + guidance_scale * (with_words - without)
        else:
            clean = model(x, time.expand(1), ask)
        clean = clean.clamp(-CONTRAST, CONTRAST)
        if ask.given is not None and ask.is_given is not None:
            known = F.interpolate(ask.is_given.float(), scale_factor=_CELLS) > 0
            clean = torch.where(known, ask.given * CONTRAST, clean)
        x = x + (clean - x) * ((after - time) / (1 - time))
    return (x / CONTRAST).clamp(-1, 1)


def shrunk(frames: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, 3, H/4, W/4), means of 4x4 pixels."""
    return F.avg_pool2d(frames, SHRINK)


def enlarged(picture: Tensor) -> Tensor:
    """(B, 3, H/4, W/4) -> (B, 3, H, W), each pixel as a square of 4x4."""
    return picture.repeat_interleave(SHRINK, 2).repeat_interleave(SHRINK, 3)
