"""A shot: the plan, and the take that was chosen for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from playreel.errors import InputError
from playreel.media.clip import Clip

SHOT_SIZES: dict[str, str] = {
    "ELS": "extreme long shot",
    "LS": "long shot",
    "FS": "full shot",
    "MLS": "medium long shot",
    "MS": "medium shot",
    "MCU": "medium close-up",
    "CU": "close-up",
    "ECU": "extreme close-up",
}
_OTHER_NAMES = {
    "": "",
    "EWS": "ELS",
    "WS": "LS",
    "WIDE": "LS",
    "WIDE SHOT": "LS",
    "MEDIUM": "MS",
    "CLOSE UP": "CU",
    "XCU": "ECU",
    "特写": "CU",
    "近景": "MCU",
    "中景": "MS",
    "全景": "FS",
    "远景": "LS",
}
MAX_TEXT = 10_000


def shot_size(name: str) -> str:
    """The usual abbreviation of a shot size, ``""`` for none.

    Raises:
        InputError: not a shot size.
    """
    if not isinstance(name, str):
        raise InputError(f"A shot size is a word such as 'LS', not {name!r}.")
    key = " ".join(name.replace("_", " ").split()).upper()
    if key in SHOT_SIZES:
        return key
    if key in _OTHER_NAMES:
        return _OTHER_NAMES[key]
    for abbreviation, words in SHOT_SIZES.items():
        if key.replace("-", " ") == words.upper().replace("-", " "):
            return abbreviation
    known = ", ".join(f"{short} ({words})" for short, words in SHOT_SIZES.items())
    raise InputError(f"Unknown shot size {name!r}. Use one of: {known}.")


def new_uid() -> str:
    """A name for a shot that never changes and never repeats."""
    return f"shot-{uuid.uuid4().hex[:12]}"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One shot on a board.

    Attributes:
        uid: stable name; survives moving, editing and saving.
        number: place on the board, from 1.
        size: abbreviation of the shot size, such as ``"LS"``, or ``""``.
        dialogue: what is said.
        description: what is seen.
        take: the selected take.
        fade_s: seconds of cross-fade from the shot before; 0 is a hard cut.
    """

    take: Clip
    uid: str = field(default_factory=new_uid)
    number: int = 1
    size: str = ""
    dialogue: str = ""
    description: str = ""
    fade_s: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.take, Clip):
            raise InputError(
                f"A shot needs a take that is a Clip, not {type(self.take).__name__}. "
                "Read a file with Clip.open(path)."
            )
        object.__setattr__(self, "size", shot_size(self.size))
        for name in ("dialogue", "description"):
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > MAX_TEXT:
                seen = f"{len(text)} characters" if isinstance(text, str) else repr(text)
                raise InputError(f"A shot's {name} is text of at most {MAX_TEXT}, not {seen}.")
        if isinstance(self.fade_s, bool) or not 0 <= self.fade_s <= 60:
            raise InputError(f"A fade takes 0 to 60 seconds, not {self.fade_s!r}.")
