"""Captions: inside the safe box, every glyph there, no row clipped, hostile markup defused."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from playreel.board import PRESETS, Board, Cue, write_subtitles
from playreel.board.subtitles import caption_cards, cues_of
from playreel.errors import InputError
from playreel.media import Clip
from playreel.media.caption import caption_picture, wrapped_rows
from playreel.media.face import SUBSTITUTE, caption_face, drawable, has_glyph
from playreel.recipe import Recipe

EN = "The gate closes at dusk and nobody who stayed outside has ever been seen again"
ZH = (
    "日落时分城门就会关上留在外面的人第二天早上再也没有人见过他们所以我们必须快跑，不然就来不及了！"
)


def _lines() -> list[tuple[str, str]]:
    rng = np.random.default_rng(3)
    lines = []
    for index in range(100):
        english = " ".join(rng.choice(EN.split(), 1 + index % 24)) + rng.choice(
            [".", "!", "?", "…"]
        )
        start = int(rng.integers(0, 12))
        chinese = (ZH * 2)[start : start + 1 + index % 60]
        lines.append((english, chinese))
    return lines


def _take(count: int = 12, value: int = 90) -> Clip:
    return Clip(np.full((count, 72, 128, 3), value, np.uint8), 12, Recipe(operation="play"))


def test_a_chinese_face_comes_with_the_package() -> None:
    assert caption_face() is not None
    assert all(has_glyph(char) for char in ZH + EN + "“”‘’—…·，。！？《》éüñ")
    assert not has_glyph("\U0001f98a")
    assert drawable("fox \U0001f98a\x00\u200b!") == f"fox {SUBSTITUTE}!"


@pytest.mark.parametrize("preset", ["landscape-1080p", "vertical-1080p", "square"])
def test_two_hundred_lines_stay_in_the_box(preset: str) -> None:
    chosen = PRESETS[preset]
    size = chosen.size
    assert size is not None
    box = chosen.safe_box(size)
    shown = 0
    for english, chinese in _lines():
        assert SUBSTITUTE not in drawable(english + chinese)
        cards = caption_cards([Cue(start=0, stop=240, texts=(english, chinese))], box, size)
        assert cards[0].start == 0
        assert cards[-1].stop == 240
        for card in cards:
            height, width = card.pixels.shape[:2]
            assert card.left >= box.left
            assert card.top >= box.top
            assert card.left + width <= box.right
            assert card.top + height <= box.bottom
            alpha = card.pixels[..., 3]
            assert not alpha[[0, -1]].any()  # nothing touches the picture's edge: nothing is cut
            assert not alpha[:, [0, -1]].any()
        shown += len(cards)
    assert shown >= 100


def test_every_word_is_shown_once_and_in_order() -> None:
    for english, chinese in _lines():
        assert " ".join(wrapped_rows(english, 54, 600)) == english
        assert "".join(wrapped_rows(chinese, 54, 600)) == chinese
    rows = wrapped_rows(ZH, 54, 600)
    assert not any(row[0] in "，。！" for row in rows)
    widths = [len(row) for row in rows]
    assert max(widths) - min(widths) <= 3


def test_ink_is_the_same_wherever_the_caption_wraps() -> None:
    """A clipped glyph would lose ink: one row has as much as the same words in two."""
    from playreel.media.caption import CaptionLine

    text = "gypsy queen 雪山顶上"
    whole = caption_picture([CaptionLine(text=text, size=54)])
    parts = caption_picture(
        [CaptionLine(text="gypsy queen", size=54), CaptionLine(text="雪山顶上", size=54)]
    )
    ink = [int((picture[..., 0] > 200).sum()) for picture in (whole, parts)]
    assert abs(ink[0] - ink[1]) < 0.01 * ink[0]


def test_cues_keep_clear_of_transitions() -> None:
    board = Board()
    board.add(_take(), dialogue="One", translation="一")
    board.add(_take(value=120), voice_over="Two", fade_s=0.5)
    board.add(_take(value=150))
    shots = board.shots
    film = board.film(fps=24)
    assert cues_of(film, shots) == (
        Cue(start=0, stop=12, texts=("One", "一")),
        Cue(start=24, stop=36, texts=("Two",)),
    )


def test_hostile_markup_is_words(tmp_path: Path) -> None:
    evil = "<font size=99>Hi</font> {\\an8}\n\n2\n00:00:00,000 --> 00:09:00,000\n<script>&"
    cues = [Cue(start=1, stop=25, texts=(evil, "第二行"))]
    srt = write_subtitles(tmp_path / "a.srt", cues, Fraction(24)).read_text(encoding="utf-8")
    vtt = write_subtitles(tmp_path / "a.vtt", cues, Fraction(24)).read_text(encoding="utf-8")
    assert srt.startswith("1\n00:00:00,042 --> 00:00:01,042\n")
    assert len(re.findall(r"^\d+\n[\d:,]+ --> [\d:,]+$", srt, re.MULTILINE)) == 1
    assert not re.search(r"[<>{}\\]", srt.replace("-->", ""))
    assert vtt.startswith("WEBVTT\n\n1\n00:00:00.042 --> 00:00:01.042\n")
    assert "<" not in vtt
    assert "&lt;script&gt;&amp;" in vtt
    assert vtt.count("-->") == 1
    assert "第二行" in srt
    with pytest.raises(InputError, match=r"\.srt"):
        write_subtitles(tmp_path / "a.ass", cues, Fraction(24))
