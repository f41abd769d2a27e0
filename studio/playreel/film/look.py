"""Look: what a text says of place, hour, weather and style."""

from __future__ import annotations

import re

# Whole phrases, as they may be exchanged for another: of "white lines on blue", no white must be left.
_NAMED = {
    "place": {
        "meadow": r"meadow|grass|green hills|pasture|青?草[地原坡]|绿野|田野",
        "forest": r"(?:\bpine )?\bforest|\bwoods?\b|woodland|jungle|森林|树林|密林|松林|林间",
        "desert": r"desert|(?:\bsand )?\bdunes?\b|\bsandy|sahara|沙漠|沙丘|大漠|戈壁|荒漠",
        "snow": r"(?<!falling )\bsnow\b(?![- ](?:white|fall))|snowy|snowfield|frozen|winter"
        r"|(?:冰天)?雪[地岭原山]|冰[川原]?",
        "cave": r"\bcaves?\b|cavern|underground|grotto|[山岩]?洞[穴窟]?",
        "city": r"\bcity(?: streets?)?|rooftop|street|downtown|skyscraper|\btown\b"
        r"|城市|都市|街[道头]?|高?楼顶?",
        "volcano": r"volcan|\blava|crater|火山[口岩]?|熔岩地?|岩浆",
        "ruins": r"\bruins?\b|temple|(?:\bbroken )?\bcolumns|遗迹|古庙|废墟|神殿|断柱(?:残垣)?",
    },
    "hour": {
        "day": r"\bday\b|daytime|daylight|\bnoon|midday|\bmorning|大?白天|日间|正午|晴昼|早晨",
        "dusk": r"\bdusk|\bdawn|sunset|sunrise|evening|twilight|golden hour|黄昏|日落|傍晚|暮色?|夕阳",
        "night": r"(?:\bdark )?(?:\bmid)?night|moonlight|(?:lights?|torch|lamp|fire) (?:goes|go) out"
        r"|\bdark(?:ness)?\b(?![- ](?:cave|tunnel|grotto|forest|wood|temple|red|orange|yellow|green|blue"
        r"|purple|gr[ae]y|brown))"
        r"|[深月午]?夜[晚里色]?|黑[夜暗]|[天漆]黑",
    },
    "weather": {
        "clear": r"\bclear\b|cloudless|fair weather|晴朗|晴天|晴空|无云",
        "rain": r"(?:\bheavy )?\brain|downpour|[大细暴]?雨",
        "snow": r"snowfall|(?:\bfalling )snow|\bsnow falling|snowing|snowflake|snowstorm"
        r"|下(?:着|大)?雪|飘雪|雪花|大雪|风雪",
        "fog": r"(?:\bthick )?(?:\bfog|\bmist|\bhaz[ey])|[起大薄]?雾气?",
    },
    "style": {
        "pixel": r"pixel|8-bit|像素|八位机|点阵",
        "game-boy": r"game[- ]?boy|handheld green|four-shade green|green handheld(?: screen)?"
        r"|(?:绿屏|游戏|复古)?掌机|四阶绿",
        "ink wash": r"(?:\bchinese |\bbrush and )?\bink\b(?: wash| painting)?|sumi-e"
        r"|水墨画?|国画|泼墨|墨染",
        "blueprint": r"blueprint|technical drawing|cyanotype|(?:white )?lines on blue|draft plan"
        r"|蓝图|工程图|蓝晒|设计图|制图",
        "watercolour": r"watercolou?r(?: painting)?|aquarelle|(?:\bsoft )?\bwashes"
        r"|水彩(?:画|晕染)?|淡彩|彩绘",
        "neon": r"(?:\bglowing )?\bneon(?: glow\b| lights?\b)?|synthwave|cyberpunk"
        r"|霓虹灯?|赛博(?:朋克)?|荧光|合成波",
        "paper cut-out": r"(?:\bcut )?\bpaper(?:craft|[ -]cut-?outs?| collage)?"
        r"|剪纸|纸艺|纸片|剪贴|纸雕",
        "charcoal sketch": r"charcoal(?: sketch| drawing)?|pencil(?: sketch)?|(?:\bhand-drawn )?\bsketch"
        r"|炭笔(?:素描)?|素描|铅笔画?|(?:手绘)?草图",
    },
}
_SIZE = re.compile(
    r"\bwide\b|long shot|establishing|full view|\bmedium\b|mid shot|waist shot|close[- ]?up|tight shot"
    r"|远景|全景|中景|近景|半身景|特写",
    re.IGNORECASE,
)
_WHEN = r"(?:\b(?:at|by|on an?|in(?: the| broad)?) )?"
PLAIN = "pixel"  # the style of which most was learned
UNLIT = frozenset({"game-boy", "ink wash", "blueprint", "charcoal sketch"})
OUTLINED = "neon"  # the style in which edges are all that is seen of a place
PATTERNS = {
    aspect: {name: re.compile(pattern, re.IGNORECASE) for name, pattern in names.items()}
    for aspect, names in _NAMED.items()
}


def look(text: str) -> dict[str, frozenset[str]]:
    """What a text names of the look: aspect -> values; aspects that it leaves open are not there."""
    found = {
        aspect: frozenset(name for name, pattern in names.items() if pattern.search(text))
        for aspect, names in PATTERNS.items()
    }
    return {aspect: names for aspect, names in found.items() if names}


def drawn_by(text: str, *, by_sketch: bool = False) -> tuple[str, bool]:
    """The words that a still is drawn by, and whether it is painted over afterwards in the style of the text.

    Pixel style takes the place of any other, and of none. Where no size of the shot is
    named, and no sketch shows it, it is a wide one. A dusk or a night would hide too much from styles without
    light of their own, and of what was drawn by hand: both are drawn by day where no hour is named. Neon is
    drawn by day in any case and is given its hour with its style.
    """
    found = look(text)
    styles = found.get("style", frozenset())
    others = styles - {PLAIN}
    words, added = text, []
    for name in others:
        words = PATTERNS["style"][name].sub(_plain_word, words)
    if others == {OUTLINED}:
        for pattern in PATTERNS["hour"].values():
            words = re.sub(f"{_WHEN}(?:{pattern.pattern})", _day_word, words, flags=re.I)
    if not styles:
        added.append(("pixel art", "像素画"))
    if not (by_sketch or _SIZE.search(text)):
        added.append(("wide shot", "远景"))
    dim = by_sketch or (others and others <= UNLIT | {OUTLINED})
    if dim and "hour" not in found:
        added.append(("by day", "白天"))
    lang, comma = (0, ", ") if text.isascii() else (1, "，")
    parts = [words, *(pair[lang] for pair in added)]
    return comma.join(part for part in parts if part.strip()), bool(others)


def _plain_word(found: re.Match[str]) -> str:
    return "pixel art" if found[0].isascii() else "像素"


def _day_word(found: re.Match[str]) -> str:
    return "by day" if found[0].isascii() else "白天"


def changes_look(before: str, after: str) -> bool:
    """Whether a text names a look that the one before does not."""
    had = look(before)
    return any(had.get(aspect) != names for aspect, names in look(after).items())
