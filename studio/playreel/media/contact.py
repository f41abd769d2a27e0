"""The contact sheet: one strip of frames a row, and under it what was done."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, PngImagePlugin

from playreel.errors import MediaError, PlayreelWarning
from playreel.media.atomic import write_bytes
from playreel.media.clip import Clip
from playreel.media.files import write_recipe
from playreel.media.fit import best_factor, enlarge
from playreel.media.fonts import can_write, draw_text, shortened, text_width, wrapped
from playreel.recipe import Recipe

Color = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class SheetConfig:
    """Measures in pixels and colours of a sheet."""

    margin: int = 64
    content: int = 1606  # width of the strips: 6 frames of 16:9, 8 square, 10 of 9:16
    gutter: int = 10  # at least; a full strip is spread to both margins
    max_strip: int = 260  # height of a strip
    row_gap: int = 46
    title_size: int = 44
    label_size: int = 23
    note_size: int = 18
    background: Color = (20, 21, 25)
    title_color: Color = (244, 241, 233)
    label_color: Color = (226, 223, 214)
    note_color: Color = (136, 138, 146)
    line_color: Color = (48, 50, 57)
    accent: Color = (244, 162, 70)


DARK = SheetConfig()
PAPER = SheetConfig(
    background=(246, 243, 235),
    title_color=(28, 27, 25),
    label_color=(44, 42, 39),
    note_color=(128, 122, 112),
    line_color=(222, 216, 204),
    accent=(214, 92, 42),
)


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One strip.

    Attributes:
        label: what was done, written under the strip.
        clip: the frames; a strip shows them evenly sampled, first and last included.
        note: written at the right end; by default length and rate.
        new: (start, stop) ranges of frames that were made in this step; they are underlined.
    """

    label: str
    clip: Clip
    note: str | None = None
    new: tuple[tuple[int, int], ...] = ()


Rows = Iterable[SheetRow | tuple[str, Clip | np.ndarray]]


