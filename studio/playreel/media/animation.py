"""GIF and animated PNG, with the exact rate and the recipe inside."""

from __future__ import annotations

import io
import os
import re
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from playreel.errors import MediaError, PlayreelWarning
from playreel.media.atomic import write_bytes
from playreel.media.rate import as_fps, retimed_indices

_GIF_MAX_FPS = 50  # viewers slow down anything faster
_GIF_LABEL = b"\x21\xff\x0bPLAYREEL1.0"
_PNG_RATE, _PNG_FRAMES, _PNG_RECIPE = "playreel:fps", "playreel:frames", "playreel:recipe"
_TEXT_LIMIT = 1 << 20
MAX_BYTES = 2 * 2**30  # of frames in memory
_SAMPLE = 1 << 14  # pixels a palette is chosen from; the search is slower than linear


def write_gif(
    path: str | os.PathLike[str],
    frames: np.ndarray,
    fps: Fraction,
    *,
    scale: int = 1,
    comment: str = "",
) -> Path:
    """Writes a looping GIF.

    Up to 256 colours in the whole clip are kept exactly; more are reduced to one palette for all
    frames, without dithering, so that still areas do not flicker.

    Args:
        path: where to.
        frames: uint8 [time, height, width, 3].
        fps: above 50 frames are left out, because viewers slow such files down.
        scale: whole factor of nearest-neighbour enlargement.
        comment: text for the comment block (the recipe).
    """
    if fps > _GIF_MAX_FPS:
        slower = fps / -(-fps // _GIF_MAX_FPS)
        warnings.warn(
            f"GIF viewers show at most {_GIF_MAX_FPS} frames a second: writing "
            f"{float(slower):g} instead of {float(fps):g}.",
            PlayreelWarning,
            stacklevel=2,
        )
        frames, fps = frames[retimed_indices(len(frames), fps, slower)], slower
    images = [_enlarged(image, scale) for image in _indexed(frames)]
    ends = [round(100 * Fraction(k + 1) / fps) for k in range(len(images))]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[10 * (b - a) for a, b in zip([0, *ends], ends, strict=False)],
        loop=0,
        disposal=1,
        optimize=False,
        comment=comment.encode() if comment else b"",
    )
    rate = f"{fps.numerator}/{fps.denominator}".encode()
    data = buffer.getvalue()
    label = _GIF_LABEL + bytes([len(rate)]) + rate + b"\x00"
    write_bytes(path, data[:-1] + label + data[-1:])  # before the trailer
    return Path(path)


def write_png(
    path: str | os.PathLike[str],
    frames: np.ndarray,
    fps: Fraction,
    *,
    scale: int = 1,
    comment: str = "",
) -> Path:
    """Writes a PNG, animated when there are several frames; pixels are kept exactly."""
    info = PngImagePlugin.PngInfo()
    info.add_text(_PNG_RATE, f"{fps.numerator}/{fps.denominator}")
    info.add_text(_PNG_FRAMES, str(len(frames)))  # Pillow makes one of frames that are the same
    if comment:
        info.add_itxt(_PNG_RECIPE, comment)
    images = [_enlarged(Image.fromarray(frame), scale) for frame in frames]
    buffer = io.BytesIO()
    if len(images) == 1:
        images[0].save(buffer, format="PNG", pnginfo=info)
    else:
        images[0].save(
            buffer,
            format="PNG",
            pnginfo=info,
            save_all=True,
            append_images=images[1:],
            duration=float(1000 / fps),
            loop=0,
        )
    write_bytes(path, buffer.getvalue())
    return Path(path)


