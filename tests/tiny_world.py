"""A world model of the real networks, very small and with random weights."""

from __future__ import annotations

import torch

from playreel.core import (
    LatentActionModel,
    LatentActionModelConfig,
    MotionModel,
    MotionModelConfig,
    Painter,
    PainterConfig,
    SpacetimeTransformer,
    SpacetimeTransformerConfig,
    ThingModel,
    ThingModelConfig,
    VideoTokenizer,
    VideoTokenizerConfig,
    WorldModel,
)


def make_model(seed=0) -> WorldModel:
    torch.manual_seed(seed)
    tokens = VideoTokenizerConfig(fine_width=16, coarse_width=16, num_groups=4)
    motion = MotionModel(MotionModelConfig(widths=(8, 8, 16), max_shift=2, num_blocks=1))
    with torch.no_grad():
        motion.out.weight *= 20  # sure of many shifts and holes, so that something happens
    dynamics = SpacetimeTransformerConfig(width=32, num_layers=2, head_width=16, digit_width=16)
    things = ThingModelConfig(features=16, width=16, coarse_width=16, max_shift=2)
    return WorldModel(
        tokenizer=VideoTokenizer(tokens).eval(),
        lam=LatentActionModel(LatentActionModelConfig(width=16)).eval(),
        motion=motion.eval(),
        dynamics=SpacetimeTransformer(dynamics).eval(),
        painter=Painter(PainterConfig(widths=(16, 16, 16), num_blocks=1)).eval(),
        things=ThingModel(things).eval(),
        buttons={"stay": 5, "left": 2, "right": 0, "jump": 7, "jump-left": 1, "jump-right": 3},
        weights_hash=f"{seed:064x}",
    )
