"""Music from anywhere: what is no sound is refused, what breaks off is told, nothing else is opened."""

from __future__ import annotations

import os
import warnings
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from playreel.board import Board
from playreel.errors import MediaError, PlayreelWarning
from playreel.media import Clip
from playreel.media.music import plain_music, wav_seconds

RATE = 48_000


def _wav(path: Path, seconds: float, rate: int = RATE) -> Path:
    tone = np.sin(np.arange(round(seconds * rate)) * 0.05) * 9000
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(tone.astype("<i2").tobytes())
    return path


def _song(path: Path, seconds: float, codec: str, form: str) -> Path:
    """The same tone, compressed."""
    with av.open(str(path), "w", format=form) as out:
        stream = out.add_stream(codec, rate=RATE, layout="mono")
        size = stream.codec_context.frame_size or 1024
        for start in range(0, round(seconds * RATE), size):
            tone = np.sin(np.arange(start, start + size) * 0.05) * 0.3
            shape = {"flac": "s16", "mp3float": "fltp"}.get(codec, "fltp")
            samples = (tone * 32767).astype(np.int16) if shape == "s16" else tone.astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples[None], format=shape, layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    return path


def _picture(path: Path, suffix: str) -> Path:
    Clip(np.full((1, 64, 64, 3), 90, np.uint8)).save(path.with_suffix(suffix)).replace(path)
    return path


def test_any_recording_becomes_plain_sound(tmp_path: Path) -> None:
    songs = [
        _wav(tmp_path / "a.wav", 3),
        _wav(tmp_path / "low.wav", 3, 11_025),
        _song(tmp_path / "a.flac", 3, "flac", "flac"),
        _song(tmp_path / "a.m4a", 3, "aac", "mp4"),
        _song(tmp_path / "a.mkv", 3, "aac", "matroska"),
    ]
    for song in songs:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            length = plain_music(song, tmp_path / "bed.wav", 2.0, RATE)
        assert length == wav_seconds(tmp_path / "bed.wav") == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("text.mp3", lambda p: p.write_text("la la la\n" * 500), "text file"),
        ("list.m3u", lambda p: p.write_text("#EXTM3U\n/etc/hostname\n"), "text file"),
        ("hls.mp3", lambda p: p.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/x\n"), "text file"),
        ("script.wav", lambda p: p.write_text("ffconcat version 1.0\nfile song.wav\n"), "text"),
        (
            "script2.wav",
            lambda p: p.write_bytes(b"ffconcat version 1.0\nfile song.wav\n" + b"#\xff" * 999),
            "no sound",
        ),
        ("picture.png", lambda p: _picture(p, ".png"), "no sound"),
        ("picture.wav", lambda p: _picture(p, ".png"), "no sound"),
        ("silent.mp4", lambda p: Clip(np.zeros((4, 64, 64, 3), np.uint8)).save(p), "no sound"),
        ("noise.mp3", lambda p: p.write_bytes(np.random.default_rng(0).bytes(9999)), "no sound"),
        ("empty.wav", lambda p: p.write_bytes(b""), "empty"),
        ("head.wav", lambda p: _cut(_wav(p, 1), 44 / 96044), "0.000 s"),
        ("half-head.wav", lambda p: _cut(_wav(p, 1), 20 / 96044), "no sound"),
        ("click.wav", lambda p: _wav(p, 0.01), "0.010 s"),
        ("no-index.m4a", lambda p: _cut(_song(p, 1, "aac", "mp4"), 0.5), "cut off"),
        ("folder.wav", lambda p: p.mkdir(), "folder"),
        ("nothing.wav", lambda p: None, "no file"),
        ("pipe.wav", lambda p: os.mkfifo(p), "as a file"),
    ],
)
def test_what_is_no_music_is_refused_by_name(name: str, make, words: str, tmp_path: Path) -> None:
    _wav(tmp_path / "song.wav", 1)
    path = tmp_path / name
    make(path)
    with pytest.raises(MediaError, match=words) as told:
        plain_music(path, tmp_path / "bed.wav", 2.0, RATE)
    assert name in str(told.value)


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_a_song_that_breaks_off_is_played_and_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    song = _wav(path, 20) if kind == "wav" else _song(path, 20, "flac", "flac")
    _cut(song, 0.25)
    with pytest.warns(PlayreelWarning, match=r"breaks off after [345]\.\d s of (20|10)"):
        length = plain_music(song, tmp_path / "bed.wav", 10.0, RATE)
    assert 3 < length < 6


def test_ten_hours_are_not_read_whole(tmp_path: Path) -> None:
    """A header that tells of hours, and as many bytes: sparse, so they are on no disk."""
    song = _wav(tmp_path / "long.wav", 1)
    size = 10 * 3600 * RATE * 2
    data = bytearray(song.read_bytes())
    data[4:8] = (size + 36).to_bytes(4, "little")
    data[40:44] = size.to_bytes(4, "little")
    song.write_bytes(data)
    os.truncate(song, size + 44)
    assert plain_music(song, tmp_path / "bed.wav", 5.0, RATE) == pytest.approx(5.0)
    assert (tmp_path / "bed.wav").stat().st_size < 2_000_000


def test_no_film_is_left_where_the_music_is_none(tmp_path: Path) -> None:
    board = Board()
    board.add(Clip(np.zeros((4, 72, 128, 3), np.uint8)))
    (tmp_path / "song.mp3").write_text("la la la")
    with pytest.raises(MediaError, match=r"song\.mp3 is a text file"):
        board.export(tmp_path / "a.mp4", music=tmp_path / "song.mp3")
    assert [path.name for path in tmp_path.iterdir()] == ["song.mp3"]
