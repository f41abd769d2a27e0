"""The board: stable shots, a folder that keeps them, and films out of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from playreel.board import Board
from playreel.board.planned import placeholder
from playreel.errors import InputError, MediaError, PlayreelWarning, StorageError
from playreel.media import Clip, probe, read_recipe
from playreel.media.fit import enlarge
from playreel.project import ProjectFolder
from playreel.recipe import Recipe


def _take(seed: int, count: int = 4, size: tuple[int, int] = (72, 128)) -> Clip:
    small = np.random.default_rng(seed).integers(0, 256, (count, size[0] // 8, size[1] // 8, 3))
    frames = small.astype(np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    return Clip(frames, 12, Recipe(operation="play", seed=seed))


def test_uids_stay_while_numbers_follow_the_order() -> None:
    board = Board()
    first = board.add(_take(1), size="wide", dialogue="Look!")
    second = board.add(_take(2), size="close-up")
    third = board.add(_take(3), size="MS", at=1)
    assert [shot.uid for shot in board.list()] == [third.uid, first.uid, second.uid]
    assert [shot.number for shot in board] == [1, 2, 3]
    assert [shot.size for shot in board] == ["MS", "LS", "CU"]
    assert board.move(second.uid, 1).number == 1
    assert board.remove(third).uid == third.uid
    assert [shot.uid for shot in board] == [second.uid, first.uid]
    assert board.update(2, dialogue="There!").dialogue == "There!"
    assert board[first.uid].dialogue == "There!"
    assert first.dialogue == "Look!"


def test_mistakes_name_what_is_known() -> None:
    board = Board()
    shot = board.add(_take(1))
    with pytest.raises(InputError, match="close-up"):
        board.add(_take(1), size="huge")
    with pytest.raises(InputError, match=shot.uid):
        board.remove("shot-none")
    with pytest.raises(InputError, match="1 to 1"):
        board.move(1, 2)
    with pytest.raises(InputError, match="dialogue"):
        board.update(1, uid="other")
    with pytest.raises(InputError, match="10000"):
        board.add(_take(1), dialogue="x" * 100_000)
    with pytest.raises(InputError, match="Clip"):
        board.add(np.zeros((1, 4, 4, 3), np.uint8))
    with pytest.raises(InputError, match="seconds"):
        board.add(_take(1), fade_s=float("nan"))
    with pytest.raises(InputError, match="empty"):
        Board().export("film.mp4")
    with pytest.raises(InputError, match="landscape-1080p"):
        board.export("film.mp4", preset="imax")
    with pytest.raises(InputError, match=r"\.gif"):
        board.export("film.mp4", preset="gif")
    with pytest.raises(InputError, match=r"\.mp4"):
        board.export("film.webm")
    assert len(board) == 1


def test_a_folder_keeps_the_board(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.add(_take(1), size="LS", dialogue="雪！", description="a ridge")
    board.add(_take(2, 3, (96, 96)), fade_s=0.1)
    board.move(2, 1)
    again = Board(tmp_path)
    assert again.shots == board.shots
    assert again[2].take.recipe == Recipe(operation="play", seed=1)
    again.remove(1)
    assert len(Board(tmp_path)) == 1
    assert len(Board(tmp_path / "other")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "schema_version = 9",
        "schema_version = 1\nshot = 3",
        "schema_version = 1\n[[shot]]\n",
        'schema_version = 1\n[[shot]]\nuid = "a"\ntake = "../../etc"',
        "x = " + "[" * 100000,
        "schema_version = 1\n<<<<<<< HEAD\n",
    ],
    ids=range(8),
)
def test_a_broken_board_is_refused_and_kept(text: str, tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(text)
    with pytest.raises(InputError, match=r"cannot be read|merge conflict"):
        Board(tmp_path)
    assert (tmp_path / "board.toml").read_text() == text


def test_what_a_later_version_added_to_a_shot_is_kept(tmp_path: Path) -> None:
    Board(tmp_path).add(_take(1), dialogue="Look!")
    path = tmp_path / "board.toml"
    path.write_text(
        path.read_text().replace("# --", 'mood = {sky = "dark", "旁白" = [1, 2.5]}\n# --')
    )
    Board(tmp_path).update(1, dialogue='He said "no"\n\\ \x7f\t雪')
    again = Board(tmp_path)
    assert again[1].dialogue == 'He said "no"\n\\ \x7f\t雪'
    assert 'mood = {sky = "dark", "旁白" = [1, 2.5]}' in path.read_text()


def test_a_board_of_the_first_version_is_read(tmp_path: Path) -> None:
    board = Board(tmp_path)
    shot = board.add(_take(1), size="LS", fade_s=0.5)
    entry = {"uid": shot.uid, "size": "LS", "dialogue": "", "description": "", "fade_s": 0.5}
    document = {"schema_version": 1, "shots": [{**entry, "take": shot.take.content_hash}]}
    (tmp_path / "board.toml").unlink()
    (tmp_path / "board.json").write_text(json.dumps(document))
    again = Board(tmp_path)
    assert again.shots == board.shots == (shot,)
    again.add(_take(2))
    assert len(Board(tmp_path)) == 2


def test_edits_of_two_people_merge(tmp_path: Path) -> None:
    """With Git's own merge: neighbouring shots, one moved, one added."""
    base = Board(tmp_path / "base")
    shots = [base.add(_take(n), dialogue=f"line {n}") for n in range(4)]
    for name in ("mine", "theirs"):
        shutil.copytree(tmp_path / "base", tmp_path / name)
    mine, theirs = Board(tmp_path / "mine"), Board(tmp_path / "theirs")
    mine.update(shots[1].uid, dialogue="mine", description="a ridge")
    mine.update(shots[3].uid, description="the end")
    theirs.update(shots[0].uid, size="LS")
    theirs.update(shots[2].uid, dialogue="theirs")
    theirs.add(_take(9), dialogue="one more")
    files = [str(tmp_path / name / "board.toml") for name in ("mine", "base", "theirs")]
    done = subprocess.run(["git", "merge-file", *files], capture_output=True)
    assert done.returncode == 0, done.stderr
    shutil.copytree(tmp_path / "theirs" / "takes", tmp_path / "mine" / "takes", dirs_exist_ok=True)
    merged = Board(tmp_path / "mine")
    assert [shot.dialogue for shot in merged] == [
        "line 0", "mine", "theirs", "line 3", "one more"
    ]  # fmt: skip
    assert [shot.description for shot in merged] == ["", "a ridge", "", "the end", ""]
    assert merged[1].size == "LS"


