"""StillPainter: a still in full size from its layout, lines and words, in a few colours of its own.

A network that says a colour for each pixel says the mean of all that are likely, and paints fog. This one
says that mean only to find a palette in it, as k-means does, and adds colours that the words alone tell. Then
it points, for each pixel, at one colour: a mixture density (Bishop 1994) whose means are shared by all
pixels. Colours near the mean are likely from the start, so that edges are learned as fast as a plain
regression learns them. Pixels that are settled are shown to it again, so that what belongs together, as the
drops of a rain, is settled bit by bit. How far the layout may be trusted is told, as in a cascade
(arXiv 2106.15282).

Shape legend: B batch, H x W pixels, K colours, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.painter import NUM_PLANES, Page
from playreel.core.unet import UNet, UNetConfig

SCALE = 0.05  # of the errors in a colour that are expected, where black is -1 and white 1
_ROUNDS = 2  # of k-means
SETTLED = (
    0.02,
    0.5,
)  # share of the pixels that chance settles, after the first pass and before the last
MOST_SHADE = 0.2  # how far a pixel may be from its colour in the palette: paper, fog, light


@dataclass(frozen=True, kw_only=True)
class StillPainterConfig(UNetConfig):
    """Architecture of a `StillPainter`.

    It finds `num_found` colours in the picture and is told `num_told` by the words.
    """

    num_found: int = 20
    num_told: int = 4
    key_width: int = 24


class Paints(NamedTuple):
    """How a still may be coloured.

    Attributes:
        colors: (B, K, 3) in about [-1, 1], the palette.
        logits: (B, K, H, W), which of them each pixel takes.
        shade: (B, 3, H, W), what is added to it.
        mean: (B, 3, H, W), the mean of all that is likely.
    """

    colors: Tensor
    logits: Tensor
    shade: Tensor
    mean: Tensor

    def likeliest(self) -> Tensor:
        """(B, 3, H, W): each pixel in its likeliest colour."""
        return self._shown(self.logits.argmax(1))

    def sampled(self, generator: torch.Generator) -> Tensor:
        """(B, 3, H, W): each pixel in a colour drawn by chance."""
        probs = self.logits.float().softmax(1).permute(0, 2, 3, 1)
        drawn = torch.multinomial(probs.flatten(0, 2), 1, generator=generator)
        return self._shown(drawn.view(probs.shape[:3]))

    def error(self, truth: Tensor) -> Tensor:
        """(B, H, W), the negative log likelihood of a picture (B, 3, H, W), up to a constant."""
        distance = _distance(truth - self.shade, self.colors)
        return -torch.logsumexp(self.logits.float().log_softmax(1) - distance / SCALE, 1)

    def _shown(self, choice: Tensor) -> Tensor:
        """(B, H, W) of colours -> (B, 3, H, W)."""
        index = choice.flatten(1)[..., None].expand(-1, -1, 3)
        flat = self.colors.gather(1, index).transpose(1, 2).unflatten(2, choice.shape[1:])
        return (flat + self.shade).clamp(-1, 1)


def _distance(picture: Tensor, colors: Tensor) -> Tensor:
    """(B, K, H, W): how far each pixel of (B, 3, H, W) is from each of the colours (B, K, 3)."""
    flat = torch.cdist(picture.flatten(2).transpose(1, 2), colors, p=1.0)
    return flat.transpose(1, 2).unflatten(2, picture.shape[2:])


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
        self.nearness = nn.Parameter(torch.tensor(2.7))  # log of logits to a distance of 1
        self.to(memory_format=torch.channels_last)

    def forward(self, page: Page, said: Tensor | None) -> Paints:
        """Say how a page is painted, under prompts (B, S, text_width) or none."""
        planes = page.planes()
        condition = F.silu(self.words(said, len(planes)))
        found = self.features(planes, condition)
        width = self.config.key_width
        where, shade, change = self.point(found.half).float().split((width, 3, 3), 1)
        mean = page.picture + change
        colors, keys = self._palette(mean.detach(), found.quarter, condition)
        logits = torch.einsum("bdhw,bkd->bkhw", where, keys)
        logits = logits - self.nearness.exp() * _distance(mean, colors)
        return Paints(colors, logits, MOST_SHADE * torch.tanh(shade), mean)

    def _palette(self, mean: Tensor, quarter: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Colours (B, K, 3) and what points at them (B, K, key_width)."""
        shown = found_colors(F.avg_pool2d(mean, 2), self.config.num_found)
        # What a colour is for is told by the places that have it.
        places = F.avg_pool2d(mean, 4)
        own = torch.softmax(-_distance(places, shown) / SCALE, 1).flatten(2)
        own = own / own.sum(2, keepdim=True).clamp(min=1e-3)
        about = own @ self.level(quarter).float().flatten(2).transpose(1, 2)
        change, keys = (
            self.mix(torch.cat([about, shown], 2)).float().split((3, self.config.key_width), 2)
        )
        told = self.told(condition).float().unflatten(1, (self.config.num_told, -1))
        new, new_keys = told.split((3, self.config.key_width), 2)
        return torch.cat([shown + change, torch.tanh(new)], 1), torch.cat([keys, new_keys], 1)