def read_animation(path: str | os.PathLike[str]) -> tuple[np.ndarray, Fraction, str]:
    """Reads GIF, PNG, APNG or WebP.

    A frame that is shown longer than others is repeated, so that the rate is constant.

    Returns:
        uint8 [time, height, width, 3], frames per second, and the text of the recipe or ``""``.

    Raises:
        MediaError: unreadable, too large, or empty.
    """
    from playreel.media.image import opened_image, to_rgb

    with opened_image(path) as image:
        comment = _comment_of(image)
        rate = _rate_of(image, Path(path))
        frames, shown_ms, broken = [], [], ""
        for index in range(getattr(image, "n_frames", 1)):
            try:
                image.seek(index)
                image.load()
            except (OSError, EOFError, SyntaxError, ValueError) as error:
                broken = str(error)
                break
            frames.append(np.asarray(to_rgb(image)))
            shown_ms.append(float(image.info.get("duration") or 100))
            if frames[0].nbytes * len(frames) > MAX_BYTES:
                raise MediaError(f"{path} needs more than 2 GiB of frames. Shorten it first.")
        if not frames:
            raise MediaError(f"{path} cannot be decoded ({broken}). Save or download it again.")
        if broken:
            warnings.warn(
                f"{path} has a broken tail ({broken}): read the first {len(frames)} frames.",
                PlayreelWarning,
                stacklevel=2,
            )
    if len(frames) == 1:
        held = _held(image, shown_ms[0], rate)
        if held * frames[0].nbytes > MAX_BYTES:
            raise MediaError(f"{path} needs more than 2 GiB of frames. Shorten it first.")
        return np.repeat(np.stack(frames), held, axis=0), rate or Fraction(12), comment
    if rate is None:
        rate = _common_rate(shown_ms)
    counts = np.maximum(1, np.rint(np.array(shown_ms) * float(rate) / 1000).astype(int))
    if counts.sum() > 100_000:
        raise MediaError(f"{path} lasts {counts.sum()} frames. Shorten it first.")
    return np.repeat(np.stack(frames), counts, axis=0), rate, comment


def _indexed(frames: np.ndarray) -> list[Image.Image]:
    colors = np.unique(_packed(frames[0]))
    for frame in frames[1:]:
        if len(colors) > 256:
            break
        colors = np.union1d(colors, _packed(frame))
    if len(colors) <= 256:
        table = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1).astype(np.uint8)
        indices = [np.searchsorted(colors, _packed(frame)).astype(np.uint8) for frame in frames]
        return [_paletted(index, table) for index in indices]
    pixels = frames.reshape(-1, 3)
    chosen = np.random.default_rng(0).integers(0, len(pixels), (128, _SAMPLE // 128))
    palette = Image.fromarray(pixels[chosen]).quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    return [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]


def _packed(frame: np.ndarray) -> np.ndarray:
    wide = frame.astype(np.int32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def _paletted(index: np.ndarray, table: np.ndarray) -> Image.Image:
    image = Image.frombytes("P", index.shape[::-1], index.tobytes())
    image.putpalette(table.tobytes())
    return image


def _enlarged(image: Image.Image, scale: int) -> Image.Image:
    if scale == 1:
        return image
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def _comment_of(image: Image.Image) -> str:
    text = image.info.get(_PNG_RECIPE) or image.info.get("comment") or ""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return str(text) if len(text) <= _TEXT_LIMIT else ""


def _rate_of(image: Image.Image, path: Path) -> Fraction | None:
    text = str(image.info.get(_PNG_RATE, ""))
    if image.format == "GIF":
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64))
            tail = file.read()
        found = re.search(re.escape(_GIF_LABEL) + rb".(\d{1,9}/\d{1,9})\x00", tail, re.DOTALL)
        text = found[1].decode() if found else ""
    if not re.fullmatch(r"\d{1,9}/\d{1,9}", text):
        return None
    try:
        return as_fps(text)
    except MediaError:
        return None


def _held(image: Image.Image, shown_ms: float, rate: Fraction | None) -> int:
    """How many frames an only picture stands for; 1 in files that are not ours."""
    if rate is None:
        return 1
    if image.format == "GIF":
        return max(1, round(shown_ms * float(rate) / 1000))
    text = str(image.info.get(_PNG_FRAMES, ""))
    return int(text) if re.fullmatch(r"[1-9]\d{0,5}", text) else 1


def _common_rate(shown_ms: list[float]) -> Fraction:
    fps = 1000 * len(shown_ms) / sum(shown_ms)
    usual = [Fraction(n) for n in (5, 6, 8, 10, 12, 15, 16, 20, 24, 25, 30, 50, 60)]
    near = min(usual, key=lambda rate: abs(float(rate) - fps))
    return near if abs(float(near) - fps) < 0.02 * fps else as_fps(min(max(fps, 1), 60))
