"""Captions of the robot arm, worded like those of the platformer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from playreel.errors import InputError
from playreel.footage.arm_look import ArmLook
from playreel.footage.captions import (
    LANGUAGES,
    MAX_DROP,
    MIN_SEGMENT_FRAMES,
    TAG_SHARE,
    Caption,
    Event,
)
from playreel.footage.vocabulary import VOCABULARY, Words, words
from playreel.footage.wording import Draw, with_article

ARM_VOCABULARY: dict[str, dict[str, Words]] = {
    "arm": {
        "arm": words(
            "robot arm|robotic arm|mechanical arm|two-joint arm",
            "机械臂|机器人手臂|双关节机械臂|机械手臂",
        )
    },
    "livery": {
        "orange": words("orange|amber", "橙色|橘色"),
        "white": words("white|ivory", "白色|纯白"),
        "yellow": words("yellow|golden", "黄色|明黄"),
        "blue": words("blue|azure", "蓝色|天蓝"),
        "red": words("red|scarlet", "红色|赤色"),
        "green": words("green|emerald", "绿色|翠绿"),
        "black": words("black|dark grey", "黑色|深灰"),
    },
    "table": {
        "oak": words("oak table|light wooden table|wooden desk", "橡木桌|浅色木桌|木头书桌"),
        "walnut": words("walnut table|dark wooden table|brown desk", "胡桃木桌|深色木桌|棕色书桌"),
        "white": words("white table|lab table|white desk", "白色桌子|实验台|白桌"),
        "cutting mat": words("green cutting mat|cutting mat|grid mat", "绿色切割垫|切割垫|网格垫"),
        "slate": words("slate table|dark grey table|stone desk", "石板桌|深灰色桌子|石桌"),
        "steel": words("steel table|metal workbench|steel bench", "钢桌|金属工作台|钢制台面"),
    },
    "light": {
        "morning": words("morning light|in the morning|early morning", "晨光|清晨|早晨"),
        "noon": words("daylight|at noon|bright midday light", "日光|正午|明亮的午间光线"),
        "evening": words("evening light|at sunset|warm evening glow", "夕照|傍晚|日落时分"),
        "night": words("lamp light at night|at night|late at night", "夜晚灯光|夜里|深夜"),
    },
    "wall": {
        "plain": words("plain wall|painted wall", "素墙|平整的墙面"),
        "brick": words("brick wall|bricks behind", "砖墙|红砖背景"),
        "panels": words("panelled wall|wall panels", "护墙板|板墙"),
        "tiles": words("tiled wall|wall tiles", "瓷砖墙|贴砖墙面"),
        "stripes": words("striped wallpaper|striped wall", "条纹墙纸|条纹墙"),
    },
    "decoration": {
        "window": words("window", "窗户"),
        "poster": words("poster", "海报"),
        "shelf": words("book shelf", "书架"),
        "clock": words("wall clock", "挂钟"),
        "pegboard": words("tool board", "工具板"),
        "lamp": words("hanging lamp", "吊灯"),
    },
    "block": {
        "cube": words("cube|block", "方块|积木"),
        "cylinder": words("cylinder|can", "圆柱|圆筒"),
        "pyramid": words("pyramid|wedge", "锥块|三角块"),
    },
    "action": {
        "stay": words("holding still|waiting|resting", "停住不动|原地等待|静止"),
        "shoulder-left": words(
            "swinging left|turning the shoulder left|sweeping left", "向左摆动|肩关节左转|向左横扫"
        ),
        "shoulder-right": words(
            "swinging right|turning the shoulder right|sweeping right",
            "向右摆动|肩关节右转|向右横扫",
        ),
        "elbow-in": words(
            "folding the elbow|pulling in|bending the forearm in", "收肘|回收前臂|向内弯曲"
        ),
        "elbow-out": words(
            "stretching out|unfolding the elbow|reaching out", "伸肘|伸出前臂|向外伸展"
        ),
    },
    "push": {
        "left": words("pushing {} left|sliding {} to the left", "把{}推向左边|向左推动{}"),
        "right": words("pushing {} right|sliding {} to the right", "把{}推向右边|向右推动{}"),
        "away": words("pushing {} back|sliding {} towards the wall", "把{}推向后方|向墙边推动{}"),
        "closer": words(
            "pushing {} forward|sliding {} towards the viewer", "把{}推向前方|朝镜头推动{}"
        ),
    },
}

_TEMPLATES = (
    "arm action on_table; blocks; light; wall",
    "arm on_table beside; action; blocks; light",
    "light; arm action; on_table; wall",
    "blocks on_table; arm action; light; beside",
    "action; arm; on_table; blocks; wall; light",
    "arm; blocks; light; wall; on_table",
    "on_table light; arm action; blocks",
    "wall; light; arm on_table action; blocks",
)


def _block_words(look: ArmLook, color: str, lang: str, draw: Draw) -> str:
    kind = next(kind for kind, block_color in look.blocks if block_color == color)
    noun = draw.pick(ARM_VOCABULARY["block"][kind][lang])
    shade = VOCABULARY["hero_color"][color][lang][0]
    return f"the {shade} {noun}" if lang == "en" else f"{shade}{noun}"


def _action(name: str, look: ArmLook, lang: str, draw: Draw) -> str:
    if name.startswith("push "):
        _, color, way = name.split()
        return draw.pick(ARM_VOCABULARY["push"][way][lang]).format(
            _block_words(look, color, lang, draw)
        )
    return draw.pick(ARM_VOCABULARY["action"][name][lang])


def _slots(look: ArmLook, names: list[str], lang: str, draw: Draw) -> dict[str, str]:
    english = lang == "en"

    def say(attribute: str, value: str) -> str:
        return draw.pick(ARM_VOCABULARY[attribute][value][lang])

    livery, arm, table = say("livery", look.livery), say("arm", "arm"), say("table", look.table)
    colors = [VOCABULARY["hero_color"][color][lang][0] for _, color in look.blocks]
    drop = MAX_DROP * draw.unit()
    if english:
        slots = {
            "arm": with_article(f"{livery} {arm}") if draw.unit() >= drop else f"a {arm}",
            "on_table": f"on {'an' if table[0] in 'aeo' else 'a'} {table}",
            "blocks": f"{', '.join(colors[:-1])} and {colors[-1]} blocks",
            "beside": f"by a {say('decoration', look.decorations[0])}",
        }
    else:
        slots = {
            "arm": f"一只{livery}{arm}" if draw.unit() >= drop else arm,
            "on_table": f"在{table}上",
            "blocks": f"{'、'.join(colors)}积木",
            "beside": f"旁边有{say('decoration', look.decorations[0])}",
        }
    slots |= {"light": say("light", look.light), "wall": say("wall", look.wall)}
    if names:
        slots["action"] = _action(draw.pick(names), look, lang, draw)
    kept = {name: text for name, text in slots.items() if draw.unit() >= drop}
    return kept or {"arm": slots["arm"]}


def _segments(
    look: ArmLook, events: Iterable[Event], lang: str, num_frames: int, draw: Draw
) -> tuple[tuple[int, int, str], ...]:
    """Spans of at least MIN_SEGMENT_FRAMES, each told by a push if there is one in it."""
    groups: list[tuple[int, list[str]]] = []
    for frame, name in sorted(events, key=lambda event: event[0]):
        if not 0 <= frame < num_frames:
            continue
        if not groups or frame - groups[-1][0] >= MIN_SEGMENT_FRAMES:
            groups.append((frame if groups or frame >= MIN_SEGMENT_FRAMES else 0, [name]))
        else:
            groups[-1][1].append(name)
    ends = [start for start, _ in groups[1:]] + [num_frames] * bool(groups)
    told = [next((n for n in names if n.startswith("push ")), names[0]) for _, names in groups]
    return tuple(
        (start, end, _action(name, look, lang, draw))
        for (start, _), end, name in zip(groups, ends, told, strict=True)
    )


def arm_caption(
    look: ArmLook,
    rng: np.random.Generator,
    lang: str = "en",
    *,
    events: Iterable[Event] = (),
    num_frames: int,
) -> Caption:
    """Writes one caption of an arm episode; see `playreel.footage.captions.caption`.

    Raises:
        InputError: `lang` is not one of LANGUAGES.
    """
    if lang not in LANGUAGES:
        raise InputError(f"No captions in language {lang!r}; use one of {', '.join(LANGUAGES)}.")
    draw = Draw(rng)
    events = list(events)
    slots = _slots(look, [name for _, name in events], lang, draw)
    space, comma = (" ", ", ") if lang == "en" else ("", "，")
    if draw.unit() < TAG_SHARE:
        text = comma.join(draw.shuffled(list(slots.values())))
    else:
        clauses = (
            space.join(slots[name] for name in clause.split() if name in slots)
            for clause in draw.pick(_TEMPLATES).split(";")
        )
        text = comma.join(clause for clause in clauses if clause)
    return Caption(text, _segments(look, events, lang, num_frames, draw))
