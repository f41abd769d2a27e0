"""The 8x8 tiles of a theme."""

from __future__ import annotations

import numpy as np

from playreel.footage.layers import Strip
from playreel.footage.level import TILE
from playreel.footage.palette import PALETTES

NUM_TILES = 14
BRICK, BROKEN = 12, 13

# h light top, t top, d dark top, s soil, e dark soil, k outline, a accent, w pale, . see-through
_TILES = (
    "........ ........ ........ ........ ........ ........ ........ ........",
    "hhhhhhhh tttttttt tdttttdt dsdttdsd ssssssss sssesses ssssssss essssses",
    "hhthhhht tttttttt ttdttdtt sdsddsds ssssssss sesssses sseessss ssssssse",
    "ssssssss ssesssss ssssssse ssssssss sssssess essssss s sssessss ssssssss",
    "ssssssss seeesses seeessss ssssssss sssseess sesseess sssssses ssssssss",
    "ksssssss kssessss ksssssss kesssses ksssssss ksssesss ksssssss kessssss",
    "sssssssk ssssessk sssssssk sesssesk sssssssk ssesssek sssssssk sssssesk",
    "khhhhhhh kttttttt ktdttttd kdsdttds kessssss ksssesse kessssss ksssssss",
    "hhhhhhhk tttttttk tdttttdk dsdttdsk sssssssk sssessek essssssk ssssssek",
    "hhhhhhhh tttttttt dddddddd kkkkkkkk ........ ........ ........ ........",
    "DECOR_A",
    "DECOR_B",
    "kkkkkkkk kbbbkbbb kccckccc kkkkkkkk bkbbbbkb ckccccck kkkkkkkk ........",
    "k......k kb...kbb kc....ck k......k ........ ........ ........ ........",
)
_DECOR = {
    "flowers": (
        "........ ........ ..aa.... .aywa... ..aa.... ...d.... ..dd.d.. ...dd...",
        "........ ........ ........ ........ ........ .d...d.. .dd.d.d. d.d.dd.d",
    ),
    "mushrooms": (
        "........ ........ ..kkkk.. .kawaak. .kaaawk. ..kwwk.. ...ww... ...ww...",
        "........ ........ ........ ........ .d....d. .d..d.d. d.d.d.dd d.dd.dd.",
    ),
    "grass": (
        "........ ........ ........ ........ ........ .d...d.. .dd.d.d. d.d.dd.d",
        "........ ........ ........ ........ ........ ..ee.... .esse.e. esssesse",
    ),
    "crystals": (
        "........ ...a.... ..awa... ..aaa.a. .aaaaaw. .aaaaaa. aaaaaaa. aaaaaaaa",
        "........ ........ ........ .....a.. .a..awa. awa.aaa. aaaaaaa. aaaaaaaa",
    ),
    "lamps": (
        "..kkkk.. .kayak.. .kaaak.. ..kkk... ...k.... ...k.... ...k.... ..kkk...",
        "........ ........ ........ .kkkkkk. .kssssk. .kssssk. .kssssk. .kkkkkk.",
    ),
    "embers": (
        "........ ........ ...a.... ...aa... ..aya... ..ayya.. .aayya.. .aaaaaa.",
        "........ ........ ........ ........ ...ss... ..seee.. .seeeee. seeeeeee",
    ),
}


def tile_atlas(theme: str) -> list[Strip]:
    """All tiles of a theme by number, by day and in clear weather."""
    palette = PALETTES[theme]
    top, top_dark = palette.top
    ink = {
        "h": tuple(int(c + (255 - c) * 0.35) for c in top),
        "t": top,
        "d": top_dark,
        "s": palette.soil[0],
        "e": tuple((a + b) // 2 for a, b in zip(*palette.soil, strict=True)),  # quiet speckle
        "k": tuple(int(c * 0.45) for c in palette.soil[1]),
        "a": palette.accent,
        "w": (252, 250, 242),
        "y": (255, 236, 130),
        "b": (226, 132, 84),
        "c": (186, 92, 62),
    }
    decor = _DECOR[palette.decor]
    atlas = []
    for art in _TILES:
        art = {"DECOR_A": decor[0], "DECOR_B": decor[1]}.get(art, art)
        cells = list(art.replace(" ", ""))
        rgb = np.array([ink.get(cell, (0, 0, 0)) for cell in cells], np.uint8)
        mask = np.array([cell != "." for cell in cells])
        atlas.append(Strip(rgb.reshape(TILE, TILE, 3), mask.reshape(TILE, TILE)))
    return atlas
