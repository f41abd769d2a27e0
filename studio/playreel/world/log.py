"""The action log: a session as NDJSON, a header line and one line per step, only appended to.

What is read is foreign: sizes are bounded, every type is checked, nothing is executed. A log
cut off while it was written reads up to its last whole line.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from playreel.errors import PlayreelWarning, RecipeError
from playreel.recipe import Recipe
from playreel.world.session import MAX_STEPS, ROOT, Session, SessionHeader, Step, frame_hash

SCHEMA = "playreel.session"
SCHEMA_VERSION = 1
MAX_LOG_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 16 * 2**20
MAX_LINE_BYTES = 8 * 2**20  # two frames of the largest size
FRAMES_EVERY = 48  # steps between frames written along: opening a log plays at most as many again
MAX_FRAME_BYTES = 32 * 2**20  # of those written along; the last ones are kept
MAX_PROMPT_FRAMES = 64
MAX_SIDE = 1024


@dataclass(frozen=True)
class Kept:
    """What of a session is at hand, None where it would have to be played again.

    Attributes:
        frame: gives a node's frame.
        state: gives a node's state, packed.
    """

    frame: Callable[[int], np.ndarray | None]
    state: Callable[[int], bytes | None]


_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Log:
    """What a log held.

    Attributes:
        session: the tree.
        cursor: the node where the player stood.
        frames: of some nodes, checked against their hashes.
        states: of some nodes, as `playreel.core.packing` packs them.
        num_bytes: how much of the file was whole.
    """

    session: Session
    cursor: int
    frames: dict[int, np.ndarray]
    states: dict[int, bytes]
    num_bytes: int


def encode_prompt(frames: np.ndarray) -> str:
    """uint8 [k, height, width, 3] as one lossless PNG, the frames below one another, in base64."""
    from PIL import Image

    count, height, width, _ = frames.shape
    buffer = io.BytesIO()
    Image.fromarray(frames.reshape(count * height, width, 3)).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def decode_prompt(text: str, size: tuple[int, int]) -> np.ndarray:
    """The frames of `encode_prompt`, uint8 [k, height, width, 3], read-only.

    Raises:
        RecipeError: not such a picture, or too large.
    """
    from PIL import Image

    height, width = size
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            count, rest = divmod(image.height, height)
            fits = image.width == width and rest == 0 and 1 <= count <= MAX_PROMPT_FRAMES
            if not fits or image.mode != "RGB":  # known before a pixel is unpacked
                raise RecipeError(
                    f"The prompt is a {image.mode} picture of {image.width}x{image.height}, not "
                    f"RGB frames of {width}x{height} below one another. Did Playreel write it?"
                )
            frames = np.array(image, np.uint8).reshape(count, height, width, 3)
    except RecipeError:
        raise
    except Exception as error:  # whatever a damaged PNG makes the decoder raise
        raise RecipeError(f"The prompt picture is damaged: {error}.") from None
    frames.flags.writeable = False
    return frames


def header_line(session: Session) -> bytes:
    """The first line of a log."""
    header = session.header
    return _line(
        {
            "schema": SCHEMA,
            "version": SCHEMA_VERSION,
            "session": header.session_id,
            "name": header.name,
            "seed": header.seed,
            "weights": header.weights,
            "fps": header.fps,
            "size": list(header.size),
            "prompt": encode_prompt(header.prompt),
            "prompt_recipe": header.prompt_recipe.to_json() if header.prompt_recipe else None,
            "parents": list(header.parents),
            "sha256": session[ROOT].frame_hash,
        }
    )


def step_line(node: int, step: Step) -> bytes:
    """One press."""
    return _line(
        {
            "step": node,
            "from": step.parent,
            "action": step.action,
            "code": step.code,
            "seed": step.seed,
            "sha256": step.frame_hash,
        }
    )


def frames_line(session: Session, node: int, kept: Kept) -> bytes:
    """A node's frame, the one before it and its state: what the model needs to go on from there."""
    pair = [kept.frame(node), kept.frame(session[node].parent)] if node != ROOT else [None]
    state = None if node == ROOT else kept.state(node)
    if state is None or any(frame is None for frame in pair):
        return b""
    text = base64.b64encode(state).decode("ascii")
    return _line({"frames_of": node, "png": encode_prompt(np.stack(pair[::-1])), "state": text})