def test_another_writer_is_seen(tmp_path: Path) -> None:
    mine, theirs = Board(tmp_path), Board(tmp_path)
    shot = mine.add(_take(1))
    theirs.add(_take(2), at=1)
    mine.update(shot.uid, dialogue="Look!")
    assert [each.dialogue for each in theirs] == ["", "Look!"]
    theirs.remove(shot)
    with pytest.raises(InputError, match="no shot"):
        mine.update(shot.uid, dialogue="gone")


def test_a_changed_plan_makes_a_take_stale_and_a_new_take_fresh(tmp_path: Path) -> None:
    board = Board(tmp_path)
    shot = board.add(_take(1), description="a fox runs", size="LS")
    noted = board.add(_take(2))
    assert not board.update(noted, description="words put to it later").is_stale
    assert not board.update(shot, dialogue="Look!").is_stale
    assert board.update(shot, description="a fox sleeps").is_stale
    assert Board(tmp_path)[1].is_stale
    board.export(tmp_path / "film.gif")  # still usable
    fresh = board.update(shot, take=_take(3))
    assert not fresh.is_stale
    assert fresh.versions == (shot.take.content_hash,)
    back = board.update(shot, take=shot.take)
    assert back.versions == (shot.take.content_hash, fresh.take.content_hash)


def test_a_lost_take_is_named(tmp_path: Path) -> None:
    shot = Board(tmp_path).add(_take(1), dialogue="Look!")
    lost = next((tmp_path / "takes").glob("*.mkv"))
    lost.unlink()
    board = Board(tmp_path)  # the plan can still be read and changed
    assert board.update(1, dialogue="There!").dialogue == "There!"
    named = rf"(?s)Shot 1 \({shot.uid}\).*{shot.take.content_hash[:12]}.*{re.escape(str(lost))}"
    with pytest.warns(PlayreelWarning, match=named) as warned:
        path = board.export(tmp_path / "film.mp4", preset="landscape-1080p", label=False)
    assert len(warned) == 1
    frames = Clip.open(path).frames
    card = enlarge(placeholder("1", 1, shot.take.fps, (72, 128)).frames[0], 15)
    assert len(frames) >= 24
    assert np.abs(frames[:, ::8, ::8].astype(int) - card[::8, ::8]).mean() < 3
    with pytest.raises(MediaError, match=shot.take.content_hash[:12]):
        Board(tmp_path)[1].take.frames  # noqa: B018 - reads the file


