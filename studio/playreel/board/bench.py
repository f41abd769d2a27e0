"""How the cutting room does: speed beside ffmpeg itself, and what must be exact, counted."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from playreel.board.board import Board
from playreel.media.clip import Clip
from playreel.media.read import read_frames
from playreel.media.write import Picture, encoder_params, filter_graph, write_video

RATES = ("12", "15", "16", "24000/1001", "24", "25", "30", "60")
_FADE_S = 0.5
_PATCHES = ((200, 30, 30), (20, 200, 60), (30, 40, 220), (128, 128, 128), (250, 240, 40))
_LONG_FILM = """
import resource, sys
import numpy as np
from playreel.board import Board
from playreel.media import Clip
board, rng = Board(), np.random.default_rng(0)
for _ in range(6):
    small = rng.integers(0, 256, (120, 16, 9, 3), np.uint8)
    board.add(Clip(small.repeat(8, axis=1).repeat(8, axis=2), 12))
board.export(sys.argv[1], preset="vertical-1080p", sign=False)
for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
    print(resource.getrusage(who).ru_maxrss // 1024)
"""


def bench_export(takes: Sequence[Clip], *, rounds: int = 2) -> dict[str, float]:
    """Wall time of a board's export over a raw ffmpeg pipe of the same frames, same run.

    Both enlarge 128x72 to 1920x1080 and write H.264 at 24 fps with the same settings; ours also joins
    the takes, tags the film and probes it. They take turns, and the better of `rounds` counts, so that
    a busy machine burdens both alike.

    Args:
        takes: of 128x72 px at 12 fps.
        rounds: turns of each way.
    """
    board = Board()
    for take in takes:
        board.add(take)
    ours, raw = [], []
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "film.mp4"
        first = Board()
        first.add(takes[0][:2])
        _export(first, target)  # imports are paid before
        for _ in range(rounds):
            ours.append(_timed(partial(_export, board, target)))
            raw.append(_timed(partial(_pipe, takes, target)))
    return {
        "ratio": min(ours) / min(raw),
        "film_s": sum(take.duration_s for take in takes),
        "export_s": min(ours),
        "raw_ffmpeg_s": min(raw),
    }


def bench_cutting(takes: Sequence[Clip], *, rounds: int = 2) -> dict[str, float]:
    """Cross-fades beside ffmpeg's ``xfade``, and fades alone beside a full encoding.

    The takes become a film at 1080p with a fade between any two. Both ways take turns with the same
    settings, and the better of `rounds` counts.

    Args:
        takes: of 128x72 px, all as long, longer than two fades.
        rounds: turns of each way.
    """
    seconds = takes[0].duration_s
    ours, raw, smart = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [take.save(folder / f"{index}.mkv") for index, take in enumerate(takes)]
        Clip(takes[0].frames[:2], 12).save(folder / "first.mp4")  # imports are paid before
        for turn in range(rounds):
            target = folder / f"{turn}.mp4"
            plain = _board(takes, None)
            ours.append(_timed(partial(_export, plain, target)))
            raw.append(_timed(partial(_xfade, sources, seconds, target)))
            kept = _board(takes, folder / f"board-{turn}")
            _export(kept, target)
            for shot in kept.shots[1:]:
                kept.update(shot, transition="dip")
            smart.append(_timed(partial(_export, kept, target)))
    return {
        "crossfade_ratio": min(ours) / min(raw),
        "stitch_ratio": min(smart) / min(ours),
        "crossfade_s": min(ours),
        "xfade_s": min(raw),
        "stitch_s": min(smart),
    }


def bench_exactness() -> dict[str, float]:
    """What must be nought or nearly so, counted on real files.

    Returns:
        ``wrong_frames`` over all `RATES`; ``color_error``, the largest of 255 over patches;
        ``av_gap_frames`` of 20 takes with sound.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = _numbered(96)
        wrong = 0
        for rate in RATES:
            path = write_video(folder / "f.mp4", numbers, rate, preset="ultrafast")
            seen = [_number(frame) for frame in read_frames(path)[1]]
            wrong += sum(a != b for a, b in zip(seen, range(96), strict=False))
            wrong += abs(len(seen) - 96)
        patches = np.zeros((2, 72, 160, 3), np.uint8)
        for index, color in enumerate(_PATCHES):
            patches[:, :, index * 32 : index * 32 + 32] = color
        path = write_video(folder / "c.mp4", patches, 24, scale=8)
        back = next(iter(read_frames(path)[1])).astype(int)
        error = max(
            int(np.abs(back[288, index * 256 + 128] - color).max())
            for index, color in enumerate(_PATCHES)
        )
        gap = _av_gap(folder)
    return {"wrong_frames": wrong, "color_error": error, "av_gap_frames": gap}


def bench_memory() -> dict[str, float]:
    """Most memory in MiB while 60 s of 1080x1920 are written: Python's and the encoder's."""
    import playreel

    root = str(Path(playreel.__file__).parent.parent)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", _LONG_FILM, str(Path(folder) / "long.mp4")],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": root},
        )
    python, encoder = (float(line) for line in done.stdout.split())
    return {
        "long_film_rss_mib": python,
        "long_film_encoder_rss_mib": encoder,
        "long_film_total_rss_mib": python + encoder,
    }


