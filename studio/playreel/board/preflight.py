"""What shots refer to, and what is missing before anything is made or sent out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playreel.board.lost import lost
from playreel.board.planned import is_placeholder
from playreel.board.series import seconds_of
from playreel.board.shot import Shot
from playreel.board.vocabulary import Vocabulary
from playreel.errors import InputError

KINDS = Vocabulary(
    noun="kind of reference",
    terms={
        "character": ("character", "角色"),
        "place": ("place", "场景"),
        "prop": ("prop", "道具"),
        "style": ("style", "风格"),
        "frame": ("first frame", "首帧"),
    },
)
MAX_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A name that shots use, and what it stands for.

    Attributes:
        name: as shots write it; upper and lower case are alike.
        kind: code in `KINDS`; the picture of a ``frame`` is what a shot begins with.
        take: content hash of its picture, or ``""``.
        words: what a prompt says for it.
    """

    name: str
    kind: str = "character"
    take: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        name = self.name.strip() if isinstance(self.name, str) else ""
        if not name or len(name) > MAX_NAME:
            raise InputError(f"A reference has a name of 1 to {MAX_NAME} characters.")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "kind", KINDS.code(self.kind) or "character")
        for field in ("take", "words"):
            text = getattr(self, field)
            if not isinstance(text, str) or len(text) > 2000:
                raise InputError(f"A reference's {field} is a short text, not {str(text)[:40]!r}.")

    @property
    def entry(self) -> dict[str, str]:
        """As a project keeps it."""
        return {"kind": self.kind, "take": self.take, "words": self.words}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that a shot needs and lacks.

    Attributes:
        uid: the shot.
        number: its number on the board.
        code: ``unbound``, ``missing``, ``lost-take``, ``overlap``, ``no-words`` or ``not-made``.
        words: what is wrong, by language.
        blocks: whether a batch must not begin.
    """

    uid: str
    number: int
    code: str
    words: dict[str, str]
    blocks: bool = True


def references_from(entries: Any) -> dict[str, Reference]:
    """References by their lower-case names; entries that are none are left out."""
    found: dict[str, Reference] = {}
    for name, entry in entries.items() if isinstance(entries, Mapping) else ():
        try:
            known = {key: entry[key] for key in ("kind", "take", "words") if key in entry}
            reference = Reference(name=name, **known)
        except (InputError, TypeError):
            continue
        found[key_of(reference.name)] = reference
    return found


def key_of(name: str) -> str:
    """What makes two names the same."""
    return " ".join(name.split()).casefold()


def preflight(
    shots: Sequence[Shot],
    references: Mapping[str, Reference] | None = None,
    is_there: Callable[[str], bool] = lambda take: True,
) -> tuple[Fault, ...]:
    """Every shot that lacks something, in order.

    Args:
        shots: of a board.
        references: by lower-case name, see `references_from`.
        is_there: whether the picture with this content hash can be read.
    """
    references = references or {}
    faults: list[Fault] = []
    for place, shot in enumerate(shots):

        def fault(code: str, en: str, zh: str, blocks: bool = True, shot: Shot = shot) -> None:
            words = {"en": f"Shot {shot.number}: {en}", "zh": f"镜头 {shot.number}：{zh}"}
            faults.append(
                Fault(uid=shot.uid, number=shot.number, code=code, words=words, blocks=blocks)
            )

        for name in shot.references:
            bound = references.get(key_of(name))
            if bound is None:
                fault("unbound", f"nothing is bound to “{name}”", f"“{name}”未绑定")
            elif not bound.take and not bound.words:
                fault(
                    "missing", f"“{name}” has neither picture nor words", f"“{name}”没有图片或文字"
                )
            elif bound.take and not is_there(bound.take):
                fault(
                    "missing",
                    f"the picture of “{name}” is gone ({bound.take[:12]})",
                    f"“{name}”的图片缺失（{bound.take[:12]}）",
                )
        if is_placeholder(shot.take):
            if not shot.description.strip():
                fault("no-words", "it is planned without a description", "没有画面内容")
            fault("not-made", "it is not made yet", "尚未制作", blocks=False)
        elif shot.take.is_missing or lost(shot.take, whole=False):
            fault(
                "lost-take",
                f"its take {shot.take.content_hash[:12]} is gone",
                f"素材 {shot.take.content_hash[:12]} 缺失",
            )
        if place and shot.fade_s and shot.joint != "bridge":
            free = min(seconds_of(shot), seconds_of(shots[place - 1]) - _fade(shots, place - 1))
            if shot.fade_s > free + 1e-6:
                fault(
                    "overlap",
                    f"its transition of {shot.fade_s:g} s overlaps; {max(0.0, free):.2f} s are free",
                    f"转场 {shot.fade_s:g} 秒过长，只有 {max(0.0, free):.2f} 秒可用",
                )
    return tuple(faults)


def _fade(shots: Sequence[Shot], place: int) -> float:
    shot = shots[place]
    return shot.fade_s if place and shot.joint != "bridge" else 0.0