def test_a_still_of_a_project_is_found(tmp_path: Path) -> None:
    project = ProjectFolder(tmp_path)
    shot = project.board().add(_take(1, 1))
    (file,) = (tmp_path / "takes").glob("*.png")
    assert file.stem == shot.take.content_hash[:32]
    assert np.array_equal(Board(tmp_path)[1].take.frames, _take(1, 1).frames)


def test_a_film_in_landscape(tmp_path: Path) -> None:
    board = Board()
    takes = [_take(seed, 2) for seed in (1, 2, 3)]
    for take in takes:
        board.add(take)
    seen: list[tuple[int, int]] = []
    path = board.export(
        tmp_path / "pitch.mp4",
        preset="landscape-1080p",
        label=False,
        on_frame=lambda done, total: seen.append((done, total)),
    )
    info = probe(path)
    assert (info.width, info.height, info.fps, info.num_frames) == (1920, 1080, 24, 12)
    assert (info.codec, info.pixel_format) == ("h264", "yuv420p")
    assert (info.color_matrix, info.color_primaries, info.color_transfer) == (1, 1, 1)
    assert seen[-1] == (12, 12)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    recipe = read_recipe(path)
    assert recipe is not None
    assert recipe.parents == tuple(take.content_hash for take in takes)
    assert Recipe.from_json(info.comment) == recipe
    expected = np.concatenate([take.frames for take in takes]).repeat(2, axis=0)
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            pixels = frame.to_ndarray(format="rgb24")[60::120, 60::120].astype(int)
            assert np.abs(pixels - expected[index][4::8, 4::8]).mean() < 3
    assert index == 11


def test_a_vertical_film_of_mixed_takes_with_a_fade(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(1, 3, (128, 72)))
    board.add(_take(2, 3, (72, 128)), fade_s=2 / 24)
    path = board.export(tmp_path / "drama.mp4", label=False)
    info = probe(path)
    assert (info.width, info.height, info.num_frames) == (1080, 1920, 6 + 6 - 2)
    last = Clip.open(path).frames[-1].astype(int)
    assert last[:650].max() <= 3
    assert last[-650:].max() <= 3
    shown = last[672:1248, 28:1052]
    assert np.abs(shown[32::64, 32::64] - board[2].take.frames[-1][4::8, 4::8]).mean() < 3


def test_square_and_gif(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(1, 2, (96, 96)))
    info = probe(board.export(tmp_path / "square.mp4"))
    assert (info.width, info.height, info.num_frames) == (1080, 1080, 4)
    board.add(_take(2, 2, (72, 128)))
    path = board.export(tmp_path / "loop.gif")
    with Image.open(path) as image:
        assert image.size == (480, 480)
    back = Clip.open(path)
    assert (len(back), back.fps) == (4, 12)
    assert back.recipe is not None
    assert len(back.recipe.parents) == 2


LONG_FILM = """
import resource, sys
import numpy as np
from playreel.board import Board
from playreel.media import Clip

board = Board()
still = np.random.default_rng(0).integers(0, 256, (1, 72, 128, 3), np.uint8)
board.add(Clip(still.repeat(int(sys.argv[2]), axis=0), 12))
board.export(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux")
def test_the_enlarged_film_is_never_in_memory(tmp_path: Path) -> None:
    import playreel

    def peak(count: int) -> int:
        root = str(Path(playreel.__file__).parent.parent)
        command = [sys.executable, "-c", LONG_FILM, str(tmp_path / "long.mp4"), str(count)]
        done = subprocess.run(
            command, capture_output=True, text=True, env={"PYTHONPATH": root}, check=True
        )
        return int(done.stdout)

    assert peak(20) - peak(2) < 60  # enlarged, 40 frames take 237 MiB


def test_a_sheet_of_the_board(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(1), size="LS", dialogue="Look!", description="a ridge")
    board.add(_take(2))
    assert board.contact_sheet(tmp_path / "board.png", title="Pitch").exists()


def test_a_change_that_cannot_be_saved_does_not_happen(tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    board.add(_take(1))
    (tmp_path / "board" / "takes").rename(tmp_path / "kept")
    (tmp_path / "board" / "takes").write_text("in the way")
    with pytest.raises(StorageError):
        board.add(_take(2))
    assert len(board) == 1
