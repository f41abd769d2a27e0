"""A shot: the plan, and the take that was chosen for it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace

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
        versions: content hashes of the takes that were selected before, oldest first.
        made_for: `plan` when the take was selected.
    """

    take: Clip
    uid: str = field(default_factory=new_uid)
    number: int = 1
    size: str = ""
    dialogue: str = ""
    description: str = ""
    fade_s: float = 0.0
    versions: tuple[str, ...] = ()
    made_for: str = ""

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
        if not isinstance(self.made_for, str) or len(self.made_for) > MAX_TEXT:
            raise InputError(f"made_for is a short text, not {str(self.made_for)[:40]!r}.")
        if any(not isinstance(version, str) for version in self.versions):
            raise InputError("A shot's versions are content hashes of takes.")

    @property
    def plan(self) -> str:
        """Names what the take was to show; "" for a shot without a description."""
        if not self.description:
            return ""
        return hashlib.sha256(f"{self.size}\n{self.description}".encode()).hexdigest()[:12]

    @property
    def is_stale(self) -> bool:
        """Whether the plan was changed since the take was selected; the take is still good."""
        return bool(self.made_for) and self.made_for != self.plan

    @property
    def words(self) -> str:
        """The shot in a few words."""
        text = self.description or self.dialogue
        told = f" “{text[:40]}”" if text else ""
        return f"take {self.take.content_hash[:12]}{told}"

    def selected(self) -> Shot:
        """The same shot, its take being what was planned."""
        return replace(self, made_for=self.plan)
