"""The queue with the real bundled model: processes killed for real, frames compared bit for bit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from playreel import Studio
from playreel.errors import BudgetError, InputError, JobFailedError
from playreel.film.character import Character
from playreel.jobs import Job
from playreel.jobs.launch import worker_alive
from playreel.media import Clip
from small_disk import fill, small_disk
from waiting import until, with_ticks

pytestmark = pytest.mark.weights

PROMPT = "an orange fox in a green meadow"
SKETCH = Path(__file__).resolve().parent.parent / "studio/playreel/assets/level.png"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One project and one worker for the file: the model is loaded once."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("user")))
    patch.setenv("OMP_NUM_THREADS", "1")
    studio = Studio(tmp_path_factory.mktemp("projects") / "pitch", owner="the one of this file")
    studio.keep(picture())
    yield studio
    studio.jobs.stop_worker()
    patch.undo()


def picture() -> Clip:
    frame = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8)
    return Clip(frame.repeat(8, 0).repeat(8, 1)[None])


def under_way(job: Job) -> bool:
    return job.state == "running" and job.record.done > 1


def long_job(studio: Studio, **options: object) -> Job:
    return studio.submit("animate", picture(), PROMPT, **{"seconds": 30, "seed": 1, **options})


def test_a_queued_take_is_the_one_that_the_verb_makes(studio: Studio) -> None:
    job = studio.submit("animate", picture(), PROMPT, seconds=0.5, seed=1)
    estimate = studio.jobs.estimate("animate", picture(), PROMPT, seconds=2)
    assert estimate.seconds > 0 and estimate.memory_bytes > 100 << 20 and estimate.disk_bytes
    events = list(job.events())
    pictures = [event for event in events if event.kind == "preview"]
    assert all(event.png.startswith(b"\x89PNG") for event in pictures)
    assert "engine_pid" in events[1].data
    clip = job.result(60)
    assert studio.takes[-1].content_hash == clip.content_hash
    mine = Studio(studio.path.parent / "alone")
    direct = mine.animate(picture(), PROMPT, seconds=0.5, seed=1)
    assert direct == clip
    assert clip.recipe.seed == 1


@pytest.mark.slow
def test_drawings_and_films_can_be_queued(studio: Studio, tmp_path: Path) -> None:
    page = tmp_path / "level.png"
    page.write_bytes(SKETCH.read_bytes())
    still = studio.submit("still", PROMPT, sketch=page, seed=2, num_steps=1)
    shot = studio.submit("shoot", PROMPT, seconds=0.5, sketches={0: page}, num_steps=1)
    page.unlink()  # what was submitted is done, whatever becomes of the file
    first, second = still.result(120), shot.result(120)
    assert len(first) == 1 and len(second) == 6
    assert first.recipe.parents
    styled = studio.submit("restyle", second, "ink wash", strength=0.5, seed=1)
    joined = studio.submit("bridge", second, first, seconds=0.5, seed=1)
    assert len(styled.result(120)) == 6
    assert len(joined.result(120)) == 13
    studio.board.add(second)
    film = studio.submit("export", tmp_path / "film.mp4")
    assert film.result(120) == tmp_path / "film.mp4"
    assert len(Clip.open(tmp_path / "film.mp4")) >= 6
    assert studio.jobs.estimate("export", tmp_path / "film.mp4").measured_runs == 1
    pids = {record.engine_pid for record in studio.jobs.list("done")}
    assert len(pids) == 1, "the model was loaded once"


def test_what_is_directed_can_be_queued(studio: Studio) -> None:
    few = {"num_steps": 1, "seed": 3}
    melted = studio.submit("transition", "a cave", "a meadow", seconds=0.5, **few)
    ways = studio.submit("starts", picture(), count=2, seconds=0.25, **few)
    shots = [{"description": "it runs", "seconds": 0.25, "size": "CU"}, {"description": "it jumps"}]
    shots[1]["seconds"] = 0.25
    card = Character(words="an orange fox", stills=(picture(),))
    told = studio.jobs.estimate("sequence", shots, character=card)
    assert told.disk_bytes > 0
    before = len(studio.board)
    scenes = studio.submit("sequence", shots, character=card, **few)
    clip = melted.result(120)
    assert len(clip) == 6 and clip.recipe.operation == "bridge"
    first, second = ways.result(60)
    assert len(first) == len(second) == 4 and first != second
    made = scenes.result(120)
    assert [len(take) for take in made] == [3, 3]
    assert [shot.take.content_hash for shot in studio.board][before:] == [
        take.content_hash for take in made
    ]
    assert "an orange fox" in made[0].recipe.options["prompt"]
    done = [event.data["done"] for event in scenes.events() if event.kind == "progress"]
    assert done == sorted(done) and len(set(done)) > 2  # of all of it, not of each shot
    draft = studio.submit("still", "a fox", draft=True, num_steps=8, seed=3).result(60)
    assert studio.submit("finish", draft).result(60).recipe.options.get("draft") is None
    for call in (
        lambda: studio.submit("sequence", [{"description": ""}]),
        lambda: studio.submit("starts", picture(), count=99),
        lambda: studio.submit("starts", picture(), count=1.5),
        lambda: studio.submit("transition", "a", "b", seconds="x"),
    ):
        with pytest.raises(InputError):
            call()


def test_what_cannot_be_done_is_refused_before_it_waits(studio: Studio, tmp_path: Path) -> None:
    before = len(studio.jobs)
    for call in (
        lambda: studio.submit("paint", PROMPT),
        lambda: studio.submit("still", PROMPT, brightness=3),
        lambda: studio.submit("extend", picture(), sideways=True),
        lambda: studio.submit("extend", "0000000000"),
        lambda: studio.submit("still", sketch=tmp_path / "missing.png"),
        lambda: studio.submit("still", PROMPT, seed=-1),
        lambda: studio.submit("export", tmp_path / "x.mp4", on_frame=print),
    ):
        with pytest.raises(InputError):
            call()
    assert len(studio.jobs) == before


def test_over_the_budget_nothing_is_queued(studio: Studio) -> None:
    before = len(studio.jobs)
    studio.project.set_budget("1KB")
    try:
        with pytest.raises(BudgetError, match="Nothing new is started"):
            long_job(studio)
    finally:
        studio.project.set_budget(None)
    assert len(studio.jobs) == before


def test_bad_options_fail_in_words(studio: Studio) -> None:
    job = studio.submit("extend", picture(), direction="up")
    with pytest.raises(JobFailedError, match="'up'"):
        job.result(60)
    assert job.record.failure.code == "input"


def test_cancel_takes_less_than_a_second_and_leaves_nothing(studio: Studio) -> None:
    took = []
    for _ in range(3):
        before = [take.content_hash for take in studio.takes]
        job = long_job(studio)
        until(lambda job=job: under_way(job))
        since = time.monotonic()
        job.cancel()
        until(lambda job=job: job.state == "cancelled")
        took.append(time.monotonic() - since)
        assert [take.content_hash for take in studio.takes] == before
    assert max(took) < 1.0, took


def test_cancel_while_the_model_loads_takes_less_than_a_second(studio: Studio) -> None:
    for engine in studio.jobs.worker()["engines"].values():
        os.kill(engine, signal.SIGKILL)
    until(lambda: not studio.jobs.worker()["engines"])
    job = long_job(studio)
    until(lambda: job.state == "running")
    job.cancel()
    assert until(lambda: job.state == "cancelled") < 1.0


def test_a_crash_of_the_engine_is_told_and_a_retry_works(studio: Studio) -> None:
    job = long_job(studio, seconds=3)
    until(lambda: under_way(job))
    os.kill(job.record.engine_pid, signal.SIGKILL)
    with pytest.raises(JobFailedError, match="signal 9"):
        job.wait(10)
    assert job.record.failure.code == "engine-crash"
    assert len(job.retry().result(120)) == 36


def test_a_sequence_that_is_begun_anew_puts_each_shot_on_the_board_once(studio: Studio) -> None:
    before = len(studio.board)
    shots = [
        {"description": f"a fox, {n}", "seconds": seconds} for n, seconds in ((1, 0.25), (2, 2))
    ]
    job = studio.submit("sequence", shots, seed=8, num_steps=1)
    until(lambda: len(studio.board) == before + 1)
    (first,) = studio.board.shots[before:]
    os.kill(job.record.engine_pid, signal.SIGKILL)
    with pytest.raises(JobFailedError, match="signal 9"):
        job.wait(60)
    studio.board.update(first, dialogue="said in the meantime")
    takes = job.retry().result(120)
    made = studio.board.shots[before:]
    assert [shot.take.content_hash for shot in made] == [take.content_hash for take in takes]
    assert made[0].uid == first.uid and made[0].dialogue == "said in the meantime"
    plain = studio.submit("sequence", shots[:1], seed=8, num_steps=1, on_board=False)
    assert len(plain.result(60)) == 1 and len(studio.board) == before + 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit on another process")
def test_a_lack_of_memory_is_told_and_a_retry_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every array of some size is asked of the system anew, so that the limit is felt at once.
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "65536")
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    studio = Studio(tmp_path / "pitch")
    studio.keep(picture())
    try:
        job = long_job(studio, seconds=4)
        until(lambda: under_way(job))
        engine = psutil.Process(job.record.engine_pid)
        soft, hard = engine.rlimit(psutil.RLIMIT_AS)
        engine.rlimit(psutil.RLIMIT_AS, (64 << 20, hard))
        studio.jobs.wait(job, timeout_s=240)
        failure = job.record.failure
        assert failure is not None and failure.code == "out-of-memory", job.record
        assert "fewer seconds" in failure.next_step
        engine.rlimit(psutil.RLIMIT_AS, (soft, hard))
        assert len(job.retry().result(280)) == 48
        assert job.record.engine_pid == engine.pid
    finally:
        studio.jobs.stop_worker()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_full_disk_is_told_and_a_retry_works(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        studio = Studio(disk / "pitch")
        noise = np.random.default_rng(0).integers(0, 256, (24, 72, 128, 3), np.uint8)
        try:
            # Kept frames of noise: more than the room that the queue keeps and gives free.
            job = studio.submit("extend", studio.keep(Clip(noise)), seconds=0.5, seed=77)
            until(lambda: under_way(job))
            fill(disk / "ballast")
            studio.jobs.wait(job, timeout_s=240)
            failure = job.record.failure
            assert failure is not None and failure.code == "disk-full", job.record
            assert "space" in failure.next_step
            assert not list((studio.path / "takes").glob(".writing-*"))
            (disk / "ballast").unlink()
            assert len(job.retry().result(280)) == 30
            assert len(Studio(studio.path).open("last").frames) == 30
        finally:
            studio.jobs.stop_worker()


@pytest.mark.slow
def test_a_killed_worker_leaves_a_whole_project_and_paused_jobs(studio: Studio) -> None:
    rng = np.random.default_rng(3)
    for _ in range(3):
        running, waiting = long_job(studio, seconds=2, seed=5), long_job(studio, seed=6)
        time.sleep(float(rng.uniform(0.0, 2.5)))
        worker = studio.jobs.worker()
        os.kill(worker["pid"], signal.SIGKILL)
        until(lambda: not worker_alive(studio.path))
        later = Studio(studio.path, owner="the one of this file")
        assert later.jobs.get(waiting.id).state == "paused"
        state = later.jobs.get(running.id).state
        assert state in ("paused", "done")
        for take in later.takes:  # a result is there whole, or not at all
            assert len(later.open(take.content_hash)) == take.num_frames
        if state == "paused":
            assert len(later.jobs.retry(running.id).result(120)) == 24
        assert later.jobs.get(waiting.id).state == "paused", "nothing reruns by itself"
        later.jobs.cancel(waiting.id)


@pytest.mark.slow
def test_an_event_loop_stays_free_and_a_job_can_be_awaited(studio: Studio) -> None:
    async def main(job: Job) -> Clip:
        return await job

    worst = []
    while not worst or worst[-1] >= 0.5:
        assert len(worst) < 4, worst
        job = long_job(studio, seconds=2, seed=9 + len(worst))
        clip, late_s = asyncio.run(with_ticks(main(job)))
        assert len(clip) == 24
        worst.append(late_s)


def test_a_film_of_a_still_and_a_lost_take_can_be_queued(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "pitch")
    studio.board.add(studio.keep(picture()))
    lost = studio.board.add(studio.keep(Clip(picture().frames.repeat(6, 0))))
    assert studio.path_of(studio.board[1].take).suffix == ".png"
    studio.path_of(lost.take).unlink()
    try:
        assert studio.jobs.estimate("export", tmp_path / "film.mp4").seconds > 0
        job = studio.submit("export", tmp_path / "film.mp4", label=False)
        assert job.result(120) == tmp_path / "film.mp4"
        frames = Clip.open(tmp_path / "film.mp4").frames
        assert len(frames) == 2 + 12  # at 24 frames per second; the card is as long as the take
        card, still = frames[-1], frames[0]
        assert np.abs(card.astype(int) - still).mean() > 10
    finally:
        studio.jobs.stop_worker()


def test_a_missing_codec_is_told_and_a_retry_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imageio_ffmpeg import get_ffmpeg_exe

    spoiled = tmp_path / "no-libx264"
    spoiled.touch()
    wrapper = tmp_path / "ffmpeg"
    wrapper.write_text(
        "#!/bin/sh\n"
        f'if [ -e "{spoiled}" ]; then\n'
        '  for word; do shift; [ "$word" = libx264 ] && word=libx264_gone; set -- "$@" "$word"; done\n'
        "fi\n"
        f'exec "{get_ffmpeg_exe()}" "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(wrapper))
    monkeypatch.setenv("FFMPEG_BINARY", str(wrapper))
    studio = Studio(tmp_path / "pitch")
    studio.board.add(studio.keep(Clip(picture().frames.repeat(6, 0))))
    try:
        job = studio.submit("export", tmp_path / "film.mp4")
        studio.jobs.wait(job, timeout_s=60)
        failure = job.record.failure
        assert failure is not None and failure.code == "missing-codec", job.record
        assert "ffmpeg" in failure.next_step
        assert not (tmp_path / "film.mp4").exists()
        spoiled.unlink()
        assert job.retry().result(60) == tmp_path / "film.mp4"
        assert len(Clip.open(tmp_path / "film.mp4"))
    finally:
        studio.jobs.stop_worker()
