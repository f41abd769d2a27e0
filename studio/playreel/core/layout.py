"""LayoutModel: what stands where in a still, and in which light, at a quarter of its size.

A transformer says a small picture patch after patch, as one reads, each pixel one colour of a palette that
is found once in what it learns from (PixelCNN, arXiv 1606.05328). Attention runs over patches of 2x2 alone;
a small network says the four pixels of a patch one after another (RQ-Transformer, arXiv 2203.01941). Words
are guided towards without a classifier, on logits (arXiv 2203.13131).

Shape legend: B batch, H x W pixels of the still, h x w = H/8 x W/8 patches, N = h * w, P = 4 pixels a patch,
K colours, D width, S text slots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHRINK = 4  # pixels of the still to one of the small picture
_SIDE = 2
PIXELS = _SIDE**2  # of a patch
_PLANES = (3 + 1) + (SHRINK**2 + 1)
_WAVES = 6


@dataclass(frozen=True, kw_only=True)
class LayoutModelConfig:
    """Architecture of a `LayoutModel`."""

    width: int = 256
    num_layers: int = 8
    num_heads: int = 8
    mlp_ratio: int = 4
    num_colors: int = 512
    asked_width: int = 96
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
        is_given: bool (B, 1, h, w), where.
    """

    said: Tensor | None = None
    is_said: Tensor | None = None
    lines: Tensor | None = None
    lines_known: Tensor | None = None
    given: Tensor | None = None
    is_given: Tensor | None = None


_Pair = tuple[Tensor, Tensor]


