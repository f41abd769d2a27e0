"""Films as ffprobe and a decoder see them: counts, colours, overlays, cuts, and the last look."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from playreel.errors import MediaError
from playreel.media import Clip, probe, write_video
from playreel.media.mux import mux_film, split_film
from playreel.media.overlay import Card
from playreel.media.verify import FilmFacts, verify_film
from playreel.media.write import Picture, encode

RATES = (12, 15, 16, "24000/1001", 24, 25, 30, 60)


def _counting(count: int, size: tuple[int, int] = (36, 64)) -> np.ndarray:
    """Frames that tell their number: 8 blocks, dark or light, are its binary digits."""
    frames = np.full((count, *size, 3), 40, np.uint8)
    for index in range(count):
        for bit in range(8):
            if index >> bit & 1:
                frames[index, :, bit * 8 : bit * 8 + 8] = 210
    return frames


def _numbers(path: Path) -> list[int]:
    seen = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            luma = frame.to_ndarray(format="gray")
            middle = luma[luma.shape[0] // 2]
            pitch = luma.shape[1] // 8
            seen.append(sum(1 << bit for bit in range(8) if middle[bit * pitch + pitch // 2] > 125))
    return seen


@pytest.mark.parametrize("fps", RATES)
def test_no_frame_is_wrong_or_missing(fps: object, tmp_path: Path) -> None:
    path = write_video(tmp_path / "f.mp4", _counting(97), fps, scale=2, preset="ultrafast")
    assert _numbers(path) == list(range(97))
    assert probe(path).fps == Fraction(fps)
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        times = sorted(p.pts * p.time_base for p in film.demux(stream) if p.pts is not None)
    assert times == [index / Fraction(fps) for index in range(97)]


@pytest.mark.parametrize("way", [{"scale": 15}, {"smooth": (1080, 1920)}, {"scale": 1}])
def test_patches_come_back_within_two_levels(way: dict[str, object], tmp_path: Path) -> None:
    patches = [(200, 30, 30), (20, 200, 60), (30, 40, 220), (128, 128, 128), (255, 255, 255)]
    patches += [(0, 0, 0), (250, 240, 40), (90, 60, 30)]
    frame = np.zeros((72, 128, 3), np.uint8)
    for index, color in enumerate(patches):
        frame[:, index * 16 : index * 16 + 16] = color
    path = write_video(tmp_path / "c.mp4", frame[None].repeat(3, axis=0), 24, **way)
    back = Clip.open(path).frames[1].astype(int)
    pitch = back.shape[1] // 8
    for index, color in enumerate(patches):
        patch = back[back.shape[0] // 2, index * pitch + pitch // 2]
        assert np.abs(patch - color).max() <= 2, (color, patch)


def test_cards_lie_where_and_when_they_should(tmp_path: Path) -> None:
    folder = tmp_path / "we'ird, [x]; a: b"
    folder.mkdir()
    black = np.zeros((8, 72, 128, 3), np.uint8)
    white = np.full((40, 60, 4), 255, np.uint8)
    half = np.full((40, 60, 4), (255, 255, 255, 128), np.uint8)
    cards = [Card(2, 5, white, 100, 60), Card(4, 7, half, 500, 300), Card(7, 99, half, 0, 0)]
    path = write_video(folder / "f.mp4", black, 24, scale=5, cards=cards)
    frames = Clip.open(path).frames[..., 0].astype(int)
    assert [int(frame[80, 130] > 240) for frame in frames] == [0, 0, 1, 1, 1, 0, 0, 0]
    assert [int(100 < frame[320, 530] < 150) for frame in frames] == [0, 0, 0, 0, 1, 1, 1, 0]
    assert frames[3][50:55, 90:98].max() < 12


def test_stretches_are_cut_and_joined_by_copying(tmp_path: Path) -> None:
    fps, lengths = Fraction(24000, 1001), [7, 1, 12, 20]
    film = tmp_path / "film.mp4"
    encode(film, _counting(40), fps, Picture(scale=2), key_frames=[7, 8, 20])
    parts = [tmp_path / f"{index}.mp4" for index in range(4)]
    split_film(film, lengths, parts, fps)
    assert [_numbers(part) for part in parts] == [
        list(range(7)),
        [7],
        list(range(8, 20)),
        list(range(20, 40)),
    ]
    joined = tmp_path / "joined.mp4"
    order = (3, 1, 0, 2, 1)
    mux_film([(parts[index], lengths[index]) for index in order], joined, fps)
    expected = [*range(20, 40), 7, *range(7), *range(8, 20), 7]
    assert _numbers(joined) == expected
    facts = FilmFacts(num_frames=len(expected), fps=fps, size=(72, 128), tags={})
    verify_film(joined, facts)


def test_stretches_of_other_settings_are_not_joined(tmp_path: Path) -> None:
    parts = []
    for index, scale in enumerate((2, 4)):
        path = tmp_path / f"{index}.mp4"
        encode(path, _counting(4), Fraction(24), Picture(scale=scale))
        parts.append((path, 4))
    with pytest.raises(OSError, match="other settings"):
        mux_film(parts, tmp_path / "joined.mp4", Fraction(24))
    with pytest.raises(OSError, match="4 of 5"):
        mux_film([(parts[0][0], 5)], tmp_path / "joined.mp4", Fraction(24))


def test_a_film_that_is_not_what_was_asked_for_is_no_film(tmp_path: Path) -> None:
    path = write_video(tmp_path / "f.mp4", _counting(5), 24, scale=2, comment="a")
    right = {"num_frames": 5, "fps": Fraction(24), "size": (72, 128), "tags": {"comment": "a"}}
    verify_film(path, FilmFacts(**right))
    for name, value, said in (
        ("num_frames", 6, "num_frames is 5 instead of 6"),
        ("fps", Fraction(25), "fps"),
        ("size", (72, 130), "size"),
        ("color", (5, 5, 5), "color"),
        ("sound_s", Fraction(1), "sound is missing"),
        ("tags", {"comment": "b"}, "comment is changed"),
        ("tags", {"AIGC": "x"}, "AIGC is lost"),
    ):
        with pytest.raises(MediaError, match=said):
            verify_film(path, FilmFacts(**{**right, name: value}))


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_ffprobe_agrees(tmp_path: Path) -> None:
    tags = {"AIGC": json.dumps({"Label": "1"})}
    path = write_video(tmp_path / "f.mp4", _counting(30), 24, scale=3, comment="雪", tags=tags)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of"]
    seen = json.loads(subprocess.check_output([*command, "json", str(path)]))
    stream = seen["streams"][0]
    assert int(stream["nb_read_frames"]) == 30
    assert stream["r_frame_rate"] == stream["avg_frame_rate"] == "24/1"
    assert {stream[f"color_{part}"] for part in ("space", "primaries", "transfer")} == {"bt709"}
    assert seen["format"]["tags"]["comment"] == "雪"
    assert json.loads(seen["format"]["tags"]["AIGC"]) == {"Label": "1"}
