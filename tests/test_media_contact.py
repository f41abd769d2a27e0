"""Contact sheets: readable, evenly set, and honest about what they show."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel.errors import MediaError, PlayreelWarning
from playreel.media import Clip, contact_sheet
from playreel.media.contact import DARK, PAPER, SheetRow, render_sheet
from playreel.media.fonts import can_write, shortened, text_width, wrapped
from playreel.recipe import Recipe


def _colored(count: int, height: int, width: int) -> Clip:
    frames = np.zeros((count, height, width, 3), np.uint8)
    frames[..., 0] = 40 + np.arange(count)[:, None, None] * 200 // max(1, count - 1)
    frames[..., 1] = 90
    return Clip(frames)


def _shown(sheet: Image.Image) -> list[int]:
    """The frames of the first strip, by their red."""
    pixels = np.asarray(sheet)
    row = pixels[DARK.margin + 5]
    is_frame = row[:, 1] == 90
    starts = np.flatnonzero(is_frame & ~np.roll(is_frame, 1))
    return [int(row[x + 2, 0]) for x in starts]


@pytest.mark.parametrize(
    ("height", "width", "columns"), [(72, 128, 6), (128, 72, 10), (96, 96, 8), (720, 1280, 3)]
)
def test_strips_show_first_to_last_in_even_steps(height: int, width: int, columns: int) -> None:
    sheet = render_sheet([("a strip", _colored(41, height, width))])
    shown = _shown(sheet)
    assert len(shown) == columns
    assert shown == sorted(shown)
    assert (shown[0], shown[-1]) == (40, 240)
    pixels = np.asarray(sheet)[DARK.margin + 5]
    edges = np.flatnonzero(pixels[:, 1] == 90)
    assert edges[0] == DARK.margin
    assert edges[-1] == sheet.width - DARK.margin - 1


def test_pixel_art_is_enlarged_by_whole_factors() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (1, 72, 128, 3), np.uint8)
    sheet = np.asarray(render_sheet([("still", frame)]))
    top, left = DARK.margin, DARK.margin
    shown = sheet[top : top + 216, left : left + 384]
    assert np.array_equal(shown[1::3, 1::3], frame[0])
    assert np.array_equal(shown[::3, ::3], frame[0])


def test_new_frames_are_underlined() -> None:
    row = SheetRow(label="extended", clip=_colored(6, 72, 128), new=((3, 6),))
    sheet = np.asarray(render_sheet([row]))
    line = sheet[DARK.margin + 144 + 8]
    accent = (line == DARK.accent).all(axis=1)
    assert not accent[: DARK.margin + 3 * 256].any()
    assert accent[-DARK.margin - 256 : -DARK.margin].all()


def test_captions_titles_and_recipe_reach_the_file(tmp_path: Path) -> None:
    recipe = Recipe(operation="sheet")
    rows = [("one", _colored(3, 72, 128)), ("two", _colored(3, 72, 128).frames)]
    plain = render_sheet(rows, config=PAPER)
    path = contact_sheet(
        rows, tmp_path / "s.png", title="Pitch", subtitle="two", config=PAPER, recipe=recipe
    )
    with Image.open(path) as image:
        assert image.height > plain.height
        assert image.getpixel((2, 2)) == PAPER.background
        ink = np.asarray(image)[PAPER.margin : PAPER.margin + 44, PAPER.margin : PAPER.margin + 130]
        assert (ink.astype(int).sum(axis=2) < 200).sum() > 200
        assert Recipe.from_json(image.text["playreel:recipe"]) == recipe
    assert Clip.open(path).recipe == recipe


def test_long_words_are_cut_not_lost_silently() -> None:
    assert shortened("short", 20, 500) == "short"
    cut = shortened("word " * 200, 20, 300)
    assert cut.endswith("…")
    assert text_width(cut, 20) <= 300
    lines = wrapped("many words here " * 50, 20, 300, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(text_width(line, 20) <= 300 for line in lines)
    assert wrapped("x" * 500, 20, 300, 2)[0].endswith("…")


def test_chinese_is_written_or_the_lack_of_a_font_is_said() -> None:
    rows = [("雪山上的狐狸", _colored(2, 72, 128))]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        render_sheet(rows)
    said = [w for w in caught if issubclass(w.category, PlayreelWarning)]
    assert bool(said) != can_write("雪山上的狐狸")


def test_bad_sheets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="one row"):
        contact_sheet([], tmp_path / "s.png")
    with pytest.raises(MediaError, match=r"\.png"):
        contact_sheet([("a", _colored(2, 8, 8))], tmp_path / "s.jpg")
    dot = Clip(np.zeros((1, 1, 1, 3), np.uint8))
    thread = Clip(np.zeros((2, 1, 3000, 3), np.uint8))
    assert render_sheet([("", dot), ("a thread", thread)]).width == DARK.content + 2 * DARK.margin
