"""Lexicon: what can be said of a picture, aspect by aspect, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Words = Mapping[str, Sequence[str]]  # language -> synonyms, the plain one first

ASPECTS = {
    "subject": ("who or what", "主体"),
    "motion": ("what happens", "动作"),
    "setting": ("where", "场景"),
    "light": ("hour and light", "光线"),
    "weather": ("weather", "天气"),
    "style": ("style", "风格"),
    "camera": ("camera", "镜头"),
}
"""Name of each aspect -> what a user calls it, in English and Chinese; the order of a sentence."""

_CHINESE = re.compile(r"[㐀-鿿]")


def language_of(text: str) -> str:
    """``"zh"`` if a text has any Chinese, else ``"en"``."""
    return "zh" if _CHINESE.search(text) else "en"


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The words that a model understands.

    Attributes:
        values: aspect -> value -> language -> words that name it, to be found in a prompt.
        phrases: aspect -> value -> language -> ways to say it in a sentence; where a value has none,
            the words that name it are used.
        is_closed: whether the model knows these words and no others.
        needless: aspect -> values of other aspects with which it is left alone; caves have no weather.
        usual: aspect -> the value that surprises nobody.
    """

    values: Mapping[str, Mapping[str, Words]]
    phrases: Mapping[str, Mapping[str, Words]]
    is_closed: bool = False
    needless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)

    def found(self, text: str, aspect: str) -> list[str]:
        """The values of an aspect that a text names."""
        return [value for value in self.values.get(aspect, {}) if self.names(text, aspect, value)]

    def names(self, text: str, aspect: str, value: str) -> bool:
        """Whether a text names a value."""
        return any(_pattern(word).search(text) for word in self._synonyms(aspect, value))

    def without(self, text: str) -> str:
        """A text without any word that is known here, longest words first."""
        known = {
            word
            for aspect, values in self.values.items()
            for value in values
            for word in self._synonyms(aspect, value)
        }
        for word in sorted(known, key=len, reverse=True):
            text = _pattern(word).sub(" ", text)
        return " ".join(text.split())

    def said(self, aspect: str, value: str, language: str, index: int) -> str:
        """A way to say a value; ``index`` picks among them."""
        ways = self.phrases.get(aspect, {}).get(value) or self.values[aspect][value]
        words = ways[language]
        return words[index % len(words)]

    def _synonyms(self, aspect: str, value: str) -> list[str]:
        named = self.values[aspect][value]
        phrased = self.phrases.get(aspect, {}).get(value, {})
        return [word for ways in (named, phrased) for words in ways.values() for word in words]


def _pattern(word: str) -> re.Pattern[str]:
    escaped = re.escape(word)
    if _CHINESE.search(word):
        return re.compile(escaped)
    return re.compile(rf"(?<![a-z]){escaped}(?:s|es)?(?![a-z])", re.IGNORECASE)
