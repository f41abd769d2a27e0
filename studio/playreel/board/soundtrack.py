"""The film's sound: what its shots say, and music under it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from playreel.board.shot import Shot
from playreel.board.stitch import Film
from playreel.media.sound import Spoken, mix, speak


def soundtrack(
    film: Film,
    shots: Sequence[Shot],
    folder: Path,
    *,
    voice: bool = False,
    music: str | os.PathLike[str] | None = None,
) -> Path | None:
    """One AAC track as long as the film, or None for a silent one.

    Args:
        film: takes on a clock.
        shots: what is said in them.
        folder: for temporary files.
        voice: speak dialogue, or else voice-over, by a scratch voice where a shot begins.
        music: a file that plays under the film.

    Raises:
        MediaError: see `playreel.media.sound`.
    """
    spoken = _spoken(film, shots, folder) if voice else []
    if not spoken and music is None:
        return None
    length = Fraction(len(film)) / film.fps
    return mix(folder / "sound.m4a", length, spoken=spoken, music=music)


def _spoken(film: Film, shots: Sequence[Shot], folder: Path) -> list[Spoken]:
    known = {shot.uid: shot for shot in shots}
    spoken = []
    for index, (segment, uid) in enumerate(zip(film.segments, film.uids, strict=True)):
        shot = known.get(uid)
        text = (shot.dialogue or shot.voice_over).strip() if shot is not None else ""
        if not any(char.isalnum() for char in text):
            continue
        room = float(len(segment.indices) / film.fps)
        path = speak(text, folder / f"voice-{index}.wav", seconds=room)
        spoken.append(Spoken(path=path, start_s=segment.start / film.fps))
    return spoken
