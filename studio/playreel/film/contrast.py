"""Contrast: what a text might have asked for instead, for choosing what shows the difference.

A small thing such as the colour of a hero changes little of how well a picture goes with all its words; next
to the other colours, it is all that counts. So with the place, the hour and the weather.
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
_ASKED = {
    "color": {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _COLORS.items()},
    **{aspect: PATTERNS[aspect] for aspect in ("place", "hour", "weather")},
}
_PLAIN = {("place", "snow"): "snowfield", ("weather", "snow"): "snowfall"}  # of others, their name


def contrasts(text: str) -> tuple[tuple[str, ...], ...]:
    """For the colour, place, hour and weather that a text names: a word for it, then for each other one.

    Words are English in any case. Of what the text does not name, or names more than one of, there are none.
    """
    groups = []
    for aspect, patterns in _ASKED.items():
        named = [name for name, pattern in patterns.items() if pattern.search(text)]
        if len(named) == 1:
            names = [named[0], *(name for name in patterns if name != named[0])]
            groups.append(tuple(_PLAIN.get((aspect, name), name) for name in names))
    return tuple(groups)
