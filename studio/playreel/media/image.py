"""Pictures from anywhere, brought to plain sRGB."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from playreel.errors import MediaError, PlayreelWarning
from playreel.media.probe import MAX_SIDE, existing_file, looks_like_text

ImageSource = str | os.PathLike[str] | Image.Image | np.ndarray
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError)


def load_image(source: ImageSource) -> np.ndarray:
    """Reads a picture.

    Turned upright by its EXIF tag; colour profiles and CMYK are converted to sRGB; 16-bit and float
    values are scaled to 8 bits; palettes are resolved; transparency is laid on white, or on black
    where what shows is nearly white itself. Of an animation the first frame is used, with a
    warning.

    Args:
        source: a path, a PIL image, or an array ([height, width] or [..., 1, 3 or 4]; uint8,
            uint16, bool, or float within 0-1).

    Returns:
        uint8 [height, width, 3].

    Raises:
        MediaError: missing, empty, not a picture, cut short, or more than 8192 px on a side. The
            size is checked before anything is decoded.
    """
    return np.array(to_rgb(_loaded(source)))


@contextlib.contextmanager
def opened_image(path: str | os.PathLike[str]) -> Iterator[Image.Image]:
    """Opens a picture without decoding it, with every failure told as a `MediaError`."""
    path = existing_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
    except Image.DecompressionBombError as error:
        raise MediaError(
            f"{path} is too large ({error}); at most {MAX_SIDE} px a side can be read."
        ) from None
    except UnidentifiedImageError as error:
        kind = "a text file" if looks_like_text(path) else "of no known picture format"
        raise MediaError(f"{path} is {kind}, not a picture. Give PNG, JPEG, WebP...") from error
    except _UNREADABLE as error:
        raise MediaError(f"{path} cannot be read as a picture: {error}.") from error
    with image:
        _check_size(image, str(path))
        yield image


def to_rgb(image: Image.Image) -> Image.Image:
    """One decoded frame as upright RGB of 8 bits, transparency flattened."""
    image = _eight_bit(upright(image))
    if has_alpha(image):
        return _flattened(image.convert("RGBA"))
    if "icc_profile" in image.info and image.mode in ("RGB", "CMYK", "L"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
            target = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, profile, target, outputMode="RGB")
    return image.convert("RGB")


def upright(image: Image.Image) -> Image.Image:
    """The picture turned by its EXIF orientation; damaged EXIF is passed over."""
    with contextlib.suppress(*_UNREADABLE, KeyError, TypeError):
        return ImageOps.exif_transpose(image)
    return image


def has_alpha(image: Image.Image) -> bool:
    """Whether any part of the picture may be transparent."""
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _loaded(source: ImageSource) -> Image.Image:
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        _check_size(source, "This picture")
        return _decoded(source, "This picture")
    if not isinstance(source, str | os.PathLike):
        raise MediaError(
            f"A picture is a path, a PIL image or an array, not {type(source).__name__}."
        )
    with opened_image(source) as image:
        return _decoded(image, str(source))


def _decoded(image: Image.Image, name: str) -> Image.Image:
    if getattr(image, "n_frames", 1) > 1:
        warnings.warn(
            f"{name} is animated ({image.n_frames} frames): using its first frame. "
            "Open it with Clip.open to use them all.",
            PlayreelWarning,
            stacklevel=4,
        )
        image.seek(0)
    try:
        image.load()
    except _UNREADABLE as error:
        raise MediaError(
            f"{name} is damaged or cut short ({error}). Save or download it again."
        ) from error
    return image.copy()


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise MediaError(
            f"{name} is {width}x{height} px; at most {MAX_SIDE} px a side can be read. "
            "Scale it down first."
        )
    if min(width, height) < 1:
        raise MediaError(f"{name} is {width}x{height} px: there is nothing in it.")


def _from_array(array: np.ndarray) -> Image.Image:
    pixels = np.asarray(array)
    good_shape = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 3, 4))
    if not good_shape or 0 in pixels.shape:
        raise MediaError(
            "A picture array is [height, width] or [height, width, 1, 3 or 4], not "
            f"{list(pixels.shape)}."
        )
    if max(pixels.shape[:2]) > MAX_SIDE:
        raise MediaError(
            f"This array is {pixels.shape[1]}x{pixels.shape[0]} px; at most {MAX_SIDE} px a side "
            "can be read. Scale it down first."
        )
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * 255
    elif pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    elif np.issubdtype(pixels.dtype, np.floating):
        if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
            raise MediaError(
                "A float picture must lie within 0-1; this one has values from "
                f"{pixels.min()} to {pixels.max()}. Scale it, or convert it to uint8."
            )
        pixels = np.rint(pixels * 255).astype(np.uint8)
    elif pixels.dtype != np.uint8:
        raise MediaError(f"A picture array is uint8, uint16, bool or float, not {pixels.dtype}.")
    return Image.fromarray(
        np.ascontiguousarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
    )


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode not in ("F", "I") and not image.mode.startswith("I;"):
        return image
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    if image.mode == "F":
        full = 1.0 if top <= 1 else 255.0 if top <= 255 else top
    else:
        full = 255.0 if image.mode == "I" and top <= 255 else max(65535.0, top)
    return Image.fromarray(np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8))


def _flattened(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, dtype=np.float32)
    alpha = pixels[..., 3:] / 255
    shown = float(alpha.sum())
    bright = float((pixels[..., :3].mean(axis=2, keepdims=True) * alpha).sum()) / max(shown, 1e-6)
    paper = 0.0 if shown and bright > 225 else 255.0
    flat = pixels[..., :3] * alpha + paper * (1 - alpha)
    return Image.fromarray(np.rint(flat).astype(np.uint8))
