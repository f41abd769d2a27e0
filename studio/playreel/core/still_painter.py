"""StillPainter: a still in full size from its layout, lines and words, in a few colours of its own.

A network that says a colour for each pixel says the mean of all that are likely, and paints fog. This one
says that mean only to find a palette in it, as k-means does, and adds colours that the words alone tell. Then
it points, for each pixel, at one colour: a mixture density (Bishop 1994) whose means are shared by all
pixels. Colours near the mean are likely from the start, so that edges are learned as fast as a plain
regression learns them. What layout and words leave open, as where the drops of a rain fall or a face looks,
is settled pixel after pixel by a `BlockPixelCNN`, each seeing those before it. How far the layout may be
trusted is told, as in a cascade (arXiv 2106.15282).

Shape legend: B batch, H x W pixels, h x w = H/4 x W/4 blocks of P pixels, K colours, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.layout import enlarged
from playreel.core.painter import NUM_PLANES, Page
from playreel.core.palette import distances, found_colors
from playreel.core.pixel_cnn import BlockPixelCNN, as_blocks, as_pixels
from playreel.core.unet import UNet, UNetConfig

OWN_SCALE = (
    0.05  # of how near a place is to a colour that is its own, where black is -1 and white 1
)
ERROR_SCALE = 0.1  # of the errors in a colour that are expected
ROUGHNESS = 0.3  # of a layout that was drawn; 0 would be a true one
MOST_SHADE = 0.2  # how far a pixel may be from its colour in the palette: paper, fog, light


@dataclass(frozen=True, kw_only=True)
class StillPainterConfig(UNetConfig):
    """Architecture of a `StillPainter`.

    It finds `num_found` colours in the picture and is told `num_told` by the words.
    """

    num_found: int = 20
    num_told: int = 4
    key_width: int = 24
    block_width: int = 128
    num_block_layers: int = 3


class Paints(NamedTuple):
    """How a still may be coloured.

    Attributes:
        colors: (B, K, 3) in about [-1, 1], the palette.
        keys: (B, K, key_width), what points at them.
        logits: (B, K, H, W), which of them each pixel takes.
        shade: (B, 3, H, W), what is added to it.
        mean: (B, 3, H, W), the mean of all that is likely.
        told: (B, h, w, T), what is known of blocks before any of their pixels is settled.
    """

    colors: Tensor
    keys: Tensor
    logits: Tensor
    shade: Tensor
    mean: Tensor
    told: Tensor

    def likeliest(self) -> Tensor:
        """(B, 3, H, W): each pixel in its likeliest colour."""
        return self.shown(self.logits.argmax(1))

    def error(self, truth: Tensor) -> Tensor:
        """(B, H, W), the negative log likelihood of a picture (B, 3, H, W), up to a constant."""
        distance = distances(truth - self.shade, self.colors)
        return -torch.logsumexp(self.logits.float().log_softmax(1) - distance / ERROR_SCALE, 1)

    def nearest(self, picture: Tensor) -> Tensor:
        """Int64 (B, H, W), the colours that are nearest to a picture (B, 3, H, W)."""
        return distances(picture - self.shade, self.colors).argmin(1)

    def seen(self) -> Tensor:
        """(B, K, 3 + key_width), what a pixel in each colour is to those after it."""
        return torch.cat([self.colors, self.keys], 2)

    def shown(self, choice: Tensor) -> Tensor:
        """(B, H, W) of colours -> (B, 3, H, W)."""
        return (_taken(self.colors, choice) + self.shade).clamp(-1, 1)


def _taken(table: Tensor, choice: Tensor) -> Tensor:
    """What a table (B, K, C) has for each of the choices (B, H, W): (B, C, H, W)."""
    index = choice.flatten(1)[..., None].expand(-1, -1, table.shape[2])
    return table.gather(1, index).transpose(1, 2).unflatten(2, choice.shape[1:])


class StillPainter(UNet):
    """A `Page` and words to `Paints`."""

    config_class = StillPainterConfig
    kind = "still_painter"

    def __init__(self, config: StillPainterConfig | None = None) -> None:
        config = config or StillPainterConfig()
        super().__init__(config, NUM_PLANES, levelled=True)
        half, quarter, _ = config.widths
        key_width = config.key_width
        self.level = nn.GroupNorm(8, quarter)
        self.mix = nn.Sequential(
            nn.Linear(quarter + 3, 128), nn.SiLU(), nn.Linear(128, 3 + key_width)
        )
        self.told = nn.Linear(self.silence.numel(), config.num_told * (3 + key_width))
        for layer in (self.told, self.mix[2]):
            nn.init.normal_(layer.weight, 0, 0.01)
        nn.init.normal_(self.told.bias, 0, 0.5)
        self.point = nn.Sequential(
            nn.GroupNorm(8, half),
            nn.SiLU(),
            nn.Conv2d(half, 4 * (key_width + 6), 3, padding=1),
            nn.PixelShuffle(2),
        )
        nn.init.normal_(self.point[2].weight, 0, 0.01)
        self.pixels = BlockPixelCNN(
            told=quarter + 4 * half,
            seen=3 + key_width,
            out=key_width,
            width=config.block_width,
            num_layers=config.num_block_layers,
        )
        self.nearness = nn.Parameter(torch.tensor(2.7))  # log of logits to a distance of 1
        self.to(memory_format=torch.channels_last)

    def forward(self, page: Page, said: Tensor | None, *, palette: Paints | None = None) -> Paints:
        """Say how a page is painted, each pixel by itself.

        Args:
            page: what is known.
            said: prompts (B, S, text_width), or none.
            palette: whose colours to point at; None finds the page's own.
        """
        planes = page.planes()
        condition = F.silu(self.words(said, len(planes)))
        found = self.features(planes, condition)
        width = self.config.key_width
        where, shade, change = self.point(found.half).float().split((width, 3, 3), 1)
        mean = page.picture + change
        quarter = self.level(found.quarter)
        colors, keys = self._palette(mean.detach(), quarter, condition)
        logits = torch.einsum("bdhw,bkd->bkhw", where, keys)
        logits = logits - self.nearness.exp() * distances(mean, colors)
        half = F.pixel_unshuffle(self.point[:2](found.half), 2)
        told = torch.cat([quarter, half], 1).permute(0, 2, 3, 1)
        return Paints(colors, keys, logits, MOST_SHADE * torch.tanh(shade), mean, told)

    def informed(self, paints: Paints, choice: Tensor) -> Paints:
        """What each pixel may be by those before it, whose colours are `choice` (B, H, W)."""
        said = self.pixels(paints.told, as_blocks(_taken(paints.seen(), choice)))
        change = as_pixels(torch.einsum("bhwpd,bkd->bhwpk", said.float(), paints.keys))
        return paints._replace(logits=paints.logits + change)

    def _palette(self, mean: Tensor, quarter: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Colours (B, K, 3) and what points at them (B, K, key_width)."""
        shown = found_colors(F.avg_pool2d(mean, 2), self.config.num_found)
        # What a colour is for is told by the places that have it.
        places = F.avg_pool2d(mean, 4)
        own = torch.softmax(-distances(places, shown) / OWN_SCALE, 1).flatten(2)
        own = own / own.sum(2, keepdim=True).clamp(min=1e-3)
        about = own @ quarter.float().flatten(2).transpose(1, 2)
        change, keys = (
            self.mix(torch.cat([about, shown], 2)).float().split((3, self.config.key_width), 2)
        )
        told = self.told(condition).float().unflatten(1, (self.config.num_told, -1))
        new, new_keys = told.split((3, self.config.key_width), 2)
        return torch.cat([shown + change, torch.tanh(new)], 1), torch.cat([keys, new_keys], 1)


