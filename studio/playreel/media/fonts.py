"""Text on pictures: Pillow's own face for Latin, a system face for everything else."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from PIL import ImageDraw, ImageFont

# families with Chinese, most even-tempered first
_WIDE_FACES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "msyh.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "simhei.ttf",
    "Arial Unicode.ttf",
)


def text_width(text: str, size: int) -> float:
    """Pixels that `draw_text` takes across."""
    return sum(font.getlength(run) for font, run in _runs(text, size))


def draw_text(
    draw: ImageDraw.ImageDraw,
    position: tuple[float, float],
    text: str,
    size: int,
    fill: tuple[int, int, int],
    *,
    align: str = "left",
) -> None:
    """Writes one line on its baseline.

    Args:
        draw: the canvas.
        position: (x, y) of the baseline's left end, or its right end for ``align="right"``.
        text: any script; runs that the Latin face lacks use a system face.
        size: pixels.
        fill: red, green, blue.
        align: ``left`` or ``right``.
    """
    x, y = position
    if align == "right":
        x -= text_width(text, size)
    for font, run in _runs(text, size):
        draw.text((x, y), run, font=font, fill=fill, anchor="ls")
        x += font.getlength(run)


def shortened(text: str, size: int, room: float) -> str:
    """The text cut to ``room`` pixels, with an ellipsis where something is left out."""
    text = " ".join(text.split())
    if text_width(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,.;:，。；：") + "…"


def wrapped(text: str, size: int, room: float, max_lines: int) -> list[str]:
    """The text in lines of at most ``room`` pixels; the last one is cut if it must be."""
    lines: list[str] = []
    line = ""
    pieces = _pieces(" ".join(text.split()))
    for index, piece in enumerate(pieces):
        if line and text_width((line + piece).rstrip(), size) > room:
            if len(lines) == max_lines - 1:
                line += "".join(pieces[index:])
                break
            lines.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
    return [*lines, shortened(line, size, room)]


def can_write(text: str) -> bool:
    """Whether a face was found for every script in the text."""
    return wide_face() is not None or not any(_is_wide(char) for char in text)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for char in text:
        if pieces and not pieces[-1].endswith(" ") and not _is_wide(char):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _runs(text: str, size: int) -> list[tuple[ImageFont.FreeTypeFont, str]]:
    runs: list[tuple[bool, str]] = []
    for char in text:
        wide = _is_wide(char)
        if runs and runs[-1][0] == wide:
            runs[-1] = (wide, runs[-1][1] + char)
        else:
            runs.append((wide, char))
    return [(_wide(size) if wide else _latin(size), run) for wide, run in runs]


def _is_wide(char: str) -> bool:
    return ord(char) >= 0x2E80


@functools.cache
def _latin(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)  # type: ignore[return-value]


@functools.cache
def _wide(size: int) -> ImageFont.FreeTypeFont:
    path = wide_face()
    if path is None:
        return _latin(size)
    return ImageFont.truetype(str(path), size, index=_sc_index(path))


def _sc_index(path: Path) -> int:
    return 2 if path.name.startswith("NotoSansCJK") and path.suffix == ".ttc" else 0


@functools.cache
def wide_face() -> Path | None:
    """A font file with Chinese, or None where the system has none."""
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for root, _, names in os.walk(folder):
            for name in names:
                found.setdefault(name.lower(), Path(root) / name)
    for face in _WIDE_FACES:
        path = found.get(face.lower())
        if path is not None:
            try:
                ImageFont.truetype(str(path), 16)
            except OSError:
                continue
            return path
    return None


def _font_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
    ]
