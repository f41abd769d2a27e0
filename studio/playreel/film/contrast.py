"""Contrast: what a text might have said instead, for choosing what shows the difference.

A small thing such as the colour of a hero changes little of how well a picture goes with its words; next to
the same words with another colour, it is all that counts. So with the place, the hour and the weather.
"""

from __future__ import annotations

import re

from playreel.film.look import PATTERNS

_COLORS = {
    "red": r"\b(?:red|scarlet|crimson)\b|红色|赤色|大红",
    "orange": r"\b(?:orange|amber|tangerine)\b|[橙橘]色|橘红",
    "yellow": r"\b(?:yellow|golden(?! hour)|lemon)\b|黄色|金黄|明黄",
    "green": r"\b(?:green(?! hills)|emerald|lime)\b|绿色|翠绿|青绿",
    "blue": r"\b(?:blue|azure|navy)\b|蓝色|天蓝|深蓝",
    "purple": r"\b(?:purple|violet|lilac)\b|紫色|紫罗兰色|深紫",
    "white": r"\b(?:(?:snow-)?white|pale)\b|白色|雪白|纯白",
}
_FOUND = {
    "color": {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _COLORS.items()},
    **{
        # Whole words, as they are exchanged: of "grassland" no "land" is left.
        aspect: {
            name: re.compile(f"(?:{pattern.pattern})[a-z]*", re.IGNORECASE)
            for name, pattern in PATTERNS[aspect].items()
        }
        for aspect in ("place", "hour", "weather")
    },
}
_SAID = {
    "color": {
        "red": ("red", "红色"),
        "orange": ("orange", "橙色"),
        "yellow": ("yellow", "黄色"),
        "green": ("green", "绿色"),
        "blue": ("blue", "蓝色"),
        "purple": ("purple", "紫色"),
        "white": ("white", "白色"),
    },
    "place": {
        "meadow": ("meadow", "草地"),
        "forest": ("forest", "森林"),
        "desert": ("desert", "沙漠"),
        "snow": ("snowfield", "雪山"),
        "cave": ("cave", "洞穴"),
        "city": ("city", "城市"),
        "volcano": ("volcano", "火山"),
        "ruins": ("ruins", "遗迹"),
    },
    "hour": {"day": ("day", "白天"), "dusk": ("dusk", "黄昏"), "night": ("night", "夜晚")},
    "weather": {
        "clear": ("clear", "晴朗"),
        "rain": ("rain", "雨"),
        "snow": ("snowfall", "下雪"),
        "fog": ("fog", "雾"),
    },
}


def contrasts(text: str) -> tuple[tuple[str, ...], ...]:
    """The text with its colour exchanged for each other one, and so on for place, hour and weather.

    Of what it does not name, or names more than one of, there are none.
    """
    found = (_exchanged(text, aspect) for aspect in _SAID)
    return tuple(texts for texts in found if texts)


def _exchanged(text: str, aspect: str) -> tuple[str, ...]:
    named = [name for name, pattern in _FOUND[aspect].items() if pattern.search(text)]
    if len(named) != 1:
        return ()
    pattern = _FOUND[aspect][named[0]]

    def other(english: str, chinese: str) -> str:
        return pattern.sub(lambda word: english if word[0].isascii() else chinese, text)

    return tuple(other(*words) for name, words in _SAID[aspect].items() if name != named[0])
