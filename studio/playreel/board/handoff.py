"""Takes for game engines and animators: sprite sheet with JSON, numbered PNGs, Ogg Theora, buttons."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from playreel.errors import InputError
from playreel.media.atomic import replacing, write_bytes
from playreel.media.clip import Clip

MAX_SHEET_SIDE = 8192


def write_handoff(path: str | os.PathLike[str], take: Clip, *, scale: int = 1) -> Path:
    """Writes a take for a game engine; the suffix decides how.

    | suffix | what |
    |---|---|
    | ``.png`` | sprite sheet, with JSON beside it |
    | ``.ogv`` | Ogg Theora, for Godot |
    | ``.ndjson`` ``.csv`` | the buttons that were pressed, a line a frame |
    | none | a folder of numbered PNGs |

    Args:
        path: where to.
        take: what to write.
        scale: of Theora, a whole factor.

    Raises:
        InputError: another suffix, or a take that cannot be written so.
        StorageError: it cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".png":
        return write_sprite_sheet(path, take)
    if suffix == ".ogv":
        return write_ogv(path, take, scale=scale)
    if suffix in (".ndjson", ".csv"):
        return write_action_log(path, take)
    if suffix:
        raise InputError(
            f"Takes are handed over as .png, .ogv, .ndjson, .csv or a folder, not {suffix!r}."
        )
    write_png_sequence(path, take)
    return Path(path)


def write_action_log(path: str | os.PathLike[str], take: Clip) -> Path:
    """Writes which button led to each frame of a take that was played.

    Args:
        path: ``.ndjson`` or ``.csv``.
        take: whose recipe tells its buttons.

    Raises:
        InputError: another suffix, or a take that was not played.
        StorageError: it cannot be written.
    """
    path, recipe = Path(path), take.recipe
    if path.suffix.lower() not in (".ndjson", ".csv"):
        raise InputError(f"A log of buttons is .ndjson or .csv, not {path.suffix or path.name!r}.")
    if recipe is None or not recipe.actions:
        made = "was brought in" if recipe is None else f"was made by {recipe.operation}"
        raise InputError(
            f"Only a take that was played has buttons; this one {made}. Capture it from a world."
        )
    start = recipe.options.get("start")
    first = start if type(start) is int else len(recipe.actions) + 1 - len(take)
    rows = []
    for index in range(len(take)):
        step = first + index
        pressed = recipe.actions[step - 1] if 0 < step <= len(recipe.actions) else ""
        rows.append(
            {
                "frame": index,
                "time_s": round(float(index / take.fps), 6),
                "step": step,
                "button": pressed,
            }
        )
    if path.suffix.lower() == ".ndjson":
        head = {"take": take.content_hash, "fps": str(take.fps), "seed": recipe.seed}
        lines = [json.dumps(line, ensure_ascii=False) for line in (head, *rows)]
        write_bytes(path, "\n".join(lines).encode() + b"\n")
        return path
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        text = str(row["button"])
        writer.writerow({**row, "button": f"'{text}" if text[:1] in "=+-@\t\r" and text else text})
    write_bytes(path, buffer.getvalue().encode("utf-8-sig"))
    return path


def write_sprite_sheet(path: str | os.PathLike[str], take: Clip, *, name: str = "take") -> Path:
    """Writes all frames on one PNG, and beside it JSON as Aseprite writes it.

    Args:
        path: ``.png``; the JSON has the same name.
        take: at most what fits 8192x8192 px.
        name: of the animation, in the JSON.

    Raises:
        InputError: another suffix, or too many frames.
        StorageError: the files cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise InputError(f"A sprite sheet is written as .png, not {path.suffix or path.name!r}.")
    height, width = take.size
    columns = min(len(take), max(1, MAX_SHEET_SIDE // width), math.ceil(math.sqrt(len(take))))
    rows = -(-len(take) // columns)
    if columns * width > MAX_SHEET_SIDE or rows * height > MAX_SHEET_SIDE:
        raise InputError(
            f"{len(take)} frames of {width}x{height} px do not fit {MAX_SHEET_SIDE} px. Take a "
            "stretch with clip[a:b]."
        )
    sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
    frames = []
    ends = [round(1000 * (index + 1) / take.fps) for index in range(len(take))]
    for index, frame in enumerate(take.frames):
        y, x = index // columns * height, index % columns * width
        sheet[y : y + height, x : x + width] = frame
        box = {"x": x, "y": y, "w": width, "h": height}
        whole = {"x": 0, "y": 0, "w": width, "h": height}
        frames.append(
            {
                "filename": f"{name} {index}",
                "frame": box,
                "rotated": False,
                "trimmed": False,
                "spriteSourceSize": whole,
                "sourceSize": {"w": width, "h": height},
                "duration": ends[index] - (ends[index - 1] if index else 0),
            }
        )
    meta = {
        "app": "Playreel",
        "image": path.name,
        "format": "RGB888",
        "size": {"w": columns * width, "h": rows * height},
        "scale": "1",
        "fps": str(take.fps),
        "frameTags": [{"name": name, "from": 0, "to": len(take) - 1, "direction": "forward"}],
        "take": take.content_hash,
    }
    with replacing(path) as whole_file:
        Image.fromarray(sheet).save(whole_file, format="PNG")
    document = json.dumps({"frames": frames, "meta": meta}, ensure_ascii=False, indent=1)
    write_bytes(path.with_suffix(".json"), document.encode() + b"\n")
    return path


def write_png_sequence(folder: str | os.PathLike[str], take: Clip) -> tuple[Path, ...]:
    """Writes ``00000.png``, ``00001.png``, ... into a folder that is new or empty.

    Raises:
        InputError: the folder has something in it.
        StorageError: it cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} has something in it. Name a new or an empty folder.")
    paths = []
    for index, frame in enumerate(take.frames):
        path = folder / f"{index:05d}.png"
        with replacing(path) as whole:
            Image.fromarray(frame).save(whole, format="PNG")
        paths.append(path)
    return tuple(paths)


def write_ogv(path: str | os.PathLike[str], take: Clip, *, scale: int = 1) -> Path:
    """Writes Ogg Theora, the film format that Godot plays without a plugin.

    Theora keeps frames that equal the one before as empty packets; some tools do not count those.

    Args:
        path: ``.ogv``.
        take: what to write.
        scale: whole factor of nearest-neighbour enlargement.

    Raises:
        InputError: another suffix.
        StorageError: the disk is full, or this ffmpeg has no Theora.
    """
    from moviepy.config import FFMPEG_BINARY

    path = Path(path)
    if path.suffix.lower() != ".ogv":
        raise InputError(f"Ogg Theora is written as .ogv, not {path.suffix or path.name!r}.")
    size = f"{take.width}x{take.height}"
    wide, tall = (side * scale + side * scale % 2 for side in (take.width, take.height))
    command = [FFMPEG_BINARY, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", size, "-r", str(take.fps), "-i", "-", "-vf"]
    command += [f"scale={wide}:{tall}:flags=neighbor,format=yuv420p", "-c:v", "libtheora"]
    command += ["-q:v", "9", "-g", "24", "-f", "ogg"]
    with replacing(path) as whole:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            [*command, str(whole)], input=take.frames.tobytes(), capture_output=True, check=False
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise OSError(0, f"ffmpeg could not write Theora: {''.join(said)[:200]}")
    return path
