from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import playreel.core
from playreel import Clip
from playreel.cli import main

QUICK = ["--steps", "2"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLAYREEL_PROJECT", raising=False)
    # As an entry, not an attribute: looking at the real one would load torch.
    monkeypatch.setitem(vars(playreel.core), "load_bundle", lambda name="bundled": bundle)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs a command with --json and gives its object."""

    def call(*args: str, code: int = 0) -> dict:
        capsys.readouterr()
        assert main([*args, "--json"]) == code, capsys.readouterr().err
        out = capsys.readouterr().out
        assert out.count("\n") == 1, out
        return json.loads(out)

    return call


@pytest.fixture
def take(run) -> str:
    return run("play", "right*6 jump*2", "--prompt", "a fox", "--seed", "1")["take"]


def test_still_prints_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["still", "a fox", "--seed", "4", *QUICK]) == 0
    out = capsys.readouterr().out
    path = Path(out.splitlines()[1].strip())
    assert path.is_file()
    assert path.parts[0] == "pitch"
    assert "seed 4" in out
    assert Image.open(path).size == (128, 72)


def test_json_is_one_object_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["still", "a fox", "--seed", "4", *QUICK, "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["operation"] == "still"
    assert document["seed"] == 4
    assert document["size"] == [72, 128]
    assert Path(document["path"]).is_file()
    assert "still" in captured.err  # the lines for a person go there


def test_project_folder_is_found(run, in_a_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("still", "a fox", *QUICK)["project"] == "pitch"
    assert run("still", "a fox", *QUICK, "--project", "drama")["project"] == "drama"
    monkeypatch.chdir(in_a_folder / "pitch")
    assert run("still", "a fox", *QUICK)["project"] == "."
    monkeypatch.setenv("PLAYREEL_PROJECT", str(in_a_folder / "drama"))
    assert run("still", "a fox", *QUICK)["project"] == str(in_a_folder / "drama")


def test_the_whole_job_by_commands(run, in_a_folder: Path) -> None:
    Image.new("L", (320, 180), 255).save("blank.png")
    page = np.full((180, 320), 255, np.uint8)
    page[120:124] = 0
    Image.fromarray(page).save("level.png")
    still = run("still", "a fox", "--sketch", "level.png", "--seed", "1", *QUICK)
    played = run("play", "right*6 jump*2", "--start", still["take"], "--seed", "2")
    assert played["num_frames"] == 9
    longer = run("extend", "last", "--seconds", "0.5", "--direction", "backward", *QUICK)
    assert longer["num_frames"] == 15
    assert longer["measured"]["kept_exact"] == 1.0
    loop = run("loop", played["take"], "--seconds", "0.5", *QUICK)
    joined = run("bridge", longer["take"], loop["take"], "--seconds", "0.5", *QUICK)
    assert joined["num_frames"] == longer["num_frames"] + 6 + loop["num_frames"]
    styled = run("restyle", played["take"], "ink wash", "--strength", "0.5", *QUICK)
    shot = run("shoot", "a cave", "--seconds", "0.5", "--sketch", "0=level.png", *QUICK)
    moving = run("animate", still["take"], "--seconds", "0.5", "--camera", "zoom in", *QUICK)
    takes = run("inspect")["takes"]
    names = [document["take"] for document in (still, played, longer, loop, joined)]
    assert [take["take"] for take in takes][:5] == names
    assert takes[1]["text"] == "right*6 jump*2"
    for name in (played["take"], styled["take"], shot["take"], moving["take"]):
        run("board", "add", name, "--size", "LS", "--dialogue", "Hello?")
    shots = run("board")["shots"]
    assert [s["number"] for s in shots] == [1, 2, 3, 4]
    run("board", "move", "4", "--at", "1")
    run("board", "remove", shots[1]["uid"])
    assert [s["take"] for s in run("board", "list")["shots"]] == [
        moving["take"],
        played["take"],
        shot["take"],
    ]
    assert Path(run("board", "sheet")["said"][0]).is_file()
    film = run("export", "film.gif")
    assert film["shots"] == 3
    assert len(Clip.open("film.gif")) == 6 + 9 + 6


def test_out_writes_a_copy(run) -> None:
    run("shoot", "a cave", "--seconds", "0.5", *QUICK, "--out", "cave.gif", "--scale", "2")
    clip = Clip.open("cave.gif")
    assert (clip.width, clip.height, len(clip)) == (256, 144, 6)
    assert clip.recipe.operation == "shoot"


def test_a_session_goes_on(run, take: str) -> None:
    session = run("inspect")["sessions"][0]
    document = run("play", "left*4", "--session", session[:6], "--rewind", "2")
    assert document["session"] == session
    assert document["cursor"] == 8 - 2 + 4
    assert document["num_frames"] == 5
    again = run("play", "--session", "last", "--capture", "0:3")
    assert again["num_frames"] == 3
    assert run("play", "--auto", "runner", "--frames", "5", "--session", "last")["cursor"] == 15


def test_preview_and_buttons(run, take: str) -> None:
    assert run("play", "--buttons")["buttons"][0] == "stay"
    document = run("play", "--preview", "--start", take)
    assert Path(document["preview"]).is_file()
    assert "take" not in document  # nothing was played, nothing is kept


def test_inspect_replays(run, take: str, in_a_folder: Path) -> None:
    document = run("inspect", take, "--replay")
    assert document["replay_identical"] is True
    assert document["recipe"]["operation"] == "capture"
    run("shoot", "a cave", "--seconds", "0.5", *QUICK, "--out", "cave.mp4")
    assert run("inspect", "cave.mp4")["recipe"]["operation"] == "shoot"
    assert main(["inspect", "cave.mp4", "--project", "nowhere"]) == 0
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (["still"], "prompt"),
        (["still", "a fox", "--seed", "-3"], "seed"),
        (["still", "a fox", "--sketch", "missing.png"], "missing.png"),
        (["extend", "0123456789"], "no take"),
        (["extend", "last"], "no take yet"),
        (["play", "right"], "one of them"),
        (["play", "--prompt", "a fox"], "Nothing to play"),
        (["play", "fly*3", "--prompt", "a fox"], "right"),
        (["play", "right", "--prompt", "a fox", "--rewind", "3"], "start"),
        (["play", "right", "--prompt", "a fox", "--capture", "2:1"], "capture"),
        (["play", "right", "--prompt", "a fox", "--capture", "x"], "0:24"),
        (["play", "right", "--session", "last"], "sessions"),
        (["play", "right", "--session", "last", "--prompt", "a"], "--session"),
        (["shoot", "a cave", "--seconds", "0"], "seconds"),
        (["shoot", "a cave", "--sketch", "level.png"], "SECOND=FILE"),
        (["shoot", "a cave", "--camera", "somersault"], "somersault"),
        (["board", "add"], "needs what"),
        (["board", "move", "1"], "--at"),
        (["board", "remove", "9"], "9"),
        (["export", "film.mp4"], "empty"),
        (["lab"], "playreel[lab]"),
        (["share"], "no project"),
        (["inspect", "missing.mp4"], "missing.mp4"),
    ],
)
def test_bad_input_is_told_in_one_message(
    capsys: pytest.CaptureFixture[str], command: list[str], word: str
) -> None:
    assert main([*command, "--json"]) == 2
    captured = capsys.readouterr()
    assert word in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err) < 1500
    error = json.loads(captured.out)["error"]
    assert word in error["message"]
    assert error["code"]


@pytest.mark.filterwarnings("always::playreel.errors.PlayreelWarning")
def test_warnings_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["still", "x" * 100_001, "--seed", "1", *QUICK, "--json"]) == 0
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if "100001" in line]
    assert line.startswith("playreel: ")
    assert json.loads(captured.out)["warnings"] == [line.removeprefix("playreel: ")]


def test_wrong_usage_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["fly"], ["extend"], ["shoot", "a", "--seconds", "long"]):
        with pytest.raises(SystemExit) as stop:
            main(command)
        assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_ctrl_c_exits_130(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("playreel.studio.Studio.still", interrupted)
    assert main(["still", "a fox"]) == 130
    assert "kept" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_in_a_terminal_leaves_no_traceback() -> None:
    program = (
        "import signal, sys, time\n"
        # Programs that a shell began in the background are born deaf to it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from playreel.cli import main\n"
        "from playreel.studio import Studio\n"
        "def still(self, *args, **kwargs):\n"
        "    print('working', flush=True)\n"
        "    time.sleep(60)\n"
        "Studio.still = still\n"
        "sys.exit(main(['still', 'a fox']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "working\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_doctor_says_what_is_wrong(run, monkeypatch: pytest.MonkeyPatch) -> None:
    document = run("doctor")
    assert document["ok"] is True
    assert {"machine", "processor", "packages", "ffmpeg", "fonts", "weights"} <= set(
        document["findings"]
    )

    def broken(name: str = "bundled") -> None:
        from playreel.errors import CheckpointError

        raise CheckpointError(f"{name}: the file is cut short. Install again.")

    monkeypatch.setitem(vars(playreel.core), "load_bundle", broken)
    document = run("doctor", code=1)
    assert document["ok"] is False
    assert "cut short" in document["findings"]["weights"]["value"]


def test_not_a_number_becomes_null() -> None:
    from playreel.cli.output import plain

    tree = {"a": float("nan"), "b": (np.float32(1.5), np.int64(3)), 3: Path("x")}
    assert plain(tree) == {"a": None, "b": [1.5, 3], "3": "x"}