def cursor_line(node: int) -> bytes:
    """Where the player stands."""
    return _line({"cursor": node})


def lines(
    session: Session, *, cursor: int | None = None, kept: Kept | None = None
) -> Iterator[bytes]:
    """A whole log; see `Session.save`."""
    yield header_line(session)
    for node in range(1, len(session)):
        yield step_line(node, session[node])
        if kept is not None and session[node].depth % FRAMES_EVERY == 0:
            yield frames_line(session, node, kept)
    if cursor is not None:
        if kept is not None:
            yield frames_line(session, cursor, kept)
        yield cursor_line(cursor)


def read_log(path: str | os.PathLike[str]) -> Log:
    """Reads a log; warns when its last line was cut off.

    Raises:
        RecipeError: not a log, damaged before its last line, too large, or from a newer version.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_LOG_BYTES:
            raise RecipeError(f"{path} has {size} bytes; an action log may have {MAX_LOG_BYTES}.")
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise RecipeError(
            f"Cannot read the action log {path}: {error.strerror}. Check the path."
        ) from error


def _read(path: Path, file: io.BufferedReader) -> Log:
    first = file.readline(MAX_HEADER_BYTES + 1)
    if not first.endswith(b"\n"):
        raise RecipeError(
            f"{path} holds no whole header line, so nothing of the session can be read. "
            "Give an action log that World.save wrote."
        )
    session = Session(_header(path, _document(path, 1, first)))
    cursor, num_bytes, number = ROOT, len(first), 1
    frames: dict[int, np.ndarray] = {}
    states: dict[int, bytes] = {}
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if not line.endswith(b"\n"):
            if len(line) > MAX_LINE_BYTES:
                raise _damaged(path, number, f"longer than {MAX_LINE_BYTES} bytes")
            warnings.warn(
                f"{path} was cut off in line {number}; read the {len(session) - 1} whole steps "
                "before it.",
                PlayreelWarning,
                stacklevel=3,
            )
            break
        document = _document(path, number, line)
        if "cursor" in document:
            cursor = _integer(path, number, document, "cursor", len(session) - 1)
        elif "frames_of" in document:
            frames |= _frames(path, number, session, document)
            if "state" in document:
                states[document["frames_of"]] = _state(path, number, document)
            while sum(map(len, states.values())) > MAX_FRAME_BYTES:
                del states[next(iter(states))]
            while sum(frame.nbytes for frame in frames.values()) > MAX_FRAME_BYTES:
                del frames[next(iter(frames))]
        else:
            cursor = _add(path, number, session, document)
        num_bytes += len(line)
    return Log(session=session, cursor=cursor, frames=frames, states=states, num_bytes=num_bytes)


def _add(path: Path, number: int, session: Session, document: dict[str, Any]) -> int:
    node = len(session)
    if node > MAX_STEPS:
        raise RecipeError(f"{path} holds more than {MAX_STEPS} steps.")
    if _integer(path, number, document, "step", MAX_STEPS) != node:
        raise _damaged(path, number, f"step {document['step']} where {node} was due")
    return session.add(
        _integer(path, number, document, "from", node - 1),
        _text(path, number, document, "action", 64),
        _integer(path, number, document, "code", 10**6),
        _integer(path, number, document, "seed", 2**64 - 1),
        _hash(path, number, document),
    )


def _frames(
    path: Path, number: int, session: Session, document: dict[str, Any]
) -> dict[int, np.ndarray]:
    node = _integer(path, number, document, "frames_of", len(session) - 1)
    text = _text(path, number, document, "png", MAX_LINE_BYTES)
    pair = decode_prompt(text, session.header.size)
    nodes = (max(ROOT, session[node].parent), node)
    hashes = [session[each].frame_hash for each in nodes]
    if hashes != [frame_hash(frame) for frame in pair]:
        raise _damaged(path, number, "its frames do not have the hashes of their steps")
    return {each: frame for each, frame in zip(nodes, pair, strict=True) if each != ROOT}


def _state(path: Path, number: int, document: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(
            _text(path, number, document, "state", MAX_LINE_BYTES), validate=True
        )
    except ValueError as error:
        raise _damaged(path, number, f"its state is no base64 ({error})") from None


def _header(path: Path, document: dict[str, Any]) -> SessionHeader:
    if document.get("schema") != SCHEMA:
        raise RecipeError(
            f"{path} is no action log: its schema is {str(document.get('schema'))[:40]!r}, "
            f"not {SCHEMA!r}. Give a file that World.save wrote."
        )
    version = _integer(path, 1, document, "version", 2**31)
    if version != SCHEMA_VERSION:
        raise RecipeError(
            f"{path} has version {version}; this Playreel reads {SCHEMA_VERSION}. "
            "Upgrade with: pip install -U playreel"
        )
    size = document.get("size")
    if (
        not isinstance(size, list)
        or len(size) != 2
        or any(type(side) is not int or not 1 <= side <= MAX_SIDE for side in size)
    ):
        raise _damaged(path, 1, f"size {str(size)[:40]!r} is not [height, width] up to {MAX_SIDE}")
    parents = document.get("parents")
    if not isinstance(parents, list) or len(parents) > 64:
        raise _damaged(path, 1, "parents is no short list of hashes")
    if any(not isinstance(parent, str) or len(parent) > 128 for parent in parents):
        raise _damaged(path, 1, "parents holds something other than hashes")
    fps = _text(path, 1, document, "fps", 24)
    if not re.fullmatch(r"[1-9]\d{0,8}(/[1-9]\d{0,8})?", fps):
        raise _damaged(path, 1, f"fps {fps!r} is not a whole number or fraction")
    recipe = document.get("prompt_recipe")
    prompt = decode_prompt(_text(path, 1, document, "prompt", MAX_HEADER_BYTES), (size[0], size[1]))
    if _hash(path, 1, document) != frame_hash(prompt[-1]):
        raise _damaged(path, 1, "the prompt picture does not have the hash it was written with")
    return SessionHeader(
        session_id=_text(path, 1, document, "session", 64),
        name=_text(path, 1, document, "name", 256),
        seed=_integer(path, 1, document, "seed", 2**64 - 1),
        weights=_text(path, 1, document, "weights", 128),
        fps=fps,
        prompt=prompt,
        prompt_recipe=None if recipe is None else Recipe.from_json(recipe),
        parents=tuple(parents),
    )


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode("ascii") + b"\n"


def _document(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, number, str(error)[:80]) from None
    if not isinstance(document, dict):
        raise _damaged(path, number, "no JSON object")
    return document


def _integer(path: Path, number: int, document: dict[str, Any], key: str, largest: int) -> int:
    value = document.get(key)
    if type(value) is not int or not 0 <= value <= largest:
        raise _damaged(path, number, f"{key} {str(value)[:40]!r} is not from 0 to {largest}")
    return value


def _text(path: Path, number: int, document: dict[str, Any], key: str, longest: int) -> str:
    value = document.get(key)
    if not isinstance(value, str) or len(value) > longest:
        raise _damaged(path, number, f"{key} is no text of up to {longest} characters")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise _damaged(path, number, f"{key} holds a broken character") from None
    return value


def _hash(path: Path, number: int, document: dict[str, Any]) -> str:
    value = _text(path, number, document, "sha256", 64)
    if not _SHA256.fullmatch(value):
        raise _damaged(path, number, f"sha256 {value!r} is no SHA-256 hash")
    return value


def _damaged(path: Path, number: int, why: str) -> RecipeError:
    return RecipeError(
        f"{path} is damaged in line {number}: {why}. The lines before it are whole: cut the file "
        "there to load them."
        if number > 1
        else f"{path} has a damaged header: {why}. Give an action log that World.save wrote."
    )
