"""Timed prompts: ``base text [0s-2s: torch light] [2s-4s: the torch goes out]``.

The base text holds for every frame and always leads; a bracket adds to the frames of its span. An
end may be left out (``[3s: ...]`` lasts until the next bracket or the end), units may be left out
(``[0-2: ...]``), clock times work (``[0:05-0:10: ...]``), and so do Chinese brackets, colons,
dashes and 秒 (``【0秒-2秒：火把亮着】``). Brackets that do not start with a time are plain text.
"""

from __future__ import annotations

import re
import warnings
from itertools import pairwise

from playreel.errors import PromptError
from playreel.film.schedule import PromptWarning, TimedPrompt, TimedText

MAX_TEXT_CHARS = 1000  # per piece; the text encoder reads far less
MAX_TIMED_CHARS = 12_000  # all brackets together, so that a recipe stays small

_FULL_WIDTH = str.maketrans("【】［］〔〕", "[][][]")
_TIME = r"(?:\d{1,4}:[0-5]\d(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_UNIT = r"(?:\s*(?:seconds?|secs?|s|秒钟?))?"
_DASH = r"\s*(?:-|–|—|~|～|－|至|到|to)\s*"
_TIMED = re.compile(
    rf"\s*(?P<start>[+-]?{_TIME}){_UNIT}(?:{_DASH}(?P<end>[+-]?{_TIME}){_UNIT})?\s*[:：](?P<text>.*)",
    re.IGNORECASE | re.DOTALL,
)
# Starts like a time (a number with a unit, or two numbers), so it must be one.
_ALMOST_TIMED = re.compile(
    rf"\s*[+-]?{_TIME}(?:\s*(?:seconds?|secs?|s|秒钟?)(?![a-z])|{_DASH}[+-]?{_TIME})", re.IGNORECASE
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def parse_prompt(prompt: str | None, *, required_by: str | None = None) -> TimedPrompt:
    """Parse a prompt; None and blank text give an empty one.

    Pieces over `MAX_TEXT_CHARS` are cut at a word and a `PromptWarning` says so.

    Args:
        prompt: text as in the module's docstring.
        required_by: the operation that cannot do without a prompt, if so.

    Raises:
        PromptError: not text, malformed, reversed or overlapping spans, or empty though required.
    """
    if prompt is not None and not isinstance(prompt, str):
        raise PromptError(f"A prompt must be text, got {type(prompt).__name__}: {prompt!r:.80}.")
    text = _LONE_SURROGATE.sub(" ", prompt or "").translate(_FULL_WIDTH)
    base_parts: list[str] = []
    timed: list[TimedText] = []
    cursor = 0  # start of the plain text not yet taken
    search = 0
    last_close = text.rfind("]")
    while (opening := text.find("[", search)) >= 0:
        search = opening + 1
        closing = text.find("]", search) if search <= last_close else -1
        if closing < 0:
            if _is_timed(text, search, len(text)):
                raise PromptError(
                    f"The bracket {_quote(text[opening:])} is never closed. Add a ']'."
                )
            continue
        if not _is_timed(text, search, closing):
            continue
        base_parts.append(text[cursor:opening])
        timed.append(_parse_piece(text[opening : closing + 1]))
        cursor = search = closing + 1
    base_parts.append(text[cursor:])
    notes: list[str] = []
    base = _shorten(_tidy(" ".join(base_parts)), "the base text", notes)
    ordered = _within_budget(_ordered(timed), notes)
    for note in notes:
        warnings.warn(f"Prompt: {note}.", PromptWarning, stacklevel=2)
    parsed = TimedPrompt(base=base, timed=ordered, notes=tuple(notes))
    if required_by is not None and not parsed:
        raise PromptError(
            f"The prompt is empty ({prompt!r:.40}), and {required_by} has nothing else to go by. "
            "Say what to show, for example 'a fox on a snowy ridge at dusk'."
        )
    return parsed


def _is_timed(text: str, start: int, stop: int) -> bool:
    """Whether the bracket's content text[start:stop] is meant as a timed one."""
    head = text[start : min(stop, start + 64)]
    return bool(_TIMED.match(head) or _ALMOST_TIMED.match(head))


def _parse_piece(piece: str) -> TimedText:
    match = _TIMED.fullmatch(piece[1:-1])
    quoted = _quote(piece)
    if match is None:
        raise PromptError(f"Cannot read {quoted}. Write it as [0s-2s: what happens].")
    start_s, end_s = _seconds(match["start"]), match["end"] and _seconds(match["end"])
    body = _tidy(match["text"])
    if start_s < 0 or (end_s is not None and end_s < 0):
        raise PromptError(f"{quoted} has a negative time. Times count from 0 s, the first frame.")
    if end_s is not None and end_s <= start_s:
        raise PromptError(
            f"{quoted} ends at {end_s:g} s, not after its start at {start_s:g} s. "
            "Swap the two times."
        )
    if not body:
        raise PromptError(f"{quoted} says nothing. Add text after the colon or leave it out.")
    return TimedText(start_s=start_s, end_s=end_s, text=body, piece=quoted)


def _ordered(timed: list[TimedText]) -> tuple[TimedText, ...]:
    """``timed`` by start.

    Raises:
        PromptError: two spans overlap.
    """
    ordered = sorted(timed, key=lambda t: t.start_s)
    for before, after in pairwise(ordered):
        end_s = before.end_s
        if after.start_s == before.start_s or (end_s is not None and after.start_s < end_s):
            raise PromptError(
                f"{after.piece} overlaps {before.piece}. Let each start where the one before ends."
            )
    return tuple(ordered)


def _within_budget(timed: tuple[TimedText, ...], notes: list[str]) -> tuple[TimedText, ...]:
    """``timed`` with long texts cut, and without those past `MAX_TIMED_CHARS` in all."""
    kept: list[TimedText] = []
    total = 0
    for t in timed:
        text = _shorten(t.text, t.piece, notes)
        total += len(text)
        if total > MAX_TIMED_CHARS:
            notes.append(f"only the first {len(kept)} of {len(timed)} timed texts are used")
            break
        kept.append(TimedText(start_s=t.start_s, end_s=t.end_s, text=text, piece=t.piece))
    return tuple(kept)


def _seconds(time: str) -> float:
    minutes, _, seconds = time.rpartition(":")
    return int(minutes or 0) * 60 + float(seconds)


def _tidy(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split()).strip(" ,;，；")


def _shorten(text: str, what: str, notes: list[str]) -> str:
    if len(text) <= MAX_TEXT_CHARS:
        return text
    cut = text[:MAX_TEXT_CHARS]
    space = cut.rfind(" ")
    kept = cut[:space] if space > MAX_TEXT_CHARS // 2 else cut
    notes.append(f"{what} has {len(text)} characters; only the first {len(kept)} are used")
    return kept


def _quote(piece: str) -> str:
    return repr(piece if len(piece) <= 60 else piece[:57] + "...")
