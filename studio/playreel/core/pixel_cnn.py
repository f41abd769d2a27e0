"""BlockPixelCNN: the pixels of a picture one after another, block by block.

What each pixel may be hangs on the pixels before it: on those of blocks above and to the left, by masked
convolutions over blocks (PixelCNN, arXiv 1601.06759), and on those of its own block, by a masked layer
(MADE, arXiv 1502.03509). Blocks that do not see each other are drawn at the same time, a front that runs
down and to the right, so that a picture takes h + w steps and not h * w.

Shape legend: B batch, h x w blocks, P = 16 pixels a block, T what is told of a block, S what is seen of a
pixel, O what is said of one, D width.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 4
PIXELS = BLOCK**2
_ABOVE, _ASIDE = 2, 2
_SLOPE = _ASIDE + 1  # a row may be drawn this many blocks behind the row above
_AROUND = [
    (down, right)
    for down in range(_ABOVE + 1)
    for right in range(2 * _ASIDE + 1)
    if down < _ABOVE or right < _ASIDE
]

Chosen = Callable[[Tensor, Tensor, Tensor], Tensor]


class _CausalLayer(nn.Module):
    """What a block is by now, and what those around it are that were said before it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.own = nn.Linear(width, width)
        self.around = nn.Linear(len(_AROUND) * width, width)
        self.out = nn.Linear(width, width)
        nn.init.normal_(self.out.weight, 0, 0.02)

    def forward(self, x: Tensor, own: Tensor, around: Tensor) -> Tensor:
        return x + self.out(F.gelu(self.own(own) + self.around(around)))


class BlockPixelCNN(nn.Module):
    """Features of blocks, and what was seen of the pixels before, to what is said of each pixel."""

    def __init__(self, *, told: int, seen: int, out: int, width: int, num_layers: int) -> None:
        super().__init__()
        self.seen_width, self.width = seen, width
        self.enter = nn.Linear(told, width)
        self.content = nn.Linear(PIXELS * seen, width)
        self.layers = nn.ModuleList(_CausalLayer(width) for _ in range(num_layers))
        self.norm = nn.LayerNorm(width)
        self.before = nn.Linear(PIXELS * seen, PIXELS * width)
        later = torch.ones(PIXELS, PIXELS).tril(-1)
        later = later.repeat_interleave(width, 0).repeat_interleave(seen, 1)
        self.register_buffer("is_before", later, persistent=False)
        self.mix = nn.Linear(width, width)
        self.leave = nn.Linear(width, out)
        nn.init.normal_(self.leave.weight, 0, 0.01)
        nn.init.zeros_(self.leave.bias)

    def forward(self, told: Tensor, seen: Tensor) -> Tensor:
        """Say every pixel by the true ones before it.

        Args:
            told: (B, h, w, T).
            seen: (B, h, w, P, S); what is seen of a pixel never tells on that pixel itself.

        Returns:
            (B, h, w, P, O).
        """
        rows, columns = told.shape[1:3]
        x, content = self.enter(told), self.content(seen.flatten(3))
        for layer in self.layers:
            own = layer.norm(x)
            shown = F.pad(own + content, (0, 0, _ASIDE, _ASIDE, _ABOVE, 0))
            around = [shown[:, d : d + rows, r : r + columns] for d, r in _AROUND]
            x = layer(x, own, torch.cat(around, 3))
        before = F.linear(seen.flatten(3), self.before.weight * self.is_before, self.before.bias)
        return self._said(self.norm(x)[..., None, :], before.unflatten(3, (PIXELS, -1)))

    def _said(self, block: Tensor, before: Tensor) -> Tensor:
        """Of pixels, by features of their blocks and of the pixels before."""
        x = F.relu(before + block.to(before.dtype))
        return self.leave(F.relu(self.mix(x)) + x)

    def draw(self, told: Tensor, chosen: Chosen) -> None:
        """Say every pixel of pictures by those chosen before it in the same picture.

        Args:
            told: (B, h, w, T).
            chosen: given what is said (B, n, O) of n pixels of each, their rows (n,) and their columns (n,),
                chooses them, and returns what is seen of them (B, n, S).
        """
        rows, columns = told.shape[1:3]
        x = self.enter(told)
        framed = rows + _ABOVE, columns + 2 * _ASIDE
        shown = x.new_zeros(len(self.layers), len(x), *framed, self.width)
        down, right = torch.tensor(_AROUND, device=told.device).T
        for front in range(columns + _SLOPE * (rows - 1)):
            first = max(0, -((columns - 1 - front) // _SLOPE))
            row = torch.arange(first, min(rows - 1, front // _SLOPE) + 1, device=told.device)
            column = front - _SLOPE * row
            here, owns = x[:, row, column], []
            for layer, seen in zip(self.layers, shown, strict=True):
                owns.append(layer.norm(here))
                around = seen[:, row[:, None] + down, column[:, None] + right].flatten(2)
                here = layer(here, owns[-1], around)
            content = self.content(self._block(self.norm(here), row, column, chosen))
            shown[:, :, row + _ABOVE, column + _ASIDE] = torch.stack(owns) + content

    def _block(self, x: Tensor, row: Tensor, column: Tensor, chosen: Chosen) -> Tensor:
        """What is seen of the pixels (B, n, P * S) of blocks with features (B, n, D)."""
        seen = x.new_zeros(*x.shape[:2], 0)
        weight = self.before.weight.unflatten(0, (PIXELS, -1))
        bias = self.before.bias.unflatten(0, (PIXELS, -1))
        for pixel in range(PIXELS):
            before = F.linear(seen, weight[pixel, :, : seen.shape[2]], bias[pixel])
            down, right = divmod(pixel, BLOCK)
            new = chosen(self._said(x, before), BLOCK * row + down, BLOCK * column + right)
            seen = torch.cat([seen, new], 2)
        return seen


def as_blocks(pixels: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, h, w, P, C)."""
    blocks = pixels.unflatten(3, (-1, BLOCK)).unflatten(2, (-1, BLOCK))
    return blocks.permute(0, 2, 4, 3, 5, 1).flatten(3, 4)


def as_pixels(blocks: Tensor) -> Tensor:
    """(B, h, w, P, C) -> (B, C, H, W)."""
    pixels = blocks.unflatten(3, (BLOCK, BLOCK)).permute(0, 5, 1, 3, 2, 4)
    return pixels.flatten(4, 5).flatten(2, 3)
