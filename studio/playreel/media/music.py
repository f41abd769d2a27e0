"""Music from anywhere, brought to one plain form before anything is mixed with it.

A file that calls itself a song may be a text, a picture, a list of other files, or cut off. It is
decoded alone and once, up to the film's length, by demuxers that hold sound and open nothing else.
"""

from __future__ import annotations

import contextlib
import os
import re
import warnings
import wave
from pathlib import Path

from playreel.errors import MediaError, PlayreelWarning
from playreel.media.command import run_ffmpeg
from playreel.media.probe import existing_file, looks_like_text

MIN_S = 0.1  # of sound; what is shorter is repeated thousands of times and is no music
FORMATS = ("WAV", "MP3", "FLAC", "OGG", "M4A")
_STREAMED = 0xFFFF_0000  # bytes: a WAV written into a pipe calls itself endless
# containers that hold sound themselves: no playlists, no pictures, no scripts that name other files
_DEMUXERS = (
    *("wav", "w64", "mp3", "aac", "flac", "ogg", "mov", "matroska", "avi", "mpeg", "mpegts", "asf"),
    *("aiff", "au", "caf", "ac3", "eac3", "amr", "ape", "wv", "tta"),
)


def plain_music(path: str | os.PathLike[str], target: Path, seconds: float, rate: int) -> float:
    """Writes the beginning of a file's sound as stereo WAV.

    Args:
        path: anything with sound in it, such as a song or a film.
        target: the WAV to write.
        seconds: as much is read, at most.
        rate: samples a second.

    Returns:
        Seconds that were written.

    Raises:
        MediaError: no file, no sound in it, or less than a tenth of a second.
    """
    path = existing_file(path)
    if not path.is_file():
        raise MediaError(f"{path} is no file that can be read twice. Save the music as a file.")
    if looks_like_text(path):
        raise MediaError(f"{path} is a text file and holds no sound. {_advice()}")
    safe = ["-protocol_whitelist", "file", "-format_whitelist", ",".join(_DEMUXERS)]
    form = ["-t", f"{seconds:.6f}", "-ac", "2", "-ar", str(rate), "-c:a", "pcm_s16le"]
    try:
        said = run_ffmpeg([*safe, "-i", str(path), "-map", "0:a:0", *form, str(target)], "info")
    except MediaError as error:
        raise MediaError(
            f"{path} holds no sound that can be read: it is no recording, or cut off. {_advice()}"
        ) from error
    length = wav_seconds(target)
    if length < MIN_S:
        raise MediaError(
            f"{path} holds only {length:.3f} s of sound; music lasts {MIN_S:g} s or more. It may be "
            f"cut off. {_advice()}"
        )
    announced = min(seconds, _announced(path, said))
    if length < 0.95 * announced - MIN_S:
        warnings.warn(
            f"{path} breaks off after {length:.1f} s of {announced:.1f} s. What there is of it is "
            "repeated; save it again to hear the rest.",
            PlayreelWarning,
            stacklevel=2,
        )
    return length


def wav_seconds(path: Path) -> float:
    """Length of a WAV file."""
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _announced(path: Path, said: str) -> float:
    """How long the file calls itself, in seconds; 0 where it does not say."""
    found = re.search(r"Duration: (\d+):(\d\d):(\d\d\.\d+)", said)
    told = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
    with contextlib.suppress(wave.Error, EOFError, OSError), wave.open(str(path), "rb") as sound:
        frames = sound.getnframes()  # ffmpeg tells what is left of a WAV, this what was begun
        if frames * sound.getnchannels() * sound.getsampwidth() < _STREAMED:
            told = max(told, frames / sound.getframerate())
    return told


def _advice() -> str:
    return f"Give {', '.join(FORMATS)} or a film with sound, saved again where it was cut off."
