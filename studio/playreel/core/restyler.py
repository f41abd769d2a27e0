"""Restyler: a picture in the look that words ask for.

What a scene is made of, how far away it is and where its outlines run, does not depend on how it is to be
painted. So the way down is told no words, and one look at a picture serves any number of styles: in training,
the same scene teaches all of them at once. The words speak on the way up and, at full resolution, where
lines of a single pixel are drawn.

Each pixel has a few colours that it may take and the chance of each, a mixture density (Bishop 1994): the
mean of a line and what lies beside it would be neither. The likeliest is painted, by the same rule in each
frame.

Shape legend: B pictures, N paintings, H x W pixels, M colours, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.unet import Traces, UNet, UNetConfig

NUM_PIXEL_PLANES = 3 + 4 * 3
NUM_PLANES = NUM_PIXEL_PLANES + 1 + 1 + 2
ERROR_SCALE = 0.06  # of the errors in a colour that are expected, where black is -1 and white 1
_FAINT = 4.0  # by which what sets a pixel apart from its neighbours is made stronger


@dataclass(frozen=True, kw_only=True)
class RestylerConfig(UNetConfig):
    """Architecture of a `Restyler`: every pixel has `detail_width` features and `num_colors` colours."""

    detail_width: int = 24
    head_width: int = 48
    num_colors: int = 4


class Repainted(NamedTuple):
    """How a picture may be repainted.

    Attributes:
        colors: (N, M, 3, H, W) in about [-1, 1], which each pixel may take.
        logits: (N, M, H, W), how likely each of them is.
    """

    colors: Tensor
    logits: Tensor

    def likeliest(self) -> Tensor:
        """(N, 3, H, W): each pixel in its likeliest colour."""
        choice = self.logits.argmax(1)[:, None, None].expand(-1, -1, 3, -1, -1)
        return self.colors.gather(1, choice)[:, 0].clamp(-1, 1)

    def error(self, truth: Tensor) -> Tensor:
        """(N, H, W), the negative log likelihood of pictures (N, 3, H, W), up to a constant."""
        distance = (self.colors - truth[:, None]).abs().mean(2)
        return -torch.logsumexp(self.logits.log_softmax(1) - distance / ERROR_SCALE, 1)


class Restyler(UNet):
    """Pictures and words to `Repainted`."""

    config_class = RestylerConfig
    kind = "restyler"

    def __init__(self, config: RestylerConfig | None = None) -> None:
        self.config: RestylerConfig
        config = config or RestylerConfig()
        super().__init__(config, NUM_PLANES, levelled=True)
        half, detail, head = config.widths[0], config.detail_width, config.head_width
        self.spread = nn.Sequential(
            nn.GroupNorm(8, half),
            nn.SiLU(),
            nn.Conv2d(half, 4 * detail, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.gather = nn.Conv2d(detail + NUM_PIXEL_PLANES, head, 1)
        self.again = nn.Conv2d(head, head, 1)
        self.tell = nn.Linear(self.silence.numel(), 4 * head)
        self.point = nn.Conv2d(head, 4 * config.num_colors, 1)
        nn.init.normal_(self.point.bias, 0, 0.5)
        self.to(memory_format=torch.channels_last)

    def scene(self, picture: Tensor, lines: Tensor | None = None) -> tuple[Tensor, Traces]:
        """What there is to be painted, whatever the style.

        Args:
            picture: (B, 3, H, W) in [-1, 1].
            lines: (B, 1, H, W) in [0, 1], ink 1, or -1 all over where nobody drew; None: nowhere.

        Returns:
            For each pixel, its colour and what sets it apart from its neighbours, (B, 15, H, W), and what
            was found.
        """
        batch, _, height, width = picture.shape
        pixels = _set_apart(picture)
        if lines is None:
            lines = picture.new_full((batch, 1, height, width), -1.0)
        rows = torch.linspace(-1, 1, height, device=picture.device)
        columns = torch.linspace(-1, 1, width, device=picture.device)
        place = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))
        planes = [
            pixels,
            lines.clamp(min=0),
            (lines >= 0).float(),
            place.expand(batch, -1, -1, -1),
        ]
        condition = F.silu(self.words(None, batch))
        return pixels, self.encoded(torch.cat(planes, 1), condition)

    def paint(self, scene: tuple[Tensor, Traces], said: Tensor) -> Repainted:
        """Paint scenes in the look that prompts (N, S, text_width) ask for."""
        pixels, traces = scene
        condition = F.silu(self.words(said, len(said)))
        detail = self.spread(self.decoded(traces, condition).half)
        scale, shift, again, more = self.tell(condition)[..., None, None].chunk(4, dim=1)
        x = F.silu(self.gather(torch.cat([detail, pixels], 1)) * (1 + scale) + shift)
        x = F.silu(self.again(x) * (1 + again) + more)
        out = self.point(x).float().unflatten(1, (self.config.num_colors, 4))
        return Repainted(out[:, :, :3], out[:, :, 3])

    def forward(self, picture: Tensor, said: Tensor, lines: Tensor | None = None) -> Repainted:
        """Repaint pictures (B, 3, H, W), each by its prompt (B, S, text_width); see `scene`."""
        return self.paint(self.scene(picture, lines), said)


def _set_apart(picture: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, 15, H, W): colours, and how they differ from those above, below, left and right."""
    height, width = picture.shape[2:]
    wide = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    around = [
        wide[..., down : down + height, right : right + width]
        for down, right in ((0, 1), (2, 1), (1, 0), (1, 2))
    ]
    return torch.cat([picture, *(torch.tanh(_FAINT * (picture - one)) for one in around)], 1)


def relief(picture: Tensor) -> Tensor:
    """What sets each pixel of pictures (B, C, H, W) apart from the mean of the 5x5 around it."""
    wide = F.pad(picture, (2, 2, 2, 2), mode="replicate")
    return picture - F.avg_pool2d(wide, 5, stride=1)


def faded(painted: Tensor, picture: Tensor, share: float) -> Tensor:
    """(B, 1, H, W): what paintings (B, 3, H, W) lack of a share of the old pictures' light and shade.

    Only where both stand out the same way: a line that was dark and is bright now is that of the new style.
    """
    old, new = (relief(one.mean(1, keepdim=True)) for one in (picture, painted))
    fainter = (share * old.abs() > new.abs()) & (old * new >= 0)
    return (share * old - new) * fainter
