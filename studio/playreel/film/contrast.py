"""Contrast: what a text might have said instead, for choosing what shows the difference.

A small thing such as the colour of a hero changes little of how well a picture goes with its words; next to
the same words with another colour, it is all that counts.
"""

from __future__ import annotations

import re

_COLORS = {
    "red": (r"\b(?:red|scarlet|crimson)\b|红色|赤色|大红", "red", "红色"),
    "orange": (r"\b(?:orange|amber|tangerine)\b|[橙橘]色|橘红", "orange", "橙色"),
    "yellow": (r"\b(?:yellow|golden(?! hour)|lemon)\b|黄色|金黄|明黄", "yellow", "黄色"),
    "green": (r"\b(?:green(?! hills)|emerald|lime)\b|绿色|翠绿|青绿", "green", "绿色"),
    "blue": (r"\b(?:blue|azure|navy)\b|蓝色|天蓝|深蓝", "blue", "蓝色"),
    "purple": (r"\b(?:purple|violet|lilac)\b|紫色|紫罗兰色|深紫", "purple", "紫色"),
    "white": (r"\b(?:(?:snow-)?white|pale)\b|白色|雪白|纯白", "white", "白色"),
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, (pattern, _, _) in _COLORS.items()}


def contrasts(text: str) -> tuple[str, ...]:
    """The text with its colour exchanged for each other one; none where it does not name just one."""
    named = [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    if len(named) != 1:
        return ()
    own = named[0]

    def other(english: str, chinese: str) -> str:
        return _PATTERNS[own].sub(lambda word: english if word[0].isascii() else chinese, text)

    return tuple(other(*words[1:]) for name, words in _COLORS.items() if name != own)
