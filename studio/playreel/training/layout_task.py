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
    LayoutModelConfig,
    draw_layout,
    enlarged,
    flow_error,
    shrunk,
)
from playreel.core.text import TextEncoder
from playreel.training.pictures import (
    STILLS,
    PictureTask,
    as_lines,
    as_pictures,
    draw_pictures,
    read,
    save_rows,
)
from playreel.training.schooling import Curriculum

SKETCH_SHARE = 0.35
GIVEN_SHARE = 0.12
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


class LayoutTask(PictureTask):
    """Learns to draw the layout of stills.

    Args:
        text: trained, frozen; reads the captions.
        stills: procedural stills.
        start: weights to go on from.
        config: architecture.
        batch_size: stills a step.
    """

    name = "layout"
    lr = 2e-3
    ema_decay = 0.998
    weight_decay = 0.02
    silent = 0.12
    per_episode = 4

    def __init__(
        self,
        text: TextEncoder,
        *,
        stills: Curriculum = STILLS,
        start: LayoutModel | None = None,
        config: LayoutModelConfig | None = None,
        batch_size: int = 24,
    ) -> None:
        self.layout = start or LayoutModel(config)
        super().__init__(self.layout, text, stills, batch_size)

    @staticmethod
    def muon(name: str, weight: Tensor) -> bool:
        """The matrices inside the blocks."""
        return weight.ndim == 2 and ".blocks." in name and min(weight.shape) > 6

    def loss(
        self, batch: dict[str, Any], step: int, num_steps_estimate: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Squared error of the flow."""
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
        loss = flow_error(self.layout, small, ask)
        return loss, {}

    def sample(self, dir: Path, step: int) -> None:
        """Layouts from words alone, then true stills and layouts by their lines and words."""
        device = next(self.layout.parameters()).device
        generator = torch.Generator(device).manual_seed(1)
        options: dict[str, Any] = {
            "num_steps": 24, "guidance_scale": 2.0, "temperature": 1.0, "generator": generator
        }  # fmt: skip
        rows = []
        for _ in range(2):
            row = []
            for prompt in PROMPTS:
                said, _ = read(self.text, [prompt])
                row.append(
                    draw_layout(self.layout, LayoutAsk(said=said), size=(72, 128), **options)
                )
            rows.append(to_frames(enlarged(torch.cat(row))))
        wide = Curriculum(schools=self.stills.schools, aspects={"16:9": 1.0})
        host = draw_pictures(wide, np.random.default_rng(5), 8, silent=0)
        row = []
        for index in range(8):
            said, _ = read(self.text, [host["texts"][index]])
            lines = as_lines(torch.from_numpy(host["sketch"][index : index + 1]).to(device))
            ask = LayoutAsk(said=said, lines=lines)
            row.append(draw_layout(self.layout, ask, size=(72, 128), **options))
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
