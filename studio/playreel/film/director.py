"""Director: what a text asks to happen, as latent actions, one per frame to be made.

Words that name a move ("runs right", 向左跑, "jumps") are understood, and so are those for a camera that
moves by itself ("pan left", 镜头右移) or not at all ("fixed camera", 固定镜头); a text without any goes on
as the clip before it went, or else the hero walks on to the right, so that something happens. Before a
camera that stands, the hero walks up and down, and stays in sight; before one that is said to follow, sets
off and halts by turns, for only so is it seen to follow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.camera import alone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.core.world_model import Camera

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
    r"\b(?:stand|stay|wait|paus|stop|idl)(?:e|s|es|ing|ping)?\b|\bmotionless\b"
    r"|\b(?:is|are|stands?|stays?|sits?|keeps?|holds?|very)\s+still\b"
    r"|静止|站|停|等|不动|原地",
    re.I,
)
_FIXED = re.compile(
    r"\b(?:camera|frame|shot|view)\s+(?:is|stays?|keeps?|holds?|stands?)\s+(?:very\s+)?"
    r"(?:still|static|fixed|locked(?:[\s-](?:off|down))?)\b"
    r"|\b(?:camera|shot)\s+(?:does\s+not|doesn't|never)\s+move"
    r"|\b(?:still|fixed|static|locked(?:[\s-](?:off|down))?)\s+(?:camera|frame|shot)\b|\b(?:static|tripod)\b"
    r"|(?:镜头|机位|画面)(?:保持|始终)?(?:不动|静止|固定)(?:不动)?|(?:静止|固定)(?:的)?(?:镜头|机位|画面)|固定|定镜",
    re.I,
)
_PAN = re.compile(
    r"\bpan(?:s|ned|ning)?\b|\btruck(?:s|ed|ing)?\s+(?:left|right)|\b(?:camera|view)\s+(?:moves|slides|glides)\b"
    r"|[左右]摇|摇[镜向]|(?:镜头|机位|(?<![^\s，。；、,.;]))[向往朝]?[左右]移",
    re.I,
)
_FOLLOWING = re.compile(
    r"\btrack(?:s|ing)?\b|\b(?:camera|shot|view)\s+(?:follow|travel)|\bfollow(?:s|ing)?[\s-]+(?:shot|cam)"
    r"|跟[拍随镜]|镜头跟|" + alone("跟"),
    re.I,
)
_GO = re.compile(r"\b(?:walk|run|sprint|dash|stroll|rac)(?:s|es|ning|ing)?\b|跑|走|冲|奔", re.I)
_RISE_FRAMES, _LAND_FRAMES = 6, 8
_HALT_FRAMES, _RUN_FRAMES = 4, 12
_PACE, _MARGIN = (
    2.5,
    0.2,
)  # pixels a frame that heroes go, and the share of the width where they turn


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
    cameras = [camera_of(text) for text in texts]
    paces = ["right"] * len(texts)
    if "static" in cameras:
        paces = _up_and_down(model, len(texts), neighbours, backward=backward)
    for index, (text, camera, pace) in enumerate(zip(texts, cameras, paces, strict=True)):
        text = _FIXED.sub(" ", text)
        base = "right" if _RIGHT.search(text) else "left" if _LEFT.search(text) else None
        jumps = bool(_JUMP.search(text))
        if base is None and _STAY.search(text):
            base = "stay"
        rising = jumps and beat % (_RISE_FRAMES + _LAND_FRAMES) < _RISE_FRAMES
        beat = beat + 1 if jumps else 0
        if base is None and camera == "static" and not jumps:
            base = pace
        halts = index % (_HALT_FRAMES + _RUN_FRAMES) < _HALT_FRAMES
        if (
            base is None
            and not jumps
            and halts
            and _FOLLOWING.search(text)
            and not _GO.search(text)
        ):
            base = "stay"
        name = _name(base, rising=rising)
        if (base is None and not rising) or name not in buttons:
            actions.append(habit if base is None else buttons.get(base, habit))
        else:
            actions.append(buttons[name])
    return actions


def camera_of(text: str) -> Camera:
    """How the camera goes with a text's action: along with the hero, by itself, or not at all."""
    if _FIXED.search(text):
        return "static"
    has_side = _RIGHT.search(text) or _LEFT.search(text)
    pans = has_side and _PAN.search(text) and not (_JUMP.search(text) or _GO.search(text))
    return "pan" if pans else "tracking"


def _up_and_down(
    model: FilmModel, count: int, neighbours: NDArray[np.uint8] | None, *, backward: bool
) -> list[str]:
    """Sides, in the order of time, that keep a hero in sight of a camera that stands."""
    from playreel.core.casting import find_figure  # torch, which the model has loaded by now
    from playreel.core.things import SIDE

    frame = None if neighbours is None else neighbours[0 if backward else -1]
    figure = None if frame is None else find_figure(model.world, np.ascontiguousarray(frame))
    width = 128 if frame is None else frame.shape[1]
    place = width / 2 if figure is None else figure.left + SIDE / 2
    sides, way = [], 1 if place < (1 - _MARGIN) * width else -1
    for _ in range(count):
        place += way * _PACE
        sides.append("right" if (way > 0) != backward else "left")
        if not _MARGIN * width < place < (1 - _MARGIN) * width:
            way = 1 if place < width / 2 else -1
    return sides[::-1] if backward else sides


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
