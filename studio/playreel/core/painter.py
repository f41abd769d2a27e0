"""Painter: every pixel that is not simply moved, from whatever is known about the picture.

The transformer decides what comes into view, in coarse digits a token at a time; fine digits would be the
last thing it learned. The painter renders the next frame of a world from the frame that the motion model
moved: what to keep of it, what to draw over it. (A cascade, after arXiv 2106.15282, with a regression in
place of the second diffusion model.) Stills and other looks have painters of their own.

Shape legend: B batch, H x W pixels, h = H/8, w = W/8.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.motion import MotionModel, agreed, splat
from playreel.core.unet import UNet, UNetConfig

PATCH = 8
FORWARD, BACKWARD = 1, 2
MIN_BARE_PIXELS = 3
NUM_PLANES = 3 + 3 + 3 + 1 + 1 + 1 + 1 + 2


@dataclass(frozen=True, kw_only=True)
class PainterConfig(UNetConfig):
    """Architecture of a `Painter`.

    Attributes:
        num_actions: how many latent actions it is told apart; 0: it knows them only by what they moved.
        remembers: whether it sees the world's first frame beside the present one.
    """

    num_actions: int = 0
    remembers: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a picture is painted from. Everything but the size may be missing.

    Attributes:
        picture: (B, 3, H, W) in [-1, 1], what it looks like so far; zeros where nothing is known.
        trust: (B, 1, H, W) in [0, 1], how likely a pixel of `picture` is right as it is.
        rough: (B, 1, H, W) in [0, 1], 1 where `picture` is the coarse one of `VideoTokenizer.decode_coarse`;
            for a still, how wrong its layout may be.
        now, before: (B, 3, H, W), the two frames that it goes on from.
        lines: (B, 1, H, W) in [0, 1], ink 1.
        lines_known: bool (B,).
        first: (B, 3, H, W), the frame that the world began with.
    """

    picture: Tensor
    trust: Tensor | None = None
    rough: Tensor | None = None
    now: Tensor | None = None
    before: Tensor | None = None
    lines: Tensor | None = None
    lines_known: Tensor | None = None
    first: Tensor | None = None

    def planes(self) -> Tensor:
        """(B, planes, H, W)."""
        batch, _, height, width = self.picture.shape
        new = self.picture.new_zeros
        known = new(batch) if self.lines_known is None else self.lines_known.float()
        known = known[:, None, None, None]
        rows = torch.linspace(-1, 1, height, device=self.picture.device)
        columns = torch.linspace(-1, 1, width, device=self.picture.device)
        place = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))
        one, three = new(batch, 1, height, width), new(batch, 3, height, width)
        return torch.cat(
            [
                self.picture,
                three if self.now is None else self.now,
                three if self.before is None else self.before,
                one if self.trust is None else self.trust,
                one if self.rough is None else self.rough,
                one if self.lines is None else self.lines * known,
                known.expand(-1, 1, height, width),
                place.expand(batch, -1, -1, -1),
            ],
            1,
        )

    def roughed_in(self, coarse: Tensor, tokens: Tensor) -> Page:
        """The page with the coarse picture (B, 3, H, W) where nothing else is known of `tokens` (B, h, w)."""
        where = pixels_of(tokens)
        if self.trust is not None:
            where = where & (self.trust == 0)
        picture = torch.where(where, coarse, self.picture)
        return replace(self, picture=picture, rough=where.float())


