"""The closed words of a shot table, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from playreel.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """A column's words.

    Attributes:
        noun: what the words are, for messages.
        terms: code to (English, Chinese).
        others: further spellings, upper case, to codes.
    """

    noun: str
    terms: Mapping[str, tuple[str, str]]
    others: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def code(self, word: str) -> str:
        """The code that a word means; ``""`` for an empty one.

        Raises:
            InputError: not a word of this column.
        """
        if not isinstance(word, str):
            raise InputError(f"A {self.noun} is a word, not {word!r}.")
        key = " ".join(word.replace("_", " ").split()).upper()
        plain = key.replace("-", " ")
        if not key:
            return ""
        for code, (english, chinese) in self.terms.items():
            if plain in (code.upper().replace("-", " "), english.upper().replace("-", " ")):
                return code
            if key == chinese:
                return code
        found = self.others.get(key) or self.others.get(plain)
        if found:
            return found
        known = ", ".join(f"{code} ({en}, {zh})" for code, (en, zh) in self.terms.items())
        raise InputError(f"Unknown {self.noun} {word[:80]!r}. Use one of: {known}.")

    def text(self, code: str, language: str = "en") -> str:
        """The word to show for a code, ``""`` for none."""
        if not code:
            return ""
        return self.terms[code][1 if language.startswith("zh") else 0]


SIZES = Vocabulary(
    noun="shot size",
    terms={
        "ELS": ("extreme long shot", "大远景"),
        "LS": ("long shot", "远景"),
        "FS": ("full shot", "全景"),
        "MLS": ("medium long shot", "中远景"),
        "MS": ("medium shot", "中景"),
        "MCU": ("medium close-up", "近景"),
        "CU": ("close-up", "特写"),
        "ECU": ("extreme close-up", "大特写"),
    },
    others={
        "EWS": "ELS",
        "WS": "LS",
        "WIDE": "LS",
        "WIDE SHOT": "LS",
        "MEDIUM": "MS",
        "XCU": "ECU",
        "中全景": "MLS",
        "极远景": "ELS",
    },
)
ANGLES = Vocabulary(
    noun="camera angle",
    terms={
        "eye": ("eye level", "平视"),
        "high": ("high angle", "俯视"),
        "low": ("low angle", "仰视"),
        "top": ("top view", "顶视"),
        "side": ("side view", "侧面"),
        "back": ("from behind", "背面"),
        "ots": ("over the shoulder", "过肩"),
        "pov": ("point of view", "主观"),
        "dutch": ("dutch angle", "倾斜"),
    },
    others={"俯拍": "high", "仰拍": "low", "平拍": "eye", "鸟瞰": "top", "过肩镜头": "ots"},
)
MOVES = Vocabulary(
    noun="camera move",
    terms={
        "static": ("static", "固定"),
        "pan": ("pan", "摇"),
        "tilt": ("tilt", "俯仰"),
        "push": ("push in", "推"),
        "pull": ("pull out", "拉"),
        "track": ("track", "移"),
        "follow": ("follow", "跟"),
        "crane": ("crane", "升降"),
        "handheld": ("handheld", "手持"),
        "zoom": ("zoom", "变焦"),
        "orbit": ("orbit", "环绕"),
    },
    others={
        "固定镜头": "static",
        "摇镜": "pan",
        "推镜": "push",
        "拉镜": "pull",
        "移镜": "track",
        "跟拍": "follow",
        "DOLLY IN": "push",
        "DOLLY OUT": "pull",
        "STILL": "static",
    },
)
LENSES = Vocabulary(
    noun="lens",
    terms={
        "wide": ("wide lens", "广角"),
        "normal": ("normal lens", "标准"),
        "long": ("long lens", "长焦"),
        "macro": ("macro lens", "微距"),
        "fisheye": ("fisheye", "鱼眼"),
    },
    others={"TELE": "long", "TELEPHOTO": "long"},
)
TRANSITIONS = Vocabulary(
    noun="transition",
    terms={
        "cut": ("cut", "切"),
        "dissolve": ("cross-fade", "叠化"),
        "dip": ("dip to black", "黑场"),
        "dip-white": ("dip to white", "白场"),
        "wipe": ("wipe", "划像"),
        "bridge": ("generated bridge", "生成衔接"),
    },
    others={
        "CROSS DISSOLVE": "dissolve",
        "FADE": "dissolve",
        "DISSOLVE TO:": "dissolve",
        "CUT TO:": "cut",
        "硬切": "cut",
        "淡入淡出": "dip",
        "溶解": "dissolve",
    },
)
STATUSES = Vocabulary(
    noun="status",
    terms={
        "plan": ("planned", "待制作"),
        "draft": ("draft", "草稿"),
        "review": ("in review", "待审"),
        "approved": ("approved", "通过"),
        "redo": ("redo", "重做"),
    },
)
BEATS = Vocabulary(
    noun="beat",
    terms={
        "hook": ("hook", "爆点"),
        "turn": ("turn", "转折"),
        "payoff": ("payoff", "爽点"),
        "cliff": ("cliffhanger", "悬念"),
    },
    others={
        "钩子": "hook",
        "反转": "turn",
        "TWIST": "turn",
        "卡点": "cliff",
        "CLIFF HANGER": "cliff",
    },
)