def contact_sheet(
    rows: Rows,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    subtitle: str | None = None,
    config: SheetConfig = DARK,
    recipe: Recipe | None = None,
) -> Path:
    """Draws a sheet and writes it as PNG.

    Args:
        rows: `SheetRow`s or (label, clip or frames) pairs.
        path: where to; the suffix must be ``.png``.
        title: written on top.
        subtitle: smaller, under the title.
        config: `DARK` or `PAPER`, or your own.
        recipe: kept in the file and beside it.

    Raises:
        MediaError: no rows, or another suffix.
        StorageError: the disk is full or the folder cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise MediaError(f"A contact sheet is written as .png, not {path.suffix or path.name!r}.")
    info = PngImagePlugin.PngInfo()
    if recipe is not None:
        info.add_itxt("playreel:recipe", recipe.to_json())
    buffer = io.BytesIO()
    sheet = render_sheet(rows, title=title, subtitle=subtitle, config=config)
    sheet.save(buffer, format="PNG", pnginfo=info)
    write_bytes(path, buffer.getvalue())
    write_recipe(path, recipe)
    return path


def render_sheet(
    rows: Rows,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    config: SheetConfig = DARK,
) -> Image.Image:
    """Draws a sheet; see `contact_sheet`."""
    strips = [_Strip(_as_row(row), config) for row in rows]
    if not strips:
        raise MediaError("A contact sheet needs at least one row. Give (label, clip) pairs.")
    texts = [title or "", subtitle or "", *(strip.row.label for strip in strips)]
    if not all(can_write(text) for text in texts):
        warnings.warn(
            "No font with Chinese characters was found, so they show as boxes. Install one, for "
            "example the package fonts-noto-cjk.",
            PlayreelWarning,
            stacklevel=3,
        )
    head = _head_height(title, subtitle, config)
    height = head + sum(strip.height for strip in strips) + config.row_gap * (len(strips) - 1)
    width = config.content + 2 * config.margin
    sheet = Image.new("RGB", (width, height + config.margin), config.background)
    draw = ImageDraw.Draw(sheet)
    _draw_head(draw, title, subtitle, config)
    y = head
    for number, strip in enumerate(strips, start=1):
        strip.draw(sheet, draw, y, number)
        y += strip.height + config.row_gap
    return sheet


class _Strip:
    """One row, laid out."""

    def __init__(self, row: SheetRow, config: SheetConfig) -> None:
        self.row, self.config = row, config
        clip = row.clip
        factor = best_factor(clip.size, (config.max_strip, config.content))
        self.cell = (clip.height * factor, clip.width * factor)
        if factor == 0:  # larger than the strip: scaled down smoothly
            ratio = min(config.max_strip / clip.height, config.content / clip.width)
            self.cell = (max(1, round(clip.height * ratio)), max(1, round(clip.width * ratio)))
        while factor > 1 and self.columns < min(5, len(clip)):
            factor -= 1
            self.cell = (clip.height * factor, clip.width * factor)
        self.factor = factor
        self.indices = _spread(len(clip), self.columns)
        room = config.content - self.number_width - 24 - text_width(self.note, config.note_size)
        self.lines = wrapped(row.label, config.label_size, max(room, 200), 2)

    number_width = 46

    @property
    def columns(self) -> int:
        gutter = self.config.gutter
        return max(1, (self.config.content + gutter) // (self.cell[1] + gutter))

    @property
    def note(self) -> str:
        if self.row.note is not None:
            return self.row.note
        clip = self.row.clip
        if len(clip) == 1:
            return f"still · {clip.width}x{clip.height}"
        return f"{len(clip)} frames · {clip.duration_s:.1f} s"

    @property
    def height(self) -> int:
        return self.cell[0] + 24 + round(1.35 * self.config.label_size) * len(self.lines)

    def draw(self, sheet: Image.Image, draw: ImageDraw.ImageDraw, top: int, number: int) -> None:
        config, (tall, wide) = self.config, self.cell
        pitch: float = wide + config.gutter
        if len(self.indices) == self.columns > 1:
            pitch = (config.content - wide) / (self.columns - 1)
        for column, index in enumerate(self.indices):
            x = config.margin + round(column * pitch)
            sheet.paste(self._picture(index), (x, top))
            fresh = any(start <= index < stop for start, stop in self.row.new)
            color = config.accent if fresh else config.line_color
            draw.rectangle((x, top + tall + 7, x + wide - 1, top + tall + 9), fill=color)
        baseline = top + tall + 20 + config.label_size
        draw_text(
            draw, (config.margin, baseline), f"{number:02d}", config.label_size, config.accent
        )
        for line_index, line in enumerate(self.lines):
            at = (
                config.margin + self.number_width,
                baseline + line_index * 1.35 * config.label_size,
            )
            draw_text(draw, at, line, config.label_size, config.label_color)
        right = (config.margin + config.content, baseline)
        draw_text(draw, right, self.note, config.note_size, config.note_color, align="right")

    def _picture(self, index: int) -> Image.Image:
        frame = self.row.clip.frames[index]
        if self.factor:
            return Image.fromarray(enlarge(frame, self.factor))
        size = (self.cell[1], self.cell[0])
        return Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)


def _as_row(row: SheetRow | tuple[str, Clip | np.ndarray]) -> SheetRow:
    if isinstance(row, SheetRow):
        return row
    label, clip = row
    if not isinstance(clip, Clip):
        frames = np.asarray(clip)
        clip = Clip(frames[None] if frames.ndim == 3 else frames)
    return SheetRow(label=label, clip=clip)


def _spread(num_frames: int, columns: int) -> Sequence[int]:
    if num_frames <= columns:
        return range(num_frames)
    if columns == 1:
        return [0]
    return [round(k * (num_frames - 1) / (columns - 1)) for k in range(columns)]


def _head_height(title: str | None, subtitle: str | None, config: SheetConfig) -> int:
    height = config.margin
    if title:
        height += config.title_size + 12
    if subtitle:
        height += round(1.5 * config.label_size)
    return height + (26 if title or subtitle else 0)


def _draw_head(
    draw: ImageDraw.ImageDraw, title: str | None, subtitle: str | None, config: SheetConfig
) -> None:
    y = config.margin
    if title:
        y += config.title_size
        text = shortened(title, config.title_size, config.content)
        draw_text(draw, (config.margin, y - 6), text, config.title_size, config.title_color)
        y += 12
    if subtitle:
        y += round(1.5 * config.label_size)
        text = shortened(subtitle, config.label_size, config.content)
        draw_text(draw, (config.margin, y - 12), text, config.label_size, config.note_color)
