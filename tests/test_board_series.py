"""Series of episodes: taken over at once, told in one figure, linted, and written one by one."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from playreel.board import Board, PacingRules, lint_series, read_table, series_of
from playreel.board.pacing import beat_of
from playreel.board.planned import PlannedClip, is_placeholder
from playreel.board.series import file_names
from playreel.errors import InputError
from playreel.media import Clip, probe
from playreel.project import ProjectFolder
from playreel.recipe import Recipe

HEAD = ["集", "场", "景别", "时长", "画面内容", "台词", "节拍"]


def _csv(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


def _big(path: Path, episodes: int = 80) -> Path:
    rows = [
        [f"第{e}集", 1 + s // 4, ["中景", "近景", "特写"][s % 3], 7, f"画面{s}", "走", ""]
        for e in range(1, episodes + 1)
        for s in range(12)
    ]
    return _csv(path, rows)


def _take(seed: int, count: int = 12) -> Clip:
    frames = np.random.default_rng(seed).integers(0, 256, (count, 16, 9, 3), np.uint8)
    return Clip(frames.repeat(8, axis=1).repeat(8, axis=2), 12, Recipe(operation="play", seed=seed))


def test_eighty_episodes_are_listed_and_linted_in_a_second(tmp_path: Path) -> None:
    planned = read_table(_big(tmp_path / "series.csv"))
    ProjectFolder(tmp_path / "p").board().take_over(planned, size=(128, 72))
    assert not list((tmp_path / "p" / "takes").glob("*"))  # cards are drawn, not kept
    begin = time.process_time()  # a busy machine gives the same figure
    series = ProjectFolder(tmp_path / "p").board().series
    rows = [(e.name, len(e.scenes), len(e.shots), e.made, e.seconds) for e in series.episodes]
    listed = time.process_time() - begin
    assert len(rows) == 80
    assert rows[6] == ("第7集", 3, 12, 0, 84.0)
    assert (series.num_shots, series.made, series.progress) == (960, 0, 0.0)
    begin = time.process_time()
    found = lint_series(series)
    linted = time.process_time() - begin
    assert {finding.code for finding in found} == {"no-hook", "no-turn"}
    assert (listed < 1, linted < 1) == (True, True), (listed, linted)


def test_one_figure_says_how_much_is_made(tmp_path: Path) -> None:
    board = ProjectFolder(tmp_path / "p").board()
    shots = board.take_over(read_table(_big(tmp_path / "s.csv", 2)), size=(128, 72))
    board.update(shots[0], take=_take(1))
    board.update(shots[12], take=_take(2))
    again = ProjectFolder(tmp_path / "p").board()
    assert (again.series.made, again.series.progress) == (2, 2 / 24)
    assert [episode.made for episode in again.series.episodes] == [1, 1]
    assert again[1].planned == ("1", 7.0, 128, 72)  # the plan outlives the take
    assert is_placeholder(again[2].take)
    assert not is_placeholder(again[1].take)


def test_a_card_is_a_clip_like_any_other() -> None:
    card = PlannedClip("12", 2.5, (72, 128))
    assert (len(card), card.fps, card.size, card.duration_s) == (30, 12, (72, 128), 2.5)
    assert card.frames.shape == (30, 72, 128, 3)
    assert card.frames.std() > 1
    assert not card.frames.flags.writeable
    assert len(card[6:18]) == 12
    assert is_placeholder(card[6:18])
    assert card.content_hash == PlannedClip("12", 2.5, (72, 128)).content_hash
    assert card.content_hash != PlannedClip("13", 2.5, (72, 128)).content_hash
    for label, seconds, size in (
        ("1", 0, (72, 128)),
        ("1", float("nan"), (72, 128)),
        ("1", True, (72, 128)),
        ("1", 1, (0, 5)),
        ("1", 1, (72, 10**9)),
        ("x" * 99, 1, (72, 128)),
    ):
        with pytest.raises(InputError):
            PlannedClip(label, seconds, size)


def test_a_board_that_lies_about_its_cards_opens(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.take_over(read_table(_big(tmp_path / "s.csv", 1)))
    path = tmp_path / "board.toml"
    text = path.read_text()
    for old in ('planned = ["1", 7.0,', 'planned = ["1", "a",', "planned = [[],"):
        path.write_text(text.replace('planned = ["1", 7.0,', old))
        shots = Board(tmp_path).shots
        assert len(shots) == 12
        assert is_placeholder(shots[1].take)


def _episode(*shots: tuple[str, float, str]) -> Board:
    """(size, seconds, beat) a shot."""
    board = Board()
    for size, seconds, beat in shots:
        board.add(PlannedClip("1", seconds, (128, 72)), size=size, beat=beat, episode="1")
    return board


@pytest.mark.parametrize(
    ("shots", "codes"),
    [
        ([("CU", 3, "hook"), ("MS", 30, ""), ("MS", 30, "turn"), ("CU", 20, "cliff")], []),
        ([("MS", 4, ""), ("CU", 20, "hook"), ("CU", 20, "cliff")], ["no-hook"]),
        ([("CU", 50, "hook"), ("CU", 20, "turn")], ["no-turn"]),
        ([("CU", 20, "hook"), ("LS", 20, "turn")], ["weak-ending"]),
        (
            [("CU", 40, "hook"), ("CU", 40, "turn"), ("CU", 40.5, "cliff")],
            ["no-turn", "over-length"],
        ),
        ([("MS", 130, "")], ["no-hook", "no-turn", "weak-ending", "over-length"]),
    ],
)
def test_pacing(shots: list[tuple[str, float, str]], codes: list[str]) -> None:
    found = lint_series(_episode(*shots).series)
    assert [finding.code for finding in found] == codes
    for finding in found:
        assert finding.words["en"]
        assert any("一" <= char <= "鿿" for char in finding.words["zh"])


def test_rules_can_be_set() -> None:
    series = _episode(("CU", 20, "hook"), ("CU", 20, "turn")).series
    assert not lint_series(series)
    assert [f.code for f in lint_series(series, PacingRules(turn_s=15))] == ["no-turn"] * 2
    long = _episode(*[("CU", 35, "turn")] * 5).series  # 175 s
    codes = [
        [f.code for f in lint_series(long, PacingRules(platforms=(name,)))]
        for name in ("short-drama", "youtube-shorts", "reels", "tiktok")
    ]
    assert codes == [["over-length"], [], [], []]
    with pytest.raises(InputError, match="youtube-shorts"):
        PacingRules(platforms=("myspace",))
    with pytest.raises(InputError, match="15 to 40"):
        PacingRules(turn_s=400)


def test_a_beat_may_stand_in_the_notes() -> None:
    board = _episode(("CU", 3, ""))
    for notes, beat in (
        ("【爆点】she falls", "hook"),
        ("[Turn]", "turn"),
        ("(反转)", "turn"),
        ("turn left", ""),
        ("[fast]", ""),
    ):
        assert beat_of(board.update(1, notes=notes)) == beat
    assert beat_of(board.update(1, beat="悬念")) == "cliff"


def test_left_out_episodes_and_transitions_count() -> None:
    board = Board()
    for name in ("1", "2", "5"):
        for index in range(2):
            board.add(_take(index, 24), episode=name, size="CU", fade_s=0.5 * index, beat="hook")
    series = board.series
    assert series.missing() == (3, 4)
    assert [f.episode for f in lint_series(series) if f.code == "missing-episode"] == ["3", "4"]
    assert [episode.seconds for episode in series.episodes] == [3.5] * 3
    assert series.episodes[0].starts_s == (0, 1.5)
    assert series.episode("05").name == "5"
    with pytest.raises(InputError, match="no episode '9'"):
        series.episode("9")


def test_file_names_never_meet() -> None:
    board = Board()
    for name in ("1", "E01", "../../etc/passwd", "第2集", "序", ""):
        board.add(_take(1), episode=name)
    names = file_names(board.series.episodes, ".mp4")
    assert names[:2] == ("ep-001.mp4", "ep-001-2.mp4")
    assert len(set(names)) == 6
    assert not any("/" in name or ".." in name for name in names)


def test_a_film_an_episode_and_one_progress_figure(tmp_path: Path) -> None:
    board = Board()
    for episode in ("1", "2"):
        for seed in range(2):
            board.add(_take(seed, 6), episode=episode, dialogue="走吧", translation="Let's go")
    seen: list[tuple[int, int]] = []
    paths = board.export_series(
        tmp_path / "films",
        preset="vertical-1080p",
        captions="files",
        sign=False,
        on_frame=lambda done, total: seen.append((done, total)),
    )
    assert [path.name for path in paths] == ["ep-001.mp4", "ep-002.mp4"]
    assert {total for _, total in seen} == {48}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (48, 48)
    for path in paths:
        info = probe(path)
        assert (info.width, info.height, info.num_frames) == (1080, 1920, 24)
        assert "走吧" in path.with_suffix(".srt").read_text(encoding="utf-8")
    one = board.export(tmp_path / "one.mp4", episode="2", label=False, sign=False)
    assert probe(one).num_frames == 24
    with pytest.raises(InputError, match="'7'"):
        board.export_series(tmp_path / "none", episodes=["1", "7"])
    assert not (tmp_path / "none").exists()
    assert series_of(()).progress == 0
