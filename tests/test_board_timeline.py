"""Timelines, read back by OpenTimelineIO's own library, and edits that come home."""

from __future__ import annotations

import json
import re
import zipfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from playreel.board import Board
from playreel.board.cutlist import spans_of
from playreel.board.draft import write_draft
from playreel.board.timeline import conform, write_timeline
from playreel.errors import InputError
from playreel.media import Clip, probe
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


def test_an_edit_at_another_rate_and_on_two_tracks_comes_home(tmp_path: Path) -> None:
    """As editors write it: at 24 a second, an insert on a second track, takes of mixed rates and sizes."""
    board = Board()
    for index, (count, fps, height) in enumerate(((12, 12, 72), (36, 24, 144), (12, 12, 72))):
        frames = np.zeros((count, height, 128, 3), np.uint8)
        frames[:, 0, 0, 0] = np.arange(count)
        board.add(Clip(frames, fps), description=f"shot {index}")
    uids = [shot.uid for shot in board]
    path = write_timeline(tmp_path / "t.otio", board)
    timeline = otio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    clips = [clip.clone() for clip in track.find_clips()]
    time, span = otio.opentime.RationalTime, otio.opentime.TimeRange
    clips[0].source_range = span(time(0, 24), time(24, 24))  # as it was
    clips[1].source_range = span(time(6, 24), time(18, 24))
    stock = otio.schema.Clip(
        name="stock",
        media_reference=otio.schema.ExternalReference("file:///stock/rain.mov"),
        source_range=span(time(0, 24), time(12, 24)),
    )
    track.clear()
    track.extend([clips[0], clips[2], clips[1]])
    over = otio.schema.Track(name="V2", kind=otio.schema.TrackKind.Video)
    over.extend([otio.schema.Gap(duration=time(24, 24)), stock])
    timeline.tracks.append(over)
    otio.adapters.write_to_file(timeline, str(path))
    done = conform(board, path)
    assert (done.trimmed, done.removed) == ((uids[1],), ())
    assert [shot.uid for shot in board] == [uids[0], uids[2], *done.added, uids[1]]
    kept = board[uids[1]].take
    assert (kept.fps, kept.frames[:, 0, 0, 0].tolist()) == (24, list(range(6, 24)))
    assert board[done.added[0]].notes == "from the editor file:///stock/rain.mov"


def test_an_edit_list_counts_frames(tmp_path: Path) -> None:
    board = _board()
    text = write_timeline(tmp_path / "t.edl", board).read_text()
    pattern = r"^(\d{3})  (\S+)\s+V\s+(C|D)\s+(?:(\d{3})\s+)?(\S+) (\S+) (\S+) (\S+)$"
    events = re.findall(pattern, text, re.MULTILINE)
    assert [event[1:4] for event in events] == [
        ("S001", "C", ""),
        ("S001", "C", ""),
        ("S002", "D", "012"),
        ("S002", "C", ""),
        ("S003", "D", "006"),
        ("S004", "C", ""),
    ]

    def frames(code: str) -> int:
        hours, minutes, seconds, rest = (int(part) for part in code.split(":"))
        return ((hours * 60 + minutes) * 60 + seconds) * 24 + rest

    spans = [[frames(code) for code in event[4:]] for event in events]
    assert all(b - a == d - c for a, b, c, d in spans)
    assert spans[-1][3] - spans[0][2] == len(board.film(fps=24))
    assert all(one[3] == two[2] for one, two in pairwise(spans))


def test_the_adapters_of_the_formats_read_the_same_cut(tmp_path: Path) -> None:
    """FCPXML, xmeml and EDL by OpenTimelineIO's own adapters, beside the film itself."""
    board = _board()
    board.update(3, transition="wipe", description="<&> \x07 🦊")
    film = board.film(fps=24)
    expected = [(first, last - first) for _, (first, last) in spans_of(film)]
    assert sum(length for _, length in expected) == len(film)
    known = otio.adapters.available_adapter_names()
    for suffix, adapter in ((".fcpxml", "fcpx_xml"), (".xml", "fcp_xml"), (".edl", "cmx_3600")):
        path = write_timeline(tmp_path / f"Pitch{suffix}", board)
        if adapter not in known:
            pytest.skip(f"the adapter {adapter} is not installed")
        rate = {"rate": 24} if suffix == ".edl" else {}
        read = otio.adapters.read_from_file(str(path), adapter, **rate)
        timeline = read if isinstance(read, otio.schema.Timeline) else read[0]
        track = timeline.video_tracks()[0]
        assert round(track.duration().to_frames()) == len(film)
        clips = list(track.find_clips())
        spans = [
            (
                round(c.source_range.start_time.to_frames()),
                round(c.source_range.duration.to_frames()),
            )
            for c in clips
        ]
        if suffix == ".edl":  # a dissolve is told from its begin there
            assert len(spans) == 4
        else:
            assert spans == expected
            text = path.read_text(encoding="utf-8")
            urls = re.findall(r"file://(/[^\"<]+)", text)  # the adapter knows no media-rep
            for url, shot in zip(urls, board, strict=True):
                file = Path(unquote(url))
                info = probe(file)
                assert (info.width, info.height, info.fps) == (1920, 1080, 24)
                assert info.num_frames == 2 * len(shot.take)
    xml = otio.adapters.read_from_file(str(tmp_path / "Pitch.xml"), "fcp_xml")
    fades = [x for x in xml.video_tracks()[0] if isinstance(x, otio.schema.Transition)]
    assert [(fade.name, (fade.in_offset + fade.out_offset).to_frames()) for fade in fades] == [
        ("Cross Dissolve", 12),
        ("Wipe", 6),
    ]


