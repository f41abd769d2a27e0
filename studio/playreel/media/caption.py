"""Captions and marks as pictures: wrapped, balanced, outlined, and never clipped."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playreel.media.face import caption_font, drawable

LINE_HEIGHT = 1.3  # of the type size
_OUTLINE = 0.09
_OVERHANG = 0.2
# signs that a Chinese line does not begin with, and ones that it does not end with
_NOT_FIRST = "，。！？；：、）》」』】”’…—·,.!?;:)]}%"
_NOT_LAST = "（《「『【“‘([{"


@dataclass(frozen=True, kw_only=True)
class CaptionLine:
    """One row of a caption.

    Attributes:
        text: what it says.
        size: pixels of type.
    """

    text: str
    size: int

    @property
    def width(self) -> int:
        """Pixels across, outline included."""
        return math.ceil(caption_font(self.size).getlength(self.text)) + _edges(self.size)

    @property
    def outline(self) -> int:
        """Pixels of outline on each side."""
        return max(1, round(self.size * _OUTLINE))


def wrapped_rows(text: str, size: int, room: int) -> list[str]:
    """The text in rows of at most ``room`` pixels, as even as may be.

    Words stay whole unless one alone is wider than the room; Chinese breaks between any two
    characters but never before a closing sign.
    """
    inside = room - _edges(size) - 1
    rows = []
    for paragraph in drawable(text).splitlines():
        pieces = _pieces(" ".join(paragraph.split()), size, inside)
        if pieces:
            rows += _balanced(pieces, size, inside)
    return rows


def filled_rows(text: str, size: int, room: float) -> list[str]:
    """The text in rows of at most ``room`` pixels, each as full as it can be.

    Empty lines stay. Breaks as `wrapped_rows` does.
    """
    rows: list[str] = []
    for paragraph in drawable(text).splitlines():
        pieces = _pieces(" ".join(paragraph.split()), size, room)
        lengths = [(_length(piece, size), _length(piece.rstrip(), size)) for piece in pieces]
        spans = _filled(lengths, room) if pieces else [(0, 0)]
        rows += ["".join(pieces[first:last]).strip() for first, last in spans]
    return rows


def caption_picture(lines: Sequence[CaptionLine]) -> np.ndarray:
    """White type with a dark outline, centred, uint8 [height, width, 4]."""
    width = max(line.width for line in lines)
    heights = [math.ceil(line.size * LINE_HEIGHT) for line in lines]
    # outlines and descenders reach beyond the first and the last row
    above, below = (math.ceil(lines[end].size * _OVERHANG) for end in (0, -1))
    height = above + sum(heights) + below
    shape = Image.new("L", (width, height), 0)
    edge = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(shape)
    y = above
    for line, row in zip(lines, heights, strict=True):
        font = caption_font(line.size)
        ascent, descent = font.getmetrics()
        x = (width - font.getlength(line.text)) / 2
        draw.text(
            (x, y + (row + ascent - descent) // 2), line.text, font=font, fill=255, anchor="ls"
        )
        # a blurred and strengthened copy is an outline, for a twentieth of a stroke's time
        area = (0, max(0, y - above), width, min(height, y + row + below))
        soft = shape.crop(area).filter(ImageFilter.GaussianBlur(0.5 * line.outline))
        edge.paste(ImageChops.lighter(edge.crop(area), soft), area)
        y += row
    type_alpha = np.asarray(shape).astype(np.uint16)
    edge_alpha = np.minimum(np.asarray(edge).astype(np.uint16) * 6, 225)
    alpha = np.maximum(type_alpha, edge_alpha)
    bright = np.where(alpha > 0, 16 + (239 * type_alpha) // np.maximum(alpha, 1), 16)
    picture = np.empty((height, width, 4), np.uint8)
    picture[..., :3] = bright[..., None]
    picture[..., 3] = alpha
    return picture


def mark_picture(text: str, size: int) -> np.ndarray:
    """A quiet plate with type on it, uint8 [height, width, 4]."""
    font = caption_font(size)
    text = drawable(text)
    pad = round(size * 0.42)
    ascent, descent = font.getmetrics()
    height = math.ceil(size * 1.16) + pad
    width = math.ceil(font.getlength(text)) + 2 * pad
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), round(size * 0.3), (16, 17, 20, 150))
    baseline = (height + ascent - descent) // 2
    draw.text((pad, baseline), text, font=font, fill=(255, 255, 255, 240), anchor="ls")
    return np.asarray(image)


def _edges(size: int) -> int:
    """Pixels that outline and air take beside a row, both sides together."""
    return 4 * (max(1, round(size * _OUTLINE)) + 1)


@functools.lru_cache(maxsize=50_000)
def _advance(char: str, size: int) -> float:
    return caption_font(size).getlength(char)


def _length(text: str, size: int) -> float:
    """Pixels across, at most: kerning only draws closer."""
    return sum(_advance(char, size) for char in text)


def _pieces(text: str, size: int, room: float) -> list[str]:
    """What may not be broken: words with their space, single Chinese characters with their signs."""
    pieces: list[str] = []
    length = 0.0
    for char in text:
        last = pieces[-1] if pieces else ""
        width = _advance(char, size)
        glued = last and (
            char in _NOT_FIRST
            or last[-1] in _NOT_LAST
            or char == " "
            or (not _is_wide(char) and not _is_wide(last[-1]) and last[-1] != " ")
        )
        if glued and (char == " " or length + width <= room):
            pieces[-1] += char
            length += width
        else:
            pieces.append(char)
            length = width
    return pieces


def _is_wide(char: str) -> bool:
    return ord(char) >= 0x2E80


def _balanced(pieces: Sequence[str], size: int, room: float) -> list[str]:
    """As few rows as fit, then the narrowest width that still needs no more."""
    lengths = [(_length(piece, size), _length(piece.rstrip(), size)) for piece in pieces]
    rows = _filled(lengths, room)
    low, high = max(bare for _, bare in lengths), room
    while len(rows) > 1 and high - low > 1:
        middle = (low + high) / 2
        tried = _filled(lengths, middle)
        if len(tried) <= len(rows):
            high, rows = middle, tried
        else:
            low = middle
    return ["".join(pieces[first:last]).strip() for first, last in rows]


def _filled(lengths: Sequence[tuple[float, float]], room: float) -> list[tuple[int, int]]:
    """(first, last) piece of each row, filled greedily."""
    rows, first, used = [], 0, 0.0
    for index, (whole, bare) in enumerate(lengths):
        if index > first and used + bare > room:
            rows.append((first, index))
            first, used = index, 0.0
        used += whole
    return [*rows, (first, len(lengths))]
