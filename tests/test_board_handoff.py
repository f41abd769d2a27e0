"""Sprite sheets, PNG sequences and Theora, read back; and films whose takes are gone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel import Studio
from playreel.board import Board
from playreel.board.handoff import (
    write_handoff,
    write_ogv,
    write_png_sequence,
    write_sprite_sheet,
)
from playreel.errors import InputError, PlayreelWarning
from playreel.media import Clip, probe
from playreel.recipe import Recipe


def _take(count: int = 7, value: int = 60) -> Clip:
    frames = np.full((count, 72, 128, 3), value, np.uint8)
    frames[:, 4, 4, 0] = np.arange(count) * 9
    return Clip(frames, 12, Recipe(operation="play"))


def test_a_sprite_sheet_tells_where_each_frame_is(tmp_path: Path) -> None:
    take = _take()
    path = write_sprite_sheet(tmp_path / "run.png", take, name="run")
    document = json.loads((tmp_path / "run.json").read_text())
    with Image.open(path) as image:
        sheet = np.asarray(image)
    assert document["meta"]["size"] == {"w": sheet.shape[1], "h": sheet.shape[0]}
    for index, entry in enumerate(document["frames"]):
        x, y, w, h = (entry["frame"][key] for key in "xywh")
        assert np.array_equal(sheet[y : y + h, x : x + w], take.frames[index])
    assert sum(entry["duration"] for entry in document["frames"]) == 583
    assert document["meta"]["frameTags"][0]["to"] == 6
    with pytest.raises(InputError, match="do not fit"):
        write_sprite_sheet(tmp_path / "b.png", Clip(np.zeros((8000, 72, 128, 3), np.uint8)))


def test_numbered_pictures_are_exact_and_never_mixed(tmp_path: Path) -> None:
    take = _take()
    paths = write_png_sequence(tmp_path / "seq", take)
    assert [path.name for path in paths] == [f"{index:05d}.png" for index in range(7)]
    for path, frame in zip(paths, take.frames, strict=True):
        with Image.open(path) as image:
            assert np.array_equal(np.asarray(image), frame)
    with pytest.raises(InputError, match="empty folder"):
        write_png_sequence(tmp_path / "seq", take)


def test_theora_for_game_engines(tmp_path: Path) -> None:
    small = np.random.default_rng(0).integers(0, 256, (7, 9, 16, 3), np.uint8)
    moving = Clip(small.repeat(8, axis=1).repeat(8, axis=2), 12)
    path = write_ogv(tmp_path / "a.ogv", moving, scale=2)
    info = probe(path)
    assert (info.codec, info.width, info.height, info.fps) == ("theora", 256, 144, 12)
    assert len(Clip.open(path)) == 7
    with pytest.raises(InputError, match=r"\.ogv"):
        write_ogv(tmp_path / "a.mp4", _take())


def test_the_buttons_of_a_take_a_line_a_frame(tmp_path: Path) -> None:
    frames = np.zeros((4, 72, 128, 3), np.uint8)
    actions = ("right", "jump", "=cmd()", "left")
    take = Clip(frames, 12, Recipe(operation="capture", options={"start": 1}, actions=actions))
    lines = write_handoff(tmp_path / "a.ndjson", take).read_text().splitlines()
    head, *rows = [json.loads(line) for line in lines]
    assert head == {"take": take.content_hash, "fps": "12", "seed": None}
    assert [row["button"] for row in rows] == list(actions)
    assert [row["frame"] for row in rows] == [0, 1, 2, 3]
    assert rows[3]["time_s"] == 0.25
    with write_handoff(tmp_path / "a.csv", take).open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["button"] for row in table] == ["right", "jump", "'=cmd()", "left"]
    for clip in (_take(), Clip(frames)):
        with pytest.raises(InputError, match="played"):
            write_handoff(tmp_path / "b.csv", clip)
    with pytest.raises(InputError, match="folder"):
        write_handoff(tmp_path / "b.txt", take)
    assert len(list(write_handoff(tmp_path / "frames", take).iterdir())) == 4


def test_a_played_take_leaves_by_the_facade(tmp_path: Path, bundle) -> None:
    studio = Studio(tmp_path / "p", bundle=bundle)
    world = studio.world(prompt="a fox", seed=1)
    world.play(f"{world.actions[1]}*3 {world.actions[0]}*2")
    take = world.capture(0, 6)
    shot = studio.board.add(take)
    rows = studio.handoff(shot.uid, tmp_path / "log.ndjson").read_text().splitlines()[1:]
    pressed = [json.loads(row)["button"] for row in rows]
    assert pressed == ["", *[world.actions[1]] * 3, *[world.actions[0]] * 2]
    assert studio.handoff(1, tmp_path / "s.png").exists()
    assert studio.handoff(take.content_hash[:12], tmp_path / "t.ogv").exists()


def test_a_film_without_one_take_shows_a_card(tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    board.add(_take(6, 40))
    lost = board.add(_take(6, 90))
    next((tmp_path / "board" / "takes").glob(f"{lost.take.content_hash[:32]}.mkv")).unlink()
    again = Board(tmp_path / "board")
    with pytest.warns(PlayreelWarning, match=rf"Shot 2 \({lost.uid}\)"):
        path = again.export(tmp_path / "a.mp4", label=False, sign=False)
    frames = Clip.open(path).frames
    assert frames[0][500, 900].max() < 60
    assert len(frames) > 12
    assert again[2].take.content_hash == lost.take.content_hash
