"""A bundle of the real networks, very small and with random weights: logic that any weights obey."""

from __future__ import annotations

from pathlib import Path

BUTTONS = {"stay": 5, "left": 2, "right": 0, "jump": 7, "jump-left": 1, "jump-right": 3}


def save_tiny_bundle(path: Path, *, seed: int = 0) -> Path:
    """Writes the bundle to a folder that ``load_bundle`` takes."""
    import torch

    from playreel import core
    from playreel.core.bundle import save_bundle_info

    torch.manual_seed(seed)
    text = core.TextEncoderConfig(out_width=32, width=32, num_layers=1, num_buckets=64)
    transformer = core.SpacetimeTransformerConfig(
        width=32, num_layers=1, head_width=16, condition_width=16, digit_width=8, text_width=32
    )
    parts = {
        "tokenizer": core.VideoTokenizer(
            core.VideoTokenizerConfig(fine_width=16, coarse_width=16, num_groups=4)
        ),
        "lam": core.LatentActionModel(core.LatentActionModelConfig(width=16)),
        "motion": core.MotionModel(core.MotionModelConfig(widths=(8, 8, 16), num_blocks=1)),
        "transformer": core.SpacetimeTransformer(transformer),
        "text": core.TextEncoder(text),
        "painter": core.Painter(
            core.PainterConfig(widths=(16, 16, 16), num_blocks=1, text_width=32)
        ),
        "layout": core.LayoutModel(
            core.LayoutModelConfig(
                width=16, num_layers=1, num_heads=2, num_colors=16, asked_width=8, text_width=32
            )
        ),
        "stills": core.StillPainter(
            core.StillPainterConfig(widths=(16, 16, 16), num_blocks=1, num_found=6, text_width=32)
        ),
        "restyler": core.Restyler(
            core.RestylerConfig(
                widths=(16, 16, 16), num_blocks=1, detail_width=8, head_width=16, text_width=32
            )
        ),
        "critic": core.StillCritic(
            core.StillCriticConfig(widths=(8, 8, 8, 8), out_width=8, text_width=32)
        ),
        "things": core.ThingModel(core.ThingModelConfig(features=16, width=16, coarse_width=16)),
    }
    for name, part in parts.items():
        core.save_pretrained(part, path / name)
    save_bundle_info(path, buttons=BUTTONS)
    return path
