from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playreel import Studio
from playreel.cli import main


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pitch"
    yield path
    Studio(path).jobs.stop_worker()


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    status = main([str(word) for word in words] + ["--json"])
    document = json.loads(capsys.readouterr().out)
    assert status == (2 if "error" in document else 0)
    return document


def test_a_take_is_queued_watched_and_there(
    project: Path, bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--project", project)
    model = ("--weights", bundle.path, "--steps", 1)
    queued = run(capsys, "still", "a fox", "--seed", 3, "--queue", *model, *at)["job"]
    assert queued["operation"] == "still" and queued["options"]["seed"] == 3
    watched = run(capsys, "jobs", "watch", *at)
    (job,) = watched["jobs"]
    assert (job["state"], job["mine"]) == ("done", True)
    assert watched["worker"]["pid"] == job["worker_pid"]
    take = run(capsys, "inspect", *at)["takes"][-1]["take"]
    assert job["result"]["take"].startswith(take)
    longer = run(capsys, "extend", "last", "--seconds", 1, "--queue", *model, *at)["job"]
    run(capsys, "jobs", "watch", longer["id"], *at)
    assert run(capsys, "inspect", "last", *at)["num_frames"] == 13
    assert "ended" in run(capsys, "jobs", "cancel", "last", *at)["error"]["message"]
    assert "2 ended" in run(capsys, "jobs", "forget", *at)["said"][0]


def test_what_it_would_take_is_told_and_nothing_is_made(
    project: Path, bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--project", project, "--weights", bundle.path)
    run(capsys, "still", "a fox", "--steps", 1, *at)
    told = run(capsys, "animate", "last", "--seconds", 10, "--estimate", *at)["estimate"]
    longer = run(capsys, "animate", "last", "--seconds", 1e9, "--estimate", *at)["estimate"]
    assert longer["seconds"] > told["seconds"] > 0
    assert told["memory_bytes"] > 0 and told["disk_bytes"] > 0 and told["warnings"] == []
    assert len(longer["warnings"]) == 2, "neither memory nor disk will do"
    main(["animate", "last", "--estimate", *map(str, at)])
    assert re.search(r"animate: about \d+\.\d s .* MiB of memory", capsys.readouterr().out)
    for odd in ("inf", "nan"):
        run(capsys, "animate", "last", "--seconds", odd, "--estimate", *at)
    assert run(capsys, "jobs", "--project", project)["jobs"] == []
    assert len(run(capsys, "inspect", *at)["takes"]) == 1


def test_waiting_jobs_are_moved_and_asked(
    project: Path, bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--project", project)
    film = ("animate", "last", "--seconds", 60, "--queue", "--weights", bundle.path)
    run(capsys, "still", "a fox", "--steps", 1, "--weights", bundle.path, *at)
    first, second, third = (run(capsys, *film, *at)["job"]["id"] for _ in range(3))
    run(capsys, "jobs", "pause", second, third, *at)
    run(capsys, "jobs", "move", third, "--to", 1, *at)
    order = [job["id"] for job in run(capsys, "jobs", "--state", "paused", *at)["jobs"]]
    assert order == [third, second]
    said = run(capsys, "jobs", "cancel", first, second, *at)["said"]
    assert said == [f"cancel {first}: it is cancelled", f"cancel {second}: it is cancelled"]
    assert run(capsys, "jobs", "stop", *at)["said"] == ["the worker was ended"]
    for words, about in [
        (("jobs", "cancel"), "which"),
        (("jobs", "move", third), "--to"),
        (("jobs", "pause", "ffffff"), "names 0 jobs"),
        (("jobs", "--state", "lost"), "no state"),
        ((*film, "--out", "x.mp4"), "--out"),
    ]:
        assert about in run(capsys, *words, *at)["error"]["message"]
    main(["jobs", "--project", str(project)])
    assert f"{third}  animate  paused" in capsys.readouterr().out
