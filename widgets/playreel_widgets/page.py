"""What stays in a saved notebook: posters and a table, readable with no kernel and no script."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from playreel.errors import PlayreelError
from playreel_widgets.pictures import small

if TYPE_CHECKING:
    from playreel import Studio

MAX_ROWS = 12
_CELL = "padding:6px 12px 6px 0;text-align:left;vertical-align:middle"


def _picture(frame: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(small(frame, 128)).save(buffer, "JPEG", quality=72)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def still_page(studio: Studio) -> str:
    """HTML with the latest takes of a project; about 4 kB a take."""
    takes = studio.takes
    rows = []
    for take in reversed(takes[-MAX_ROWS:]):
        try:
            frames = studio.open(take.content_hash).frames
            image = f'<img alt="" width="96" src="{_picture(frames[len(frames) // 2])}">'
        except PlayreelError as error:
            image = html.escape(str(error)[:80])
        cells = (
            image,
            take.name,
            take.operation,
            str(take.num_frames),
            html.escape(take.text[:120]),
        )
        rows.append(
            "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
        )
    heads = ("", "take", "made by", "frames", "from")
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in heads)
    name = html.escape(studio.path.resolve().name)
    more = f" The latest {MAX_ROWS} are shown." if len(takes) > MAX_ROWS else ""
    return (
        f"<p><strong>{name}</strong> — Playreel project, {len(takes)} takes.{more} "
        "Run the cell to open it.</p>"
        + (
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            if rows
            else ""
        )
    )
