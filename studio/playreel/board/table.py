"""The shot table as CSV, in English or with the columns of a 分镜 table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from playreel.board.numbering import shown_numbers
from playreel.board.planned import DEFAULT_SECONDS, Planned
from playreel.board.series import seconds_of
from playreel.board.shot import Shot
from playreel.board.vocabulary import (
    ANGLES,
    BEATS,
    LENSES,
    MOVES,
    SIZES,
    STATUSES,
    TRANSITIONS,
)
from playreel.errors import InputError
from playreel.media.atomic import write_bytes
from playreel.media.probe import existing_file

MAX_BYTES = 16 * 2**20
MAX_ROWS = 20_000
# field: (English, Chinese); the first twelve are a 分镜 table's own, the others keep what it lacks
COLUMNS: dict[str, tuple[str, str]] = {
    "episode": ("Episode", "集"),
    "scene": ("Scene", "场"),
    "number": ("Shot", "镜号"),
    "size": ("Size", "景别"),
    "angle": ("Angle", "角度"),
    "move": ("Move", "运镜"),
    "seconds": ("Seconds", "时长"),
    "description": ("Action", "画面内容"),
    "dialogue": ("Dialogue", "台词/旁白"),
    "music": ("Music", "音乐"),
    "sound": ("Sound", "音效"),
    "notes": ("Notes", "备注"),
    "speaker": ("Speaker", "人物"),
    "translation": ("Translation", "译文"),
    "voice_over": ("Voice-over", "旁白"),
    "lens": ("Lens", "镜头"),
    "transition": ("Transition", "转场"),
    "fade_s": ("Fade", "转场时长"),
    "status": ("Status", "状态"),
    "references": ("References", "参考"),
    "beat": ("Beat", "节拍"),
    "framing": ("Framing", "构图"),
    "uid": ("Uid", "标识"),
}
_WORDS = {
    "size": SIZES,
    "angle": ANGLES,
    "move": MOVES,
    "lens": LENSES,
    "transition": TRANSITIONS,
    "status": STATUSES,
    "beat": BEATS,
}
_OTHERS = {"台词": "dialogue", "旁白/台词": "dialogue", "画面": "description", "景 别": "size"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def write_table(
    path: str | os.PathLike[str], shots: Sequence[Shot], *, language: str = "en"
) -> Path:
    """Writes ``.csv`` that Excel opens: UTF-8 with its mark, and no cell that runs as a formula.

    Args:
        path: where to.
        shots: in order.
        language: ``"en"`` or ``"zh"``, of headings and closed words.

    Raises:
        InputError: another suffix or language.
        StorageError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv" or language not in ("en", "zh"):
        raise InputError(f"A table is a .csv in en or zh, not {path.name!r} in {language!r}.")
    column = 1 if language == "zh" else 0
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([names[column] for names in COLUMNS.values()])
    for shot, number in zip(shots, shown_numbers(shots), strict=True):
        writer.writerow([_cell(_value(shot, name, number, language)) for name in COLUMNS])
    write_bytes(path, b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))
    return path


def read_table(path: str | os.PathLike[str]) -> list[Planned]:
    """Reads a CSV of shots; headings may be English or Chinese, in any order.

    Args:
        path: UTF-8 or GB 18030; commas, semicolons or tabs.

    Raises:
        InputError: no table, or one without a column that is known.
    """
    path = existing_file(path)
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} has {len(data)} bytes; a table has at most {MAX_BYTES}.")
    rows = _rows(_decoded(data, path), path)
    if not rows:
        raise InputError(f"{path} has no row. The first row holds the headings.")
    fields = [_field(heading) for heading in rows[0]]
    if not any(fields):
        known = ", ".join(names[0] for names in COLUMNS.values())
        raise InputError(f"No heading of {path} is known. Known are: {known}, and 分镜 headings.")
    filled = [
        (number, row)
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    return [_planned(fields, row, f"row {number}") for number, row in filled]


def _planned(fields: Sequence[str], row: Sequence[str], where: str) -> Planned:
    given: dict[str, str] = {}
    for name, cell in zip(fields, row, strict=False):
        if name:
            given[name] = _text(cell)
    seconds = _number(given.pop("seconds", ""), DEFAULT_SECONDS, where)
    uid = given.pop("uid", "").strip()
    given.pop("number", None)  # follows from the order
    plan: dict[str, object] = dict(given)
    if "fade_s" in given:
        plan["fade_s"] = _number(given["fade_s"], 0.0, where)
    if "references" in given:
        names = [name.strip() for name in given["references"].replace("；", ";").split(";")]
        plan["references"] = tuple(name for name in names if name)
    if "speaker" not in fields and "voice_over" not in fields:
        plan |= _spoken(given.get("dialogue", ""))
    return Planned(plan=plan, seconds=seconds, uid=uid, where=where)


def _spoken(text: str) -> dict[str, str]:
    """``旁白：…`` is a voice from off, ``Name: …`` somebody's words."""
    head, colon, rest = text.partition("：") if "：" in text else text.partition(":")
    name = head.strip()
    if not colon or not rest.strip() or len(name) > 20 or not name:
        return {"dialogue": text}
    if name.lower() in ("旁白", "画外音", "vo", "v.o.", "voice-over"):
        return {"voice_over": rest.strip(), "dialogue": ""}
    return {"speaker": name, "dialogue": rest.strip()}


def _value(shot: Shot, name: str, number: str, language: str) -> str:
    if name == "number":
        return number
    if name == "seconds":
        return f"{seconds_of(shot):.6g}"
    value = getattr(shot, name)
    if name in _WORDS:
        return _WORDS[name].text(value, language)
    if name == "references":
        return "; ".join(value)
    if name == "fade_s":
        return f"{value:.6g}" if value else ""
    return str(value)


def _cell(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _field(heading: str) -> str:
    key = heading.strip().lstrip("\ufeff").lower()
    for name, (english, chinese) in COLUMNS.items():
        if key in (name, english.lower(), chinese):
            return name
    return _OTHERS.get(key, "")


def _number(text: str, default: float, where: str) -> float:
    text = text.strip().removesuffix("秒").removesuffix("s").strip()
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{where}: {text[:40]!r} is no number of seconds.") from None


def _decoded(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} is neither UTF-8 nor GB 18030. Save it as CSV UTF-8.")


def _rows(text: str, path: Path) -> list[list[str]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{path} cannot be read as CSV: {error}.") from None
    if len(rows) > MAX_ROWS:
        raise InputError(f"{path} has {len(rows)} rows; at most {MAX_ROWS} can be taken over.")
    return rows
