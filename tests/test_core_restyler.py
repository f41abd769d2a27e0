"""The restyler: a picture in another look."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from playreel.core.painter import Page
from playreel.core.restyler import Restyler, RestylerConfig


def small() -> Restyler:
    torch.manual_seed(0)
    return Restyler(RestylerConfig(widths=(16, 16, 16), num_blocks=1))


def words(seed: int) -> torch.Tensor:
    return torch.randn(1, 4, 128, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [(72, 128), (128, 72), (96, 96)])
@torch.no_grad()
def test_a_look_is_told_by_the_words_alone(size):
    restyler = small().eval()
    page = Page(picture=torch.rand(1, 3, *size) * 2 - 1)
    one = restyler(page, words(1))
    assert one.shape == (1, 3, *size) and one.equal(restyler(page, words(1)))
    assert not one.equal(restyler(page, words(2))) and not one.equal(restyler(page, None))


def test_lines_tell_where_thin_things_are():
    """Without lines, nothing says which column of a grey picture the bar of one pixel belongs to."""
    restyler = small()
    truth, lines = torch.full((12, 3, 16, 16), -0.8), torch.zeros(12, 1, 16, 16)
    for column in range(12):
        truth[column, ..., column + 2] = 0.8
        lines[column, ..., column + 2] = 1
    page = Page(picture=torch.zeros_like(truth), lines=lines)

    def wrong(known: bool) -> torch.Tensor:
        asked = replace(page, lines_known=torch.full((12,), known))
        return (restyler(asked, None) - truth).square().mean()

    optimizer = torch.optim.AdamW(restyler.parameters(), lr=5e-3)
    for _ in range(100):
        optimizer.zero_grad()
        (wrong(True) + wrong(False)).backward()
        optimizer.step()
    with torch.no_grad():
        assert wrong(True) < 0.5 * wrong(False)
