"""Pixels said one after another, block by block."""

from __future__ import annotations

import pytest
import torch

from playreel.core.pixel_cnn import BlockPixelCNN, as_blocks, as_pixels

NUM_COLORS = 5
ROWS, COLUMNS = 6, 9


@pytest.fixture(scope="module")
def network() -> BlockPixelCNN:
    torch.manual_seed(0)
    network = BlockPixelCNN(told=7, seen=NUM_COLORS, out=NUM_COLORS, width=32, num_layers=2).eval()
    for layer in (network.leave, *(each.out for each in network.layers)):
        torch.nn.init.normal_(layer.weight)  # as sure of itself as a trained one
    return network


def told(count: int = 1) -> torch.Tensor:
    return torch.randn(count, ROWS, COLUMNS, 7, generator=torch.Generator().manual_seed(1))


def seen(colors: torch.Tensor) -> torch.Tensor:
    """(H, W) -> (1, h, w, P, S)."""
    return as_blocks(torch.nn.functional.one_hot(colors, NUM_COLORS).permute(2, 0, 1)[None].float())


def test_blocks_are_pixels_in_another_order():
    pixels = torch.arange(2 * 8 * 12).view(1, 2, 8, 12)
    blocks = as_blocks(pixels)
    assert blocks.shape == (1, 2, 3, 16, 2)
    assert blocks[0, 1, 2, 6].tolist() == pixels[0, :, 5, 10].tolist()
    assert as_pixels(blocks).equal(pixels)


@torch.no_grad()
def test_drawing_says_what_training_says_of_the_same_pixels(network):
    colors = torch.full((2, 4 * ROWS, 4 * COLUMNS), -1)

    def chosen(said, row, column):
        assert (colors[:, row, column] == -1).all()
        colors[:, row, column] = said.argmax(2)
        return torch.nn.functional.one_hot(said.argmax(2), NUM_COLORS).float()

    network.draw(told(2), chosen)
    assert len(colors.unique()) == NUM_COLORS and not colors[0].equal(colors[1])
    again = as_pixels(network(told(2), torch.cat([seen(each) for each in colors]))).argmax(1)
    assert again.equal(colors)


@pytest.mark.parametrize("place", [(0, 0), (9, 14), (14, 30), (23, 35)])
@torch.no_grad()
def test_a_pixel_is_told_by_those_before_it_alone(network, place):
    colors = torch.randint(
        NUM_COLORS, (4 * ROWS, 4 * COLUMNS), generator=torch.Generator().manual_seed(2)
    )
    other = colors.clone()
    other[place] = (other[place] + 1) % NUM_COLORS
    one, two = (as_pixels(network(told(), seen(each)))[0] for each in (colors, other))
    changed = (one != two).any(0)
    block = torch.zeros_like(changed)
    row, column = (4 * (at // 4) for at in place)
    block[row : row + 4, column : column + 4] = True
    inside = torch.arange(16).view(4, 4) > 4 * (place[0] % 4) + place[1] % 4
    assert changed[block].view(4, 4).equal(inside)
    rows, columns = torch.meshgrid(
        torch.arange(4 * ROWS) // 4, torch.arange(4 * COLUMNS) // 4, indexing="ij"
    )
    front = columns + 3 * rows
    assert not changed[~block & (front <= front[place])].any()
    if place != (23, 35):
        assert changed[~block].any()
