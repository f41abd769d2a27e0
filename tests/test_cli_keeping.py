"""Commands that keep: history, trash, disk, inspect, restore, and one shot again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import playreel.core
from playreel.cli import main

QUICK = ["--steps", "1"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLAYREEL_PROJECT", raising=False)
    monkeypatch.setitem(vars(playreel.core), "load_bundle", lambda name="bundled": bundle)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs a command with --json and gives its object and its lines."""

    def call(*args: str, code: int = 0) -> tuple[dict, str]:
        capsys.readouterr()
        done = main([*args, "--json"])
        captured = capsys.readouterr()
        assert done == code, captured.err
        return json.loads(captured.out), captured.err

    return call


def test_a_day_of_keeping(run, in_a_folder: Path) -> None:
    still, _ = run("still", "a fox", "--seed", "1", *QUICK)
    played, _ = run("play", "right*4 jump", "--start", "last", "--seed", "2")
    shot_again = ("--strength", "1", "--seed", "3")  # below 1 there is nothing to draw lots about
    ink, _ = run("restyle", played["take"], "ink wash", *shot_again, *QUICK)
    run("board", "add", ink["take"], "--description", "a fox runs")
    run("board", "add", still["take"])
    run("export", "film.mp4")

    told, lines = run("inspect", "film.mp4", "--frame", "all")
    assert told["resolved"] == told["num_frames"] == len(told["frames"])
    assert f"traced     {told['resolved']} of {told['resolved']} frames" in lines
    one, lines = run("inspect", "film.mp4", "--frame", "0.30s")
    frame = one["frames"][0]
    assert (frame["session"], frame["step"], frame["action"]) == (played["session"], 3, "right")
    assert frame["edits"] == ["restyle", "export"]
    assert "played" in lines
    assert played["session"] in lines
    for bad in ("x", "1e999s", "nan s", "10000"):
        error, _ = run("inspect", "film.mp4", "--frame", bad, code=2)
        assert error["error"]["code"] in ("input", "media")
    restored, lines = run("restore", "film.mp4")
    assert restored["identical"] is True
    assert "bit for bit" in lines

    again, _ = run("board", "retake", "1", "--seed", "9")
    assert again["shots"][0]["take"] != ink["take"]
    assert run("undo")[0]["act"] == "board.update"
    assert run("board")[0]["shots"][0]["take"] == ink["take"]
    run("redo")
    run("board", "remove", "2")
    history, lines = run("history")
    acts = [entry["act"] for entry in history["entries"]]
    assert acts.count("board.add") == 2
    assert "made" in acts
    run("history", "--to", "1")
    assert len(run("board")[0]["shots"]) == 1
    assert "x was undone" in run("history")[1]
    assert run("redo")[0]["act"] == "board.add"

    run("trash", "put", played["take"])
    assert run("trash")[0]["takes"][0]["take"] == played["take"]
    assert run("inspect", "film.mp4", "--frame", "all")[0]["resolved"] == told["resolved"]
    assert run("trash", "empty", code=2)[0]["error"]["code"] == "input"
    assert run("restore", played["take"])[0]["from_trash"]
    run("trash", "put", played["take"])
    said = run("trash")[0]["num_bytes"]
    assert run("trash", "empty", "--yes")[0]["freed_bytes"] == said > 0

    assert run("disk", "--budget", "1kB")[0]["budget"] == 1000
    error, _ = run("still", "a fox", code=2)
    assert error["error"]["code"] == "budget"
    assert run("disk", "--budget", "none")[0]["budget"] is None


def test_a_look_at_a_file_makes_no_project(run, in_a_folder: Path) -> None:
    run("still", "a fox", "--seed", "1", "--project", "elsewhere", "--out", "fox.png", *QUICK)
    assert run("inspect", "fox.png", "--frame", "0")[0]["resolved"] == 1
    assert not (in_a_folder / "pitch").exists()


def test_nothing_to_undo(run) -> None:
    assert run("undo")[0] == {"entry": None}
    assert run("redo")[0] == {"entry": None}
    assert run("history")[0]["entries"] == []
    assert run("history", "--to", "5", code=2)[0]["error"]["code"] == "input"
