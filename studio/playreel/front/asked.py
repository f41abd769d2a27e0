"""What a visitor asks for: checked on the way in, since anybody could have sent it."""

from __future__ import annotations

import base64
import binascii
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playreel.errors import InputError, MediaError

if TYPE_CHECKING:
    from PIL import Image

MAX_TEXT = 4000
MAX_PIXELS = 16_000_000
SIDE = 1024  # pixels of a picture that was sent, at most: worlds and takes are far smaller
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|webp);base64,", re.ASCII)


class Asked:
    """The arguments of a verb.

    Args:
        given: what came, of any kind.
    """

    def __init__(self, given: Any) -> None:
        if given is None:
            given = {}
        if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
            raise InputError(f"Arguments are a JSON object, not {type(given).__name__}.")
        self._given = given

    def has(self, name: str) -> bool:
        """Whether it was given at all, and not as null."""
        return self._given.get(name) is not None

    def text(self, name: str, default: str | None = None, *, limit: int = MAX_TEXT) -> str:
        """A text of at most ``limit`` characters."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise InputError(f"{name} is a text, not {type(value).__name__}.")
        if len(value) > limit:
            raise InputError(f"{name} has {len(value)} characters; {limit} are allowed.")
        if any(ord(sign) < 32 and sign not in "\n\t" for sign in value) or not _is_unicode(value):
            raise InputError(f"{name} has signs in it that are no text.")
        return value

    def maybe_text(self, name: str, *, limit: int = MAX_TEXT) -> str | None:
        """A text, or None where it is empty or missing."""
        return self.text(name, "", limit=limit).strip() or None

    def name(self, name: str, default: str | None = None) -> str:
        """A short plain word, such as the name of a take, a shot or a job."""
        value = self.text(name, default, limit=80).strip()
        if not re.fullmatch(r"[A-Za-z0-9_-]*", value):
            raise InputError(f"{name} is made of letters, digits and - alone, not {value!r:.60}.")
        return value

    def one_of(self, name: str, words: Sequence[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.text(name, default, limit=80)
        if value not in words:
            shown = ", ".join(word for word in words if word)
            raise InputError(f"{name} is one of {shown}, not {value!r:.40}.")
        return value

    def whole(
        self, name: str, default: int | None = None, *, low: int = 0, high: int = 10**9
    ) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._value(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InputError(f"{name} is a whole number, not {value!r:.40}.")
        if not low <= value <= high:
            raise InputError(f"{name} is {low} to {high}, not {value!r:.40}.")
        return value

    def maybe_whole(self, name: str, **bounds: int) -> int | None:
        """A whole number, or None where it is missing."""
        return self.whole(name, **bounds) if self.has(name) else None

    def number(self, name: str, default: float | None = None, *, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            raise InputError(f"{name} is a number, not {value!r:.40}.")
        if not low <= value <= high:
            raise InputError(f"{name} is {low:g} to {high:g}, not {value!r:.40}.")
        return float(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise InputError(f"{name} is true or false, not {value!r:.40}.")
        return value

    def items(self, name: str, *, limit: int) -> list[Any]:
        """A list of at most ``limit`` things, which the caller checks."""
        value = self._value(name, [])
        if not isinstance(value, list) or len(value) > limit:
            raise InputError(f"{name} is a list of at most {limit}.")
        return value

    def picture(self, name: str, *, limit: int) -> Image.Image | None:
        """A picture sent as a data URL or as base64, decoded; None where it is missing.

        Args:
            name: of the argument.
            limit: bytes that its file may have.

        Raises:
            MediaError: it is no PNG, JPEG or WebP, or too large.
        """
        from PIL import Image, UnidentifiedImageError

        value = self._value(name, "")
        if not isinstance(value, str):
            raise InputError(f"{name} is a data URL, not {type(value).__name__}.")
        if not value:
            return None
        try:
            data = base64.b64decode(_DATA_URL.sub("", value[:40]) + value[40:], validate=True)
        except (binascii.Error, ValueError):
            raise MediaError(f"{name} is no base64 of a PNG, JPEG or WebP file.") from None
        if len(data) > limit:
            raise MediaError(f"{name} has {len(data)} bytes; {limit} are allowed.")
        try:
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            if image.width * image.height > MAX_PIXELS:
                raise MediaError(f"{name} is {image.width}x{image.height}: make it smaller.")
            image.load()
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            if isinstance(error, MediaError):
                raise
            raise MediaError(f"{name} is no readable PNG, JPEG or WebP.") from None
        except Image.DecompressionBombError:
            raise MediaError(f"{name} is too large.") from None
        return _small(image)

    def _value(self, name: str, default: Any) -> Any:
        value = self._given.get(name)
        if value is None:
            value = default
        if value is None:
            raise InputError(f"{name} is missing.")
        return value


def _small(image: Image.Image) -> Image.Image:
    """No larger than it is worth keeping; what is see-through stays so."""
    from playreel.media.image import has_alpha

    image = image.convert("RGBA" if has_alpha(image) else "RGB")
    image.thumbnail((SIDE, SIDE))
    return image


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
