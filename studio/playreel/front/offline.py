"""The offline review page: one HTML file with the animatic and the comments, and no network.

Its scripts are those of the share's own pages. Comments that are written in it are saved as a file,
which `playreel.project.Reviews.merge` takes.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from playreel.errors import InputError
from playreel.front.entrance import STATIC
from playreel.front.parts.boarding import shot_entry
from playreel.front.pictures import CHUNK, small
from playreel.front.words import words

if TYPE_CHECKING:
    from playreel.studio import Studio

MAX_BYTES = 25_000_000
ROOM = MAX_BYTES - 1_500_000  # for pictures
MAX_VERSIONS = 3  # of each shot, the one shown included
MODULES = ("dom", "words", "player", "sketch", "review", "board", "act", "shared", "offline")
# Tried in turn until the pictures fit: longer side in pixels, quality of WebP (None: every pixel).
STEPS: tuple[tuple[int, int | None], ...] = (
    *((640, None), (640, 90), (480, 80), (320, 75), (240, 60), (160, 50)),
)


def review_page(studio: Studio) -> bytes:
    """The page of a project as it is now.

    Raises:
        InputError: the board is empty, or too long for one file.
    """
    shots = [shot_entry(shot) for shot in studio.board.shots]
    shots = [shot for shot in shots if shot["frames"]]
    if not shots:
        raise InputError("The board has no shots to review. Put takes on it first.")
    takes = list(dict.fromkeys(take for shot in shots for take in _versions(studio, shot)))
    for side, quality in STEPS:
        strips = _strips(studio, takes, side, quality)
        if strips is not None:
            return _page(studio, shots, strips)
    seconds = sum(shot["seconds"] for shot in shots)
    raise InputError(
        f"The board's {seconds:.0f} s do not fit into a page of {MAX_BYTES // 1_000_000} MB. "
        "Review it in parts, or share it with: playreel share"
    )


def _versions(studio: Studio, shot: dict[str, Any]) -> list[str]:
    """The take shown and the latest others; a shot lists only what the page has."""
    known = [
        version
        for version in reversed(shot["versions"])
        if version != shot["take"] and studio.project.media.known(version) is not None
    ]
    found = []
    for version in known[: MAX_VERSIONS - 1]:
        try:
            found.append(studio.project.media.find(version).content_hash)
        except InputError:  # in the trash
            continue
    shot["versions"] = found
    return [shot["take"], *found]


def _strips(
    studio: Studio, takes: list[str], side: int, quality: int | None
) -> dict[str, dict[str, Any]] | None:
    """Pictures of all takes as data URLs, or None where they would be too large."""
    strips: dict[str, dict[str, Any]] = {}
    size = 0
    for take in takes:
        clip = studio.project.media.open(take)
        chunks = []
        for chunk in _chunks(clip.frames, side, quality):
            size += len(chunk)
            if size > ROOM:
                return None
            chunks.append(chunk)
        strips[take] = {"chunks": chunks, "frames": len(clip), "fps": float(clip.fps)}
    return strips


def _chunks(frames: np.ndarray, side: int, quality: int | None) -> Iterator[str]:
    for start in range(0, len(frames), CHUNK):
        picture = np.concatenate([small(frame, side) for frame in frames[start : start + CHUNK]])
        buffer = io.BytesIO()
        if quality is None:
            Image.fromarray(picture).save(buffer, "PNG", optimize=True)
            kind = "png"
        else:
            Image.fromarray(picture).save(buffer, "WEBP", quality=quality, method=3)
            kind = "webp"
        yield f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _page(studio: Studio, shots: list[dict[str, Any]], strips: dict[str, Any]) -> bytes:
    title = studio.path.resolve().name
    reviews = studio.reviews
    approvals = reviews.approvals()
    data = {
        "title": title,
        "shots": shots,
        "strips": strips,
        "comments": [asdict(comment) for comment in reviews.comments()],
        "approvals": {uid: asdict(approval) for uid, approval in approvals.items()},
        "steps": reviews.steps(),
        "words": words(),
        "chunk": CHUNK,
    }
    css = (STATIC / "front.css").read_text(encoding="utf-8")
    text = (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · review</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data: '
        "blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        f"<style>{css}</style></head>\n"
        '<body class="pr pr-offline"><main></main>\n'
        f'<script type="application/json" id="data">{_json(data)}</script>\n'
        f"<script>{_script()}</script>\n</body></html>\n"
    )
    page = text.encode()
    if len(page) > MAX_BYTES:
        raise InputError(f"The page would have {len(page)} bytes; {MAX_BYTES} are allowed.")
    return page


def _json(data: Any) -> str:
    """JSON that no text in it can end the script element of."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _script() -> str:
    """The modules as one script: imports and exports are taken off, names are the same in all."""
    parts = []
    for name in MODULES:
        text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        text = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        parts.append(text)
    return "(async () => {\n" + "\n".join(parts) + "\n})();"
