"""Expander: adds to a short prompt what it leaves open, and shows what it added.

The user's own words are never changed: what is added follows them. Nothing is added of an aspect that
they speak of, and timed brackets stay as they are.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Protocol

from playreel.film.lexicon import ASPECTS, Lexicon, language_of
from playreel.film.prompt import parse_prompt

_SMALL = frozenset(
    word
    for line in (
        "a an the of in on at by with and or to is are was it its his her their there this that as",
        "for scene clip picture shot video style very some one two while",
    )
    for word in line.split()
)
_SMALL_ZH = re.compile(r"[的了着在里中上下一只个名位和与有是，。、；：！？“”]")
_PLACE = re.compile(
    r"\b(?:in|on|at|inside|under|through|across|among|by|near|over|into|along|behind|beside)\b"
    r"\s+(?:the\s+|an?\s+)?\w+",
    re.IGNORECASE,
)
_PLACE_ZH = re.compile(
    r"在[^，。]{1,12}?(?:里|上|中|下|旁|边|内|间)|[^，。]{1,8}(?:里|上|中|旁)[，。的]?"
)


@dataclass(frozen=True, kw_only=True)
class Added:
    """Words that were added: of which aspect, and what."""

    aspect: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """A prompt and what was added to it.

    Attributes:
        asked: the prompt as the user wrote it.
        text: the prompt with what was added; the same grammar.
        added: what was added, in order.
        notes: what a user should know, such as words that the model was not taught.
    """

    asked: str
    text: str
    added: tuple[Added, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What was added, a line each, in the prompt's own language."""
        column = 1 if language_of(self.asked) == "zh" else 0
        rows = [f"+ {ASPECTS[added.aspect][column]}: {added.words}" for added in self.added]
        return [*(rows or ["nothing was added"]), *self.notes]


class Expander(Protocol):
    """What adds to prompts."""

    def expand(self, prompt: str, *, camera: str | None = None, seed: int = 0) -> Expansion:
        """The prompt with what it leaves open; see `RuleExpander.expand`."""


@dataclass(frozen=True)
class RuleExpander:
    """Adds by rules, offline: the same prompt and seed give the same words.

    Args:
        lexicon: the words that may be used.
    """

    lexicon: Lexicon

    def expand(self, prompt: str, *, camera: str | None = None, seed: int = 0) -> Expansion:
        """The prompt with what it leaves open.

        Args:
            prompt: a sentence or a few words, English or Chinese, with timed brackets where wanted.
            camera: a camera move that is given besides; none is added then.
            seed: 0 adds what is usual, another seed something else.

        Raises:
            PromptError: no prompt, or a malformed one.
        """
        opened = open_aspects(self.lexicon, prompt, camera=camera)
        language = language_of(prompt)
        added: list[Added] = []
        said = opened.everything
        for aspect in opened.aspects:
            if self._is_needless(aspect, said):
                continue
            values = list(self.lexicon.values[aspect])
            value = values[_number(prompt, seed, aspect) % len(values)]
            index = _number(prompt, seed, f"{aspect} words")
            if not seed:  # what surprises nobody; other seeds may
                value, index = self.lexicon.usual.get(aspect, value), 0
            words = self.lexicon.said(aspect, value, language, index)
            added.append(Added(aspect=aspect, words=words))
            said = f"{said} {words}"
        return expanded(prompt, tuple(added), opened.notes)

    def _is_needless(self, aspect: str, said: str) -> bool:
        values = self.lexicon.needless.get(aspect, frozenset())
        return any(value in self.lexicon.found(said, other) for value in values
                   for other in self.lexicon.values)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a prompt leaves open.

    Attributes:
        aspects: those it does not speak of, in the order of a sentence.
        everything: all that it says, timed parts included.
        notes: words that a closed lexicon does not have.
    """

    aspects: tuple[str, ...]
    everything: str
    notes: tuple[str, ...] = ()


def open_aspects(lexicon: Lexicon, prompt: str, *, camera: str | None = None) -> Opened:
    """Of which aspects a prompt says nothing.

    What is left of it when all known words are taken out is taken for a subject, and for a setting
    where it tells a place: a user's own dragon on the moon gets no fox on a meadow.
    """
    parsed = parse_prompt(prompt, required_by="an expansion")
    everything = " ".join([parsed.base, *(timed.text for timed in parsed.timed)])
    rest = _rest(lexicon, everything)
    aspects = []
    for aspect in ASPECTS:
        if not lexicon.values.get(aspect) or lexicon.found(everything, aspect):
            continue
        if rest and (aspect == "subject" or (aspect == "motion" and lexicon.is_closed)):
            continue
        if (
            aspect == "setting"
            and rest
            and (_PLACE if rest.isascii() else _PLACE_ZH).search(everything)
        ):
            continue
        if aspect == "camera" and camera:
            continue
        aspects.append(aspect)
    notes = []
    if lexicon.is_closed and rest:
        notes.append(f"not among the words that the model was taught: {rest}")
    return Opened(aspects=tuple(aspects), everything=everything, notes=tuple(notes))


def expanded(prompt: str, added: tuple[Added, ...], notes: tuple[str, ...] = ()) -> Expansion:
    """A prompt with words after its own, before its timed brackets."""
    parsed = parse_prompt(prompt, required_by="an expansion")
    comma = "，" if language_of(prompt) == "zh" else ", "
    base = comma.join(part for part in (parsed.base, *(entry.words for entry in added)) if part)
    text = str(replace(parsed, base=base)) if added else prompt
    return Expansion(asked=prompt, text=text, added=added, notes=notes)


def _rest(lexicon: Lexicon, text: str) -> str:
    """The words of a text that are not in the lexicon, small words left out."""
    rest = _SMALL_ZH.sub(" ", lexicon.without(text))
    words = re.findall(r"[a-zA-Z][\w'-]*|[㐀-鿿]+", rest)
    return " ".join(word for word in words if word.lower() not in _SMALL)


def _number(*parts: object) -> int:
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big")
