"""How fast this machine is: playing, drawing, and how much memory that takes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.footage.school import render_episode
from playreel.footage.spec import sample_spec
from playreel.media.clip import Clip
from playreel.training.evaluation.sets import CONTEXT, play_clip

if TYPE_CHECKING:
    from playreel.core import Bundle, FilmModel, VideoTokenizer, WorldModel

WARM_UP = 5
_PROMPT = "a red fox in a meadow by day, pixel art"


def bench_world(model: WorldModel, num_steps: int, *, school: str = "narrow") -> dict[str, float]:
    """One session on this machine's cores, buttons held as hands do.

    Args:
        model: what is played.
        num_steps: timed steps, after `WARM_UP` that are not.
        school: footage that it starts from.
    """
    from playreel.world import World
    from playreel.world.policy import make_policy

    world = World(model, play_clip(school, np.random.default_rng(0), CONTEXT).context)
    policy = make_policy("random-held", world.actions, seed=0)
    took = np.zeros(num_steps)
    frame = world.frame
    for index in range(-WARM_UP, num_steps):
        button = policy(frame)
        begin = time.perf_counter()
        frame = world.step(button)
        if index >= 0:
            took[index] = time.perf_counter() - begin
    return {
        "fps": float(1 / took.mean()),
        "step_ms": float(np.median(took) * 1000),
        "step_ms_p95": float(np.percentile(took, 95) * 1000),
    }


def bench_tokenizer(
    tokenizer: VideoTokenizer, num_frames: int, *, size: tuple[int, int] = (72, 128)
) -> dict[str, float]:
    """Encoding and decoding a single frame, as playing does it."""
    frames = np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)
    codes = tokenizer.encode_frames(frames)
    return {
        "encode_ms": _typical(lambda: tokenizer.encode_frames(frames), num_frames) * 1000,
        "decode_ms": _typical(lambda: tokenizer.decode_frames(codes), num_frames) * 1000,
    }


def bench_still(model: FilmModel, num_stills: int) -> dict[str, float]:
    """Seconds for a still from a sentence."""
    from playreel.film import still

    return {"still_s": _typical(lambda: still(model, _PROMPT), num_stills)}


def bench_take(model: FilmModel, seconds: float) -> dict[str, float]:
    """Seconds of wall time for a take of ``seconds`` from a sentence."""
    from playreel.film import shoot

    return {f"shoot_{seconds:g}s_s": _seconds(lambda: shoot(model, _PROMPT, seconds=seconds))}


def bench_footage(num_episodes: int, num_frames: int = 240) -> dict[str, float]:
    """Frames of procedural footage a second and core, all schools alike, painting included.

    Counted in processor time, so that a busy machine gives the same figure.
    """
    specs = [
        sample_spec(np.random.default_rng((1, index)), ("narrow", "world", "film")[index % 3])
        for index in range(num_episodes)
    ]
    begin = time.process_time()
    for spec in specs:
        render_episode(spec, num_frames)
    spent = time.process_time() - begin
    return {"frames_per_s": num_episodes * num_frames / spent}


def footage_takes(count: int, num_frames: int) -> list[Clip]:
    """Takes of procedural footage, as films are cut from."""
    takes = []
    for seed in range(count):
        spec = sample_spec(np.random.default_rng((3, seed)), "narrow")
        takes.append(Clip(render_episode(spec, num_frames).frames, 12))
    return takes


def peak_rss_mib() -> float | None:
    """Most memory that this process has held so far; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def bench(bundle: Bundle, *, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """All of the above, as the document that `playreel bench` prints."""
    import torch

    document: dict[str, Any] = {}
    school = "arm" if bundle.info.get("domain") == "arm" else "narrow"
    world = bundle.world
    say("playing")
    document["world"] = bench_world(world, 60 if quick else 240, school=school)
    say("tokenizer")
    document["tokenizer"] = bench_tokenizer(world.tokenizer, 10 if quick else 40, size=world.size)
    if bundle.part_path("text").is_dir():
        say("stills")
        document["film"] = bench_still(bundle.film, 1 if quick else 5)
        document["film"] |= bench_take(bundle.film, 1.0 if quick else 4.0)
    say("footage")
    document["footage"] = bench_footage(3 if quick else 12)
    document["memory"] = {"peak_rss_mib": peak_rss_mib()}
    document["settings"] = {
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "quick": quick,
        "warm_up_steps": WARM_UP,
    }
    return document


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _typical(run: Callable[[], object], count: int) -> float:
    """Median seconds of `count` runs, after one that warms up."""
    run()
    return float(np.median([_seconds(run) for _ in range(count)]))
