"""The board on paper: a PDF with a row a shot, A4 or Letter, in English or Chinese.

Needs the extra ``pdf``. The face is the one that captions are drawn with, and only the glyphs that
are used go into the file. No word is left out: a row that is longer than a page goes on on the next.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from playreel.board.lost import lost
from playreel.board.numbering import shown_numbers
from playreel.board.planned import is_placeholder
from playreel.board.series import series_of
from playreel.board.shot import Shot
from playreel.board.vocabulary import ANGLES, BEATS, LENSES, MOVES, SIZES, STATUSES, TRANSITIONS
from playreel.errors import InputError, MediaError, MissingExtraError
from playreel.media.atomic import write_bytes
from playreel.media.caption import filled_rows
from playreel.media.face import caption_face, drawable
from playreel.media.fit import best_factor, enlarge

if TYPE_CHECKING:
    from fpdf import FPDF

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # mm
MM = 72 / 25.4  # points
_WORDS = {
    "en": {
        "number": "Shot",
        "picture": "Picture",
        "action": "Action",
        "dialogue": "Dialogue",
        "notes": "Notes",
        "shots": "shots",
        "episode": "Episode",
        "scene": "Scene",
        "planned": "not made yet",
        "lost": "take is missing",
        "voice_over": "V.O.",
        "music": "Music",
        "sound": "Sound",
        "references": "With",
        "of": "of",
    },
    "zh": {
        "number": "镜号",
        "picture": "画面",
        "action": "画面内容",
        "dialogue": "台词 / 旁白",
        "notes": "备注",
        "shots": "个镜头",
        "episode": "集",
        "scene": "场",
        "planned": "待制作",
        "lost": "素材缺失",
        "voice_over": "旁白",
        "music": "音乐",
        "sound": "音效",
        "references": "参考",
        "of": "/",
    },
}


@dataclass(frozen=True, kw_only=True)
class PaperConfig:
    """Measures in mm, type in points, colours.

    Attributes:
        margin: of every page.
        widths: of number, picture, action, dialogue and notes, as shares of what is left of them.
        max_picture: height of a picture.
        type_pt: of text.
        small_pt: of headings and page numbers.
        title_pt: of the title.
    """

    margin: float = 13.0
    widths: tuple[float, ...] = (0.118, 0.272, 0.236, 0.214, 0.16)
    gap: float = 3.2
    max_picture: float = 44.0
    type_pt: float = 8.4
    small_pt: float = 7.0
    title_pt: float = 17.0
    leading: float = 1.42
    ink: tuple[int, int, int] = (30, 29, 27)
    quiet: tuple[int, int, int] = (126, 121, 112)
    line: tuple[int, int, int] = (214, 208, 197)
    band: tuple[int, int, int] = (244, 241, 234)
    accent: tuple[int, int, int] = (196, 78, 32)


def write_paper(
    path: str | os.PathLike[str],
    shots: Sequence[Shot],
    *,
    title: str = "",
    paper: str = "a4",
    language: str = "en",
    numbering: str = "1-1",
    config: PaperConfig | None = None,
) -> Path:
    """Writes a PDF: number, picture, duration, action, dialogue and notes of every shot.

    Args:
        path: ``.pdf``.
        shots: in order.
        title: on the first page.
        paper: ``a4`` or ``letter``.
        language: ``en`` or ``zh``, of headings and closed words.
        numbering: a style of `playreel.board.numbering`.
        config: measures and colours.

    Raises:
        InputError: no shots, or another suffix, paper or language.
        MissingExtraError: the extra ``pdf`` is not installed.
        StorageError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".pdf":
        raise InputError(f"A sheet on paper is written as .pdf, not {path.suffix or path.name!r}.")
    if paper not in PAPERS or language not in _WORDS:
        raise InputError(
            f"Paper is {' or '.join(PAPERS)} and its words en or zh, not {paper!r} in {language!r}."
        )
    if not shots:
        raise InputError("The board is empty. Add a take with board.add(take).")
    numbers = shown_numbers(shots, numbering)
    sheet = _Sheet(title or path.stem, paper, language, config or PaperConfig())
    sheet.begin(shots)
    for shot, number in zip(shots, numbers, strict=True):
        sheet.add(shot, number)
    write_bytes(path, sheet.finish())
    return path


