"""Training of the layout model: where things stand in stills, by words, lines and what is there already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playreel.core.frames import to_frames
from playreel.core.layout import (
    LayoutAsk,
    LayoutModel,
    draw_layouts,
    enlarged,
    layout_error,
    shrunk,
)
from playreel.core.palette import found_colors
from playreel.core.text import TextEncoder
from playreel.training.pictures import (
    PictureTask,
    as_lines,
    as_pictures,
    draw_pictures,
    read,
    save_rows,
)
from playreel.training.schooling import Curriculum

SKETCH_SHARE = 0.4
GIVEN_SHARE = 0.12
_PALETTE_BATCHES, _PALETTE_PIXELS = 40, 60_000
PROMPTS = (
    "a red fox in a meadow by day, pixel art",
    "neon city at night in the rain",
    "水墨画风格的雪山，蓝色的忍者",
    "blueprint of a volcano, dusk",
    "黄昏的沙漠，一个绿色的骑士，像素风格",
    "a cave at night, purple wizard, pixel art",
    "watercolour forest in the fog",
    "a city by day, an orange robot, pixel art",
)


class LayoutTask(PictureTask[LayoutModel]):
    """Learns to draw the layout of stills."""

    name = "layout"
    network_class = LayoutModel
    batch_size = 32
    lr = 1.5e-3
    ema_decay = 0.998
    weight_decay = 0.02
    silent = 0.12
    per_episode = 2
    by_hand = 0.3

    def __init__(
        self, text: TextEncoder, *, start: LayoutModel | None = None, **options: Any
    ) -> None:
        super().__init__(text, start=start, **options)
        if start is None:
            self.network.palette.copy_(self._palette().flatten())

    def _palette(self) -> Tensor:
        rng, pixels = np.random.default_rng(0), []
        for _ in range(_PALETTE_BATCHES):
            host = draw_pictures(self.stills, rng, 16, silent=1, per_episode=4)
            small = shrunk(as_pictures(torch.from_numpy(host["frames"])))
            pixels.append(small.permute(1, 0, 2, 3).flatten(1))
        every = torch.cat(pixels, 1)
        some = every[:, torch.linspace(0, every.shape[1] - 1, _PALETTE_PIXELS).long()]
        return found_colors(some[None, :, :, None], self.network.config.num_colors)[0]

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The matrices between layers, but for those that read words."""
        return (
            weight.ndim == 2 and (".layers." in name or ".head_" in name) and ".words." not in name
        )

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy of the colours, in nats a pixel of the layout."""
        frames = as_pictures(batch["frames"])
        small, count, device = shrunk(frames), len(frames), frames.device
        said, speaks = read(self.text, batch["texts"])
        tokens = (frames.shape[2] // 8, frames.shape[3] // 8)
        ask = LayoutAsk(
            said=said,
            is_said=speaks,
            lines=as_lines(batch["sketch"]),
            lines_known=torch.rand(count, device=device) < SKETCH_SHARE,
            given=small,
            is_given=_boxes_left(count, tokens, device),
        )
        loss = layout_error(self.network, small, ask)
        return loss, {}

    def sample(self, dir: Path, step: int) -> None:
        """Layouts from words alone, then true stills and layouts by their lines and words."""
        device = next(self.network.parameters()).device
        generator = torch.Generator(device).manual_seed(1)
        options: dict[str, Any] = {
            "count": 1, "size": (72, 128), "guidance_scale": 2.0, "temperature": 1.0,
            "generator": generator,
        }  # fmt: skip
        rows = []
        for _ in range(2):
            row = []
            for prompt in PROMPTS:
                said, _ = read(self.text, [prompt])
                row.append(draw_layouts(self.network, LayoutAsk(said=said), **options))
            rows.append(to_frames(enlarged(torch.cat(row))))
        wide = Curriculum(schools=self.stills.schools, aspects={"16:9": 1.0})
        host = draw_pictures(wide, np.random.default_rng(5), 8, silent=0)
        row = []
        for index in range(8):
            said, _ = read(self.text, [host["texts"][index]])
            lines = as_lines(torch.from_numpy(host["sketch"][index : index + 1]).to(device))
            ask = LayoutAsk(said=said, lines=lines)
            row.append(draw_layouts(self.network, ask, **options))
        rows += [host["frames"], to_frames(enlarged(torch.cat(row)))]
        save_rows(dir / "layouts.png", rows)


def _boxes_left(count: int, size: tuple[int, int], device: torch.device) -> Tensor:
    """Bool (count, 1, rows, columns): for some, all is given but a box; for the others, nothing is."""
    given = torch.zeros(count, 1, *size, dtype=torch.bool, device=device)
    for index in torch.nonzero(torch.rand(count) < GIVEN_SHARE).flatten().tolist():
        given[index] = True
        (top, bottom), (left, right) = (torch.randint(0, n + 1, (2,)).sort().values for n in size)
        given[index, :, top : bottom + 1, left : right + 1] = False
    return given
