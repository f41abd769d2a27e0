"""One typeface for captions, with Latin and Chinese on the same baseline."""

from __future__ import annotations

import functools
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from playreel.media.fonts import wide_face

_PACKAGE, _FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
SUBSTITUTE = "〓"  # the printers' sign for a character that is not in the case


@functools.cache
def caption_face() -> Path | None:
    """Noto Sans SC as installed with Playreel, else a system's Chinese face, else None."""
    if find_spec(_PACKAGE) is not None:
        path = Path(str(resources.files(_PACKAGE) / _FILE))
        if path.is_file():
            return path
    return wide_face()


@functools.cache
def caption_font(size: int) -> ImageFont.FreeTypeFont:
    """The caption face at ``size`` pixels; Pillow's own where there is no other."""
    path = caption_face()
    if path is None:
        return ImageFont.load_default(size)  # type: ignore[return-value]
    index = 2 if path.name.startswith("NotoSansCJK") and path.suffix == ".ttc" else 0
    return ImageFont.truetype(str(path), size, index=index, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=20_000)
def has_glyph(char: str) -> bool:
    """Whether the face draws this character and not the box for a missing one."""
    if char.isspace():
        return True
    font = caption_font(32)
    drawn = font.getmask(char)
    missing = _missing()
    return not (drawn.size == missing[0] and bytes(drawn) == missing[1])


@functools.cache
def _missing() -> tuple[tuple[int, int], bytes]:
    mask = caption_font(32).getmask("\U0010fffe")
    return mask.size, bytes(mask)


def drawable(text: str) -> str:
    """The text with control characters left out and unknown ones substituted."""
    kept = []
    for char in text:
        if char in "\n\t":
            kept.append(" " if char == "\t" else char)
        elif not char.isprintable() or char in "\ufe0e\ufe0f\u200d":
            continue
        else:
            kept.append(char if has_glyph(char) else SUBSTITUTE)
    return "".join(kept)
