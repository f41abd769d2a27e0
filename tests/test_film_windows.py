"""Windows: every frame is made once, with context; gaps known on both sides are closed by one."""

from __future__ import annotations

import numpy as np
import pytest

from playreel.errors import InputError
from playreel.film.windows import plan_windows, window_seed


def check(done, *, max_frames, context):
    """The rules that hold for any plan; returns it."""
    plan = plan_windows(done, max_frames=max_frames, context_frames=context)
    made = done.copy()
    for index, w in enumerate(plan):
        assert 0 <= w.start <= w.fill_start < w.fill_stop <= w.stop <= len(done)
        assert len(w) <= max_frames
        assert not made[w.fill_start : w.fill_stop].any(), "made twice"
        around = np.r_[w.start : w.fill_start, w.fill_stop : w.stop]
        assert made[around].all(), "context that is not there yet"
        if index or done.any():
            assert len(around) >= 1
        made[w.fill_start : w.fill_stop] = True
    assert made.all()
    return plan


@pytest.mark.parametrize("max_frames", [2, 3, 8, 16])
@pytest.mark.parametrize("num_made", [1, 2, 5, 16, 17, 40, 101])
@pytest.mark.parametrize(
    ("left", "right"), [(0, 0), (1, 0), (9, 0), (0, 1), (0, 9), (1, 1), (9, 9)]
)
def test_any_length_from_any_side(max_frames, num_made, left, right):
    done = np.r_[np.ones(left), np.zeros(num_made), np.ones(right)].astype(bool)
    for context in range(1, max_frames):
        check(done, max_frames=max_frames, context=context)


def test_random_key_frames():
    rng = np.random.default_rng(0)
    for _ in range(200):
        done = rng.random(int(rng.integers(1, 120))) < rng.choice([0.02, 0.1, 0.5])
        check(done, max_frames=12, context=4)


def test_forward_uses_full_windows_and_full_context():
    done = np.r_[np.ones(20), np.zeros(30)].astype(bool)
    plan = check(done, max_frames=16, context=4)
    assert [(w.start, w.fill_start, w.stop) for w in plan] == [
        (16, 20, 32),
        (28, 32, 44),
        (34, 44, 50),  # the last one has room for more context
    ]


def test_backward_mirrors_forward():
    forward = np.r_[np.ones(20), np.zeros(30)].astype(bool)
    a = check(forward, max_frames=16, context=4)
    b = check(forward[::-1].copy(), max_frames=16, context=4)
    assert [(50 - w.stop, 50 - w.start) for w in b] == [(w.start, w.stop) for w in a]


def test_bridge_meets_in_the_middle_and_its_last_window_sees_both_ends():
    done = np.r_[np.ones(10), np.zeros(40), np.ones(10)].astype(bool)
    plan = check(done, max_frames=16, context=4)
    last = plan[-1]
    assert last.fill_start - last.start >= 4
    assert last.stop - last.fill_stop >= 4
    assert last.fill_stop - last.fill_start == 8  # all the room there is
    assert plan[0].fill_start == 10
    assert plan[1].fill_stop == 50


def test_a_short_gap_is_one_window():
    done = np.r_[np.ones(10), np.zeros(6), np.ones(10)].astype(bool)
    (window,) = check(done, max_frames=16, context=4)
    assert len(window) == 16


def test_nothing_to_do():
    assert plan_windows(np.ones(5, bool), max_frames=4) == ()
    assert plan_windows(np.ones(0, bool), max_frames=4) == ()


@pytest.mark.parametrize("context", [0, -1, 16, 2.5, True])
def test_bad_context(context):
    with pytest.raises(InputError, match="context_frames"):
        plan_windows(np.zeros(5, bool), max_frames=16, context_frames=context)


def test_window_seeds_are_stable_and_differ():
    assert window_seed(7, 0) == window_seed(7, 0)
    assert len({window_seed(s, i) for s in range(20) for i in range(20)}) == 400
    assert all(0 <= window_seed(s, -1) < 2**31 for s in range(50))
