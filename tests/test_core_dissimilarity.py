"""A pixel and its like on a grid half a pixel off."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw

from playreel.core.dissimilarity import half_way, unlike


def drawn(offset: float) -> torch.Tensor:
    """(1, 3, 24, 24) in [-1, 1]: a disc `offset` pixels to the right, drawn large and then made small."""
    page = Image.new("RGB", (192, 192), (20, 20, 40))
    left = 48 + round(8 * offset)
    ImageDraw.Draw(page).ellipse([left, 48, left + 80, 128], fill=(220, 180, 60))
    small = np.asarray(page.resize((24, 24), Image.Resampling.BOX))
    return torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def error(target: torch.Tensor, source: torch.Tensor) -> float:
    return float(unlike(target, *half_way(source)).mean())


def test_what_moved_by_half_a_pixel_is_still_a_copy():
    still, half, far = drawn(0), drawn(0.5), drawn(3)
    plain = float((half - still).abs().mean())
    assert error(half, still) < plain / 5
    assert error(far, still) > 5 * error(half, still) + plain / 4
    assert error(still, still) == 0


def test_a_pixel_beyond_its_neighbours_is_unlike_by_what_it_lacks():
    flat = torch.zeros(1, 1, 3, 3)
    raised = flat.clone()
    raised[..., 1, 1] = 0.4
    assert torch.allclose(unlike(flat, *half_way(raised))[..., 1, 1], torch.tensor(0.2))
    assert torch.allclose(unlike(raised, *half_way(flat))[..., 1, 1], torch.tensor(0.4))
    assert unlike(flat, *half_way(raised))[..., 0, 1] == 0