def _board(takes: Sequence[Clip], folder: Path | None) -> Board:
    board = Board(folder)
    for take in takes:
        board.add(take, fade_s=_FADE_S if len(board) else 0.0)
    return board


def _export(board: Board, path: Path) -> None:
    board.export(path, preset="landscape-1080p", label=False, sign=False)


def _pipe(takes: Sequence[Clip], target: Path) -> None:
    """What anybody would do without a library: frames into ffmpeg's standard input."""
    from moviepy.config import FFMPEG_BINARY

    fps, picture = Fraction(24), Picture(scale=15)
    height, width = takes[0].size
    command = [FFMPEG_BINARY, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", "24", "-an", "-i", "-", "-vcodec", "libx264"]
    command += ["-vf", filter_graph((height, width), picture, fps), "-preset", picture.preset]
    command += [*encoder_params(picture, fps), "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    frames = b"".join(take.at_fps(fps).frames.tobytes() for take in takes)
    subprocess.run([*command, str(target)], input=frames, check=True)  # noqa: S603 - our own words


def _xfade(sources: list[Path], seconds: float, target: Path) -> None:
    """The same film by ffmpeg alone, from the same lossless takes."""
    from moviepy.config import FFMPEG_BINARY

    command = [FFMPEG_BINARY, "-y", "-nostdin", "-loglevel", "error"]
    for source in sources:
        command += ["-i", str(source)]
    even = "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,fps=24,settb=1/24"
    graph = [f"[{index}:v]{even}[v{index}]" for index in range(len(sources))]
    last = "v0"
    for index in range(1, len(sources)):
        offset = index * (seconds - _FADE_S)
        graph.append(
            f"[{last}][v{index}]xfade=transition=fade:duration={_FADE_S}:offset={offset}[x{index}]"
        )
        last = f"x{index}"
    graph.append(f"[{last}]scale=1920:1080:flags=neighbor,format=yuv420p[out]")
    command += ["-filter_complex", ";".join(graph), "-map", "[out]", "-c:v", "libx264"]
    command += ["-preset", "medium", "-crf", "16", "-g", "48", "-movflags", "+faststart"]
    subprocess.run([*command, str(target)], check=True)  # noqa: S603 - our own words


def _moving(seed: int, count: int) -> Clip:
    """Pixel art that scrolls."""
    rng = np.random.default_rng(seed)
    wide = rng.integers(0, 256, (9, 16 + count, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    return Clip(np.stack([wide[:, 2 * k : 2 * k + 128] for k in range(count)]), 12)


def _numbered(count: int) -> np.ndarray:
    frames = np.full((count, 32, 64, 3), 40, np.uint8)
    for index in range(count):
        for bit in range(8):
            if index >> bit & 1:
                frames[index, :, bit * 8 : bit * 8 + 8] = 210
    return frames


def _number(frame: np.ndarray) -> int:
    return sum(1 << bit for bit in range(8) if frame[16, bit * 8 + 4, 0] > 125)


def _av_gap(folder: Path) -> float:
    import wave

    import av

    with wave.open(str(folder / "bed.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        tone = np.sin(np.arange(48_000) * 0.05) * 9000
        sound.writeframes(tone.astype("<i2").tobytes())
    board = Board()
    for seed in range(20):
        board.add(_moving(seed, 5))
    path = folder / "sound.mp4"
    board.export(path, preset="square", music=folder / "bed.wav", label=False, sign=False)
    with av.open(str(path)) as film:
        ends = [Fraction(s.duration) * s.time_base for s in (film.streams[0], film.streams[1])]
        return abs(float((ends[0] - ends[1]) * 24))


def _timed(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin
