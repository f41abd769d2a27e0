"""Pixel drawings of the hero, the enemies and the things lying about, as letters on a grid.

Letters: `C` the hero's colour, `D` its shade, `L` its light, `K` outline, `W` white, `E` eye, `S` skin,
`M` metal, `N` metal's shade, `G` gold, `B` brown; `.` is see-through.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

HERO_HEIGHT, HERO_WIDTH = 14, 12
POSES = ("idle", "run-a", "run-b", "jump")

_HEADS = {
    "fox": """
        ..K......K..
        .KCK....KCK.
        .KCCKKKKCCK.
        .KCCCCCCCCK.
        .KCCCCEWCEK.
        .KCCLLWWWWK.
        ..KLLWWWWKK.
        ...KKKKKKK..""",
    "knight": """
        ......KKK...
        ....KKCCCK..
        ..KKMMKKK...
        .KMMMMMMMK..
        .KMMMKKKKKK.
        .KMMMKWKWKK.
        .KMMMKKKKKK.
        ..KNNNNNNK..""",
    "robot": """
        .....KGK....
        ......K.....
        .KKKKKKKKKK.
        .KLLCCCCCCK.
        .KCCKKKKKKK.
        .KCCKGGKGGK.
        .KCCKKKKKKK.
        .KKDDDDDDKK.""",
    "wizard": """
        ....KKK.....
        ...KCCGK....
        ...KCCCCK...
        ..KCGCCCCK..
        KKDDDDDDDDKK
        ..KSSSESEK..
        ..KWSSSSSK..
        ..KWWWWWWK..""",
    "cat": """
        .K......K...
        KCK....KCK..
        KCLKKKKLCK..
        KCCCCCCCCCK.
        KCCCEECCEEK.
        KCCCEECCEEK.
        KCWWWWKKWWK.
        .KKKKKKKKK..""",
    "ninja": """
        ............
        ..KKKKKKKK..
        .KCCCCCCCCK.
        .KDCCCCCCCK.
        KKKSSSSSSSK.
        KDKSSSESSEK.
        .KKCCCCCCCK.
        .KCCCCCCCCK.""",
}
_BODIES = {
    "idle": """
        ..KDCCCCDK..
        ..KDCCCCDK..
        ..KDCCCCDK..
        ..KKDKKDKK..
        ...KDK.KDK..
        ...KKK.KKK..""",
    "run-a": """
        ..KDCCCCDKK.
        .KDDCCCCCDK.
        ..KDCCCCKK..
        ..KDKKKDDK..
        .KDK...KDDK.
        .KK.....KKK.""",
    "run-b": """
        ..KDCCCCDK..
        ..KCDDCCDK..
        ..KDCCCCK...
        ...KDKDK....
        ...KDDK.....
        ...KKKK.....""",
    "jump": """
        .KKDCCCCDKK.
        KDDCCCCCCDDK
        .KKDCCCCKKK.
        ..KDDKKDDK..
        .KDDK..KDDK.
        .KKK....KK..""",
}
_THINGS = {
    "slime-a": """
        ..........
        ...KKKK...
        ..KQRRQK..
        .KQRQQQQK.
        .KQEQQEQK.
        KQQQQQQQQK
        KKKKKKKKKK""",
    "slime-b": """
        ...KKKK...
        ..KQRRQK..
        ..KQQQQK..
        .KQEQQEQK.
        .KQQQQQQK.
        .KQQQQQQK.
        .KKKKKKKK.""",
    "bat-a": """
        KK........KK
        KVKK.KK.KKVK
        KVVVKVVKVVVK
        .KVVEVVEVVK.
        ..KKVVVVKK..
        ....KWWK....
        .....KK.....""",
    "bat-b": """
        ............
        ....K..K....
        ..KKKVVKKK..
        .KVVEVVEVVK.
        KVVVVVVVVVVK
        KVK.KWWK.KVK
        KK...KK...KK""",
    "spiker-a": """
        ....KK....
        .K.KWWK.K.
        KWKOWWOKWK
        KOOOOOOOOK
        KOEOOOOEOK
        KOOOOOOOOK
        .KKOKKOKK.
        ..KK..KK..""",
    "spiker-b": """
        ....KK....
        .K.KWWK.K.
        KWKOWWOKWK
        KOOOOOOOOK
        KOEOOOOEOK
        KOOOOOOOOK
        .KOKKKKOK.
        .KK....KK.""",
    "coin-a": """
        ..KKKK..
        .KGGGGK.
        KGYGGGGK
        KGYGGAGK
        KGYGGAGK
        KGGGGAGK
        .KGAAGK.
        ..KKKK..""",
    "coin-b": """
        ...KK...
        ..KGGK..
        ..KYGK..
        ..KYGK..
        ..KYAK..
        ..KGAK..
        ..KGGK..
        ...KK...""",
    "squashed": """
        ..........
        ..........
        ..........
        ..........
        ..........
        .KKKKKKKK.
        KQQQQQQQQK""",
}

_INK = {
    "K": (28, 22, 38),
    "W": (250, 248, 240),
    "E": (16, 12, 24),
    "S": (244, 202, 160),
    "M": (178, 190, 206),
    "N": (112, 122, 146),
    "G": (255, 206, 60),
    "Y": (255, 244, 170),
    "A": (206, 140, 32),
    "B": (120, 76, 44),
    "Q": (96, 196, 96),
    "R": (196, 250, 180),
    "V": (122, 84, 168),
    "O": (206, 88, 72),
}
HERO_INK = {
    "red": (222, 52, 56),
    "orange": (244, 134, 40),
    "yellow": (250, 216, 56),
    "green": (64, 178, 78),
    "blue": (58, 112, 228),
    "purple": (152, 78, 204),
    "white": (238, 240, 246),
}

Sprite = tuple[np.ndarray, np.ndarray]  # uint8 (h, w, 3) and bool (h, w)


def _draw(art: str, ink: dict[str, tuple[int, int, int]]) -> Sprite:
    rows = [row.strip() for row in art.strip().splitlines()]
    rgb = np.array([[ink.get(cell, (0, 0, 0)) for cell in row] for row in rows], np.uint8)
    mask = np.array([[cell != "." for cell in row] for row in rows])
    return rgb, mask


def _shade(color: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    if factor <= 1:
        return tuple(int(c * factor) for c in color)
    return tuple(int(c + (255 - c) * (factor - 1)) for c in color)


@lru_cache(maxsize=256)
def hero_sprite(design: str, color: str, pose: str) -> Sprite:
    """The hero facing right: uint8 (14, 12, 3) and its mask."""
    base = HERO_INK[color]
    ink = _INK | {"C": base, "D": _shade(base, 0.66), "L": _shade(base, 1.45)}
    return _draw(_HEADS[design].rstrip() + "\n" + _BODIES[pose].lstrip("\n"), ink)


@lru_cache(maxsize=64)
def thing_sprite(name: str) -> Sprite:
    """An enemy or a coin, by name and pose (`slime-a`, `coin-b`, `squashed`)."""
    return _draw(_THINGS[name], _INK)
