"""Looks: what a text says of place, hour, weather and style, and frames painted over where that changes.

What is played on keeps the look that it began with. Where timed words name another, each frame from that time
on is painted over, by the same rule as a restyle, so that the change is there at its very frame.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.rework import painted_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel

_NAMED = {
    "place": {
        "meadow": r"meadow|grass|green hills|pasture|草地|草原|草坡|绿野|田野",
        "forest": r"\bforest|\bwoods?\b|woodland|jungle|森林|树林|密林|松林|林间",
        "desert": r"desert|\bdunes?\b|\bsandy|sahara|沙漠|沙丘|大漠|戈壁|荒漠",
        "snow": r"(?<!falling )\bsnow\b(?![- ]white)|snowy|snowfield|frozen|winter|雪地|雪岭|雪原|雪山|冰",
        "cave": r"\bcaves?\b|cavern|underground|grotto|洞",
        "city": r"\bcity|rooftop|street|downtown|skyscraper|\btown\b|城市|都市|街|楼",
        "volcano": r"volcan|\blava|crater|火山|熔岩|岩浆",
        "ruins": r"\bruins?\b|temple|columns|遗迹|古庙|废墟|神殿|断柱",
    },
    "hour": {
        "day": r"\bday\b|daytime|daylight|\bnoon|midday|\bmorning|白天|日间|正午|晴昼|早晨",
        "dusk": r"\bdusk|\bdawn|sunset|sunrise|evening|twilight|golden hour|黄昏|日落|傍晚|暮|夕阳",
        "night": r"night|moonlight|\bdark|(?:lights?|torch|lamp|fire) (?:goes|go) out|夜|黑",
    },
    "weather": {
        "clear": r"\bclear\b|cloudless|fair weather|晴朗|晴天|晴空|无云",
        "rain": r"\brain|downpour|雨",
        "snow": r"snowfall|falling snow|snowing|snowflake|snowstorm|下雪|飘雪|雪花|大雪|风雪",
        "fog": r"\bfog|\bmist|\bhaz[ey]|雾",
    },
    "style": {
        "pixel": r"pixel|8-bit|像素|八位机|点阵",
        "game-boy": r"game[- ]?boy|handheld green|four-shade|green handheld|掌机|四阶绿",
        "ink wash": r"\bink\b|sumi-e|水墨|国画|泼墨|墨染",
        "blueprint": r"blueprint|technical drawing|cyanotype|lines on blue|draft plan"
        r"|蓝图|工程图|蓝晒|设计图|制图",
        "watercolour": r"watercolou?r|aquarelle|\bwashes|水彩|淡彩|彩绘",
        "neon": r"\bneon|synthwave|cyberpunk|霓虹|赛博|荧光|合成波",
        "paper cut-out": r"\bpaper|剪纸|纸艺|纸片|剪贴|纸雕",
        "charcoal sketch": r"charcoal|pencil|\bsketch|炭笔|素描|铅笔|草图",
    },
}
_PATTERNS = {
    aspect: {name: re.compile(pattern, re.IGNORECASE) for name, pattern in names.items()}
    for aspect, names in _NAMED.items()
}


def look(text: str) -> dict[str, frozenset[str]]:
    """What a text names of the look: aspect -> values; aspects that it leaves open are not there."""
    found = {
        aspect: frozenset(name for name, pattern in names.items() if pattern.search(text))
        for aspect, names in _PATTERNS.items()
    }
    return {aspect: names for aspect, names in found.items() if names}


def changes_look(before: str, after: str) -> bool:
    """Whether a text names a look that the one before does not."""
    had = look(before)
    return any(had.get(aspect) != names for aspect, names in look(after).items())


def in_their_looks(
    model: FilmModel, frames: NDArray[np.uint8], texts: list[str], *, begun: str
) -> NDArray[np.uint8]:
    """Frames with those painted over whose text names another look.

    Args:
        model: paints.
        frames: uint8 (T, H, W, 3), all in the look that they began with.
        texts: a text per frame.
        begun: the text that the frames began with.
    """
    other = {text for text in set(texts) if changes_look(begun, text)}
    places = [index for index, text in enumerate(texts) if text in other]
    if not places:
        return frames
    made = frames.copy()
    made[places] = painted_over(model, frames[places], [texts[index] for index in places])
    return made
