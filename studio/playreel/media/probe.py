"""What a video file says about itself, without decoding it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from playreel.errors import MediaError
from playreel.media.rate import MAX_FPS, as_fps

if TYPE_CHECKING:
    from av.container import InputContainer

MAX_SIDE = 8192


@dataclass(frozen=True, kw_only=True)
class VideoInfo:
    """The header of a video file.

    Attributes:
        width: pixels, as stored.
        height: pixels, as stored.
        fps: average frames per second.
        num_frames: frames as the container announces them, or 0 where it does not say.
        duration_s: seconds, or 0.0 where unknown.
        codec: name of the codec, such as ``"h264"``.
        pixel_format: such as ``"yuv420p"``.
        color_matrix: H.273 matrix number (1 = BT.709, 2 = untagged, 0 = RGB).
        color_primaries: H.273 number.
        color_transfer: H.273 number.
        full_range: whether luma spans 0-255 instead of 16-235.
        comment: the container's comment, where Playreel keeps the recipe.
    """

    width: int
    height: int
    fps: Fraction
    num_frames: int
    duration_s: float
    codec: str
    pixel_format: str
    color_matrix: int
    color_primaries: int
    color_transfer: int
    full_range: bool
    comment: str


def probe(path: str | os.PathLike[str]) -> VideoInfo:
    """Reads a video file's header.

    Raises:
        MediaError: missing, empty, not a video, or larger than 8192 px on a side.
    """
    with opened(path) as container:
        return describe(container, path)


@contextlib.contextmanager
def opened(path: str | os.PathLike[str] | BinaryIO) -> Iterator[InputContainer]:
    """Opens a video container, a file or one that is open, with every failure told as a `MediaError`."""
    import av

    is_path = isinstance(path, str | os.PathLike)
    source: Any = str(existing_file(path)) if is_path else path
    try:
        container = av.open(source, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(_not_a_video(path, error)) from error
    with container:
        if not container.streams.video:
            raise MediaError(f"{path} holds no picture stream. Give a file with video in it.")
        yield container


def describe(container: InputContainer, path: object) -> VideoInfo:
    """The `VideoInfo` of an open container."""
    stream = container.streams.video[0]
    context = stream.codec_context
    if max(context.width, context.height) > MAX_SIDE:
        raise MediaError(
            f"{path} is {context.width}x{context.height} px; at most {MAX_SIDE} px a side can be "
            "read. Scale it down first."
        )
    tags = {key.lower(): value for key, value in container.metadata.items()}
    rate = tags.get("playreel_fps") or stream.average_rate or stream.guessed_rate or 12
    fps = as_fps(min(Fraction(rate), Fraction(MAX_FPS)))
    duration_s, num_frames = 0.0, stream.frames
    tagged = _seconds(stream.metadata.get("DURATION", ""))  # Matroska and WebM
    if stream.duration and stream.time_base:
        duration_s = float(stream.duration * stream.time_base)
    elif tagged:
        duration_s, num_frames = tagged, num_frames or round(tagged * fps)
    elif container.duration:
        duration_s = container.duration / 1e6
    return VideoInfo(
        width=context.width,
        height=context.height,
        fps=fps,
        num_frames=num_frames,
        duration_s=duration_s,
        codec=context.name,
        pixel_format=context.pix_fmt or "",
        color_matrix=int(context.colorspace),
        color_primaries=int(context.color_primaries),
        color_transfer=int(context.color_trc),
        full_range=int(context.color_range) == 2,
        comment=tags.get("comment", ""),
    )


def _seconds(text: str) -> float:
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0


def existing_file(path: str | os.PathLike[str]) -> Path:
    """The path, once it is known to be a file with something in it.

    Raises:
        MediaError: missing, a folder, or empty.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise MediaError(f"{path} is a folder. Give a file.")
        if not path.exists():
            raise MediaError(f"There is no file {path}. Check the spelling and the folder.")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"Cannot read {str(path)!r}: {error}.") from error
    if path.is_file() and size == 0:
        raise MediaError(f"{path} is empty (0 bytes). Save or download it again.")
    return path


def looks_like_text(path: Path) -> bool:
    """Whether the first bytes are plain text."""
    with path.open("rb") as file:
        head = file.read(512)
    printable = sum(byte in b"\t\n\r\f" or 32 <= byte < 127 for byte in head)
    return bool(head) and printable / len(head) > 0.95


def _not_a_video(path: Path, error: Exception) -> str:
    try:
        if looks_like_text(path):
            with path.open("rb") as file:
                head = file.read(40).decode("ascii", "replace")
            return f"{path} is a text file (it starts with {head!r}), not a video."
    except OSError as reason:
        return f"Cannot read {path}: {reason.strerror}. Check its permissions."
    detail = getattr(error, "strerror", None) or str(error)
    return (
        f"{path} cannot be opened as a video ({detail}). It may be cut off before its index, or "
        "another kind of file; save it again as MP4."
    )
