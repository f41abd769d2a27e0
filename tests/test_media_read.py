"""Videos from anywhere: damaged, mislabelled, turned, untagged."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from playreel.errors import MediaError, PlayreelWarning
from playreel.media import Clip, probe, read_frames


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments], check=True, timeout=60
    )


def _noise(count: int = 40) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 48, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.mp4", b"Dear diary, this is not a film.\n" * 20, "text file"),
        ("empty.mp4", b"", "empty"),
        ("zeros.mp4", bytes(4096), "cannot be opened"),
        ("noise.mkv", bytes(range(256)) * 40, "cannot be opened"),
        ("notes.gif", b"GIF8 is a nice format", "text file"),
        ("cut.png", b"\x89PNG\r\n\x1a\n", "picture"),
    ],
)
def test_what_is_no_video_is_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError, match=words) as caught:
        Clip.open(path)
    assert name in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no file"):
        Clip.open(tmp_path / "none.mp4")
    with pytest.raises(MediaError, match="folder"):
        Clip.open(tmp_path)
    with pytest.raises(MediaError):
        Clip.open("a\0b.mp4")


def test_a_broken_tail_gives_what_is_there(tmp_path: Path) -> None:
    path = Clip(_noise(), 12).save(tmp_path / "whole.mp4")
    whole = Clip.open(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with pytest.warns(PlayreelWarning, match=r"broken tail.*of 40"):
        part = Clip.open(path)
    assert 10 < len(part) < 40
    assert np.array_equal(part.frames[:8], whole.frames[:8])


def test_a_lossless_take_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    frames = _noise()
    path = Clip(frames, 12).save(tmp_path / "take.mkv")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.warns(PlayreelWarning, match="broken tail"):
        part = Clip.open(path)
    assert np.array_equal(part.frames, frames[: len(part)])


def test_an_index_without_frames_is_refused(tmp_path: Path) -> None:
    path = Clip(_noise(), 12).save(tmp_path / "film.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    with pytest.raises(MediaError, match=r"film\.mp4"):
        Clip.open(path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tone.mp4"
    _ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", str(path))
    with pytest.raises(MediaError, match="no picture"):
        Clip.open(path)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_phones_films_stand_upright(angle: int, tmp_path: Path) -> None:
    frame = np.zeros((32, 48, 3), np.uint8)
    frame[:16, :24] = 255
    flat = Clip(np.stack([frame] * 3), 12).save(tmp_path / "flat.mp4")
    turned = tmp_path / "turned.mp4"
    _ffmpeg("-display_rotation", str(angle), "-i", str(flat), "-c", "copy", str(turned))
    expected = np.rot90(frame, angle // 90)
    back = Clip.open(turned).frames[0]
    assert back.shape == expected.shape
    assert np.abs(back.astype(int) - expected).mean() < 4


@pytest.mark.parametrize(("size", "matrix"), [("64x48", "bt601"), ("1280x720", "bt709")])
def test_untagged_films_are_read_as_players_do(size: str, matrix: str, tmp_path: Path) -> None:
    path = tmp_path / "untagged.mp4"
    _ffmpeg(
        *["-f", "lavfi", "-i", f"color=c=0xC81E1E:s={size}:d=0.2:r=10,format=rgb24"],
        *["-vf", f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p"],
        *["-bsf:v", "h264_metadata=matrix_coefficients=2", "-movflags", "-write_colr"],
        *["-c:v", "libx264", "-crf", "10", str(path)],
    )
    assert probe(path).color_matrix == 2
    frame = Clip.open(path).frames[0]
    assert np.abs(frame[20, 20].astype(int) - (200, 30, 30)).max() <= 3


@pytest.mark.parametrize("codec", ["mpeg4", "libvpx-vp9", "mjpeg"])
def test_other_codecs(codec: str, tmp_path: Path) -> None:
    path = tmp_path / {"mpeg4": "a.avi", "libvpx-vp9": "a.webm", "mjpeg": "a.mov"}[codec]
    _ffmpeg(
        *["-f", "lavfi", "-i", "testsrc=s=64x48:r=15:d=1"],
        *["-c:v", codec, "-pix_fmt", "yuvj420p" if codec == "mjpeg" else "yuv420p", str(path)],
    )
    clip = Clip.open(path)
    assert (len(clip), clip.fps, clip.size) == (15, 15, (48, 64))


def test_walking_a_film_holds_one_frame(tmp_path: Path) -> None:
    path = Clip(_noise(6), Fraction(24000, 1001)).save(tmp_path / "film.mkv")
    info, walk = read_frames(path)
    assert (info.width, info.height, info.fps) == (64, 48, Fraction(24000, 1001))
    assert np.array_equal(next(walk), _noise(6)[0])
    walk.close()


def test_huge_films_are_refused_by_their_header(tmp_path: Path) -> None:
    path = tmp_path / "wide.mkv"
    _ffmpeg(
        *["-f", "lavfi", "-i", "color=s=8200x16:d=0.1:r=10", "-c:v", "ffv1", str(path)],
    )
    with pytest.raises(MediaError, match="8200x16"):
        probe(path)
