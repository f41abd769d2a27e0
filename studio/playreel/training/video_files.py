"""Finding footage in a folder and decoding it small.

Frames are scaled while they are decoded (area averaging, kind to pixel art), so that only the small
ones are ever held.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playreel.errors import MediaError

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif", ".mpg", ".ts", ".ogv")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")
MIN_SEQUENCE = 8
MAX_CROPPED = 0.15


@dataclass(frozen=True, kw_only=True)
class Source:
    """One piece of footage: a video file, or a folder of numbered pictures.

    Attributes:
        path: The file or folder.
        name: Path below the footage folder, for messages and for the split.
        images: The pictures in order; empty for a video file.
    """

    path: Path
    name: str
    images: tuple[Path, ...] = ()

    @property
    def stamp(self) -> str:
        """Changes when the footage changes."""
        files = self.images or (self.path,)
        newest = max(file.stat().st_mtime_ns for file in files)
        return f"{self.name}:{len(files)}:{sum(f.stat().st_size for f in files)}:{newest}"


def fingerprint(source: Source) -> str:
    """Tells a piece of footage wherever it lies and whatever it is called; reads little of it."""
    digest = hashlib.sha256()
    files = source.images or (source.path,)
    for file in files:
        digest.update(f"{file.stat().st_size} ".encode())
    for file in (files[0], files[-1]):
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 16))
            stream.seek(max(0, file.stat().st_size - (1 << 16)))
            digest.update(stream.read())
    return digest.hexdigest()[:32]


def find_sources(root: Path) -> list[Source]:
    """Video files and picture sequences below `root` (or `root` itself), in order of name."""
    if root.is_file():
        return [Source(path=root, name=root.name)]
    sources, folders = [], {}
    for path in sorted(root.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(root).parts):
            continue
        if not path.is_file():
            continue
        suffix = path.suffix.lower()
        if suffix in VIDEO_SUFFIXES:
            sources.append(Source(path=path, name=path.relative_to(root).as_posix()))
        elif suffix in IMAGE_SUFFIXES:
            folders.setdefault(path.parent, []).append(path)
    for folder, images in folders.items():
        if len(images) >= MIN_SEQUENCE:
            name = folder.relative_to(root).as_posix()
            ordered = tuple(sorted(images, key=_natural))
            sources.append(Source(path=folder, name=f"{name}/", images=ordered))
    return sorted(sources, key=lambda source: source.name)


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """Sort key that puts frame9 before frame10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


@dataclass(frozen=True, kw_only=True)
class Header:
    """Upright size in pixels, frames per second and seconds (0 where unknown)."""

    height: int
    width: int
    fps: float
    duration_s: float


