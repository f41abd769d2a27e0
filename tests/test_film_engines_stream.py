"""Takes that are encoded while they are decoded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

from playreel import Studio
from playreel.film.engines import open_engine, outcome
from playreel.film.measure import measured
from playreel.film.measuring import Measuring
from playreel.media import Clip
from playreel.media.reel import ReelClip
from tiny_engines import FEW, FPS, engine, moving
from tiny_pipelines import MAKERS

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "playreel"


@pytest.fixture
def streamed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "MAX_HELD_BYTES", 0)


def long_takes(name: str) -> list[Clip]:
    """Takes of several runs: from words and a picture, and before, between and after clips."""
    its = engine(name)
    fps = its.family.grid.fps
    return [
        its.shoot("a fox", seconds=70 / fps, **FEW),
        its.shoot("a fox [0s-1s: red] [1s-2s: blue]", seconds=2, **FEW),
        its.animate(moving(), "it runs", seconds=50 / fps, **FEW),
        its.extend(moving(), seconds=40 / FPS, direction="backward", **FEW),
        its.bridge(moving(), moving(seed=1), seconds=40 / FPS, **FEW),
        its.loop(moving(), seconds=30 / FPS, **FEW),
        its.extend(moving(), seconds=40 / FPS, **FEW),
    ]


@pytest.mark.parametrize("name", ["ltx", pytest.param("wan", marks=pytest.mark.slow)])
def test_a_streamed_take_is_the_one_in_memory(
    name: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = long_takes(name)
    monkeypatch.setattr(outcome, "MAX_HELD_BYTES", 0)
    for before, after in zip(held, long_takes(name), strict=True):
        assert isinstance(after, ReelClip) and not isinstance(before, ReelClip)
        assert after == before  # pixels, and all figures of the recipe
        assert np.array_equal(after.frames, before.frames)
    assert np.array_equal(after.frames[:10], moving().frames)
    assert after.recipe is not None and after.recipe.options["measured"]["kept_exact"] == 1.0


@pytest.mark.parametrize("chunk", [1, 7, 16, 300])
def test_figures_of_what_comes_bit_by_bit_are_those_of_the_whole(chunk: int) -> None:
    draw = np.random.default_rng(0)
    colours = draw.integers(0, 200, (6, 1, 1, 1, 3)).repeat(40, axis=1)
    frames = np.clip(colours + draw.integers(0, 40, (6, 40, 8, 8, 3)), 0, 255).astype(np.uint8)
    frames = frames.reshape(240, 8, 8, 3)
    for lengths, kept in (([240], [False]), ([33, 207], [True, False]), ([1, 239], [True, False])):
        made = lengths[-1] / 24
        rows = [[t, t + made / 5, "red"] for t in np.arange(5) * made / 5]
        for schedule in ((), rows, [[0, 3.3, "a"], [3.3, 10, "b"]]):
            given: dict[str, Any] = {"fps": 24.0, "schedule": schedule, "wraps": len(kept) > 1}
            measuring = Measuring(lengths, kept, **given)
            for start in range(0, 240, chunk):
                measuring.add(frames[start : start + chunk])
            assert measuring.figures() == measured(frames, frames, lengths, kept, **given)


class PowerError(Exception):
    """What stops a take half way."""


def test_a_take_that_is_stopped_while_it_is_decoded_goes_on_from_its_latents(
    cache: Path, streamed: None, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny-wan"
    MAKERS["wan"]().save_pretrained(folder, safe_serialization=True)
    studio = Studio(tmp_path / "p", engine=str(folder))
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) > 4:  # two steps, and between two pieces of what is decoded
            raise PowerError

    take: dict[str, Any] = {"seconds": 33 / 16, "size": "64x64", "num_steps": 2, "seed": 3}
    stopped = Studio(studio.path, engine=str(folder), on_progress=stop)
    with pytest.raises(PowerError):
        stopped.shoot("a fox", **take)
    assert told[:2] == [(1, 2), (2, 2)] and told[2:] == [(2, 2)] * 3
    assert len(list((cache / "latents").iterdir())) == 1
    assert not list((cache / "reels").iterdir()) and not list(studio.project.media)
    steps: list[int] = []
    again = Studio(studio.path, engine=str(folder), on_progress=lambda d, t: steps.append(d))
    made = again.shoot("a fox", **take)
    assert steps == [] and len(made) == 33  # decoded, not denoised
    assert not list((cache / "latents").iterdir())
    assert (
        isinstance(made, ReelClip) and "frames" not in made.__dict__
    )  # kept without a look at all
    kept = Clip.open(studio.path_of(made))
    assert kept == made and np.array_equal(kept.frames, made.frames)
    alone = open_engine(str(folder)).shoot("a fox", **take)
    assert alone.content_hash == made.content_hash


_KILLED = """
import os, signal, sys
import torch
torch.set_num_threads(1)
from playreel import Studio
from playreel.film.engines import outcome
from playreel.media import reel
outcome.MAX_HELD_BYTES = 0
real = reel.Reel.add
count = 0
def add(self, frames):
    global count
    count += 1
    if count == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, frames)
if sys.argv[3] == "kill":
    reel.Reel.add = add
steps = []
studio = Studio(sys.argv[1], engine=sys.argv[2], on_progress=lambda done, total: steps.append(done))
take = studio.shoot("a fox", seconds=33 / 16, size="64x64", num_steps=2, seed=3)
print(take.content_hash, len(steps))
"""


@pytest.mark.slow
def test_a_take_that_is_killed_while_it_is_decoded_leaves_no_half_file(
    cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny-wan"
    MAKERS["wan"]().save_pretrained(folder, safe_serialization=True)

    def run(how: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _KILLED, str(tmp_path / "p"), str(folder), how]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("kill").returncode == -signal.SIGKILL
    assert len(list((cache / "latents").iterdir())) == 1
    assert not list((cache / "reels").iterdir())
    assert not list((tmp_path / "p" / "takes").glob("*"))
    content_hash, steps = run("again").stdout.split()
    assert steps == "0"
    assert open_engine(str(folder)).shoot(
        "a fox", seconds=33 / 16, size="64x64", num_steps=2, seed=3
    ).content_hash == content_hash  # fmt: skip


# -- memory ----------------------------------------------------------------------------------------

_PEAK = """
import json, resource, sys
import torch
torch.set_num_threads(1)
from playreel import Studio
studio = Studio(sys.argv[1], engine=sys.argv[2])
given = {"size": "256x144", "num_steps": 1, "seed": 3}
studio.shoot("a fox", seconds=81 / 16, **given)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
take = studio.shoot("a fox", seconds=float(sys.argv[3]) / 16, **given)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pixels = len(take) * take.width * take.height * 3
print(json.dumps({"frames": len(take), "before_mb": before / 1024, "after_mb": after / 1024,
                  "pixels_mb": pixels / 2**20}))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_a_takes_length(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny-wan"
    MAKERS["wan"]().save_pretrained(folder, safe_serialization=True)
    command = [sys.executable, "-c", _PEAK, str(tmp_path / "p"), str(folder), "960"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
    peak = json.loads(done.stdout.strip().splitlines()[-1])
    grown = peak["after_mb"] - peak["before_mb"]
    assert peak["frames"] == 960 and peak["pixels_mb"] > 100
    assert grown < 0.5 * peak["pixels_mb"], peak
