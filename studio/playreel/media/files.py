"""Clips to files and back, with their recipes."""

from __future__ import annotations

import os
import warnings
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from playreel.errors import MediaError, PlayreelWarning, RecipeError
from playreel.media.atomic import write_bytes
from playreel.recipe import MAX_BYTES, Recipe

if TYPE_CHECKING:
    from playreel.media.clip import Clip

SIDECAR_SUFFIX = ".recipe.json"
MAX_CLIP_BYTES = 2 * 2**30
SAVE_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".gif", ".png", ".apng")
_PICTURES = (b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")


def sidecar_of(path: str | os.PathLike[str]) -> Path:
    """``FILE.recipe.json`` beside ``FILE``."""
    path = Path(path)
    return path.with_name(path.name + SIDECAR_SUFFIX)


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe beside a file, or None.

    A sidecar that is not a recipe is passed over with a warning: the pictures are still good.
    """
    sidecar = sidecar_of(path)
    try:
        with sidecar.open("rb") as file:
            return Recipe.from_json(file.read(MAX_BYTES + 1))
    except OSError:
        return None
    except RecipeError as error:
        warnings.warn(f"{sidecar} is passed over: {error}", PlayreelWarning, stacklevel=2)
        return None


def write_recipe(path: str | os.PathLike[str], recipe: Recipe | None) -> None:
    """Writes the sidecar of ``path``, or removes one that no longer belongs to it."""
    if recipe is None:
        sidecar_of(path).unlink(missing_ok=True)
    else:
        write_bytes(sidecar_of(path), recipe.to_json().encode() + b"\n")


def open_clip(path: str | os.PathLike[str]) -> Clip:
    """See `Clip.open`."""
    import numpy as np

    from playreel.media.animation import read_animation
    from playreel.media.clip import Clip
    from playreel.media.probe import existing_file
    from playreel.media.read import read_frames

    path = existing_file(path)
    if _is_picture(path):
        frames, fps, comment = read_animation(path)
    else:
        info, walk = read_frames(path)
        comment, fps, kept, used = info.comment, info.fps, [], 0
        for frame in walk:
            used += frame.nbytes
            if used > MAX_CLIP_BYTES:
                raise MediaError(
                    f"{path} ({info.width}x{info.height}, {info.duration_s:.0f} s) needs more than "
                    f"{MAX_CLIP_BYTES >> 30} GiB in memory. Cut or scale it down first, or walk it "
                    "with playreel.media.read_frames."
                )
            kept.append(frame)
        frames = np.stack(kept)
    frames.flags.writeable = False
    return Clip(frames, fps, _embedded(comment) or read_recipe(path))


def save_clip(
    clip: Clip,
    path: str | os.PathLike[str],
    *,
    fps: Fraction | float | str | None = None,
    scale: int | None = None,
) -> Path:
    """See `Clip.save`."""
    from playreel.media.animation import write_gif, write_png
    from playreel.media.fit import enlarge, whole_factor
    from playreel.media.label import aigc_tags
    from playreel.media.lossless import write_lossless
    from playreel.media.probe import MAX_SIDE
    from playreel.media.reel import ReelClip
    from playreel.media.write import H264_SUFFIXES, write_video

    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SAVE_SUFFIXES:
        raise MediaError(
            f"Cannot save a clip as {path.suffix or path.name!r}. Use one of: "
            f"{', '.join(SAVE_SUFFIXES)} (.mkv keeps every pixel exactly)."
        )
    if fps is not None:
        clip = clip.at_fps(fps)
    factor = whole_factor(1 if scale is None else scale)
    if max(clip.size) * factor > MAX_SIDE:
        raise MediaError(
            f"A clip of {clip.width * factor}x{clip.height * factor} px could not be opened again; "
            f"at most {MAX_SIDE} px a side can. Scale it down first."
        )
    comment = clip.recipe.to_json() if clip.recipe else ""
    if suffix in H264_SUFFIXES:
        tags = aigc_tags(clip.recipe, clip.content_hash)
        write_video(path, clip.frames, clip.fps, scale=factor, comment=comment, tags=tags)
    elif suffix == ".mkv" and factor == 1 and isinstance(clip, ReelClip):
        clip.copy_to(path, comment)
    elif suffix == ".mkv":
        enlarged = (enlarge(frame, factor) for frame in clip)
        write_lossless(path, enlarged, clip.fps, comment=comment)
    else:
        write = write_gif if suffix == ".gif" else write_png
        write(path, clip.frames, clip.fps, scale=factor, comment=comment)
    write_recipe(path, clip.recipe)
    return path


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    return head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _embedded(comment: str) -> Recipe | None:
    if not comment.lstrip().startswith("{"):
        return None
    try:
        return Recipe.from_json(comment)
    except RecipeError as error:
        if '"schema_version"' in comment:
            warnings.warn(
                f"The recipe in the file is passed over: {error}", PlayreelWarning, stacklevel=2
            )
        return None
