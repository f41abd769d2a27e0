"""The pictures that queued jobs start from: kept while they may be needed, and bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from playreel.errors import BudgetError, InputError
from playreel.jobs.queue import JobQueue, end
from playreel.studio import Studio, inputs
from playreel.studio.inputs import Inputs, names_in


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "pitch")


def queued(studio: Studio, data: bytes, state: str | None = None) -> str:
    """A job that starts from a picture kept long ago, and the picture's name."""
    kept = Inputs(studio.path)
    name = kept.keep(data, ".png")
    queue = JobQueue(studio.path)
    record = queue.submit("still", {"sketch": {"file": name}, "seed": 1}, owner="me")
    if state is not None:
        with queue.store.write() as connection:
            end(connection, record.id, state)
    long_ago = time.time() - 2 * inputs.NEW_S
    os.utime(kept.folder / name, (long_ago, long_ago))
    return name


def test_a_picture_stays_until_its_job_is_done(studio: Studio) -> None:
    waits, done = queued(studio, b"a" * 900), queued(studio, b"b" * 500, "done")
    kept = Inputs(studio.path)
    new = kept.keep(b"c" * 100, ".png")  # its job is not queued yet
    assert studio.disk.kinds["private"] > 1500
    assert studio.jobs.sweep_inputs() == 500
    assert kept.path(waits).read_bytes() == b"a" * 900
    assert kept.path(new).is_file()
    with pytest.raises(InputError, match="Submit the job anew"):
        kept.path(done)


def test_of_what_failed_the_latest_can_be_tried_again(studio: Studio, monkeypatch) -> None:
    names = [queued(studio, bytes([n]) * 400, "failed") for n in range(5)]
    shared = queued(studio, bytes([0]) * 400)  # the first one's picture, wanted again
    assert shared == names[0]
    monkeypatch.setattr(inputs, "RETRY_BYTES", 1000)
    assert studio.jobs.sweep_inputs() == 800
    left = {path.name for path in Inputs(studio.path).folder.iterdir()}
    assert left == {names[0], names[3], names[4]}
    Inputs(studio.path).keep(bytes([4]) * 400, ".png")  # kept anew, so it stays for a while
    monkeypatch.setattr(inputs, "RETRY_BYTES", 0)
    studio.jobs.sweep_inputs()
    assert {path.name for path in Inputs(studio.path).folder.iterdir()} == {names[0], names[4]}


def test_pictures_that_wait_are_bounded(studio: Studio, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "MAX_BYTES", 1000)
    queued(studio, b"a" * 900)
    with pytest.raises(BudgetError, match="Wait for jobs to end"):
        Inputs(studio.path).keep(b"b" * 200, ".png")
    assert Inputs(studio.path).keep(b"a" * 900, ".png")  # is there already


@pytest.mark.parametrize("name", ["../../board.toml", "/etc/hostname", "", ".", "gone.png"])
def test_only_copies_are_opened(studio: Studio, name: str) -> None:
    with pytest.raises(InputError):
        Inputs(studio.path).path(name)


def test_every_copy_that_options_name_is_found() -> None:
    options = {"sketch": {"file": "a"}, "sketches": [[0.0, {"file": "b"}], [1.0, {"take": "c"}]],
               "references": [{"file": "d"}], "prompt": "file"}  # fmt: skip
    assert names_in(options) == ["a", "b", "d"]
