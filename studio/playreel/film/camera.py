"""Camera terms, English and Chinese, brought down to the moves that the model has learned."""

from __future__ import annotations

import re
from typing import NamedTuple

from playreel.errors import PromptError


class CameraMove(NamedTuple):
    """A move: the words that prompts say it with, and what users may call it."""

    name: str
    english: str
    chinese: str
    pattern: str


_BETWEEN = r"\s，。；、！？,.;!?"


def alone(chinese: str) -> str:
    """A pattern of words that say a move only where they are all of a clause: 推 is in many others."""
    return f"(?<![^{_BETWEEN}])(?:{chinese})(?![^{_BETWEEN}])"


CAMERA_MOVES = (
    CameraMove(
        "static",
        "static camera",
        "固定镜头",
        r"\b(?:static|still|fixed|lock(?:ed)?|tripod|none)\b|\b(?:no|not)\b.*\bmove"
        r"|固定|静止|静态|不动|定镜",
    ),
    CameraMove(
        "pan left",
        "pan left",
        "镜头左移",
        r"\b(?:pan|truck|mov|slid)\w*\s+(?:to\s+the\s+)?left|\bleft(?:ward)?\s+pan"
        r"|左(?:摇|移|平移)|[向往朝]左",
    ),
    CameraMove(
        "pan right",
        "pan right",
        "镜头右移",
        r"\b(?:pan|truck|mov|slid)\w*\s+(?:to\s+the\s+)?right|\bright(?:ward)?\s+pan"
        r"|右(?:摇|移|平移)|[向往朝]右",
    ),
    CameraMove(
        "zoom in",
        "zoom in",
        "镜头推近",
        r"\b(?:zoom|doll(?:y|ies)|push)\w*[\s-]+in\b|\bcloser\b"
        r"|推[近进入]|向前推|[缓慢]推|拉近|放大|" + alone("推(?:镜头?)?|镜头推"),
    ),
    CameraMove(
        "zoom out",
        "zoom out",
        "镜头拉远",
        r"\b(?:zoom|doll(?:y|ies)|pull)\w*[\s-]+(?:out|back|away)\b|\bmoves?\s+away\b"
        r"|推远|拉[远开出]|向后拉|[缓慢]拉|缩小|" + alone("拉(?:镜头?)?|镜头拉"),
    ),
    CameraMove("tracking", "tracking shot", "跟拍", r"\b(?:track|follow)|\btravels?\s+along\b|跟"),
    CameraMove(
        "shake",
        "camera shake",
        "镜头抖动",
        r"\bshak|\bhand[\s-]?held\b|\btrembl|抖|晃|手持|震动",
    ),
)
_MOVES = {move.name: move for move in CAMERA_MOVES}
_MAX_CHARS = 200


def normalise_camera(camera: str | None) -> str | None:
    """The one known move that ``camera`` names, or None for None and blank text.

    Raises:
        PromptError: no text, or it names no learned move, or more than one.
    """
    if camera is None:
        return None
    if not isinstance(camera, str):
        raise PromptError(f"camera must be text such as 'pan right', got {camera!r:.80}.")
    plain = " ".join(camera[:_MAX_CHARS].casefold().replace("_", " ").split())
    if not plain:
        return None
    if plain in _MOVES:
        return plain
    found = [move.name for move in CAMERA_MOVES if re.search(move.pattern, plain)]
    if len(found) == 1:
        return found[0]
    if found:
        raise PromptError(
            f"camera {camera[:80]!r} names {len(found)} moves: {', '.join(found)}. Use one, or say "
            "them in timed brackets of the prompt, as in [0s-1s: pan right] [1s-2s: zoom in]."
        )
    raise PromptError(
        f"Unknown camera move {camera[:80]!r}. Use one of: {', '.join(_MOVES)} "
        "(or in Chinese, for example 镜头右移)."
    )


def camera_words(move: str, *, chinese: bool) -> str:
    """The words that are added to a prompt for a normalised ``move``."""
    return _MOVES[move].chinese if chinese else _MOVES[move].english
