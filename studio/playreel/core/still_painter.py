"""StillPainter: a still in full size from its layout, lines and words, in a few colours of its own.

A network that says a colour for each pixel says the mean of all that are likely, and paints fog. This one
first mixes a palette for the whole picture and then points, for each pixel, at one colour of it: a mixture
density (Bishop 1994) whose means are shared by all pixels. Pixels that are settled are shown to it again, so
that what belongs together, as the drops of a rain, is settled bit by bit.

Shape legend: B batch, H x W pixels, K colours, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.painter import NUM_PLANES, Page
from playreel.core.unet import UNet, UNetConfig

SCALE = 0.05  # of the errors in a colour that are expected, where black is -1 and white 1
MOST_SHADE = 0.2  # how far a pixel may be from its colour in the palette: paper, fog, light


@dataclass(frozen=True, kw_only=True)
class StillPainterConfig(UNetConfig):
    """Architecture of a `StillPainter`."""

    num_colors: int = 24


class Paints(NamedTuple):
    """How a still may be coloured.

    Attributes:
        colors: (B, K, 3) in about [-1, 1], the palette.
        logits: (B, K, H, W), which of them each pixel takes.
        shade: (B, 3, H, W), what is added to it.
    """

    colors: Tensor
    logits: Tensor
    shade: Tensor

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
        apart = (truth - self.shade).flatten(2).transpose(1, 2)
        distance = (
            torch.cdist(apart, self.colors, p=1.0).transpose(1, 2).unflatten(2, truth.shape[2:])
        )
        return -torch.logsumexp(self.logits.float().log_softmax(1) - distance / SCALE, 1)

    def _shown(self, choice: Tensor) -> Tensor:
        """(B, H, W) of colours -> (B, 3, H, W)."""
        index = choice.flatten(1)[..., None].expand(-1, -1, 3)
        flat = self.colors.gather(1, index).transpose(1, 2).unflatten(2, choice.shape[1:])
        return (flat + self.shade).clamp(-1, 1)


class StillPainter(UNet):
    """A `Page` and words to `Paints`."""

    config_class = StillPainterConfig
    kind = "still_painter"

    def __init__(self, config: StillPainterConfig | None = None) -> None:
        config = config or StillPainterConfig()
        super().__init__(config, NUM_PLANES)
        half, quarter, _ = config.widths
        self.look = nn.Conv2d(quarter, config.num_colors, 1)
        nn.init.normal_(self.look.weight, 0, 0.3)  # each begins with places of its own
        self.level = nn.GroupNorm(8, quarter)
        self.mix = nn.Sequential(nn.Linear(quarter + 3, 128), nn.SiLU(), nn.Linear(128, 3))
        self.told = nn.Linear(self.silence.numel(), 3 * config.num_colors)
        for layer in (self.told, self.mix[2]):
            nn.init.normal_(layer.weight, 0, 0.01)
            nn.init.uniform_(layer.bias, -0.05, 0.05)
        self.point = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(half, 4 * (config.num_colors + 3), 3, padding=1),
            nn.PixelShuffle(2),
        )
        nn.init.normal_(self.point[1].weight, 0, 0.01)
        self.to(memory_format=torch.channels_last)

    def forward(self, page: Page, said: Tensor | None) -> Paints:
        """Say how a page is painted, under prompts (B, S, text_width) or none."""
        planes = page.planes()
        condition = F.silu(self.words(said, len(planes)))
        found = self.features(planes, condition)
        # A colour of the palette is that of the places it is meant for, corrected.
        quarter = self.level(found.quarter)
        where = self.look(quarter).flatten(2).softmax(2)
        seen = torch.cat([quarter, F.avg_pool2d(page.picture, 4)], 1).flatten(2)
        seen = torch.einsum("bkn,bcn->bkc", where, seen)
        shown = seen[..., -3:] + self.mix(seen)
        colors = shown + self.told(condition).unflatten(1, (-1, 3))
        logits, shade = self.point(found.half).float().split((self.config.num_colors, 3), 1)
        return Paints(colors.float(), logits, MOST_SHADE * torch.tanh(shade))


def with_known(page: Page, picture: Tensor, known: Tensor) -> Page:
    """A page some of whose pixels are settled: those of a picture (B, 3, H, W) where `known` (B, 1, H, W)."""
    return replace(
        page,
        picture=torch.where(known, picture, page.picture),
        trust=known.float(),
        rough=(~known).float(),
    )
