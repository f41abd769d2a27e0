"""An animatic: number, plan and words over every shot, inside the safe box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playreel.board import PRESETS, Board, Planned
from playreel.board.animatic import animatic_cards
from playreel.media import Clip, probe, read_recipe
from playreel.recipe import Recipe


def _board() -> Board:
    board = Board()
    frames = np.full((12, 72, 128, 3), 60, np.uint8)
    take = Clip(frames, 12, Recipe(operation="play"))
    board.add(
        take, size="LS", move="pan", dialogue="Who is there?", translation="谁在那里？", scene="1"
    )
    words = "狐狸从树林里走出来，望着山谷里一盏盏亮起的灯火。" * 3
    board.take_over([Planned(plan={"description": words, "size": "CU", "scene": "2"}, seconds=2)])
    board.take_over([Planned(plan={"description": "x" * 900, "scene": "2"}, seconds=1)])
    return board


@pytest.mark.parametrize("preset", ["landscape-1080p", "vertical-1080p", "square"])
def test_every_card_lies_in_the_box_and_names_its_shot(preset: str) -> None:
    board, chosen = _board(), PRESETS[preset]
    assert chosen.size is not None
    box = chosen.safe_box(chosen.size)
    film = board.film(fps=24, size=chosen.size)
    cards = animatic_cards(film, board.shots, box, chosen.size, language="zh")
    assert [(card.start, card.stop) for card in cards] == [
        (0, 24),
        (24, 72),
        (24, 72),
        (72, 96),
        (72, 96),
    ]
    for card in cards:
        height, width = card.pixels.shape[:2]
        assert box.left <= card.left
        assert card.left + width <= box.right
        assert box.top <= card.top
        assert card.top + height <= box.bottom


def test_an_animatic_is_a_film_of_the_planned_length(tmp_path: Path) -> None:
    board = _board()
    path = board.export(
        tmp_path / "a.mp4", preset="landscape-1080p", animatic=True, label=False, sign=False
    )
    assert probe(path).num_frames == 24 + 48 + 24
    frames = Clip.open(path).frames
    plain = board.export(tmp_path / "b.mp4", preset="landscape-1080p", label=False, sign=False)
    without = Clip.open(plain).frames
    for index in (5, 40):
        changed = np.abs(frames[index].astype(int) - without[index]).max(-1) > 40
        assert changed[54:130, 960:1824].sum() > 300  # the slate
    assert (np.abs(frames[5].astype(int) - without[5]).max(-1) > 40)[900:1026].sum() > 1000
    recipe = read_recipe(path)
    assert recipe is not None
    assert recipe.options["animatic"] is True
    assert recipe.options["captions"] == "burn"
