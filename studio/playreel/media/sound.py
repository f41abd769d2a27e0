"""Sound for films, by ffmpeg: a scratch voice, a music bed that gives way to it, one loudness."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from playreel.errors import MediaError
from playreel.media.command import run, run_ffmpeg
from playreel.media.music import plain_music, wav_seconds
from playreel.media.probe import existing_file

RATE = 48_000
LOUDNESS = -14.0  # LUFS, what phones and social platforms play at
TRUE_PEAK = -1.5  # dBTP
_CODING_MARGIN = 0.7  # dB that AAC may add to a peak
_PASSES = 4  # the first measures, the others correct what the limiter took
_NEAR = 0.3  # LU
_SILENCE = -65.0  # LUFS
_BED = 0.35  # gain of music, before it gives way to a voice
_FADE_S = 1.5
_DUCK = "threshold=0.02:ratio=8:attack=20:release=400"


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A sound at a moment of the film.

    Attributes:
        path: any file that ffmpeg reads.
        start_s: seconds from the film's start.
    """

    path: Path
    start_s: Fraction


def has_voice() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


def speak(text: str, path: Path, *, seconds: float | None = None) -> Path:
    """A scratch voice: robotic, free, and there at once.

    Args:
        text: English or Chinese; which one is seen from the characters.
        path: the WAV file to write.
        seconds: room for it; longer speech is spoken faster, up to double.

    Raises:
        MediaError: espeak-ng is missing or failed.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise MediaError(
            "A scratch voice needs espeak-ng. Install it (Debian: apt install espeak-ng; macOS: "
            "brew install espeak-ng), or export without voice."
        )
    chinese = sum(ord(char) >= 0x2E80 for char in text) * 3 > len(text)
    command = [program, "-v", "cmn" if chinese else "en", "-w", str(path), "--stdin"]
    for speed in (170, 240, 340):
        run([*command, "-s", str(speed)], text)
        if seconds is None or wav_seconds(path) <= seconds:
            break
    return path


def mix(
    path: Path,
    seconds: Fraction,
    *,
    spoken: Sequence[Spoken] = (),
    music: str | os.PathLike[str] | None = None,
) -> Path:
    """One track of exactly ``seconds``, at -14 LUFS and at most -1.5 dBTP.

    Music is repeated or cut to fit, faded out, and lowered while somebody speaks. Loudness is
    measured in a first pass and set in a second.

    Args:
        path: the ``.m4a`` to write, AAC at 48 kHz.
        seconds: length of the film.
        spoken: voices and effects.
        music: a file with sound in it, of any length.

    Raises:
        MediaError: nothing to hear, or a file without sound.
    """
    if not spoken and music is None:
        raise MediaError("There is nothing to mix. Give music or something spoken.")
    inputs: list[str] = []
    bed, plain = path.with_suffix(".bed.wav"), path.with_suffix(".mix.wav")
    end = f"aresample={RATE},apad,atrim=end_sample={round(seconds * RATE)}"
    try:
        if music is not None:
            plain_music(music, bed, float(seconds), RATE)
            inputs += ["-stream_loop", "-1", "-i", str(bed)]
        for sound in spoken:
            inputs += ["-protocol_whitelist", "file", "-i", str(existing_file(sound.path))]
        graph = _graph(seconds, spoken, music is not None)
        run_ffmpeg([*inputs, "-filter_complex", graph, "-map", "[mix]", str(plain)])
        loudness, gain = measured(plain)["i"], 0.0
        for _ in range(_PASSES):
            if loudness < _SILENCE:
                break
            gain += LOUDNESS - loudness
            chain = f"{_limited(gain)},{end}"
            run_ffmpeg(["-i", str(plain), "-af", chain, "-c:a", "aac", "-b:a", "192k", str(path)])
            loudness = measured(path)["i"]
            if abs(LOUDNESS - loudness) <= _NEAR:
                break
        else:
            return path
        if loudness < _SILENCE:  # silence stays silence
            run_ffmpeg(["-i", str(plain), "-af", end, "-c:a", "aac", "-b:a", "192k", str(path)])
    finally:
        bed.unlink(missing_ok=True)
        plain.unlink(missing_ok=True)
    return path


def measured(path: str | os.PathLike[str]) -> dict[str, float]:
    """Integrated loudness and true peak of a file's sound.

    Returns:
        ``i`` in LUFS and ``tp`` in dBTP; minus infinity for silence.

    Raises:
        MediaError: no sound in it.
    """
    target = f"I={LOUDNESS}:TP={TRUE_PEAK}:LRA=11:print_format=json"
    said = run_ffmpeg(
        ["-i", str(path), "-vn", "-af", f"loudnorm={target}", "-f", "null", "-"], level="info"
    )
    found = re.findall(r"\{[^{}]*\"input_i\"[^{}]*\}", said)
    if not found:
        raise MediaError(f"{path} holds no sound that can be measured.")
    values = json.loads(found[-1])
    return {"i": float(values["input_i"]), "tp": float(values["input_tp"])}


def _limited(gain: float) -> str:
    """So much louder, with peaks held down at four times the rate, where true peaks show."""
    limit = 10 ** ((TRUE_PEAK - _CODING_MARGIN) / 20)
    return (
        f"volume={gain:.3f}dB,aresample={4 * RATE},"
        f"alimiter=limit={limit:.4f}:attack=2:release=60:level=false:latency=true"
    )


def _graph(seconds: Fraction, spoken: Sequence[Spoken], has_music: bool) -> str:
    length = float(seconds)
    even = f"aresample={RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
    end = f"apad,atrim=end_sample={round(seconds * RATE)}"
    parts, voices = [], []
    for index, sound in enumerate(spoken, start=1 if has_music else 0):
        delay = round(sound.start_s * RATE)
        parts.append(f"[{index}:a]{even},adelay={delay}S:all=1[v{index}]")
        voices.append(f"[v{index}]")
    if voices:
        parts.append(f"{''.join(voices)}amix=inputs={len(voices)}:normalize=0,{end}[voice]")
    if has_music:
        fade = min(_FADE_S, length / 4)
        parts.append(
            f"[0:a]{even},atrim=0:{length:.6f},volume={_BED},"
            f"afade=t=out:st={length - fade:.6f}:d={fade:.6f},{end}[bed]"
        )
    if voices and has_music:
        parts.append("[voice]asplit[said][key]")
        parts.append(f"[bed][key]sidechaincompress={_DUCK}[under]")
        parts.append("[said][under]amix=inputs=2:normalize=0[mix]")
    else:
        parts.append(f"[{'voice' if voices else 'bed'}]anull[mix]")
    return ";".join(parts)
