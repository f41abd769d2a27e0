"""A finished film is looked at before anybody gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from playreel.errors import MediaError
from playreel.media.probe import describe, opened


@dataclass(frozen=True, kw_only=True)
class FilmFacts:
    """What a film must be, or what one is.

    Attributes:
        num_frames: pictures, counted.
        fps: exact.
        size: (height, width).
        even: whether every frame lasts one tick of that rate.
        pixel_format: such as ``"yuv420p"``.
        color: H.273 matrix, primaries and transfer; (1, 1, 1) is BT.709.
        sound_s: seconds of sound, or None for a silent film.
        tags: the container's tags that matter.
    """

    num_frames: int
    fps: Fraction
    size: tuple[int, int]
    even: bool = True
    pixel_format: str = "yuv420p"
    color: tuple[int, int, int] = (1, 1, 1)
    sound_s: Fraction | None = None
    tags: Mapping[str, str]


def look_at(path: Path, fps: Fraction) -> FilmFacts:
    """Reads every packet of a film, and decodes none."""
    with opened(path) as film:
        info = describe(film, path)
        stream = film.streams.video[0]
        times = sorted(p.pts * p.time_base for p in film.demux(stream) if p.pts is not None)
        even = all(time == index / fps for index, time in enumerate(times))
        sound = film.streams.audio[0] if film.streams.audio else None
        heard = None
        if sound is not None:
            heard = Fraction(sound.duration or 0) * sound.time_base
        return FilmFacts(
            num_frames=len(times),
            fps=Fraction(stream.average_rate or 0) if len(times) > 1 else fps,
            size=(info.height, info.width),
            even=even,
            pixel_format=info.pixel_format,
            color=(info.color_matrix, info.color_primaries, info.color_transfer),
            sound_s=heard,
            tags=dict(film.metadata),
        )


def verify_film(path: Path, wanted: FilmFacts) -> None:
    """Compares a film with what it must be.

    Sound may differ from the pictures by less than one frame.

    Raises:
        MediaError: they differ; the message names each difference.
    """
    seen = look_at(path, wanted.fps)
    faults = [
        f"{name} is {getattr(seen, name)!r} instead of {getattr(wanted, name)!r}"
        for name in ("num_frames", "fps", "size", "even", "pixel_format", "color")
        if getattr(seen, name) != getattr(wanted, name)
    ]
    if (seen.sound_s is None) != (wanted.sound_s is None):
        faults.append("the sound is missing" if seen.sound_s is None else "there is sound")
    elif seen.sound_s is not None and abs(seen.sound_s - wanted.sound_s) >= 1 / wanted.fps:
        faults.append(f"sound lasts {float(seen.sound_s):.3f} s, not {float(wanted.sound_s):.3f} s")
    faults += [f"the tag {key} is lost" for key in wanted.tags if seen.tags.get(key) is None]
    faults += [
        f"the tag {key} is changed"
        for key, value in wanted.tags.items()
        if seen.tags.get(key) not in (None, value)
    ]
    if faults:
        raise MediaError(
            f"The film was written but is not what it should be, and was thrown away: "
            f"{'; '.join(faults)}. Export again; if it stays so, report it with this message."
        )