class _Layer(nn.Module):
    """Attention to the patches before and to the words, then a network of each patch."""

    def __init__(self, config: LayoutModelConfig) -> None:
        super().__init__()
        width = config.width
        self.num_heads = config.num_heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.words = nn.Linear(config.text_width, 2 * width)
        self.expand = nn.Linear(width, config.mlp_ratio * width)
        self.shrink = nn.Linear(config.mlp_ratio * width, width)
        for layer in (self.out, self.shrink):
            nn.init.normal_(layer.weight, 0, 0.02 / config.num_layers**0.5)

    def told(self, said: Tensor) -> _Pair:
        """Keys and values of words (B, S, text_width): what a picture begins after."""
        k, v = self.words(said).unflatten(2, (2, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        return _normed(k), v

    def forward(self, x: Tensor, turns: _Pair, told: _Pair) -> Tensor:
        """Patches (B, N, D) with the turns of their places, and what `told` says of the words."""
        q, k, v = self.asks(x, turns)
        return self.answered(x, q, torch.cat([told[0], k], 2), torch.cat([told[1], v], 2))

    def asks(self, x: Tensor, turns: _Pair) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (B, heads, N, D / heads) of patches."""
        qkv = self.qkv(self.norms[0](x)).unflatten(2, (3, self.num_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        return _turned(_normed(q), turns), _turned(_normed(k), turns), v

    def answered(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """New patches, by the keys and values of the words and of all patches up to them."""
        # By hand: for so few places the fused kernel takes three times as long to train on a CPU.
        looks = q @ k.transpose(2, 3)
        if x.shape[1] > 1:
            looks = looks + _later(looks, k.shape[2] - x.shape[1])
        found = looks.softmax(3).to(v.dtype) @ v
        x = x + self.out(found.transpose(1, 2).flatten(2))
        return x + self.shrink(F.gelu(self.expand(self.norms[1](x))))


def _normed(x: Tensor) -> Tensor:
    return 3 * F.normalize(x, dim=-1)


def _later(looks: Tensor, num_past: int) -> Tensor:
    """What hides the patches that come later, for looks (B, heads, N, num_past + N)."""
    hidden = torch.full(looks.shape[2:], -1e4, dtype=looks.dtype, device=looks.device)
    return hidden.triu(1 + num_past)


def _turned(x: Tensor, turns: _Pair) -> Tensor:
    """Rotary places (arXiv 2104.09864): half of a head by rows, half by columns."""
    cos, sin = turns
    a, b = x.chunk(2, 3)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], 3).to(x.dtype)


class LayoutModel(nn.Module):
    """The colours of patches before, and a `LayoutAsk`, to those of the next."""

    config_class = LayoutModelConfig
    kind = "layout_model"

    def __init__(self, config: LayoutModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or LayoutModelConfig()
        width, count = config.width, config.num_colors
        # Flat, for the small format of weights rounds matrices and filters.
        self.register_buffer("palette", torch.rand(count * 3) * 2 - 1)
        self.silence = nn.Parameter(torch.zeros(config.num_text_slots, config.text_width))
        self.seen = nn.ParameterList(
            nn.Parameter(0.3 * torch.randn(count, width)) for _ in range(PIXELS)
        )
        self.before, self.above = nn.Linear(width, width), nn.Linear(width, width)
        self.words = nn.Linear(config.text_width * config.num_text_slots, width)
        self.place = nn.Linear(4 * _WAVES, width)
        asked = config.asked_width
        self.asked = nn.Sequential(
            nn.Conv2d(_PLANES, asked, 3, padding=1), nn.SiLU(),
            nn.Conv2d(asked, width, 4, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )  # fmt: skip
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(width)
        self.own = nn.ParameterList(
            nn.Parameter(0.3 * torch.randn(count, width)) for _ in range(PIXELS - 1)
        )
        self.which = nn.Parameter(0.3 * torch.randn(PIXELS, width))
        self.head_norm = nn.LayerNorm(width)
        self.head_expand, self.head_shrink = (
            nn.Linear(width, 3 * width),
            nn.Linear(3 * width, width),
        )
        self.last_norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, count)
        nn.init.normal_(self.leave.weight, 0, 0.02)

    def forward(self, colors: Tensor, ask: LayoutAsk) -> Tensor:
        """What each pixel may be, by those before it.

        Args:
            colors: int64 (B, h, w, P), indices into `palette`.
            ask: what it shows.

        Returns:
            Logits (B, h, w, P, K).
        """
        batch, rows, columns, _ = colors.shape
        content = self.content(colors)
        before = F.pad(content.flatten(1, 2), (0, 0, 1, 0))[:, :-1]
        above = F.pad(content, (0, 0, 0, 0, 1, 0))[:, :-1].flatten(1, 2)
        told, said, turns = self.told(ask, batch, (rows, columns))
        x = self.before(before) + self.above(above) + told
        for layer in self.layers:
            x = layer(x, turns, layer.told(said))
        own = torch.stack([F.embedding(colors[..., i], self.own[i]) for i in range(PIXELS - 1)], -2)
        own = F.pad(own.flatten(1, 2), (0, 0, 1, 0)).cumsum(2)
        logits = self._logits(self.norm(x)[:, :, None] + own + self.which)
        return logits.unflatten(1, (rows, columns))

    def told(
        self, ask: LayoutAsk, batch: int, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor, _Pair]:
        """What is asked of each patch (B, N, D), the words, and the turns of places."""
        said = self._said(ask, batch)
        device = self.silence.device
        asked = self.asked(_planes(ask, batch, size, device)).flatten(2).transpose(1, 2)
        told = asked + self.place(_places(size, device)) + self.words(said.flatten(1))[:, None]
        return told, said, _turns(size, self.config.width // self.config.num_heads, device)

    def _said(self, ask: LayoutAsk, batch: int) -> Tensor:
        if ask.said is None:
            return self.silence.expand(batch, -1, -1)
        said = ask.said.float().expand(batch, -1, -1)
        if ask.is_said is None:
            return said
        return torch.where(ask.is_said[:, None, None], said, self.silence)

    def content(self, colors: Tensor) -> Tensor:
        """What patches of colours (..., P) are to those after them, (..., D)."""
        return sum(F.embedding(colors[..., i], self.seen[i]) for i in range(PIXELS))

    def pixels(self, x: Tensor, chosen: Callable[[Tensor], Tensor]) -> Tensor:
        """The colours (P, B) of patches by their features (B, D), each chosen by its logits (B, K)."""
        colors = []
        for pixel in range(PIXELS):
            colors.append(chosen(self._logits(x + self.which[pixel])))
            if pixel < PIXELS - 1:
                x = x + self.own[pixel][colors[-1]]
        return torch.stack(colors)

    def _logits(self, x: Tensor) -> Tensor:
        x = x + self.head_shrink(F.gelu(self.head_expand(self.head_norm(x))))
        return self.leave(self.last_norm(x))

    def nearest(self, picture: Tensor) -> Tensor:
        """(B, 3, H/4, W/4) -> int64 (B, h, w, P), the colours of the palette that are nearest."""
        pixels = picture.permute(0, 2, 3, 1).flatten(0, 2)
        index = torch.cdist(pixels.float(), self.palette.view(-1, 3), p=1.0).argmin(1)
        index = index.view(len(picture), *picture.shape[2:])
        index = index.unflatten(1, (-1, _SIDE)).unflatten(3, (-1, _SIDE))
        return index.permute(0, 1, 3, 2, 4).flatten(3)

    def picture(self, colors: Tensor) -> Tensor:
        """Int64 (B, h, w, P) -> (B, 3, H/4, W/4)."""
        shown = (
            self.palette.view(-1, 3)[colors].unflatten(3, (_SIDE, _SIDE)).permute(0, 5, 1, 3, 2, 4)
        )
        return shown.flatten(4, 5).flatten(2, 3)


def _planes(ask: LayoutAsk, batch: int, size: tuple[int, int], device: torch.device) -> Tensor:
    """(B, planes, H/4, W/4) of all that is known."""
    size = (size[0] * _SIDE, size[1] * _SIDE)
    given = torch.zeros(batch, 4, *size, device=device)
    if ask.given is not None and ask.is_given is not None:
        where = _of_patches(ask.is_given).float()
        given = torch.cat([ask.given * where, where], 1).expand(batch, -1, -1, -1)
    lines = torch.zeros(batch, SHRINK**2 + 1, *size, device=device)
    if ask.lines is not None:
        known = given.new_ones(batch) if ask.lines_known is None else ask.lines_known.float()
        known = known[:, None, None, None]
        ink = F.pixel_unshuffle(ask.lines.expand(batch, -1, -1, -1).float(), SHRINK)
        lines = torch.cat([ink * known, known.expand(-1, 1, *size)], 1)
    return torch.cat([given, lines], 1)


def _of_patches(where: Tensor) -> Tensor:
    """Bool (B, 1, h, w) -> (B, 1, H/4, W/4)."""
    return where.repeat_interleave(_SIDE, 2).repeat_interleave(_SIDE, 3)


def _waves(value: Tensor) -> Tensor:
    """Numbers in [0, 1] as sines and cosines, (..., 2 * _WAVES)."""
    angles = value[..., None] * torch.pi * 2.0 ** torch.arange(_WAVES, device=value.device)
    return torch.cat([angles.sin(), angles.cos()], -1)


def _grid(size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    down, right = (torch.arange(side, device=device) + 0.5 for side in size)
    down, right = torch.meshgrid(down, right, indexing="ij")
    return down.flatten(), right.flatten()


def _places(size: tuple[int, int], device: torch.device) -> Tensor:
    """(N, 4 * _WAVES): how far down and how far right each patch lies."""
    down, right = _grid(size, device)
    return torch.cat([_waves(down / size[0]), _waves(right / size[1])], -1)


def _turns(size: tuple[int, int], width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines (N, width / 2) for `_turned`."""
    rates = 2.0 ** -torch.linspace(0, 5, width // 4, device=device)
    angles = torch.cat([at[:, None] * rates for at in _grid(size, device)], 1)
    return angles.cos(), angles.sin()


def layout_error(model: LayoutModel, picture: Tensor, ask: LayoutAsk) -> Tensor:
    """Mean cross-entropy, in nats, of small pictures (B, 3, H/4, W/4) where nothing is given."""
    colors = model.nearest(picture)
    logits = model(colors, ask).float()
    error = F.cross_entropy(logits.flatten(0, 3), colors.flatten(), reduction="none")
    error = error.view(colors.shape).mean(3)
    if ask.is_given is None:
        return error.mean()
    asked = ~ask.is_given[:, 0].expand_as(error)
    return (error * asked).sum() / asked.sum().clamp(min=1)


@torch.inference_mode()
def draw_layouts(
    model: LayoutModel,
    ask: LayoutAsk,
    *,
    count: int,
    size: tuple[int, int],
    guidance_scale: float,
    temperature: float,
    generator: torch.Generator,
) -> Tensor:
    """Draw small pictures, side by side.

    Args:
        model: says which colours come next.
        ask: what they show, B = 1, or `count` prompts; what is given comes back as it is.
        count: how many.
        size: (H, W) of the still, multiples of 8.
        guidance_scale: classifier-free guidance of the words; 1 is none.
        temperature: of the colours' logits; 1 is true to what was learned.
        generator: the only source of randomness.

    Returns:
        (count, 3, H/4, W/4) in [-1, 1].
    """
    device = generator.device
    rows, columns = (side // (SHRINK * _SIDE) for side in size)
    guided = guidance_scale != 1 and ask.said is not None
    if guided:  # twice each: told, and not told
        said = ask.said.expand(count, -1, -1).repeat(2, 1, 1)
        ask = replace(ask, said=said, is_said=torch.arange(2 * count, device=device) < count)
    colors = torch.zeros(count, rows, columns, PIXELS, dtype=torch.long, device=device)
    given = None
    if ask.given is not None and ask.is_given is not None:
        given, colors[:] = ask.is_given[0, 0], model.nearest(ask.given)
    hands = 2 if guided else 1
    hand = _Hand(model, ask, hands * count, (rows, columns))

    def chosen(logits: Tensor) -> Tensor:
        if guided:
            told, free = logits.chunk(2)
            logits = free + guidance_scale * (told - free)
        probs = (logits / max(temperature, 1e-3)).softmax(1)
        return torch.multinomial(probs, 1, generator=generator)[:, 0].repeat(hands)

    for row in range(rows):
        for column in range(columns):
            x = hand.reaches()
            if given is None or not given[row, column]:
                colors[:, row, column] = model.pixels(x, chosen).T[:count]
            hand.leaves(colors[:, row, column].repeat(hands, 1))
    drawn = model.picture(colors)
    if given is not None:
        drawn = torch.where(_of_patches(ask.is_given), ask.given, drawn)
    return drawn.clamp(-1, 1)


class _Hand:
    """Goes from patch to patch, in B pictures at once, and remembers what it has seen."""

    def __init__(
        self, model: LayoutModel, ask: LayoutAsk, batch: int, size: tuple[int, int]
    ) -> None:
        self.model, self.columns = model, size[1]
        self.told, said, self.turns = model.told(ask, batch, size)
        self.num_words = said.shape[1]
        self.past = [_with_room(layer.told(said), size[0] * size[1]) for layer in model.layers]
        self.seen: list[Tensor] = []

    def reaches(self) -> Tensor:
        """Features (B, D) of the next patch."""
        model, index = self.model, len(self.seen)
        nothing = self.told.new_zeros(self.told.shape[2])
        before = self.seen[-1] if index else nothing
        above = self.seen[-self.columns] if index >= self.columns else nothing
        x = (self.told[:, index] + model.before(before) + model.above(above))[:, None]
        cos, sin = self.turns
        turns = cos[index : index + 1], sin[index : index + 1]
        place = self.num_words + index
        for layer, (keys, values) in zip(model.layers, self.past, strict=True):
            q, k, v = layer.asks(x, turns)
            keys[:, :, place], values[:, :, place] = k[:, :, 0], v[:, :, 0]
            x = layer.answered(x, q, keys[:, :, : place + 1], values[:, :, : place + 1])
        return model.norm(x)[:, 0]

    def leaves(self, colors: Tensor) -> None:
        """Remember the colours (B, P) of the patches."""
        self.seen.append(self.model.content(colors))


def _with_room(past: _Pair, count: int) -> _Pair:
    """Keys and values with room for `count` more."""
    return tuple(torch.cat([x, x.new_empty(*x.shape[:2], count, x.shape[3])], 2) for x in past)


def shrunk(frames: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, 3, H/4, W/4), means of 4x4 pixels."""
    return F.avg_pool2d(frames, SHRINK)


def enlarged(picture: Tensor) -> Tensor:
    """(B, 3, H/4, W/4) -> (B, 3, H, W), each pixel as a square of 4x4."""
    return picture.repeat_interleave(SHRINK, 2).repeat_interleave(SHRINK, 3)
