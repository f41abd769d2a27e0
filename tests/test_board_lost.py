"""Takes whose media is gone: a card of the same length in everything that is written, and a warning."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from playreel import Studio
from playreel.board import Board
from playreel.board.draft import write_draft
from playreel.board.lost import lost, with_cards
from playreel.board.planned import placeholder
from playreel.board.preflight import preflight
from playreel.board.timeline import conform, write_timeline
from playreel.errors import PlayreelWarning
from playreel.media import Clip
from playreel.project import ProjectFolder

COLORS = ((200, 40, 40), (40, 200, 40), (40, 40, 200))


def _take(color: tuple[int, int, int], count: int = 7) -> Clip:
    frames = np.full((count, 72, 128, 3), color, np.uint8)
    frames[:, 0, 0, 0] = np.arange(count)
    return Clip(frames, 12)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """Three shots in a project; the file of the second take is gone, and so is what was in memory."""
    made = ProjectFolder(tmp_path / "p").board()
    for index, color in enumerate(COLORS):
        made.add(_take(color), description=f"shot {index}", fade_s=0.25 if index == 1 else 0)
    gone = made[2].take.content_hash[:32]
    next((tmp_path / "p" / "takes").glob(f"{gone}.*")).unlink()
    return ProjectFolder(tmp_path / "p").board()


def _named(board: Board) -> str:
    return rf"(?s)Shot 2 \({board[2].uid}\) shows a card.*{board[2].take.content_hash[:12]}"


def _is_card(frame: np.ndarray) -> bool:
    card = placeholder("2", 1, board_fps, (72, 128)).frames[0].astype(int)
    small = np.asarray(Image.fromarray(frame).resize((128, 72), Image.Resampling.BOX)).astype(int)
    return bool(np.abs(small - card).mean() < 4)


board_fps = _take(COLORS[0]).fps


def test_a_card_is_as_long_as_its_take_and_says_which(board: Board) -> None:
    with pytest.warns(PlayreelWarning, match=_named(board)) as told:
        shown = with_cards(board.shots)
    assert len(told) == 1
    assert [len(shot.take) for shot in shown] == [7, 7, 7]
    card = shown[1].take
    assert card.fps == 12
    assert card.recipe is not None
    assert card.recipe.options["lost"] == board[2].take.content_hash
    assert _is_card(card.frames[3])
    assert lost(board[1].take) is None
    assert lost(board[2].take, whole=False) is not None


def test_a_board_with_a_lost_take_can_be_listed_and_checked(board: Board, tmp_path: Path) -> None:
    """A take that was brought in has no recipe beside it, and none can be read any more."""
    assert board[2].take.recipe is None
    assert [(fault.number, fault.code) for fault in preflight(board.shots)] == [(2, "lost-take")]
    studio = Studio(tmp_path / "p")
    assert studio.stale() == {}
    assert [shot.take.duration_s for shot in studio.board] == [pytest.approx(7 / 12)] * 3


def test_the_sheet_shows_it(board: Board, tmp_path: Path) -> None:
    with pytest.warns(PlayreelWarning, match=_named(board)):
        sheet = np.asarray(Image.open(board.contact_sheet(tmp_path / "s.png")))[..., :3]
    card = placeholder("2", 1, board_fps, (72, 128)).frames[0]
    for color in (*COLORS[::2], tuple(card[20, 3]), (232, 228, 216)):
        assert (np.abs(sheet.astype(int) - color).max(-1) <= 2).sum() > 100, color
    assert not (np.abs(sheet.astype(int) - COLORS[1]).max(-1) <= 2).any()


@pytest.mark.parametrize("suffix", [".otio", ".otioz", ".edl", ".fcpxml", ".xml"])
def test_editors_get_it(suffix: str, board: Board, tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio")
    with pytest.warns(PlayreelWarning, match=_named(board)) as told:
        path = write_timeline(tmp_path / f"t{suffix}", board)
    assert len(told) == 1
    name = board[2].take.content_hash
    if suffix == ".edl":
        assert f"* THE TAKE IS MISSING\n* FROM CLIP NAME: {name[:12]}" in path.read_text()
        assert len(re.findall(r"^00[123]  S\S+\s+V\s+[CD]", path.read_text(), re.MULTILINE)) == 4
        return
    if suffix == ".fcpxml":
        marks = [mark.get("value") for mark in ElementTree.parse(path).iter("marker")]  # noqa: S314
        assert marks == ["the take is missing"]
    if suffix in (".fcpxml", ".xml"):
        files = sorted((tmp_path / "t media").glob("*.mp4"))
        assert [_is_card(Clip.open(file).frames[5]) for file in files] == [False, True, False]
        return
    clips = list(otio.adapters.read_from_file(str(path)).video_tracks()[0].find_clips())
    assert [clip.metadata["playreel"]["take"] for clip in clips] == [
        shot.take.content_hash for shot in board
    ]
    if suffix == ".otio":  # the format's own word for it
        assert isinstance(clips[1].media_reference, otio.schema.MissingReference)
        return
    with zipfile.ZipFile(path) as bundle:
        files = sorted(name for name in bundle.namelist() if name.endswith(".mp4"))
        bundle.extract(files[1], tmp_path / "out")
        assert len(files) == 3
    assert _is_card(Clip.open(tmp_path / "out" / files[1]).frames[3])


def test_a_draft_gets_it(board: Board, tmp_path: Path) -> None:
    with pytest.warns(PlayreelWarning, match=_named(board)):
        folder = write_draft(tmp_path / "draft", board)
    draft = json.loads((folder / "draft_content.json").read_text(encoding="utf-8"))
    names = [video["material_name"] for video in draft["materials"]["videos"]]
    assert _is_card(Clip.open(folder / "materials" / names[1]).frames[3])


def test_a_lost_take_survives_an_edit(board: Board, tmp_path: Path) -> None:
    """An untouched timeline changes nothing; a trim of what is gone is told, and the shot is kept."""
    otio = pytest.importorskip("opentimelineio")
    before = [(shot.uid, shot.take.content_hash) for shot in board]
    with pytest.warns(PlayreelWarning, match=_named(board)):
        path = write_timeline(tmp_path / "t.otio", board)
    done = conform(board, path)
    assert [(shot.uid, shot.take.content_hash) for shot in board] == before
    assert (done.trimmed, done.removed, done.added) == ((), (), ())
    timeline = otio.adapters.read_from_file(str(path))
    clips = list(timeline.video_tracks()[0].find_clips())
    time = otio.opentime.RationalTime
    clips[1].source_range = otio.opentime.TimeRange(time(3, 12), time(2, 12))
    otio.adapters.write_to_file(timeline, str(path))
    with pytest.warns(PlayreelWarning, match="was trimmed, but its take is missing"):
        done = conform(board, path)
    assert done.trimmed == ()
    assert [(shot.uid, shot.take.content_hash) for shot in board] == before


def test_a_series_and_a_bridge_go_round_it(board: Board, tmp_path: Path) -> None:
    """Nothing is generated from a card: a bridge beside it is a hard cut."""
    board.update(2, transition="bridge")
    board.update(3, transition="bridge")
    with pytest.warns(PlayreelWarning, match=_named(board)):
        (film,) = board.export_series(
            tmp_path / "out", preset="square", label=False, sign=False, bridger=None
        )
    assert len(Clip.open(film)) == 3 * 14
