"""A shot: the plan, and the take that was chosen for it."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, field, replace

from playreel.board.framing import keys_from
from playreel.board.vocabulary import (
    ANGLES,
    BEATS,
    LENSES,
    MOVES,
    SIZES,
    STATUSES,
    TRANSITIONS,
)
from playreel.errors import InputError
from playreel.media.clip import Clip

SHOT_SIZES: dict[str, str] = {code: SIZES.text(code) for code in SIZES}
PLAN_FIELDS = (
    *("size", "dialogue", "description", "fade_s", "transition", "angle", "move", "lens"),
    *("status", "speaker", "translation", "voice_over", "music", "sound", "notes", "scene"),
    *("episode", "references", "beat", "framing"),
)
MAX_TEXT = 10_000
MAX_FADE_S = 60.0

_WORDS = {
    "size": SIZES,
    "angle": ANGLES,
    "move": MOVES,
    "lens": LENSES,
    "transition": TRANSITIONS,
    "status": STATUSES,
    "beat": BEATS,
}
TEXTS = (
    "dialogue",
    "description",
    "speaker",
    "translation",
    "voice_over",
    "music",
    "sound",
    "notes",
    "scene",
    "episode",
    "framing",
)


def shot_size(name: str) -> str:
    """The usual abbreviation of a shot size, ``""`` for none.

    Raises:
        InputError: not a shot size.
    """
    return SIZES.code(name)


def new_uid() -> str:
    """A name for a shot that never changes and never repeats."""
    return f"shot-{uuid.uuid4().hex[:12]}"


def checked_uid(uid: str) -> str:
    """The name of a shot, if it can be one.

    Raises:
        InputError: it cannot.
    """
    if not isinstance(uid, str) or not re.fullmatch(r"[\w.-]{1,100}", uid, re.ASCII):
        raise InputError(
            f"A shot's uid is 1 to 100 letters, digits, dots, dashes and underscores, not {uid!r:.60}."
        )
    return uid


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
        fade_s: seconds of transition from the shot before; 0 is a hard cut.
        transition: code in `TRANSITIONS`; ``""`` is a cut, or a cross-fade where ``fade_s`` is set.
        angle: code in `ANGLES`, or ``""``.
        move: code in `MOVES`, or ``""``.
        lens: code in `LENSES`, or ``""``.
        status: code in `STATUSES`, or ``""``.
        speaker: who says it.
        translation: the dialogue in a second language, stacked below the first.
        voice_over: what a voice from off says.
        music: wanted music.
        sound: wanted sound effects.
        notes: anything else.
        scene: name or number of the scene.
        episode: name or number of the episode.
        references: names of characters, places and props.
        beat: code in `BEATS`: what the shot does to the story, or ``""``.
        framing: where the eye belongs when the film has another shape, as
            `playreel.board.framing.keys_from` reads it; ``""`` follows who moves.
        planned: of a shot that came from a table or a script: the label of its card, the seconds
            it is to last, and the card's height and width; else empty.
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
    transition: str = ""
    angle: str = ""
    move: str = ""
    lens: str = ""
    status: str = ""
    speaker: str = ""
    translation: str = ""
    voice_over: str = ""
    music: str = ""
    sound: str = ""
    notes: str = ""
    scene: str = ""
    episode: str = ""
    references: tuple[str, ...] = ()
    beat: str = ""
    framing: str = ""
    planned: tuple[str, float, int, int] | tuple[()] = ()
    versions: tuple[str, ...] = ()
    made_for: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.take, Clip):
            raise InputError(
                f"A shot needs a take that is a Clip, not {type(self.take).__name__}. "
                "Read a file with Clip.open(path)."
            )
        for name, vocabulary in _WORDS.items():
            object.__setattr__(self, name, vocabulary.code(getattr(self, name)))
        for name in TEXTS:
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > MAX_TEXT:
                seen = f"{len(text)} characters" if isinstance(text, str) else repr(text)
                raise InputError(f"A shot's {name} is text of at most {MAX_TEXT}, not {seen}.")
        keys_from(self.framing)
        names = self.references
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise InputError(f"A shot's references are a list of names, not {names!r}.")
        object.__setattr__(self, "references", tuple(names))
        if isinstance(self.fade_s, bool) or not 0 <= self.fade_s <= MAX_FADE_S:
            raise InputError(f"A fade takes 0 to 60 seconds, not {self.fade_s!r}.")
        if not isinstance(self.made_for, str) or len(self.made_for) > MAX_TEXT:
            raise InputError(f"made_for is a short text, not {str(self.made_for)[:40]!r}.")
        if self.planned and not _is_plan(self.planned):
            object.__setattr__(self, "planned", ())  # of a foreign board; the take counts
        if any(not isinstance(version, str) for version in self.versions):
            raise InputError("A shot's versions are content hashes of takes.")

    @property
    def joint(self) -> str:
        """The transition from the shot before, as a code of `TRANSITIONS`."""
        if self.transition in ("", "cut") and self.fade_s == 0:
            return "cut"
        return "dissolve" if self.transition in ("", "cut") else self.transition

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


def _is_plan(planned: object) -> bool:
    if not isinstance(planned, tuple) or len(planned) != 4:
        return False
    label, seconds, *size = planned
    return (
        isinstance(label, str)
        and isinstance(seconds, int | float)
        and not isinstance(seconds, bool)
        and all(type(side) is int for side in size)
    )