class Painter(UNet):
    """A `Page` and words to pixels. A U-Net that never works at full resolution, for CPUs."""

    config_class = PainterConfig
    kind = "painter"

    def __init__(self, config: PainterConfig | None = None) -> None:
        config = config or PainterConfig()
        super().__init__(config, NUM_PLANES + 3 * config.remembers)
        half = config.widths[0]
        self.task = nn.Embedding(4, self.silence.numel())
        if config.num_actions:  # the second half runs time backward
            self.action = nn.Embedding(2 * config.num_actions, self.silence.numel())
            nn.init.zeros_(self.action.weight)
        self.out = nn.Sequential(
            nn.SiLU(), nn.Conv2d(half, 4 * 4, 3, padding=1), nn.PixelShuffle(2)
        )
        nn.init.normal_(self.out[1].weight, 0, 0.01)
        self.to(memory_format=torch.channels_last)

    def taught(self, *, num_actions: int, remembers: bool) -> Painter:
        """A painter that paints as this one does, and can learn to heed more (see `PainterConfig`).

        What is better kept it has to find out anew: too sure of that, it would never learn to paint.
        """
        known = asdict(self.config) | {"num_actions": num_actions, "remembers": remembers}
        painter = Painter(PainterConfig(**known))
        weights = {name: w for name, w in self.state_dict().items() if name != "action.weight"}
        enter = torch.zeros_like(painter.enter.weight)
        enter[:, : self.enter.in_channels] = self.enter.weight[:, : enter.shape[1]]
        painter.load_state_dict(weights | {"enter.weight": enter}, strict=False)
        last = painter.out[1]
        with torch.no_grad():
            last.weight[-4:] = 0.01 * torch.randn_like(last.weight[-4:])
            last.bias[-4:] = 0
        return painter

    def forward(
        self, page: Page, said: Tensor | None, task: int, actions: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Paint.

        Args:
            page: what is known.
            said: (B, S, text_width), the prompts as a `TextEncoder` gives them; None for none.
            task: `FORWARD` or `BACKWARD`.
            actions: int64 (B,), the latent actions that lead to the page, for a painter that is told.

        Returns:
            Pictures (B, 3, H, W) in about [-1, 1], and the chance (B, 1, H, W) with which each pixel of
            `page.picture` had better be kept instead: 0 where there is none.
        """
        planes = page.planes()
        if self.config.remembers:
            first = torch.zeros_like(page.picture) if page.first is None else page.first
            planes = torch.cat([planes, first], 1)
        told = self.task(torch.full((len(planes),), task, device=planes.device))
        if self.config.num_actions and actions is not None:
            told = told + self.action(actions + (task == BACKWARD) * self.config.num_actions)
        condition = F.silu(self.words(said, len(planes)) + told)
        half = self.features(planes, condition).half
        painted, keep = self.out(half).float().split((3, 1), 1)
        painted = painted + page.picture
        if page.trust is None:
            return painted, torch.zeros_like(keep)
        return painted, torch.sigmoid(keep + 2) * (page.trust > 0)


def compose(picture: Tensor, painted: Tensor, keep: Tensor) -> Tensor:
    """Each pixel is either the picture's own or painted: a mix of both would fade over many frames."""
    return torch.where(keep > 0.5, picture, painted.clamp(-1, 1))


@torch.no_grad()
def moved_page(
    motion: MotionModel, before: Tensor, now: Tensor, actions: Tensor, *, backward: bool = False
) -> Page:
    """The page of the next frame: the present one moved, and how far to trust each pixel.

    Args:
        motion: moves pixels.
        before: (B, 3, H, W), the frame before (with `backward`: after) `now`.
        now: (B, 3, H, W).
        actions: int64 (B,).
        backward: the frame that came before instead.
    """
    field = agreed(motion(before, now, actions, backward=backward), now)
    picture, trust, _ = splat(now, field)
    return Page(picture=picture, trust=trust, now=now, before=before)


def pixels_of(tokens: Tensor) -> Tensor:
    """(B, h, w) of tokens -> (B, 1, H, W) of their pixels."""
    return tokens.repeat_interleave(PATCH, 1).repeat_interleave(PATCH, 2)[:, None]


def bare_tokens(page: Page, *, at_border: bool = False) -> Tensor:
    """Bool (B, h, w): tokens at the edges that lie bare, so that somebody has to say what comes into view.

    What a thing uncovers inside the picture is told by its surroundings; asked for it, the transformer
    likes to put the thing back.

    Args:
        page: a moved page.
        at_border: only tokens that are bare along the very border of the frame.
    """
    assert page.trust is not None, "only a moved page can be bare"
    bare = (page.trust == 0).float()
    tokens = F.avg_pool2d(bare, PATCH)[:, 0] * PATCH**2 >= MIN_BARE_PIXELS
    inside = torch.zeros_like(tokens)
    inside[:, 1:-1, 1:-1] = True
    if at_border:
        bare[:, :, 1:-1, 1:-1] = 0
        inside |= F.avg_pool2d(bare, PATCH)[:, 0] * PATCH**2 < PATCH / 2
    return tokens & ~inside
