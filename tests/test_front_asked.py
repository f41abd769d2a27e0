"""Pictures that visitors send, as they come in at the door."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from playreel.errors import MediaError
from playreel.front.asked import SIDE, Asked


def sent(image: Image.Image, kind: str = "PNG") -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def test_a_large_picture_is_made_as_small_as_it_is_worth_keeping() -> None:
    large = Asked({"image": sent(Image.new("RGB", (4000, 3000), "red"), "JPEG")})
    kept = large.picture("image", limit=4 << 20)
    assert (kept.size, kept.mode) == ((SIDE, SIDE * 3 // 4), "RGB")
    small = Asked({"image": sent(Image.new("RGB", (40, 30), "red"))}).picture("image", limit=9999)
    assert small.size == (40, 30)


def test_a_drawing_on_nothing_stays_see_through() -> None:
    drawing = Image.new("RGBA", (64, 36))
    drawing.putpixel((3, 4), (0, 0, 0, 255))
    kept = Asked({"sketch": sent(drawing)}).picture("sketch", limit=9999)
    assert kept.getpixel((0, 0))[3] == 0
    assert kept.getpixel((3, 4)) == (0, 0, 0, 255)


@pytest.mark.parametrize(
    "text", ["x", "data:image/svg+xml;base64,PHN2Zy8+", "R0lGODlhAQABAAAAACw="]
)
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(MediaError):
        Asked({"image": text}).picture("image", limit=9999)


def test_too_many_bytes_or_pixels_are_refused_unopened() -> None:
    image = sent(Image.new("1", (9000, 9000)))
    with pytest.raises(MediaError, match="smaller"):
        Asked({"image": image}).picture("image", limit=4 << 20)
    with pytest.raises(MediaError, match="bytes"):
        Asked({"image": image}).picture("image", limit=500)
