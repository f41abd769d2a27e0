"""Stitching: hard cuts and cross-fades, counted frame by frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from playreel.board import Film, blend
from playreel.board.stitch import enlargement, place
from playreel.errors import InputError
from playreel.media import Clip


def _gray(values: list[int], fps: object = 12, size: tuple[int, int] = (4, 6)) -> Clip:
    frames = np.zeros((len(values), *size, 3), np.uint8)
    frames += np.array(values, np.uint8)[:, None, None, None]
    return Clip(frames, fps)


def _values(film: Film) -> list[int]:
    return [int(film.frame(index)[0, 0, 0]) for index in range(len(film))]


def test_hard_cuts_hold_frames_of_slower_takes() -> None:
    film = Film([_gray([1, 2, 3]), _gray([10, 11], fps=24), _gray([20])], fps=24)
    assert _values(film) == [1, 1, 2, 2, 3, 3, 10, 11, 20, 20]
    assert film.duration_s == pytest.approx(10 / 24)


def test_parents_are_the_takes() -> None:
    takes = [_gray([1, 2]), _gray([3])]
    assert Film(takes).parents == tuple(take.content_hash for take in takes)


def test_fades_overlap_and_end_on_the_takes_own_frames() -> None:
    film = Film([_gray([0] * 6), _gray([250] * 6)], fades_s=[0, 3 / 12])
    values = _values(film)
    assert len(values) == 6 + 6 - 3
    assert values == [0, 0, 0, 63, 125, 188, 250, 250, 250]


def test_a_fade_may_fill_a_take_but_fades_may_not_meet() -> None:
    takes = [_gray([0] * 4), _gray([100] * 4), _gray([200] * 4)]
    assert len(Film(takes, fades_s=[0, 2 / 12, 2 / 12])) == 8
    with pytest.raises(InputError, match="into take 3"):
        Film(takes, fades_s=[0, 3 / 12, 2 / 12])
    with pytest.raises(InputError, match=r"at most 0\.33"):
        Film(takes[:2], fades_s=[0, 1])
    with pytest.raises(InputError, match="first"):
        Film(takes, fades_s=[0.1, 0, 0])


def test_blends_are_whole_numbers_without_drift() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    for part in range(5):
        assert np.array_equal(blend(levels, levels, part, 4), levels)
    assert np.array_equal(blend(levels, 255 - levels, 0, 4), levels)
    assert np.array_equal(blend(levels, 255 - levels, 4, 4), 255 - levels)


def test_takes_of_other_sizes_are_enlarged_and_framed() -> None:
    wide, tall = _gray([50], size=(72, 128)), _gray([90], size=(128, 72))
    with pytest.raises(InputError, match="128x72"):
        Film([wide, tall])
    film = Film([wide, tall], size=(1080, 1920))
    assert (film.frame(0) == 50).all()
    pillar = film.frame(1)
    shown = np.argwhere(pillar[..., 0] == 90)
    assert (shown.min(axis=0) == (28, 672)).all()
    assert (shown.max(axis=0) == (1051, 1247)).all()
    assert len(shown) == 1024 * 576


@pytest.mark.parametrize(
    ("size", "room", "factor"),
    [
        ((72, 128), (1080, 1920), 15),
        ((128, 72), (1920, 1080), 15),
        ((96, 96), (1080, 1080), 11),
        ((72, 128), (1920, 1080), 8),
        ((720, 1280), (1080, 1920), 0),
        ((2160, 3840), (1080, 1920), 0),
        ((1080, 1920), (1080, 1920), 1),
    ],
)
def test_whole_factors_where_they_fill_the_room(
    size: tuple[int, int], room: tuple[int, int], factor: int
) -> None:
    assert enlargement(size, room) == factor
    placed = place(np.full((*size, 3), 9, np.uint8), room)
    assert placed.shape == (*room, 3)


def test_moviepy_takes_it_from_there() -> None:
    film = Film([_gray([1, 2, 3]), _gray([9])], fps=Fraction(24000, 1001))
    movie = film.as_moviepy()
    assert movie.size == (6, 4)
    assert int(movie.get_frame(7 / float(film.fps))[0, 0, 0]) == 9


def test_nothing_to_stitch_is_said() -> None:
    with pytest.raises(InputError, match="Add a take"):
        Film([])
    with pytest.raises(InputError, match="0 to 1"):
        Film([_gray([1, 2])]).frame(2)