class _Sheet:
    """Pages under way; all places are mm from the upper left corner."""

    def __init__(self, title: str, paper: str, language: str, config: PaperConfig) -> None:
        self.config, self.words, self.language = config, _WORDS[language], language
        self.title = title
        self.width, self.height = PAPERS[paper]
        self.pdf = _new_pdf(PAPERS[paper], title)
        room = self.width - 2 * config.margin - config.gap * (len(config.widths) - 1)
        self.columns: list[tuple[float, float]] = []  # (left, width)
        left = config.margin
        for share in config.widths:
            self.columns.append((left, room * share))
            left += room * share + config.gap
        self.row_height = config.type_pt * config.leading / MM
        self.y = 0.0
        self.group: tuple[str, str] | None = None

    @property
    def bottom(self) -> float:
        return self.height - self.config.margin - 6

    def begin(self, shots: Sequence[Shot]) -> None:
        config = self.config
        self._page(heads=False)
        self.y = config.margin + 6
        self._text(config.margin, self.y, self._cut(self.title), config.title_pt, config.ink)
        series = series_of(shots)
        told = [f"{len(shots)} {self.words['shots']}", _clock(series.seconds)]
        if len(series.episodes) > 1:
            count = len(series.episodes)
            told.insert(0, f"{count} {'集' if self.language == 'zh' else 'episodes'}")
        self.y += 6
        self._text(config.margin, self.y, "  ·  ".join(told), config.type_pt, config.quiet)
        self.y += 5.5
        self._heads()

    def add(self, shot: Shot, number: str) -> None:
        self._band(shot)
        cells = self._cells(shot, number)
        picture = _picture(shot)
        width, height = self._picture_size(shot)
        lines = max(len(rows) for rows in cells.values())
        whole = max(height, lines * self.row_height) + 4.4
        if self.y + min(whole, self.bottom - self.config.margin - 12) > self.bottom:
            self._page()
        is_first = True
        while is_first or any(cells.values()):
            free = self.bottom - self.y - 4.4
            count = max(1, int(free / self.row_height))
            tall = height if is_first else 0.0
            for column, name in enumerate(("meta", "", "action", "dialogue", "notes")):
                rows = cells[name][:count] if name else []
                tall = max(tall, len(rows) * self.row_height)
                self._rows(column, rows, number if name == "meta" and is_first else "")
                if name:
                    cells[name] = cells[name][count:]
            if is_first:
                self._draw_picture(shot, picture, width, height)
            self.y += tall + 2.2
            self.pdf.set_draw_color(*self.config.line)
            self.pdf.set_line_width(0.15)
            self.pdf.line(self.config.margin, self.y, self.width - self.config.margin, self.y)
            self.y += 2.2
            is_first = False
            if any(cells.values()):
                self._page()

    def finish(self) -> bytes:
        config, count = self.config, len(self.pdf.pages)
        title = self._cut(self.title, config.small_pt, 30)
        for number in range(1, count + 1):
            self.pdf.page = number
            y = self.height - config.margin + 1
            foot = f"{number} {self.words['of']} {count}"
            right = self.width - config.margin - self._width(foot, config.small_pt)
            self._text(config.margin, y, title, config.small_pt, config.quiet)
            self._text(right, y, foot, config.small_pt, config.quiet)
        return bytes(self.pdf.output())

    def _cells(self, shot: Shot, number: str) -> dict[str, list[str]]:
        seconds = f"{shot.take.duration_s:.1f} s" if lost(shot.take) is None else ""
        closed = [
            SIZES.text(shot.size, self.language),
            ANGLES.text(shot.angle, self.language),
            MOVES.text(shot.move, self.language),
            LENSES.text(shot.lens, self.language),
            BEATS.text(shot.beat, self.language),
            STATUSES.text(shot.status, self.language),
        ]
        if shot.joint != "cut":
            fade = f" {shot.fade_s:g}s" if shot.fade_s else ""
            closed.append(f"{TRANSITIONS.text(shot.joint, self.language)}{fade}")
        said = (
            f"{shot.speaker}: {shot.dialogue}" if shot.speaker and shot.dialogue else shot.dialogue
        )
        off = f"{self.words['voice_over']} {shot.voice_over}" if shot.voice_over else ""
        more = [
            f"{self.words[name]}: {text}"
            for name, text in (
                ("music", shot.music),
                ("sound", shot.sound),
                ("references", ", ".join(shot.references)),
            )
            if text
        ]
        return {
            "meta": self._wrapped(0, [number, seconds, *closed]),
            "action": self._wrapped(2, [shot.description]),
            "dialogue": self._wrapped(3, [said, shot.translation, off]),
            "notes": self._wrapped(4, [shot.notes, *more]),
        }

    def _wrapped(self, column: int, texts: Sequence[str]) -> list[str]:
        room = self.columns[column][1] * MM / self.config.type_pt * 100
        return [row for text in texts if text for row in filled_rows(text, 100, room)]

    def _rows(self, column: int, rows: Sequence[str], marked: str) -> None:
        left = self.columns[column][0]
        y = self.y + self.config.type_pt / MM
        for index, row in enumerate(rows):
            is_mark = bool(marked) and index == 0
            quiet = column == 0 and not is_mark
            color = self.config.quiet if quiet else self.config.ink
            if is_mark:
                color = self.config.accent
            self._text(left, y, row, self.config.type_pt, color)
            y += self.row_height

    def _picture_size(self, shot: Shot) -> tuple[float, float]:
        room = self.columns[1][1]
        height, width = (72, 128) if lost(shot.take) else shot.take.size
        ratio = min(room / width, self.config.max_picture / height)
        return width * ratio, height * ratio

    def _draw_picture(
        self, shot: Shot, picture: io.BytesIO | None, width: float, height: float
    ) -> None:
        left = self.columns[1][0]
        if picture is not None:
            self.pdf.image(picture, left, self.y, width, height)
            return
        self.pdf.set_fill_color(*self.config.band)
        self.pdf.set_draw_color(*self.config.line)
        self.pdf.rect(left, self.y, width, height, style="DF")
        word = self.words["lost" if lost(shot.take) else "planned"]
        pt = self.config.small_pt
        wide = self._width(word, pt)
        self._text(left + (width - wide) / 2, self.y + height / 2 + 1, word, pt, self.config.quiet)

    def _band(self, shot: Shot) -> None:
        """A line that begins an episode or a scene."""
        group = (shot.episode, shot.scene)
        before, self.group = self.group, group
        if group == before or not any(group):
            return
        told = []
        if shot.episode and (before is None or before[0] != shot.episode):
            told.append(_named(self.words["episode"], shot.episode, self.language))
        if shot.scene:
            told.append(_named(self.words["scene"], shot.scene, self.language))
        if not told:
            return
        if self.y + 40 > self.bottom:
            self._page()
        config = self.config
        self.pdf.set_fill_color(*config.band)
        self.pdf.rect(config.margin, self.y, self.width - 2 * config.margin, 5.6, style="F")
        text = self._cut("   ·   ".join(told), config.type_pt, 4)
        self._text(config.margin + 2, self.y + 3.95, text, config.type_pt, config.ink)
        self.y += 8.2

    def _heads(self) -> None:
        config = self.config
        names = ("number", "picture", "action", "dialogue", "notes")
        for (left, _), name in zip(self.columns, names, strict=True):
            self._text(left, self.y, self.words[name], config.small_pt, config.quiet)
        self.y += 1.8
        self.pdf.set_draw_color(*config.ink)
        self.pdf.set_line_width(0.25)
        self.pdf.line(config.margin, self.y, self.width - config.margin, self.y)
        self.y += 2.6

    def _page(self, heads: bool = True) -> None:
        self.pdf.add_page()
        if heads:
            self.y = self.config.margin + 2
            self._heads()

    def _text(self, x: float, y: float, text: str, pt: float, color: tuple[int, int, int]) -> None:
        self.pdf.set_font("face", size=pt)
        self.pdf.set_text_color(*color)
        self.pdf.text(x, y, drawable(text))

    def _width(self, text: str, pt: float) -> float:
        self.pdf.set_font("face", size=pt)
        return float(self.pdf.get_string_width(text))

    def _cut(self, text: str, pt: float | None = None, less: float = 0) -> str:
        """The text on one line."""
        pt = pt or self.config.title_pt
        text = drawable(" ".join(text.split()))
        room = self.width - 2 * self.config.margin - less
        if self._width(text, pt) <= room:
            return text
        while text and self._width(text + "…", pt) > room:
            text = text[:-1]
        return text.rstrip() + "…"


