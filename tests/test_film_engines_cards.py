"""One take that several processes make together: on the processor here, by gloo, as on cards by NCCL."""

from __future__ import annotations

import io
import os
import signal
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

from playreel import Studio
from playreel.core.watch import watching
from playreel.errors import EngineError, EngineRefusedError, InputError, JobFailedError
from playreel.film.engines import Rung, families, find_family, open_engine
from playreel.film.engines.cards import cards_advice, check_cards, check_room
from playreel.film.engines.machine import Machine
from playreel.film.engines.parcel import packed_request, receive, send, unpacked_request
from playreel.film.engines.ranks import card_of
from playreel.film.engines.request import Known, Request
from playreel.film.engines.sharing import PLANS
from tiny_pipelines import MAKERS
from waiting import until

pytestmark = pytest.mark.usefixtures("one_thread")

GIB = 2**30
SHARING = [
    pytest.param(name, marks=() if name == "wan" else pytest.mark.slow)
    for name in ("wan", "wan-image", "ltx", "ltx-2")
]
# Alone on the processor steps would reuse what hardly changed; together they never do.
TAKE: dict[str, Any] = {"seconds": 9 / 24, "num_steps": 2, "seed": 3, "cache": False}


def model(name: str, folder: Path) -> Path:
    folder = folder / f"tiny-{name}"
    MAKERS[name]().save_pretrained(folder, safe_serialization=True)
    return folder


def taken(engine: Any, **more: Any) -> np.ndarray:
    if engine.family.can("shoot"):
        return engine.shoot("a fox", size="64x64", **TAKE, **more).frames
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return engine.animate(picture, "it runs", size="64x64", **TAKE, **more).frames


def assert_same(frames: np.ndarray, others: np.ndarray) -> None:
    """But for rounding: without what attention exchanges, one value in ten differs, by up to 7 of 255."""
    off = np.abs(frames.astype(int) - others)
    assert off.max() <= 1 and (off > 0).mean() < 0.001


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


# -- who can ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_the_table_says_what_diffusers_has_a_plan_for(name: str) -> None:
    transformer = MAKERS[name]().transformer
    has_plan = transformer._cp_plan is not None
    assert families()[name].shares is has_plan is (type(transformer).__name__ in PLANS)


def test_families_without_a_plan_refuse_and_name_who_can(tmp_path: Path) -> None:
    with pytest.raises(
        EngineRefusedError, match=r"no plan.*ltx, ltx-2, wan, wan-image.*PLAYREEL_RAY_GPUS"
    ):
        open_engine("wan-vace", cards=2)
    studio = Studio(tmp_path / "p")
    for engine in ("bundled", "hunyuan"):
        with pytest.raises(EngineRefusedError, match=r"one graphics card only"):
            studio.shoot("a fox", engine=engine, cards=2)


@pytest.mark.parametrize("cards", [0, -1, 2.0, True, "2"])
def test_cards_are_a_whole_number(cards: Any) -> None:
    with pytest.raises(InputError, match=r"whole number from 1 up"):
        check_cards(cards, find_family("wan"), Machine(num_cards=2))


def test_more_cards_than_there_are_and_too_little_room_are_told() -> None:
    with pytest.raises(InputError, match=r"more than this machine has: graphics cards: 2"):
        check_cards(3, find_family("wan"), Machine(num_cards=2))
    with pytest.raises(EngineRefusedError, match=r"piece by piece.*@int8"):
        check_room(2, Rung.GROUPS, GIB, Machine(num_cards=2, ram_bytes=64 * GIB))
    with pytest.raises(EngineRefusedError, match=r"80\.0 GiB; this machine has 64\.0 GiB"):
        check_room(2, Rung.WHOLE, 40 * GIB, Machine(num_cards=2, ram_bytes=64 * GIB))
    check_room(2, Rung.WHOLE, 30 * GIB, Machine(num_cards=2, ram_bytes=64 * GIB))


def test_the_doctor_tells_what_further_cards_can_do() -> None:
    two = Machine(num_cards=2, vram_bytes=80 * GIB, ram_bytes=256 * GIB)
    assert "unless cards=2 is asked for" in cards_advice(find_family("wan"), two)
    assert "no plan" in cards_advice(find_family("hunyuan"), two)
    assert cards_advice(find_family("wan"), Machine(num_cards=1)) == ""


# -- what they are told ----------------------------------------------------------------------------


