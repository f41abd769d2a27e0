"""Schedule: a timed prompt, and what it says of each frame of a result."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field, replace

from playreel.errors import PlayreelWarning
from playreel.film.camera import camera_words, normalise_camera
from playreel.film.duration import FILM_FPS

_CHINESE = re.compile(r"[㐀-鿿]")


class PromptWarning(PlayreelWarning):
    """A part of a prompt was cut or has no effect."""


@dataclass(frozen=True, kw_only=True)
class TimedText:
    """One bracket of a prompt: ``text`` from ``start_s`` to ``end_s`` (None: open) seconds."""

    start_s: float
    end_s: float | None
    text: str
    piece: str = field(default="", compare=False)  # as the user wrote it, for messages


@dataclass(frozen=True, kw_only=True)
class Segment:
    """What is said of the frames ``start`` to ``stop`` (exclusive).

    ``text`` is the whole of it, ``timed`` the part that the bracket adds.
    """

    start: int
    stop: int
    text: str
    timed: str = ""


@dataclass(frozen=True, kw_only=True)
class PromptSchedule:
    """A prompt laid over the frames of a result.

    Attributes:
        segments: spans in order that cover every frame once.
        notes: what was snapped, cut or has no effect.
        fps: frames per second of the result.
    """

    segments: tuple[Segment, ...]
    notes: tuple[str, ...] = ()
    fps: int = FILM_FPS

    def part(self, start: int, stop: int) -> PromptSchedule:
        """What is said of the frames ``start`` to ``stop`` (exclusive), counted from ``start``."""
        inside = [s for s in self.segments if s.start < stop and s.stop > start]
        return replace(
            self,
            segments=tuple(
                replace(s, start=max(s.start, start) - start, stop=min(s.stop, stop) - start)
                for s in inside
            ),
        )

    def texts(self) -> list[str]:
        """The text of each frame."""
        return [s.text for s in self.segments for _ in range(s.stop - s.start)]

    def rows(self) -> list[list[float | str]]:
        """The table that a recipe keeps: [start_s, end_s, what the bracket adds] per span."""
        return [
            [round(s.start / self.fps, 4), round(s.stop / self.fps, 4), s.timed]
            for s in self.segments
        ]

    def table(self) -> str:
        """The schedule as lines that a user can read."""
        lines = [f"{'from':>8} {'to':>8}  text"]
        for s in self.segments:
            span = f"{s.start / self.fps:>7.2f}s {s.stop / self.fps:>7.2f}s"
            lines.append(f"{span}  {s.text or '(no text)'}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


@dataclass(frozen=True, kw_only=True)
class TimedPrompt:
    """A parsed prompt: a base text and spans of seconds, in order and without overlap."""

    base: str = ""
    timed: tuple[TimedText, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.base or self.timed)

    def __str__(self) -> str:
        pieces = [self.base] if self.base else []
        for t in self.timed:
            span = f"{t.start_s:g}s" if t.end_s is None else f"{t.start_s:g}s-{t.end_s:g}s"
            pieces.append(f"[{span}: {t.text}]")
        return " ".join(pieces)

    def schedule(
        self, num_frames: int, *, camera: str | None = None, fps: int = FILM_FPS
    ) -> PromptSchedule:
        """The prompt laid over ``num_frames`` frames, with the camera move said in every span.

        Raises:
            PromptError: the camera move is unknown.
        """
        notes = list(self.notes)
        move = normalise_camera(camera)
        words = camera_words(move, chinese=bool(_CHINESE.search(str(self)))) if move else ""
        lead = ", ".join(part for part in (self.base, words) if part)
        segments: list[Segment] = []
        cursor = 0
        for index, t in enumerate(self.timed):
            start = max(cursor, _snap(t.start_s, fps))
            end_s = t.end_s
            if end_s is None and index + 1 < len(self.timed):
                end_s = self.timed[index + 1].start_s
            stop = num_frames if end_s is None else min(num_frames, _snap(end_s, fps))
            if start >= num_frames:
                notes.append(
                    f"{t.piece or t.text!r} has no effect: the result ends at "
                    f"{num_frames / fps:g} s"
                )
                warnings.warn(f"Prompt: {notes[-1]}.", PromptWarning, stacklevel=3)
                continue
            if stop <= start:
                stop = start + 1
                notes.append(f"{t.piece or t.text!r} is shorter than a frame; it holds for one")
            elif end_s is not None and _snap(end_s, fps) > num_frames:
                notes.append(f"{t.piece or t.text!r} is cut at the end, {num_frames / fps:g} s")
            if start > cursor:
                segments.append(Segment(start=cursor, stop=start, text=lead))
            text = f"{lead}, {t.text}" if lead else t.text
            segments.append(Segment(start=start, stop=stop, text=text, timed=t.text))
            cursor = stop
        if cursor < num_frames:
            segments.append(Segment(start=cursor, stop=num_frames, text=lead))
        return PromptSchedule(segments=tuple(segments), notes=tuple(notes), fps=fps)


def _snap(seconds: float, fps: int) -> int:
    return int(seconds * fps + 0.5)