def _picture(shot: Shot) -> io.BytesIO | None:
    """The middle frame as PNG, pixel art enlarged; None for a shot without one."""
    if lost(shot.take) or is_placeholder(shot.take):
        return None
    frame = shot.take.frames[len(shot.take) // 2]
    factor = best_factor(frame.shape[:2], (720, 720))
    image = Image.fromarray(enlarge(frame, factor) if factor else frame)
    if not factor:
        image.thumbnail((720, 720), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    buffer.seek(0)
    return buffer


def _named(word: str, name: str, language: str) -> str:
    if not name.strip().isdigit():
        return name
    return f"第{name}{word}" if language == "zh" else f"{word} {name}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _new_pdf(size: tuple[float, float], title: str) -> FPDF:
    fpdf = _fpdf()
    pdf: FPDF = fpdf.FPDF(unit="mm", format=size)
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_creator("Playreel")
    face = caption_face()
    if face is None:
        raise MediaError(
            "No typeface with Chinese was found. Install Noto Sans CJK, or pylopdf-fonts-zh-cn."
        )
    pdf.add_font("face", "", str(face))
    return pdf


def _fpdf() -> Any:
    try:
        import fpdf
    except ImportError:
        raise MissingExtraError(
            "Sheets on paper need the extra 'pdf': pip install 'playreel[pdf]'"
        ) from None
    return fpdf
