"""What is kept, with the real bundled model and in fresh processes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playreel import Studio

pytestmark = [pytest.mark.slow, pytest.mark.weights, pytest.mark.timeout(1800)]

PROMPT = "an orange fox in a green meadow by day"

OPEN_AGAIN = """
import hashlib, json, sys, warnings
import torch
from playreel import Studio
torch.set_num_threads(int(sys.argv[3]))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    world = Studio(sys.argv[1]).open_world(sys.argv[2])
hashes = [hashlib.sha256(frame.tobytes()).hexdigest() for frame in world.frames]
print(json.dumps({"hashes": hashes, "told": [str(warning.message) for warning in told]}))
"""


def fresh(*arguments: object) -> dict:
    """What a program that prints JSON last says, in a process of its own."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def sha256(frames: np.ndarray) -> list[str]:
    return [hashlib.sha256(frame.tobytes()).hexdigest() for frame in frames]


def test_three_hundred_steps_replay_bit_for_bit_in_a_fresh_process(tmp_path: Path) -> None:
    import torch

    studio = Studio(tmp_path / "pitch")
    world = studio.world(studio.still(PROMPT, seed=1), seed=7)
    buttons = np.random.default_rng(3).choice(world.actions, 300)
    for button in buttons:
        world.step(str(button))
    played = sha256(world.frames)
    assert len(played) == 301
    name, log = world.session.header.session_id, studio.session_path("last")
    assert [step.action for step in world.session][1:] == list(buttons)
    threads = torch.get_num_threads()
    again = fresh("-c", OPEN_AGAIN, studio.path, name, threads)
    assert again["hashes"] == played
    assert again["told"] == []

    data = log.read_bytes()
    lines = data.splitlines(keepends=True)
    assert len(lines) >= 301
    cut = b"".join(lines[:121]) + lines[121][: len(lines[121]) // 2]  # the header and 120 steps
    log.write_bytes(cut)
    short = fresh("-c", OPEN_AGAIN, studio.path, name, threads)
    assert short["hashes"] == played[:121]
    assert any("cut off" in text for text in short["told"])
    world = Studio(studio.path).open_world(name)  # and can be played on
    world.step("right")
    assert len(world.frames) == 122


def test_a_film_tells_all_is_made_again_and_one_shot_is_redone(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch")
    world = studio.world(studio.still(PROMPT, seed=1), seed=2)
    world.play("right*6 jump-right*4 right*4")
    take = world.capture(2, 12)
    longer = studio.extend(take, seconds=0.5, direction="backward", seed=3)
    ink = studio.restyle(longer, "ink wash", strength=0.6, seed=4)
    studio.board.add(ink, size="LS")
    studio.board.add(studio.extend(take, seconds=0.5, seed=5), fade_s=2 / 12)
    studio.board.add(studio.bridge(take, ink, seconds=0.5, seed=6))
    film = studio.export(tmp_path / "film.mp4", preset="landscape-1080p")

    told = fresh(
        "-m", "playreel", "inspect", film, "--frame", "all", "--project", studio.path, "--json"
    )
    frames = told["frames"]
    assert told["resolved"] == told["num_frames"] == len(frames) > 24
    known = {studio.bundle.film.weights_hash, studio.bundle.world.weights_hash}
    for frame in frames:
        assert frame["session"] == world.session.header.session_id
        assert frame["step"] is not None and frame["action"] in (*world.actions, None, "")
        assert isinstance(frame["seed"], int) and frame["weights"] in known
        assert frame["edits"][-1] == "export"
    assert {edit for frame in frames for edit in frame["edits"]} == {
        "extend", "restyle", "bridge", "export"
    }  # fmt: skip

    before = {path.name: path.read_bytes() for path in (studio.path / "takes").iterdir()}
    restored = fresh("-m", "playreel", "restore", film, "--project", studio.path, "--json")
    assert restored["identical"] is True
    assert {p.name: p.read_bytes() for p in (studio.path / "takes").iterdir()} == before

    shot = studio.retake(1, seed=77)
    assert shot.take.content_hash != ink.content_hash
    after = {path.name: path.read_bytes() for path in (studio.path / "takes").iterdir()}
    assert {name: after[name] for name in before} == before
    (why,) = studio.stale().values()  # the bridge leads to the old one; it is shown, not remade
    assert "which shot 1 replaced" in why[0]
    assert studio.board[3].take.content_hash in {take.content_hash for take in studio.takes}
