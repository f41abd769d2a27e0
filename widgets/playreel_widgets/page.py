"""What stays in a saved notebook: the board and posters, readable with no kernel and no script."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from playreel.errors import PlayreelError
from playreel_widgets.pictures import small

if TYPE_CHECKING:
    from playreel import Clip, Studio
    from playreel.board import Shot

MAX_TAKES = 12
MAX_SHOTS = 24
MAX_TEXT = 200  # characters of a cell
_CELL = "padding:6px 12px 6px 0;text-align:left;vertical-align:middle"


def still_page(studio: Studio) -> str:
    """HTML with the board and the latest takes of a project; about 3 kB a picture."""
    takes, shots = studio.takes, _shots(studio)
    board = [
        (
            str(shot.number),
            _picture(lambda shot=shot: shot.take),
            html.escape(shot.size),
            _text(shot.dialogue),
            _text(shot.description),
        )
        for shot in shots[:MAX_SHOTS]
    ]
    latest = [
        (
            _picture(lambda take=take: studio.open(take.content_hash)),
            take.name,
            take.operation,
            str(take.num_frames),
            _text(take.text),
        )
        for take in reversed(takes[-MAX_TAKES:])
    ]
    name = html.escape(studio.path.resolve().name)
    on_board = f", {len(shots)} shots on the board" if shots else ""
    return (
        f"<p><strong>{name}</strong> — Playreel project, {len(takes)} takes{on_board}."
        + (f" The first {MAX_SHOTS} shots are shown." if len(shots) > MAX_SHOTS else "")
        + (f" The latest {MAX_TAKES} takes are shown." if len(takes) > MAX_TAKES else "")
        + " Run the cell to open it.</p>"
        + _table(("shot", "", "size", "dialogue", "description"), board)
        + _table(("", "take", "made by", "frames", "from"), latest)
    )


def _shots(studio: Studio) -> Sequence[Shot]:
    try:
        return studio.board.shots
    except PlayreelError:  # such as a merge that is not done: the takes are shown all the same
        return ()


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return html.escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")


def _picture(find: Callable[[], Clip]) -> str:
    """The middle frame of a clip, or why it cannot be shown."""
    try:
        frames = find().frames
    except PlayreelError as error:
        return html.escape(str(error)[:80])
    buffer = io.BytesIO()
    Image.fromarray(small(frames[len(frames) // 2], 96)).save(buffer, "JPEG", quality=72)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="" width="96" src="data:image/jpeg;base64,{data}">'
