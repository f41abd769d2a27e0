"""Tables and scripts in, tables out: nothing lost, nothing run, all or nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from playreel.board import Board, Planned, read_script, read_table, shown_numbers, write_table
from playreel.board.planned import is_placeholder
from playreel.errors import InputError
from playreel.media import Clip
from playreel.recipe import Recipe

FULL = {
    "size": "CU",
    "angle": "low",
    "move": "push",
    "lens": "wide",
    "transition": "wipe",
    "fade_s": 0.25,
    "status": "review",
    "scene": "2",
    "episode": "1",
    "speaker": "狐狸",
    "dialogue": '他说："走吧, 快！"\n第二行',
    "translation": "He said: go",
    "description": "=cmd|'/c calc'!A1",
    "voice_over": "'quoted",
    "music": "+slow drums",
    "sound": "@wind",
    "notes": "-1",
    "references": ("狐狸", "gate"),
}
FOUNTAIN = """Title: The Gate
Author: someone

INT. CAVE - NIGHT #1#

A torch *flickers*. [[note]]

FOX (V.O.)
(whispers)
We should not be here.

CUT TO:

.雪山之上

狐狸慢慢走来。

@狐狸
快跑！

> FADE OUT.

Snow falls. /* cut
this */ Silence.
"""
FDX = """<?xml version="1.0" encoding="UTF-8"?>
<FinalDraft DocumentType="Script"><Content>
<Paragraph Type="Scene Heading"><Text>EXT. RIDGE - DAY</Text></Paragraph>
<Paragraph Type="Action"><Text>A fox </Text><Text Style="Bold">runs</Text><Text>.</Text></Paragraph>
<Paragraph Type="Character"><Text>FOX</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Jump &amp; run!</Text></Paragraph>
</Content></FinalDraft>
"""


def _take(value: int, count: int = 12) -> Clip:
    return Clip(np.full((count, 72, 128, 3), value, np.uint8), 12, Recipe(operation="play"))


def _plan(shot: object) -> dict[str, object]:
    return {name: getattr(shot, name) for name in FULL}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_table_comes_back_as_it_was(language: str, tmp_path: Path) -> None:
    board = Board()
    board.add(_take(40), **FULL)
    board.add(_take(90, 20))
    path = write_table(tmp_path / "t.csv", board.shots, language=language)
    rows = read_table(path)
    assert [row.uid for row in rows] == [shot.uid for shot in board]
    assert rows[1].seconds == pytest.approx(20 / 12, abs=1e-4)
    before = board.shots
    board.take_over(rows)
    assert board.shots == before
    fresh = Board()
    fresh.take_over(rows)
    assert [_plan(shot) for shot in fresh] == [_plan(shot) for shot in before]
    assert [len(shot.take) for shot in fresh] == [12, 20]
    assert all(is_placeholder(shot.take) for shot in fresh)


def test_no_cell_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(40), **FULL)
    path = write_table(tmp_path / "t.csv", board.shots, language="zh")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, row = csv.reader(file)
    twelve = "集,场,镜号,景别,角度,运镜,时长,画面内容,台词/旁白,音乐,音效,备注"
    assert heading[:12] == twelve.split(",")
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert row[heading.index("景别")] == "特写"
    assert row[heading.index("镜号")] == "1-1"


def test_a_storyboard_of_a_chinese_studio(tmp_path: Path) -> None:
    path = tmp_path / "分镜.csv"
    text = (
        "集,场,镜号,景别,角度,运镜,时长,画面内容,台词/旁白,音乐,音效,备注\r\n"
        "1,1,1,近景,仰拍,推镜,2.5秒,狐狸抬头,狐狸：快跑！,鼓,风声,\r\n"
        ",,,,,,,,,,,\r\n"
        "1,2,1,远景,平视,固定,4,雪山,旁白：从前有一座山,,,备注一\r\n"
    )
    path.write_bytes(text.encode("gb18030"))
    shots = Board().take_over(read_table(path))
    assert [(shot.size, shot.angle, shot.move) for shot in shots] == [
        ("MCU", "low", "push"),
        ("LS", "eye", "static"),
    ]
    assert (shots[0].speaker, shots[0].dialogue) == ("狐狸", "快跑！")
    assert (shots[1].voice_over, shots[1].dialogue) == ("从前有一座山", "")
    assert [shot.take.duration_s for shot in shots] == [2.5, 4]
    assert shots[1].notes == "备注一"


def test_a_bad_row_stops_all_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Size,Seconds,Action\nCU,2,a\nhuge,2,b\nLS,0,c\n")
    board = Board(tmp_path / "board")
    with pytest.raises(InputError, match=r"row 3: .*huge.*row 4: it lasts 0"):
        board.take_over(read_table(path))
    assert len(board) == 0
    path.write_text("Size,Seconds\nCU,soon\n")
    with pytest.raises(InputError, match="row 2: 'soon'"):
        read_table(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="分镜"):
        read_table(path)
    with pytest.raises(InputError, match="twice"):
        Board().take_over([Planned(uid="shot-1"), Planned(uid="shot-1")])


def test_numbers_in_three_styles_after_an_insert() -> None:
    board = Board()
    for scene in ["1", "1", "1", "2", "2"]:
        board.add(_take(40), scene=scene)
    uids = [shot.uid for shot in board]
    board.add(_take(90), scene="1", at=3)
    assert [shot.uid for shot in board if shot.uid in uids] == uids
    assert shown_numbers(board.shots, "1A") == ("1A", "1B", "1C", "1D", "2A", "2B")
    assert shown_numbers(board.shots, "1-1") == ("1-1", "1-2", "1-3", "1-4", "2-1", "2-2")
    assert shown_numbers(board.shots, "010") == ("010", "020", "030", "040", "050", "060")
    with pytest.raises(InputError, match="1A, 1-1, 010"):
        shown_numbers(board.shots, "roman")


def test_many_shots_change_in_one_act(tmp_path: Path) -> None:
    board = Board(tmp_path)
    for value in range(45):
        board.add(_take(value * 5, 1))
    board.edit({n: {"size": "MS", "move": "跟", "status": "draft"} for n in range(1, 46)})
    assert {(shot.size, shot.move, shot.status) for shot in Board(tmp_path)} == {
        ("MS", "follow", "draft")
    }
    with pytest.raises(InputError, match="huge"):
        board.edit({1: {"size": "LS"}, 2: {"size": "huge"}})
    assert board[1].size == "MS"


def test_fountain_becomes_shots(tmp_path: Path) -> None:
    path = tmp_path / "s.fountain"
    path.write_text(FOUNTAIN, encoding="utf-8")
    shots = Board().take_over(read_script(path))
    assert [(s.scene, s.speaker, s.dialogue, s.voice_over, s.description) for s in shots] == [
        ("INT. CAVE - NIGHT", "", "", "", "A torch flickers."),
        ("INT. CAVE - NIGHT", "FOX", "", "We should not be here.", ""),
        ("雪山之上", "", "", "", "狐狸慢慢走来。"),
        ("雪山之上", "狐狸", "快跑！", "", ""),
        ("雪山之上", "", "", "", "Snow falls.  Silence."),
    ]
    assert shots[1].notes == "whispers"
    assert [shot.transition for shot in shots] == ["", "", "cut", "", "dip"]
    assert shown_numbers(shots) == ("1-1", "1-2", "2-1", "2-2", "2-3")


def test_final_draft_becomes_shots_and_bombs_do_not(tmp_path: Path) -> None:
    path = tmp_path / "s.fdx"
    path.write_text(FDX, encoding="utf-8")
    shots = Board().take_over(read_script(path))
    assert [(s.speaker, s.dialogue, s.description) for s in shots] == [
        ("", "", "A fox runs."),
        ("FOX", "Jump & run!", ""),
    ]
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><FinalDraft>&b;</FinalDraft>'
    path.write_text(bomb)
    with pytest.raises(InputError, match="entities"):
        read_script(path)
    path.write_text("<FinalDraft>" + "<a>" * 100)
    with pytest.raises(InputError, match="deeply"):
        read_script(path)
    path.write_text("<FinalDraft><Content>")
    with pytest.raises(InputError, match="not readable"):
        read_script(path)
    with pytest.raises(InputError, match="fountain"):
        other = tmp_path / "s.docx"
        other.write_text("x")
        read_script(other)


def test_a_table_is_written_of_a_board_whose_take_is_lost(tmp_path: Path) -> None:
    shot = Board(tmp_path / "b").add(_lost_take(), dialogue="Look!")
    next((tmp_path / "b" / "takes").glob("*.mkv")).unlink()
    path = write_table(tmp_path / "t.csv", Board(tmp_path / "b").shots)
    (row,) = read_table(path)
    assert (row.uid, row.plan["dialogue"]) == (shot.uid, "Look!")


def _lost_take() -> Clip:
    return Clip(np.zeros((4, 72, 128, 3), np.uint8), 12)
