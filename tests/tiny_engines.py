"""Engines on pipelines with few and random weights, and every operation in its smallest form.

``python tests/tiny_engines.py [family ...]`` does all operations of all families on one core and tells how
long each family took, from nothing loaded.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import EngineRefusedError
from playreel.film.engines import OPERATIONS, find_family
from playreel.media import Clip
from tiny_pipelines import MAKERS

if TYPE_CHECKING:
    from playreel.film.engines.diffusion_engine import DiffusionEngine

SIDE = 32
FPS = 24


@cache
def engine(name: str) -> DiffusionEngine:
    """A family on a tiny pipeline, with a grid to match."""
    family = find_family(name)
    grid = replace(
        family.grid,
        least_side=SIDE,
        max_pixels=SIDE * SIDE,
        max_frames={"ltx": 33, "ltx-2": 33, "framepack": 73}.get(name, 17),
        fixed=(SIDE, SIDE) if family.grid.fixed else None,
        sizes=dict.fromkeys(family.grid.sizes, (SIDE, SIDE)),
    )
    return replace(family, grid=grid).open(pipeline=MAKERS[name]())  # type: ignore[return-value]


def moving(num_frames: int = 10, seed: int = 0) -> Clip:
    """Blocks that move to the right."""
    blocks = np.random.default_rng(seed).integers(0, 256, (SIDE // 4, SIDE // 4, 3))
    picture = blocks.repeat(4, 0).repeat(4, 1).astype(np.uint8)
    return Clip(np.stack([np.roll(picture, 2 * i, axis=1) for i in range(num_frames)]), FPS)


FEW: dict[str, Any] = {"num_steps": 2, "seed": 5}


def made(name: str, operation: str, **more: Any) -> Clip:
    """An operation in its smallest form."""
    its, clip, other = engine(name), moving(), moving(seed=1)
    fps = its.family.grid.fps
    given = FEW | more
    operations: dict[str, Callable[[], Clip]] = {
        "still": lambda: its.still("a fox", **given),
        "shoot": lambda: its.shoot("a fox", seconds=5 / fps, **given),
        "camera": lambda: (
            its.shoot("a fox", seconds=5 / fps, camera="crane up", **given)
            if its.family.can("shoot")
            else its.animate(clip, "a fox", seconds=6 / fps, camera="crane up", **given)
        ),
        "animate": lambda: its.animate(clip, "it runs", seconds=6 / fps, **given),
        "keyframes": lambda: its.shoot(
            "a fox", seconds=17 / fps, keyframes={0: clip, 8 / fps: other.frames[0]}, **given
        ),
        "inpaint": lambda: its.inpaint(clip, "a door", region=(0.5, 0, 1, 1), **given),
        "character": lambda: (
            its.shoot("a fox", seconds=5 / fps, references=[clip, other], **given)
            if its.family.takes_references
            else its.animate(clip, "a fox", seconds=6 / fps, **given)
        ),
        "sketches": lambda: (
            its.shoot("a fox", seconds=9 / fps, keyframes={0: clip}, **given)  # once it is painted
            if its.family.can("sketches")
            else its.shoot("a fox", sketches={0: "level.png"})
        ),
        "keep-lines": lambda: its.restyle(clip, "ink", keep_lines=True),
        "extend-forward": lambda: its.extend(clip, seconds=8 / FPS, **given),
        "extend-backward": lambda: its.extend(clip, seconds=8 / FPS, direction="backward", **given),
        "bridge": lambda: its.bridge(clip, other, seconds=5 / FPS, **given),
        "loop": lambda: its.loop(clip, seconds=5 / FPS, **given),
        "restyle": lambda: its.restyle(clip, "ink wash", strength=0.5, **given),
        "timed-prompts": lambda: its.shoot(
            f"a fox [0s-{4 / fps}s: red] [{4 / fps}s-{8 / fps}s: blue]", seconds=8 / fps, **given
        ),
    }
    return operations[operation]()


def pace(names: list[str]) -> dict[str, Any]:
    """Seconds that all operations of each family take, what was refused, and what failed."""
    begin = time.perf_counter()
    import torch

    torch.set_num_threads(1)
    seconds: dict[str, float] = {}
    done, refused, failed = 0, 0, []
    for name in names:
        since = time.perf_counter()
        its = engine(name)
        for operation in OPERATIONS:
            try:
                clip = made(name, operation)
                done += its.family.can(operation) and clip.size == (SIDE, SIDE)
            except EngineRefusedError:
                refused += not its.family.can(operation)
            except Exception as error:  # told, and the others go on
                failed.append(f"{name} {operation}: {type(error).__name__}: {error}")
        seconds[name] = round(time.perf_counter() - since, 2)
    return {
        "seconds": seconds,
        "all_s": round(time.perf_counter() - begin, 2),
        "processor_s": round(time.process_time(), 2),
        "done": done,
        "refused": refused,
        "green": not failed and done + refused == len(names) * len(OPERATIONS),
        "failed": failed,
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(json.dumps(pace(sys.argv[1:] or list(MAKERS)), indent=1))
