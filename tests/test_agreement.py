"""Agreement of pictures with a drawing's lines."""

from __future__ import annotations

import torch

from playreel.core.agreement import agreement


def page() -> torch.Tensor:
    lines = torch.zeros(1, 1, 48, 64)
    lines[..., 20:40, 10:50] = 1
    lines[..., 21:39, 11:49] = 0
    return lines


def test_a_picture_with_edges_where_the_lines_are_agrees_most():
    lines = page()
    there = -torch.ones(3, 48, 64)
    there[:, 20:40, 10:50] = 0.5
    elsewhere = there.roll((12, 9), (1, 2))
    nothing = torch.zeros(3, 48, 64)
    known, moved, flat = agreement(torch.stack([there, elsewhere, nothing]), lines).tolist()
    assert known > 0.5 > moved > flat == 0.0


def test_an_empty_page_agrees_with_nothing():
    pictures = torch.rand(2, 3, 48, 64)
    assert agreement(pictures, torch.zeros(1, 1, 48, 64)).max() < 0.05
