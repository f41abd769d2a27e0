"""What is kept, with the real bundled model and in fresh processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from playreel import Studio
from playreel.errors import PlayreelWarning
from playreel.world import Session
from playreel.world.session import frame_hash

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.slow,
    pytest.mark.weights,
    pytest.mark.timeout(1800),
]

PROMPT = "an orange fox in a green meadow by day"

REPLAY = """
import json, sys, warnings
import torch
from playreel import Studio
from playreel.world import Session
from playreel.world.session import frame_hash
torch.set_num_threads(int(sys.argv[3]))
studio = Studio(sys.argv[1])
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    session = Session.load(studio.session_path(sys.argv[2]))
replay = session.replay(studio.bundle.world)
print(json.dumps({
    "exact": replay.exact,
    "num_steps": replay.num_steps,
    "hashes": [step.frame_hash for step in session][1:],
    "told": [str(warning.message) for warning in told],
}))
"""


def fresh(*arguments: object) -> dict:
    """What a program that prints JSON last says, in a process of its own."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_three_hundred_steps_replay_bit_for_bit_in_a_fresh_process(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch")
    world = studio.world(studio.still(PROMPT, seed=1), seed=7)
    buttons = [str(b) for b in np.random.default_rng(3).choice(world.actions, 300)]
    played = [frame_hash(world.step(button)) for button in buttons]
    name, log = world.session.header.session_id, studio.session_path("last")
    arguments = ("-c", REPLAY, studio.path, name, torch.get_num_threads())
    again = fresh(*arguments)
    # Each frame was played again there, and its SHA-256 compared with the one in the log.
    assert again == {"exact": True, "num_steps": 300, "hashes": played, "told": []}

    data = log.read_bytes()
    middle = data.index(b'{"step":61,') + 40
    log.write_bytes(data[:middle])
    short = fresh(*arguments)
    assert (short["exact"], short["num_steps"], short["hashes"]) == (True, 60, played[:60])
    assert any("cut off" in text for text in short["told"])
    with pytest.warns(PlayreelWarning, match="cut off"):
        again = Studio(studio.path).open_world(name)
    again.step("right")  # it is played on
    assert len(Session.load(log)) == 62


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

    with pytest.warns(PlayreelWarning, match="very same frames"):
        assert studio.retake(1, seed=77).versions == ()
    shot = studio.retake(1, seed=77, prompt="pencil drawing by night")
    assert shot.take.content_hash != ink.content_hash
    after = {path.name: path.read_bytes() for path in (studio.path / "takes").iterdir()}
    assert {name: after[name] for name in before} == before
    (why,) = studio.stale().values()  # the bridge leads to the old one; it is shown, not remade
    assert "which shot 1 replaced" in why[0]
    assert studio.board[3].take.content_hash in {take.content_hash for take in studio.takes}
