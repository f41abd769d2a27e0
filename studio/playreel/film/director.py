"""Director: what a text asks to happen, as latent actions, one per frame to be made.

Words that name a move ("runs right", 向左跑, "jumps") are understood, and so are those for a camera that
moves by itself ("pan left", 镜头右移); a text without any goes on as the clip before it went, or else the
hero walks on to the right, so that something happens.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel

_RIGHT = re.compile(
    r"\b(?:right(?:ward|wards)?|forward|ahead|east)\b|向右|往右|右移|右摇|右行|右跑|朝右|向前|前进",
    re.I,
)
_LEFT = re.compile(
    r"\b(?:left(?:ward|wards)?|backwards?|(?:walks?|runs?|goes|go|turns?)\s+back|west)\b|向左|往左|左移|左摇|左行|左跑|朝左|后退",
    re.I,
)
_JUMP = re.compile(r"\b(?:jump|leap|hop|bounc|spring)\w*|跳|跃|蹦", re.I)
_STAY = re.compile(
    r"\b(?:stand|stay|wait|paus|stop|idl)(?:e|s|es|ing|ping)?\b|\b(?:motionless|static|locked)\b"
    r"|\b(?:is|are|stands?|stays?|sits?|keeps?|holds?|very)\s+still\b|\btripod\b"
    r"|\b(?:still|fixed)\s+(?:camera|frame|shot)\b|静止|站|停|等|固定|不动|定镜|原地",
    re.I,
)
_PAN = re.compile(
    r"\bpan(?:s|ned|ning)?\b|\btruck(?:s|ed|ing)?\s+(?:left|right)|\bcamera\s+(?:moves|slides|glides)\b"
    r"|[左右]摇|摇[镜向]|(?:镜头|机位|(?<![^\s，。；、,.;]))[向往朝]?[左右]移",
    re.I,
)
_GO = re.compile(r"\b(?:walk|run|sprint|dash|stroll|rac)(?:s|es|ning|ing)?\b|跑|走|冲|奔", re.I)
_RISE_FRAMES, _LAND_FRAMES = 6, 8


def direct(
    model: FilmModel,
    texts: list[str],
    *,
    neighbours: NDArray[np.uint8] | None,
    backward: bool = False,
) -> list[int]:
    """A latent action for each frame to be made, in the order of time.

    Args:
        model: names the buttons and reads actions out of frames.
        texts: a text per frame.
        neighbours: uint8 (k, H, W, 3), kept frames next to those to be made, or None.
        backward: the neighbours come after the new frames.
    """
    buttons = model.world.buttons
    habit = _habit(model, neighbours, backward=backward)
    actions: list[int] = []
    beat = 0
    for text in texts:
        base = "right" if _RIGHT.search(text) else "left" if _LEFT.search(text) else None
        jumps = bool(_JUMP.search(text))
        if base is None and _STAY.search(text):
            base = "stay"
        rising = jumps and beat % (_RISE_FRAMES + _LAND_FRAMES) < _RISE_FRAMES
        beat = beat + 1 if jumps else 0
        name = _name(base, rising=rising)
        if (base is None and not rising) or name not in buttons:
            actions.append(habit if base is None else buttons.get(base, habit))
        else:
            actions.append(buttons[name])
    return actions


def is_pan(text: str) -> bool:
    """Whether a text moves the camera and not the hero, who is left behind."""
    has_side = _RIGHT.search(text) or _LEFT.search(text)
    return bool(has_side and _PAN.search(text)) and not (_JUMP.search(text) or _GO.search(text))


def _name(base: str | None, *, rising: bool) -> str:
    if not rising:
        return base or "stay"
    return "jump" if base in (None, "stay") else f"jump-{base}"


def _habit(model: FilmModel, frames: NDArray[np.uint8] | None, *, backward: bool) -> int:
    """The action that the kept frames showed last (backward: first)."""
    buttons = model.world.buttons
    usual = buttons.get("right", min(buttons.values(), default=0))
    if frames is None or len(frames) < 3:
        return usual
    near = frames[:5] if backward else frames[-5:]
    read = model.world.lam.infer_frames(np.ascontiguousarray(near))[1:]
    return int(np.bincount(read).argmax())
