"""Exports with transitions, sound, label and signature; what did not change is copied."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from playreel.board import Board
from playreel.board import export as board_export
from playreel.board.stitch import Film
from playreel.errors import InputError, MediaError
from playreel.media import Clip, probe, read_recipe
from playreel.media.read import read_frames
from playreel.media.sound import LOUDNESS, TRUE_PEAK, Spoken, has_voice, measured, mix
from playreel.recipe import Recipe


def _take(value: int, count: int = 12, size: tuple[int, int] = (72, 128)) -> Clip:
    frames = np.full((count, *size, 3), value, np.uint8)
    frames[:, 10:20, 10:20] = (200, 40, 40)
    return Clip(frames, 12, Recipe(operation="play", seed=value))


def _tone(path: Path, seconds: float, amplitude: float = 0.4, pitch: float = 440.0) -> Path:
    times = np.arange(round(seconds * 48_000)) / 48_000
    samples = amplitude * np.sin(2 * np.pi * pitch * times) * (0.6 + 0.4 * np.sin(3 * times))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def _walk(path: Path) -> Iterator[np.ndarray]:
    return read_frames(path)[1]


def _grays(path: Path) -> list[int]:
    with av.open(str(path)) as film:
        return [int(f.to_ndarray(format="rgb24")[900, 960, 0]) for f in film.decode(video=0)]


def _pressed(board: Board, path: Path, **options: object) -> tuple[Path, int]:
    """The film, and how many frames the encoder was given for it."""
    given = []
    real = board_export.encode_film.__globals__["encode"]

    def counting(*args, **kwargs):
        count, size = real(*args, **kwargs)
        given.append(count)
        return count, size

    board_export.encode_film.__globals__["encode"] = counting
    try:
        return board.export(path, **options), sum(given)
    finally:
        board_export.encode_film.__globals__["encode"] = real


def test_transitions_by_value() -> None:
    takes = [Clip(np.full((6, 2, 8, 3), value, np.uint8), 12) for value in (0, 200)]
    film = {
        kind: Film(takes, fades_s=[0, 4 / 12], joints=["cut", kind])
        for kind in ("dissolve", "dip", "dip-white", "wipe")
    }
    left = {kind: [int(f.frame(i)[0, 0, 0]) for i in range(8)] for kind, f in film.items()}
    right = [int(film["wipe"].frame(i)[0, 7, 0]) for i in range(8)]
    assert left["dissolve"] == [0, 0, 40, 80, 120, 160, 200, 200]
    assert left["dip"] == [0, 0, 0, 0, 40, 120, 200, 200]
    assert left["dip-white"][2:6] == [102, 204, 244, 222]
    assert left["wipe"] == [0, 0, 200, 200, 200, 200, 200, 200]
    assert right == [0, 0, 0, 0, 0, 0, 200, 200]
    assert film["wipe"].stretches() == ((0, 2), (2, 6), (6, 8))


def test_only_what_changed_is_encoded(tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    for value in (40, 90, 140, 190):
        board.add(_take(value), fade_s=0.25 if value > 40 else 0)
    options = {"label": False, "sign": False, "preset": "landscape-1080p"}
    first, encoded = _pressed(board, tmp_path / "a.mp4", **options)
    assert encoded == 4 * 24 - 3 * 6
    again, encoded = _pressed(board, tmp_path / "b.mp4", **options)
    assert encoded == 0
    assert again.read_bytes() == first.read_bytes()
    board.update(3, dialogue="changes no picture")
    assert _pressed(board, tmp_path / "c.mp4", **options)[1] == 0
    board.update(2, take=_take(100))
    film, encoded = _pressed(board, tmp_path / "d.mp4", **options)
    assert encoded == 12 + 2 * 6  # its body and the two fades that touch it
    fresh = Board()
    for shot in board:
        fresh.add(shot.take, fade_s=shot.fade_s)
    whole = fresh.export(tmp_path / "e.mp4", **options)
    assert probe(film).num_frames == probe(whole).num_frames == 78
    assert np.abs(np.subtract(_grays(film), _grays(whole))).max() <= 2


def test_other_transitions_are_joined_with_bodies_that_were_encoded_before(tmp_path: Path) -> None:
    """Fades alone are encoded by a shorter search; nothing tells them apart at the joints."""
    board = Board(tmp_path / "board")
    for seed in range(3):
        small = np.random.default_rng(seed).integers(0, 256, (12, 9, 16, 3), np.uint8)
        take = Clip(small.repeat(8, axis=1).repeat(8, axis=2), 12, Recipe(operation="play"))
        board.add(take, fade_s=0.25 if seed else 0)
    options = {"label": False, "sign": False, "preset": "landscape-1080p"}
    _pressed(board, tmp_path / "a.mp4", **options)
    for shot in board.shots[1:]:
        board.update(shot, transition="dip")
    film, encoded = _pressed(board, tmp_path / "b.mp4", **options)
    assert encoded == 2 * 6  # and not all anew, as where the headers differ
    fresh = Board()
    for shot in board:
        fresh.add(shot.take, fade_s=shot.fade_s, transition=shot.transition)
    whole = fresh.export(tmp_path / "c.mp4", **options)
    frames, expected = Clip.open(film).frames, Clip.open(whole).frames
    assert len(frames) == len(expected) == 72 - 12
    for frame, other in zip(frames, expected, strict=True):
        assert np.abs(frame[::8, ::8].astype(int) - other[::8, ::8]).mean() < 4


def test_a_damaged_stretch_is_encoded_again(tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    board.add(_take(40)), board.add(_take(90))
    board.export(tmp_path / "a.mp4", sign=False)
    kept = sorted((tmp_path / "board" / ".playreel" / "film").glob("*.mp4"))
    assert len(kept) == 2
    kept[0].write_bytes(kept[0].read_bytes()[:200])
    film = board.export(tmp_path / "b.mp4", sign=False)
    assert probe(film).num_frames == 48
    assert _grays(film)[30] == pytest.approx(90, abs=2)


def test_the_mark_is_there_and_leaving_it_out_is_recorded(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(90, 50, (36, 64)))
    marked = board.export(tmp_path / "a.mp4")
    plain = board.export(tmp_path / "b.mp4", label=False)
    changed = []
    for index, (shown, bare) in enumerate(zip(_walk(marked), _walk(plain), strict=True)):
        changed.append(bool((np.abs(shown[..., 0].astype(int) - bare[..., 0]) > 90).any()))
        if index == 0:
            rows = np.flatnonzero((shown[..., 0] > 220).any(axis=1))
    assert all(changed[: 2 * 24])
    assert not any(changed[4 * 24 :])
    assert rows.max() - rows.min() + 1 >= 54
    assert rows.min() >= 54  # inside the safe box
    for path, word in ((marked, "shown"), (plain, "declined")):
        recipe = read_recipe(path)
        assert recipe is not None
        assert recipe.options["label"] == word
        with av.open(str(path)) as film:
            entry = json.loads(film.metadata["AIGC"])
        assert set(entry) == {
            *("Label", "ContentProducer", "ProduceID", "ReservedCode1"),
            *("ContentPropagator", "PropagateID", "ReservedCode2"),
        }


def test_trimmed_takes_keep_the_tag_in_files(tmp_path: Path) -> None:
    take = _take(90)
    for name, clip in (("cut", take[2:6]), ("whole", take)):
        path = clip.save(tmp_path / f"{name}.mp4")
        with av.open(str(path)) as film:
            assert json.loads(film.metadata["AIGC"])["ProduceID"] == clip.content_hash[:32]
    path = Clip(take.frames, 12).save(tmp_path / "footage.mp4")
    with av.open(str(path)) as film:
        assert "AIGC" not in film.metadata


def test_a_gif_is_marked_too(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(90))
    marked = Clip.open(board.export(tmp_path / "a.gif"))
    plain = Clip.open(board.export(tmp_path / "b.gif", label=False))
    assert marked.size == plain.size
    assert (marked.frames[0] != plain.frames[0]).any(axis=-1).sum() > 500


def test_the_signature_is_valid_names_its_sources_and_breaks(tmp_path: Path) -> None:
    pytest.importorskip("c2pa")
    from playreel.media.provenance import read_account

    board = Board()
    board.add(_take(40)), board.add(_take(90)), board.add(_take(40))
    path = board.export(tmp_path / "a.mp4", sign=True)
    account = read_account(path)
    assert account is not None
    assert account["state"] == "Valid"
    assert account["faults"] in ([], ["signingCredential.untrusted"])
    assert len(account["manifest"]["ingredients"]) == 2
    assert "trainedAlgorithmicMedia" in json.dumps(account["manifest"])
    data = bytearray(path.read_bytes())
    data[data.index(b"mdat") + 200] ^= 1
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    account = read_account(broken)
    assert account is not None
    assert account["state"] == "Invalid"
    unsigned = board.export(tmp_path / "b.mp4", sign=False)
    assert read_account(unsigned) is None
    recipe = read_recipe(unsigned)
    assert recipe is not None
    assert recipe.options["signature"] == "declined"


def test_music_fits_the_film_at_one_loudness(tmp_path: Path) -> None:
    board = Board()
    for value in range(40, 240, 10):
        board.add(_take(value, 5))
    music = _tone(tmp_path / "bed.wav", 1.3)
    path = board.export(tmp_path / "a.mp4", music=music, sign=False)
    seen = measured(path)
    assert seen["i"] == pytest.approx(LOUDNESS, abs=0.5)
    assert seen["tp"] <= TRUE_PEAK
    with av.open(str(path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        gap = video.duration * video.time_base - audio.duration * audio.time_base
        assert video.frames == 200
    assert abs(gap) <= Fraction(1, 1000)  # MP4 keeps the length of sound in milliseconds


def test_music_gives_way_to_a_voice(tmp_path: Path) -> None:
    music = _tone(tmp_path / "bed.wav", 8, 0.3, 300)
    voice = _tone(tmp_path / "voice.wav", 2, 0.5, 1500)
    path = mix(tmp_path / "m.m4a", 6, spoken=[Spoken(path=voice, start_s=2)], music=music)
    with av.open(str(path)) as sound:
        samples = np.concatenate([f.to_ndarray()[0] for f in sound.decode(audio=0)])

    def level(start: float, pitch: float) -> float:
        part = samples[round(start * 48_000) :][:24_000]
        spectrum = np.abs(np.fft.rfft(part))
        return float(spectrum[round(pitch / 2) - 2 : round(pitch / 2) + 3].max())

    assert level(2.8, 300) < 0.5 * level(1.2, 300)
    assert level(2.8, 1500) > 20 * level(1.2, 1500)
    assert level(5.0, 300) > 1.5 * level(2.8, 300)


@pytest.mark.skipif(not has_voice(), reason="espeak-ng is not installed")
def test_dialogue_is_spoken_where_its_shot_begins(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(40, 12))
    board.add(_take(90, 18), dialogue="-v --help `ls` 雪山")
    path = board.export(tmp_path / "a.mp4", voice=True, sign=False)
    with av.open(str(path)) as film:
        samples = np.concatenate([f.to_ndarray()[0] for f in film.decode(audio=0)])
    assert np.abs(samples[:46_000]).max() < 0.01
    assert np.abs(samples[48_000:96_000]).max() > 0.1


def test_bad_options_are_told(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(40))
    with pytest.raises(InputError, match="burn"):
        board.export(tmp_path / "a.mp4", captions="yes")
    text = tmp_path / "song.mp3"
    text.write_text("no sound")
    with pytest.raises(MediaError, match="sound"):
        board.export(tmp_path / "a.mp4", music=text)
    with pytest.raises(MediaError, match="no file"):
        board.export(tmp_path / "a.mp4", music=tmp_path / "none.wav")
    board.add(_take(90), transition="bridge")
    with pytest.raises(InputError, match=r"Studio\.export"):
        board.export(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="划像"):
        board.update(2, transition="explode")
    assert not (tmp_path / "a.mp4").exists()


def test_the_bench_counts_on_real_files() -> None:
    from playreel.board.bench import bench_cutting, bench_exactness, bench_export

    seen = bench_exactness()
    assert seen["wrong_frames"] == 0
    assert seen["color_error"] <= 2
    assert seen["av_gap_frames"] < 1
    export = bench_export([_take(40, 3), _take(90, 2)], rounds=1)
    assert export["ratio"] == export["export_s"] / export["raw_ffmpeg_s"]
    assert export["film_s"] == pytest.approx(5 / 12)
    timed = bench_cutting([_take(40, 15), _take(90, 15)], rounds=1)
    assert timed["crossfade_ratio"] > 0
    assert timed["stitch_ratio"] > 0