def test_final_cut_gets_the_transitions(tmp_path: Path) -> None:
    board = _board()
    board.update(3, transition="dip")
    document = ElementTree.parse(write_timeline(tmp_path / "t.fcpxml", board))  # noqa: S314 - ours
    spine = document.find(".//spine")
    assert [item.tag for item in spine] == [
        *("asset-clip", "transition", "asset-clip", "transition", "asset-clip", "asset-clip")
    ]

    def frames(text: str) -> Fraction:
        return Fraction(text.removesuffix("s")) * 24

    clips = [item for item in spine if item.tag == "asset-clip"]
    fades = [item for item in spine if item.tag == "transition"]
    end = Fraction(0)
    assets = {asset.get("id"): asset for asset in document.iter("asset")}
    for clip in clips:  # one after the other, within what the media hold
        assert frames(clip.get("offset")) == end
        end += frames(clip.get("duration"))
        stop = frames(clip.get("start")) + frames(clip.get("duration"))
        assert stop <= frames(assets[clip.get("ref")].get("duration"))
    assert end == frames(document.find(".//sequence").get("duration")) == len(board.film(fps=24))
    for fade, after in zip(fades, clips[1:], strict=False):  # around the cut
        middle = frames(fade.get("offset")) + frames(fade.get("duration")) / 2
        assert middle == frames(after.get("offset"))
        assert fade.find("filter-video").get("ref") in {
            e.get("id") for e in document.iter("effect")
        }
    assert [frames(fade.get("duration")) for fade in fades] == [12, 6]
    assert "transition: dip" in [mark.get("value") for mark in document.iter("marker")]


def test_a_draft_holds_together(tmp_path: Path) -> None:
    """剪映's draft: tracks, times, references and relative paths; opened by pyJianYingDraft by hand."""
    board = _board()
    folder = write_draft(tmp_path / "draft", board)
    draft = json.loads((folder / "draft_content.json").read_text(encoding="utf-8"))
    meta = json.loads((folder / "draft_meta_info.json").read_text(encoding="utf-8"))
    film = board.film(fps=24)
    micros = round(len(film) * 1_000_000 / 24)
    assert draft["duration"] == meta["tm_duration"] == micros
    assert meta["draft_id"] == draft["id"]
    assert draft["canvas_config"] == {"height": 1080, "ratio": "original", "width": 1920}
    picture, text = draft["tracks"]
    assert (picture["type"], text["type"]) == ("video", "text")
    known = {item["id"]: item for kind in draft["materials"].values() for item in kind}
    end = 0
    for segment in picture["segments"]:
        place, source = segment["target_timerange"], segment["source_timerange"]
        assert place["start"] == end
        end += place["duration"]
        assert abs(place["duration"] - source["duration"]) <= 1
        media = known[segment["material_id"]]
        assert source["start"] + source["duration"] <= media["duration"]
        name = media["path"].removeprefix("##_draftpath_placeholder_")
        assert name.split("_##/", 1)[1].startswith("materials/")
        assert (folder / "materials" / media["material_name"]).is_file()
        assert all(ref in known for ref in segment["extra_material_refs"])
    assert end == micros
    assert [item["duration"] for item in draft["materials"]["transitions"]] == [500_000, 250_000]
    assert json.loads(draft["materials"]["texts"][0]["content"])["text"] == "雪"
    assert str(tmp_path) not in (folder / "draft_content.json").read_text(encoding="utf-8")
    before = (folder / "draft_content.json").read_bytes()
    write_draft(folder, board)  # again, over itself
    assert (folder / "draft_content.json").read_bytes() == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("keep")
    with pytest.raises(InputError, match="something in it"):
        write_draft(tmp_path / "mine", board)


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
    for deep in ("[" * 200_000, '{"a":' * 100_000, '{"a]": ["' * 5000):
        text.write_text(deep)  # the library's own reader would end the process
        with pytest.raises(InputError, match=r"levels deep|cannot be read"):
            conform(board, text)
    text.write_text("[" * 200_000)
    with pytest.raises(InputError, match="levels deep"):
        conform(board, text)
    with pytest.raises(InputError, match=r"\.edl"):
        write_timeline(tmp_path / "t.aaf", board)