@torch.no_grad()
def found_colors(picture: Tensor, count: int) -> Tensor:
    """(B, count, 3), the colours of a picture (B, 3, H, W): k-means, begun with those farthest apart."""
    pixels = picture.float().flatten(2).transpose(1, 2)
    batch = torch.arange(len(pixels), device=pixels.device)
    colors = pixels.mean(1, keepdim=True)
    apart = (pixels - colors).abs().sum(2)
    for index in range(count):
        next_one = pixels[batch, apart.argmax(1)][:, None]
        colors = next_one if index == 0 else torch.cat([colors, next_one], 1)
        distance = (pixels - next_one).abs().sum(2)
        apart = distance if index == 0 else torch.minimum(apart, distance)
    for _ in range(_ROUNDS):
        nearest = torch.cdist(pixels, colors, p=1.0).argmin(2)
        own = F.one_hot(nearest, count).to(pixels.dtype)
        total = own.sum(1)[..., None]
        colors = torch.where(total > 0, own.transpose(1, 2) @ pixels / total.clamp(min=1), colors)
    return colors


def with_known(page: Page, picture: Tensor, known: Tensor) -> Page:
    """A page some of whose pixels are settled: those of a picture (B, 3, H, W) where `known` (B, 1, H, W)."""
    return replace(
        page,
        picture=torch.where(known, picture, page.picture),
        trust=known.float(),
        rough=None if page.rough is None else page.rough * ~known,
    )


@torch.inference_mode()
def paint_still(
    model: StillPainter,
    page: Page,
    said: Tensor | None,
    *,
    num_steps: int,
    generator: torch.Generator,
) -> Tensor:
    """Paint a page: chance settles some pixels after each pass, the last pass says all others.

    Args:
        model: paints.
        page: what is known; `with_known` says which of it is settled already.
        said: (B, S, text_width) or None.
        num_steps: passes of the network.
        generator: the only source of randomness.

    Returns:
        (B, 3, H, W) in [-1, 1].
    """
    shape, device = page.picture[:, :1].shape, page.picture.device
    order = torch.rand(shape, generator=generator, device=device)
    known = torch.zeros_like(order) > 0 if page.trust is None else page.trust > 0
    page = with_known(page, page.picture, known)
    for share in np.geomspace(*SETTLED, max(num_steps - 1, 3))[: num_steps - 1]:
        drawn = model(page, said).sampled(generator)
        new = (order < share) & ~known
        known = known | new
        page = with_known(page, torch.where(new, drawn, page.picture), known)
    return model(page, said).likeliest()
