"""Steps that reuse what hardly changed: fewer blocks are run, and what is native stays native."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

import torch

from playreel import Studio
from playreel.errors import EngineRefusedError
from playreel.film.engines import cache, families
from playreel.media import Clip
from tiny_engines import engine, moving

STEPS = 6
CACHED = [name for name, family in families().items() if family.cache]


def counted(
    name: str, patch: pytest.MonkeyPatch, *, threshold: float = 0.5, **more: Any
) -> tuple[int, Clip]:
    """How often attention is reckoned for a take, and the take."""
    its = engine(name)
    real = torch.nn.functional.scaled_dot_product_attention
    calls = 0

    def count(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return real(*args, **options)

    fps = its.family.grid.fps
    given = {"num_steps": STEPS, "seed": 5, **more}
    with patch.context() as patched:
        patched.setattr(torch.nn.functional, "scaled_dot_product_attention", count)
        patched.setattr(cache, "THRESHOLD", threshold)
        if its.family.can("shoot"):
            clip = its.shoot("a fox", seconds=5 / fps, **given)
        else:
            clip = its.animate(moving(), "a fox", seconds=6 / fps, **given)
    return calls, clip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n == "ltx" else pytest.mark.slow) for n in CACHED]
)
def test_a_cache_reckons_less_and_leaves_nothing_behind(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, first = counted(name, monkeypatch)
    less, quick = counted(name, monkeypatch, cache=True)
    again, last = counted(name, monkeypatch)
    assert less < whole == again
    assert first == last
    assert quick.recipe.options["cache"] is True and first.recipe.options["cache"] is False
    assert not np.array_equal(quick.frames, first.frames)
    assert np.abs(quick.frames.astype(int) - first.frames).mean() < 40  # another take, no noise


def test_nothing_is_reused_where_all_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, first = counted("ltx", monkeypatch)
    as_much, careful = counted("ltx", monkeypatch, threshold=0.0, cache=True)
    assert as_much == whole
    assert np.array_equal(careful.frames, first.frames)


def test_a_slow_layout_reuses_by_itself_and_can_be_told_not_to() -> None:
    its = engine("ltx")
    its.is_slow = True
    try:
        given: dict[str, Any] = {"seconds": 5 / 24, "num_steps": 2, "seed": 5}
        assert its.shoot("a fox", **given).recipe.options["cache"] is True
        assert its.shoot("a fox", cache=False, **given).recipe.options["cache"] is False
    finally:
        its.is_slow = False


def test_who_has_none_says_who_has(tmp_path: Path) -> None:
    assert "bundled" not in CACHED
    with pytest.raises(EngineRefusedError, match=r"no cache.*ltx"):
        Studio(tmp_path / "p").shoot("a fox", cache=True)


def test_a_take_that_is_stopped_leaves_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    before = counted("ltx", monkeypatch)[0]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counted("ltx", monkeypatch, cache=True, callback=stop)
    assert counted("ltx", monkeypatch)[0] == before
