"""Close-ups of windows show what moves."""

from __future__ import annotations

import torch

from playreel.training.close_up import close_up


def windows(count: int, height: int = 96, width: int = 160) -> torch.Tensor:
    """(B, 4, 3, H, W): noise that stands still, and a bright square at (64, 120) that goes right."""
    video = torch.rand(count, 1, 3, height, width, generator=torch.Generator().manual_seed(0)) / 9
    video = video.repeat(1, 4, 1, 1, 1)
    for index in range(4):
        video[:, index, :, 64:72, 120 + 3 * index : 128 + 3 * index] = 1
    return video


def test_what_moves_is_in_most_close_ups():
    torch.manual_seed(3)
    video = windows(60)
    seen = close_up(video, 48)
    assert seen.shape == (60, 4, 3, 48, 48)
    lively = (seen.diff(dim=1).abs().amax((1, 2, 3, 4)) > 0.5).float().mean()
    assert lively > 0.7


def test_a_close_up_is_a_part_of_its_window_at_a_multiple_of_eight():
    torch.manual_seed(4)
    video = windows(8)
    for window, seen in zip(video, close_up(video, 40), strict=True):
        places = [
            (top, left)
            for top in range(0, 57, 8)
            for left in range(0, 121, 8)
            if torch.equal(window[..., top : top + 40, left : left + 40], seen)
        ]
        assert len(places) == 1


def test_small_windows_stay_whole():
    video = windows(2, 72)[..., 88:]
    assert torch.equal(close_up(video, 72), video)
    still = video[:, :1].repeat(1, 4, 1, 1, 1)  # nothing moves anywhere
    assert close_up(still, 32).shape == (2, 4, 3, 32, 32)
