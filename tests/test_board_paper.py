"""The board as PDF, read back and rasterised by PDFium."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from playreel.board import Board
from playreel.board.paper import PAPERS, write_paper
from playreel.board.planned import PlannedClip
from playreel.errors import InputError
from playreel.media import Clip
from playreel.recipe import Recipe

pytest.importorskip("fpdf")
pdfium = pytest.importorskip("pypdfium2")
EN = "The fox steps out of the trees and looks down into the valley where lights come on."
ZH = "狐狸从树林里走出来，望着山谷里一盏盏亮起的灯火。"


def _take(color: tuple[int, int, int], size: tuple[int, int] = (72, 128)) -> Clip:
    return Clip(np.full((18, *size, 3), color, np.uint8), 12, Recipe(operation="play"))


def _board() -> Board:
    board = Board()
    board.add(
        _take((220, 30, 40)),
        size="LS",
        move="pan",
        description=EN,
        dialogue="Who is there?",
        translation="谁在那里？",
        speaker="FOX",
        notes="wind machine",
        scene="1",
        episode="7",
        music="drums",
    )
    board.add(
        _take((30, 60, 220), (128, 72)),
        description=ZH,
        voice_over="从前有座山",
        scene="2",
        episode="7",
    )
    board.add(PlannedClip("3", 4, (72, 128)), description="still to come", notes="备注" * 900)
    return board


def _pages(path: Path) -> tuple[list[str], list[np.ndarray], tuple[float, float]]:
    document = pdfium.PdfDocument(str(path))
    texts = [page.get_textpage().get_text_range() for page in document]
    pictures = [page.render(scale=1).to_numpy()[..., 2::-1] for page in document]
    size = document[0].get_size()
    document.close()
    return texts, pictures, size


def _letters(text: str) -> str:
    """Without what breaking a line may change."""
    return re.sub(r"\s|\u0002|\ufffe", "", text)


@pytest.mark.parametrize(("paper", "language"), [("a4", "en"), ("letter", "zh")])
def test_every_word_of_every_shot_is_on_paper(paper: str, language: str, tmp_path: Path) -> None:
    board = _board()
    path = board.contact_sheet(
        tmp_path / "s.pdf", title="雪山 · Ridge", paper=paper, language=language
    )
    texts, pictures, size = _pages(path)
    assert [side / 72 * 25.4 for side in size] == pytest.approx(PAPERS[paper], abs=0.1)
    said = _letters("".join(texts))
    for shot in board.shots:
        for text in (shot.description, shot.dialogue, shot.translation, shot.voice_over):
            assert _letters(text) in said
        assert f"{shot.take.duration_s:.1f}s" in said
    assert "windmachine" in said
    assert said.count("备注") >= 900  # over pages, and none is left out
    words = ("Episode7", "Scene1", "longshot") if language == "en" else ("第7集", "第1场", "远景")
    assert all(word in said for word in words)
    assert f"1{'of' if language == 'en' else '/'}{len(texts)}" in said
    assert "\ufffd" not in said
    for picture in pictures:  # nothing runs over the edge
        assert picture.shape[0] == round(size[1])
        assert (picture[:, :20] > 250).all()
        assert (picture[:, -20:] > 250).all()
    red = (np.abs(pictures[0].astype(int) - (220, 30, 40)).max(-1) < 8).sum()
    blue = (np.abs(pictures[0].astype(int) - (30, 60, 220)).max(-1) < 8).sum()
    assert red > 5000
    assert blue > 5000


def test_a_lost_take_leaves_its_row(tmp_path: Path) -> None:
    Board(tmp_path / "b").add(_take((220, 30, 40)), description=EN)
    next((tmp_path / "b" / "takes").glob("*.mkv")).unlink()
    texts, _, _ = _pages(Board(tmp_path / "b").contact_sheet(tmp_path / "s.pdf"))
    assert _letters(EN) in _letters(texts[0])
    assert "take is missing" in texts[0]


def test_no_glyph_is_missing(tmp_path: Path) -> None:
    board = Board()
    board.add(_take((9, 9, 9)), description="fox \U0001f98a 龘 é ½ \u200b \u0007 end")
    texts, _, _ = _pages(board.contact_sheet(tmp_path / "s.pdf"))
    assert "〓" in texts[0]  # what the face lacks is marked and not blank
    assert "龘" in texts[0]
    assert "end" in texts[0]


def test_bad_sheets_are_refused(tmp_path: Path) -> None:
    board = _board()
    with pytest.raises(InputError, match="empty"):
        Board().contact_sheet(tmp_path / "s.pdf")
    with pytest.raises(InputError, match="letter"):
        board.contact_sheet(tmp_path / "s.pdf", paper="a3")
    with pytest.raises(InputError, match=r"\.pdf"):
        write_paper(tmp_path / "s.doc", board.shots)
    with pytest.raises(InputError, match="010"):
        board.contact_sheet(tmp_path / "s.pdf", numbering="x")
    assert not list(tmp_path.iterdir())