def with_known(page: Page, picture: Tensor, known: Tensor) -> Page:
    """A page some of whose pixels are settled: those of a picture (B, 3, H, W) where `known` (B, 1, H, W)."""
    return replace(
        page,
        picture=torch.where(known, picture, page.picture),
        trust=known.float(),
        rough=None if page.rough is None else page.rough * ~known,
    )


def paint_layouts(
    model: StillPainter,
    layouts: Tensor,
    said: Tensor | None,
    *,
    lines: Tensor | None = None,
    picture: Tensor | None = None,
    known: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """Paint drawn layouts.

    Args:
        model: paints.
        layouts: (B, 3, H/4, W/4) in [-1, 1].
        said: (1, S, text_width), or (B, S, text_width), or None.
        lines: (1, 1, H, W) in [0, 1], ink 1; None where nobody drew.
        picture: (1, 3, H, W), kept where
        known: bool (1, 1, H, W) says so.
        **options: of `paint_stills`.

    Returns:
        (B, 3, H, W) in [-1, 1].
    """
    shown = enlarged(layouts)
    count = len(shown)
    page = Page(
        picture=shown,
        rough=torch.full_like(shown[:, :1], ROUGHNESS),
        lines=None if lines is None else lines.expand(count, -1, -1, -1),
        lines_known=torch.full((count,), lines is not None, device=shown.device),
    )
    told = None if said is None else said.expand(count, -1, -1)
    if picture is None or known is None:
        return paint_stills(model, page, told, **options)
    known = known.expand(count, -1, -1, -1)
    stills = paint_stills(model, with_known(page, picture, known), told, **options)
    return torch.where(known, picture, stills)


@torch.inference_mode()
def paint_stills(
    model: StillPainter,
    page: Page,
    said: Tensor | None,
    *,
    num_steps: int,
    temperature: float,
    generator: torch.Generator,
) -> Tensor:
    """Paint a page: once each pixel by itself, then each by those before it.

    Args:
        model: paints.
        page: what is known of B pictures; `with_known` says which of it is settled already.
        said: (B, S, text_width) or None.
        num_steps: 1 leaves out the second pass, for a draft; there is no third.
        temperature: of the choice of colours; 1 is true to what was learned.
        generator: the only source of randomness.

    Returns:
        (B, 3, H, W) in [-1, 1].
    """
    paints = model(page, said)
    if num_steps == 1:
        return paints.likeliest()
    choice = paints.nearest(page.picture)
    known = None if page.trust is None else page.trust[:, 0] > 0
    base, seen = paints.logits.permute(0, 2, 3, 1), paints.seen()
    picture = torch.arange(len(choice), device=choice.device)[:, None]

    def chosen(found: Tensor, row: Tensor, column: Tensor) -> Tensor:
        logits = base[:, row, column] + found @ paints.keys.transpose(1, 2)
        probs = (logits / max(temperature, 1e-3)).softmax(2)
        drawn = torch.multinomial(probs.flatten(0, 1), 1, generator=generator)
        drawn = drawn.view(probs.shape[:2])
        if known is not None:
            drawn = torch.where(known[:, row, column], choice[:, row, column], drawn)
        choice[:, row, column] = drawn
        return seen[picture, drawn]

    model.pixels.draw(paints.told, chosen)
    return paints.shown(choice)