def test_a_request_comes_out_of_the_pipe_as_it_went_in() -> None:
    draw = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    request = Request(
        prompt="狐狸", num_frames=9, size=(8, 8), fps=23.976, seed=1, num_steps=2, guidance_scale=3.5,
        known=(Known(start=6, frames=draw),), source=draw, region=draw[0, :, :, 0] > 99,
        references=(draw[0], draw[1]), cache="first-block",
    )  # fmt: skip
    pipe = io.BytesIO()
    send(pipe, *packed_request(request))
    pipe.seek(0)
    parcel = receive(pipe)
    assert parcel is not None
    again = unpacked_request(*parcel)
    for field in fields(Request):
        before, after = getattr(request, field.name), getattr(again, field.name)
        if field.name == "known":
            assert after[0].start == 6 and np.array_equal(after[0].frames, draw)
        elif field.name == "references":
            assert all(map(np.array_equal, before, after))
        else:
            assert np.array_equal(before, after), field.name
    assert receive(io.BytesIO(pipe.getvalue()[:-5])) is None and receive(io.BytesIO()) is None


def test_each_rank_sees_one_card_of_those_that_its_parent_sees() -> None:
    assert [card_of(rank, None) for rank in range(2)] == ["0", "1"]
    assert [card_of(rank, "2, 5") for rank in range(2)] == ["2", "5"]


# -- together --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHARING)
def test_a_shared_take_is_the_take_of_one(name: str, tmp_path: Path) -> None:
    folder = model(name, tmp_path)
    alone = taken(open_engine(str(folder)))
    engine: Any = open_engine(str(folder), cards=2)
    steps: list[tuple[int, int]] = []
    seen: list[np.ndarray] = []
    with watching(seen.append):
        frames = taken(engine, callback=lambda done, total: steps.append((done, total)))
    assert alone.std() > 1
    assert_same(frames, alone)
    assert list(dict.fromkeys(steps)) == [(1, 2), (2, 2)] and seen[0].ndim == 3
    pids = engine.driver.ranks.pids
    assert len(pids) == 2 and not any(map(is_gone, pids))
    if name != "wan":
        return

    class EnoughError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        taken(engine, callback=stop)
    assert all(map(is_gone, pids)) and engine.driver.ranks.pids == ()

    def kill(done: int, total: int) -> None:
        if done == 1:
            pids = killed[:] = engine.driver.ranks.pids
            os.kill(pids[1], signal.SIGKILL)

    killed: list[int] = []
    with pytest.raises(EngineError, match=r"Process 2 of the 2 .* ended with signal 9"):
        taken(engine, callback=kill)
    assert len(killed) == 2 and all(map(is_gone, killed))


def test_what_a_rank_cannot_open_is_told_by_its_own_words(tmp_path: Path) -> None:
    folder = model("wan", tmp_path)
    engine: Any = open_engine(str(folder), cards=2)
    config = folder / "transformer" / "config.json"
    config.write_text(config.read_text().replace('"num_layers": 2', '"num_layers": "two"'))
    with pytest.raises(
        EngineError, match=r"Process [12] of those that made this take together failed: "
    ):
        taken(engine)
    assert engine.driver.ranks.pids == ()


def test_a_shared_take_reuses_nothing_between_its_steps(tmp_path: Path) -> None:
    engine: Any = open_engine(str(model("wan", tmp_path)), cards=2)
    with pytest.raises(EngineRefusedError, match=r"reuses nothing between its steps"):
        engine.shoot("a fox", **TAKE | {"cache": True})


# -- from the queue --------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_queued_take_is_shared_and_its_ranks_end_with_it(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "p", engine=str(model("wan", tmp_path)))
    given = TAKE | {"size": "64x64"}
    take = studio.submit("shoot", "a fox", cards=2, **given).result(timeout_s=300)
    assert take.recipe.options["resolved"]["cards"] == 2
    again = studio.shoot("a fox", **given)
    assert_same(take.frames, again.frames)
    until(lambda: not _ranks(), 30)
    kept = len(list(studio.project.media))
    job = studio.submit("shoot", "a fox", cards=2, **given | {"num_steps": 200})
    until(lambda: len(_ranks()) == 2 and job.record.state == "running", 120)
    job.cancel()
    until(lambda: job.record.state == "cancelled" and not _ranks(), 60)
    job = studio.submit("shoot", "a fox", cards=2, **given | {"num_steps": 200})
    until(lambda: len(_ranks()) == 2 and job.record.done > 0, 120)
    os.kill(max(_ranks()), signal.SIGKILL)
    with pytest.raises(JobFailedError, match="ended with signal 9"):
        job.wait(60)
    until(lambda: not _ranks(), 10)
    assert len(list(studio.project.media)) == kept


def _ranks() -> list[int]:
    """Processes of ranks that are no children of this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or is_gone(int(entry.name)):
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"playreel.film.engines.rank" in words and parent != os.getpid():
            found.append(int(entry.name))
    return found
