"""What is said, on the film's clock: burned in, or as SRT and VTT."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from playreel.board.presets import SafeBox
from playreel.board.shot import Shot
from playreel.board.stitch import Film
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.media.caption import CaptionLine, caption_picture, wrapped_rows
from playreel.media.overlay import Card

_ROWS = 2  # of one language at a time
_SHARE = 0.05  # of the shorter side, the type size
_SECOND = 0.72  # of that, the second language


@dataclass(frozen=True, kw_only=True)
class Cue:
    """Words over a stretch of film.

    Attributes:
        start: the first frame.
        stop: the frame after the last.
        texts: the same words in one language or two.
    """

    start: int
    stop: int
    texts: tuple[str, ...]


def cues_of(film: Film, shots: Sequence[Shot]) -> tuple[Cue, ...]:
    """A cue for each shot in which somebody speaks, clear of the transitions around it.

    Args:
        film: whose segments may include further takes, such as bridges.
        shots: the shots that segments show, by ``uid`` of `Film.uids`.
    """
    known = {shot.uid: shot for shot in shots}
    cues = []
    for index, (segment, uid) in enumerate(zip(film.segments, film.uids, strict=True)):
        shot = known.get(uid)
        if shot is None:
            continue
        texts = tuple(text for text in (shot.dialogue or shot.voice_over, shot.translation) if text)
        following = film.segments[index + 1].fade if index + 1 < len(film.segments) else 0
        start, stop = segment.start + segment.fade, segment.stop - following
        if stop <= start:  # the shot is nothing but transitions
            start, stop = segment.start, segment.stop
        if texts:
            cues.append(Cue(start=start, stop=stop, texts=texts))
    return tuple(cues)


def caption_cards(cues: Iterable[Cue], box: SafeBox, size: tuple[int, int]) -> tuple[Card, ...]:
    """Cues as pictures inside the safe box, at its foot.

    A text of more than two rows is shown in turns, each as long as its share of the words. The type
    is made smaller only where a single word would not fit the box.
    """
    cards: list[Card] = []
    for cue in cues:
        turns = _turns(cue.texts, box, round(min(size) * _SHARE))
        turns = turns[: max(1, cue.stop - cue.start)]
        weights = [sum(len(line.text) for line in turn) for turn in turns]
        start, spent, total = cue.start, 0, sum(weights)
        for number, (turn, weight) in enumerate(zip(turns, weights, strict=True), start=1):
            spent += weight
            share = Fraction((cue.stop - cue.start) * spent, total)
            left = len(turns) - number
            stop = min(max(start + 1, cue.start + round(share)), cue.stop - left)
            picture = caption_picture(turn)
            height, width = picture.shape[:2]
            x = box.left + (box.width - width) // 2
            cards.append(Card(start, stop, picture, x, box.bottom - height))
            start = stop
    return tuple(cards)


def write_subtitles(
    path: str | Path, cues: Sequence[Cue], fps: Fraction, *, language: int | None = None
) -> Path:
    """Writes ``.srt`` or ``.vtt``.

    Markup in the words is defused: players would run it as style or position.

    Args:
        path: where to; the suffix decides the format.
        cues: what is said.
        fps: the film's rate.
        language: 0 or 1 for only the first or second text; None stacks them.

    Raises:
        InputError: another suffix.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".srt", ".vtt"):
        raise InputError(
            f"Subtitles are written as .srt or .vtt, not {path.suffix or path.name!r}."
        )
    clean = _vtt_text if suffix == ".vtt" else _srt_text
    blocks = ["WEBVTT\n"] if suffix == ".vtt" else []
    number = 0
    for cue in cues:
        texts = cue.texts if language is None else cue.texts[language : language + 1]
        rows = [row for text in texts for row in map(clean, text.splitlines()) if row]
        if not rows:
            continue
        number += 1
        mark = "." if suffix == ".vtt" else ","
        times = f"{_clock(cue.start / fps, mark)} --> {_clock(cue.stop / fps, mark)}"
        blocks.append("\n".join([str(number), times, *rows]) + "\n")
    write_bytes(path, "\n".join(blocks).encode("utf-8"))
    return path


def _turns(texts: Sequence[str], box: SafeBox, size: int) -> list[list[CaptionLine]]:
    """Rows that are shown together, each at most two of a language."""
    columns = []
    for order, text in enumerate(texts[:2]):
        type_size = size if order == 0 else max(8, round(size * _SECOND))
        rows = wrapped_rows(text, type_size, box.width)
        lines = [CaptionLine(text=row, size=type_size) for row in rows]
        while any(line.width > box.width for line in lines):
            type_size -= 1
            lines = [CaptionLine(text=row, size=type_size) for row in rows]
        columns.append(lines)
    count = max((-(-len(lines) // _ROWS) for lines in columns), default=0)
    turns = []
    for turn in range(count):
        shown = []
        for lines in columns:
            first = turn * len(lines) // count
            last = (turn + 1) * len(lines) // count
            shown += lines[first:last]
        if shown:
            turns.append(shown)
    return turns


def _clock(seconds: Fraction, mark: str) -> str:
    millis = round(seconds * 1000)
    minutes, millis = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{millis // 1000:02d}{mark}{millis % 1000:03d}"


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _srt_text(text: str) -> str:
    # SRT has no way to quote: look-alikes stand in for what players take for markup
    table = {"<": "‹", ">": "›", "{": "(", "}": ")", "\\": "/"}
    return "".join(table.get(char, char) for char in _plain(text))


def _vtt_text(text: str) -> str:
    return html.escape(_plain(text), quote=False)