def read_header(source: Source) -> Header:
    """What `source` says about itself.

    Raises:
        MediaError: It cannot be opened.
    """
    if source.images:
        from PIL import Image

        try:
            with Image.open(source.images[0]) as image:
                width, height = image.size
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise MediaError(f"{source.images[0]} cannot be opened ({error}).") from error
        return Header(height=height, width=width, fps=0.0, duration_s=0.0)
    from playreel.media.probe import describe, opened

    with opened(source.path) as container:
        info = describe(container, source.path)
    if not (info.width and info.height):
        raise MediaError(f"{source.path} does not say how large its pictures are.")
    return Header(
        height=info.height, width=info.width, fps=float(info.fps), duration_s=info.duration_s
    )


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How a picture gets into a frame: scaled to `inner`, then cropped or set between bars.

    Attributes:
        outer: (height, width) of the frame.
        inner: (height, width) of the scaled picture.
    """

    outer: tuple[int, int]
    inner: tuple[int, int]

    @classmethod
    def choose(cls, picture: tuple[int, int], outer: tuple[int, int], method: str) -> Fit:
        """`crop`, `letterbox`, or `auto`: crop while little is lost, so that no player is.

        A whole number of pixels becomes one where that crops as little.
        """
        tall, wide = outer[0] / picture[0], outer[1] / picture[1]
        factor = max(1, min(picture[0] // outer[0], picture[1] // outer[1]))
        whole = (round(picture[0] / factor), round(picture[1] / factor))
        is_whole = whole[0] >= outer[0] and whole[1] >= outer[1]
        share = outer[0] * outer[1] / (whole[0] * whole[1])
        if method == "auto" and is_whole and 1 - share <= MAX_CROPPED:
            return cls(outer=outer, inner=whole)
        lost = 1 - min(tall, wide) / max(tall, wide)
        crop = method == "crop" or (method == "auto" and lost <= MAX_CROPPED)
        ratio = max(tall, wide) if crop else min(tall, wide)
        inner = (max(1, round(picture[0] * ratio)), max(1, round(picture[1] * ratio)))
        return cls(outer=outer, inner=inner)

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the frame that hold picture."""
        spans = []
        for full, part in zip(self.outer, self.inner, strict=True):
            start = max(0, (full - part) // 2)
            spans.append(slice(start, start + min(full, part)))
        return spans[0], spans[1]

    def place(self, scaled: np.ndarray) -> np.ndarray:
        """The frame of a picture already scaled to `inner`."""
        crops = [
            slice(max(0, (part - full) // 2), max(0, (part - full) // 2) + min(full, part))
            for full, part in zip(self.outer, self.inner, strict=True)
        ]
        frame = np.zeros((*self.outer, 3), np.uint8)
        frame[self.region] = scaled[crops[0], crops[1]]
        return frame


def decode_small(
    source: Source, size: tuple[int, int], *, stride: int, method: str, start_s: float = 0.0
) -> Iterator[tuple[np.ndarray, Fit]]:
    """Every `stride`-th frame of `source` from `start_s` on, fitted into `size`.

    A broken tail just ends the walk: what was decoded is good footage.

    Yields:
        uint8 (height, width, 3) and how it was fitted.

    Raises:
        MediaError: Not one frame can be decoded.
    """
    if source.images:
        yield from _walk_images(source, size, stride, method)
    else:
        yield from _walk_video(source, size, stride, method, start_s)


def _walk_images(
    source: Source, size: tuple[int, int], stride: int, method: str
) -> Iterator[tuple[np.ndarray, Fit]]:
    from PIL import Image

    good = 0
    for path in source.images[::stride]:
        try:
            with Image.open(path) as opened:
                image = opened.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        fit = Fit.choose((image.height, image.width), size, method)
        scaled = image.resize(fit.inner[::-1], Image.Resampling.BOX)
        good += 1
        yield fit.place(np.asarray(scaled)), fit
    if not good:
        raise MediaError(f"None of the {len(source.images)} pictures in {source.path} opens.")


def _walk_video(
    source: Source, size: tuple[int, int], stride: int, method: str, start_s: float
) -> Iterator[tuple[np.ndarray, Fit]]:
    import av
    from av.video.reformatter import Interpolation

    from playreel.media.probe import opened

    # Area averaging that brings enlarged pixel art back to the exact colours.
    area = (
        Interpolation.AREA
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT
        | Interpolation.FULL_CHR_H_INP
    )
    with opened(source.path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if start_s > 0 and stream.time_base:
            try:
                container.seek(int(start_s / stream.time_base), stream=stream)
            except av.FFmpegError:
                return  # a file that cannot be searched is read from its start only
        count, broken = 0, ""
        try:
            for frame in container.decode(stream):
                if count % stride == 0:
                    turns = round(frame.rotation / 90) % 4
                    upright = (frame.height, frame.width)[:: -1 if turns % 2 else 1]
                    fit = Fit.choose(upright, size, method)
                    height, width = fit.inner[:: -1 if turns % 2 else 1]
                    pixels = frame.to_ndarray(
                        format="rgb24", width=width, height=height, interpolation=area
                    )
                    yield fit.place(np.rot90(pixels, turns)), fit
                count += 1
        except av.FFmpegError as error:
            broken = error.strerror or str(error)
        if count == 0 and start_s == 0:
            raise MediaError(f"{source.path} holds no frame that can be decoded ({broken}).")
