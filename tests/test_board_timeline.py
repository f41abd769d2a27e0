"""Timelines, read back by OpenTimelineIO's own library, and edits that come home."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from playreel.board import Board
from playreel.board.timeline import conform, write_timeline
from playreel.errors import InputError
from playreel.media import Clip
from playreel.recipe import Recipe

otio = pytest.importorskip("opentimelineio")


def _board(folder: Path | None = None) -> Board:
    board = Board(folder)
    for index, count in enumerate((12, 18, 24, 12)):
        frames = np.full((count, 72, 128, 3), 40 * index, np.uint8)
        frames[:, 0, 0, 0] = np.arange(count)
        take = Clip(frames, 12, Recipe(operation="play", seed=index))
        fade = {1: 0.5, 2: 0.25}.get(index, 0)
        board.add(take, description=f"shot {index}", dialogue="雪", fade_s=fade)
    return board


def _clips(path: Path) -> list[object]:
    return list(otio.adapters.read_from_file(str(path)).video_tracks()[0].find_clips())


@pytest.mark.parametrize("suffix", [".otio", ".otioz"])
def test_the_library_reads_what_the_film_shows(suffix: str, tmp_path: Path) -> None:
    board = _board(tmp_path / "board")
    path = write_timeline(tmp_path / f"t{suffix}", board)
    timeline = otio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    clips = list(track.find_clips())
    assert [clip.metadata["playreel"]["uid"] for clip in clips] == [shot.uid for shot in board]
    assert round(track.duration().to_frames()) == len(board.film())
    fades = [item for item in track if isinstance(item, otio.schema.Transition)]
    assert [fade.in_offset.to_frames() + fade.out_offset.to_frames() for fade in fades] == [6, 3]
    recipe = Recipe.from_json(clips[2].metadata["playreel"]["recipe"])
    assert recipe == board[3].take.recipe
    assert clips[2].metadata["playreel"]["dialogue"] == "雪"
    if suffix == ".otioz":
        with zipfile.ZipFile(path) as bundle:
            assert sum(name.endswith(".mp4") for name in bundle.namelist()) == 4
    else:
        url = clips[0].media_reference.target_url
        assert Clip.open(url.removeprefix("file://")) == board[1].take
    assert sorted(p.name for p in tmp_path.iterdir()) == ["board", f"t{suffix}"]


def test_an_untouched_timeline_changes_nothing(tmp_path: Path) -> None:
    board = _board()
    before = board.shots
    done = conform(board, write_timeline(tmp_path / "t.otio", board))
    assert board.shots == before
    assert (done.trimmed, done.removed, done.added) == ((), (), ())


def test_an_edit_comes_home(tmp_path: Path) -> None:
    board = _board(tmp_path / "board")
    uids = [shot.uid for shot in board]
    path = write_timeline(tmp_path / "t.otio", board)
    timeline = otio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    clips = [clip.clone() for clip in track.find_clips()]
    time = otio.opentime.RationalTime
    last = clips[3].source_range
    clips[3].source_range = otio.opentime.TimeRange(last.start_time + time(2, 12), time(7, 12))
    foreign = otio.schema.Clip(
        name="stock",
        source_range=otio.opentime.TimeRange(time(0, 24), time(48, 24)),
    )
    track.clear()
    track.extend([clips[3], clips[0], foreign, clips[2]])
    otio.adapters.write_to_file(timeline, str(path))
    done = conform(board, path)
    assert done.kept == (uids[3], uids[0], uids[2])
    assert done.removed == (uids[1],)
    assert done.trimmed == (uids[3],)
    assert [shot.uid for shot in board] == [uids[3], uids[0], done.added[0], uids[2]]
    assert board[1].take.frames[:, 0, 0, 0].tolist() == list(range(2, 9))
    assert board[done.added[0]].take.duration_s == pytest.approx(2)
    assert len(list((tmp_path / "board" / "takes").glob("*.mkv"))) >= 5  # nothing is lost


def test_an_edit_list_counts_frames(tmp_path: Path) -> None:
    board = _board()
    text = write_timeline(tmp_path / "t.edl", board).read_text()
    pattern = r"^(\d{3})  (\S+)\s+V\s+(C|D)\s+(?:(\d{3})\s+)?(\S+) (\S+) (\S+) (\S+)$"
    events = re.findall(pattern, text, re.MULTILINE)
    assert [event[1:4] for event in events] == [
        ("S001", "C", ""),
        ("S001", "C", ""),
        ("S002", "D", "006"),
        ("S002", "C", ""),
        ("S003", "D", "003"),
        ("S004", "C", ""),
    ]

    def frames(code: str) -> int:
        hours, minutes, seconds, rest = (int(part) for part in code.split(":"))
        return ((hours * 60 + minutes) * 60 + seconds) * 12 + rest

    spans = [[frames(code) for code in event[4:]] for event in events]
    assert all(b - a == d - c for a, b, c, d in spans)
    assert spans[-1][3] - spans[0][2] == len(board.film())
    assert all(one[3] == two[2] for one, two in pairwise(spans))


def test_bad_timelines_are_refused(tmp_path: Path) -> None:
    board = _board()
    bomb = tmp_path / "b.otioz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", b" " * (65 * 2**20))
    with pytest.raises(InputError, match="unfolds"):
        conform(board, bomb)
    bomb.write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"no \.otioz"):
        conform(board, bomb)
    text = tmp_path / "t.otio"
    for content in ("{}", "{", "[1]", '{"OTIO_SCHEMA": "Clip.2"}'):
        text.write_text(content)
        with pytest.raises(InputError):
            conform(board, text)
    with pytest.raises(InputError, match=r"\.edl"):
        write_timeline(tmp_path / "t.aaf", board)
