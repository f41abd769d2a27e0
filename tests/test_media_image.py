"""Pictures and sketches of every kind, and those that must be refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from playreel.errors import MediaError, PlayreelWarning
from playreel.media import (
    SIZES,
    enlarge,
    fit_frame,
    fit_sketch,
    load_image,
    load_sketch,
    outlined,
)

RED = (200, 30, 30)


def _one_color(pixels: np.ndarray, color: tuple[int, int, int], within: int = 0) -> None:
    assert np.abs(pixels.reshape(-1, 3).astype(int) - color).max() <= within


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "YCbCr", "P", "HSV"])
def test_color_modes_come_out_as_srgb(mode: str) -> None:
    image = Image.new("RGB", (6, 4), RED)
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    pixels = load_image(image)
    assert (pixels.shape, pixels.dtype) == ((4, 6, 3), np.uint8)
    _one_color(pixels, RED, within=4)


def test_cmyk_tiff(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), RED).convert("CMYK").save(tmp_path / "a.tif")
    _one_color(load_image(tmp_path / "a.tif"), RED)


def test_colour_profiles_are_converted(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    Image.new("RGB", (4, 4), RED).save(tmp_path / "a.png", icc_profile=profile.tobytes())
    _one_color(load_image(tmp_path / "a.png"), RED, within=1)
    Image.new("RGB", (4, 4), RED).save(tmp_path / "b.png", icc_profile=b"not a profile")
    _one_color(load_image(tmp_path / "b.png"), RED)


def test_cmyk_jpeg(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), RED).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    _one_color(load_image(tmp_path / "a.jpg"), RED, within=5)


@pytest.mark.parametrize(
    ("dtype", "value"), [(np.uint16, 40_000), (np.int32, 40_000), (np.float32, 0.61)]
)
def test_deep_pixels_are_scaled(dtype: type, value: float, tmp_path: Path) -> None:
    Image.fromarray(np.full((3, 5), value, dtype)).save(tmp_path / "deep.tif")
    _one_color(load_image(tmp_path / "deep.tif"), (156, 156, 156), within=1)


def test_sixteen_bit_png(tmp_path: Path) -> None:
    Image.fromarray(np.full((3, 5), 40_000, np.uint16)).save(tmp_path / "deep.png")
    _one_color(load_image(tmp_path / "deep.png"), (156, 156, 156), within=1)


def test_alpha_is_flattened_sensibly() -> None:
    dark = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    dark.paste((20, 20, 20, 255), (2, 2, 6, 6))
    pixels = load_image(dark)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[3, 3].tolist() == [20, 20, 20]
    light = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    light.paste((255, 255, 250, 255), (2, 2, 6, 6))
    assert load_image(light)[0, 0].tolist() == [0, 0, 0]
    half = Image.new("RGBA", (2, 2), (0, 0, 0, 128))
    _one_color(load_image(half), (127, 127, 127), within=1)


def test_transparent_palette(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0, 10, 20, 30])
    image.putpixel((1, 1), 1)
    image.save(tmp_path / "p.png", transparency=0)
    pixels = load_image(tmp_path / "p.png")
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[1, 1].tolist() == [10, 20, 30]


def test_cameras_turn_their_pictures(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 4), RED)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    assert load_image(tmp_path / "turned.png").shape == (8, 4, 3)


def test_animations_give_their_first_frame_and_say_so(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), (k * 60, 0, 0)) for k in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.warns(PlayreelWarning, match="3 frames"):
        _one_color(load_image(tmp_path / "a.gif"), (0, 0, 0))


def test_a_single_pixel() -> None:
    pixels = load_image(Image.new("RGB", (1, 1), RED))
    assert pixels.shape == (1, 1, 3)
    for size in SIZES.values():
        _one_color(fit_frame(pixels, size), RED)


def test_arrays(tmp_path: Path) -> None:
    _one_color(load_image(np.full((2, 2), 0.5)), (128, 128, 128))
    _one_color(load_image(np.ones((2, 2, 1), bool)), (255, 255, 255))
    _one_color(load_image(np.full((2, 2, 3), 65535, np.uint16)), (255, 255, 255))
    bad = [
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
        np.full((2, 2), np.nan),
        np.full((2, 2), 3.5),
        np.zeros((2, 2), np.int64),
        np.zeros((1, 8193), np.uint8),
        "",
        None,
        b"bytes",
    ]
    for value in bad:
        with pytest.raises(MediaError):
            load_image(value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"", "empty"),
        ("a.png", b"just some words in a file\n" * 9, "text file"),
        ("a.jpg", bytes(2000), "picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text file"),
    ],
)
def test_what_is_no_picture_is_refused(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=words):
        load_image(tmp_path / name)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp"])
def test_pictures_cut_short_are_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError):
        load_image(path)


@pytest.mark.parametrize("size", [(8193, 1), (30_000, 30_000)])
def test_huge_pictures_are_refused_before_decoding(size: tuple[int, int], tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(MediaError, match="8192"):
        load_image(tmp_path / "bomb.png")


def test_enlarging_and_fitting_are_inverse() -> None:
    small = np.random.default_rng(0).integers(0, 256, (72, 128, 3), np.uint8)
    large = enlarge(small, 15)
    assert large.shape == (1080, 1920, 3)
    assert (large[7::15, 7::15] == small).all()
    assert np.array_equal(fit_frame(large, "16:9"), small)
    assert np.array_equal(enlarge(small[..., 0], 3), large[::5, ::5, 0])


@pytest.mark.parametrize("aspect", list(SIZES))
def test_fitting_methods(aspect: str) -> None:
    picture = np.full((50, 120, 3), 200, np.uint8)
    for method in ("cover", "stretch"):
        fitted = fit_frame(picture, aspect, method)
        assert fitted.shape == (*SIZES[aspect], 3)
        assert fitted.min() == 200
    framed = fit_frame(picture, aspect, "contain")
    assert framed.shape == (*SIZES[aspect], 3)
    assert framed[0].max() == 0
    assert framed[framed.shape[0] // 2].min() == 200
    with pytest.raises(MediaError, match="16:9"):
        fit_frame(picture, "4:3")


def _drawing(paper: object, ink: object, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (320, 180), paper)
    draw = ImageDraw.Draw(image)
    draw.line((20, 150, 300, 150), fill=ink, width=3)
    draw.rectangle((140, 90, 180, 150), outline=ink, width=3)
    return image


@pytest.mark.parametrize(
    ("paper", "ink", "mode"),
    [
        ("white", "black", "RGB"),
        ("black", "white", "RGB"),
        ((240, 230, 200), (60, 70, 160), "RGB"),
        ((0, 0, 0, 0), (0, 0, 0, 255), "RGBA"),
        ((0, 0, 0, 0), (255, 255, 255, 255), "RGBA"),
        (1, 0, "1"),
        (60_000, 2_000, "I;16"),
    ],
)
def test_sketches_become_ink(paper: object, ink: object, mode: str) -> None:
    sketch = load_sketch(_drawing(paper, ink, mode))
    assert (sketch.shape, sketch.dtype) == ((180, 320), np.uint8)
    assert set(np.unique(sketch)) == {0, 255}
    assert sketch[150, 30:290].min() == 255
    assert sketch[:80].max() == 0
    assert 0.01 < (sketch > 0).mean() < 0.06


def test_shadows_on_paper_are_not_ink() -> None:
    drawn = np.asarray(_drawing("white", "black")).astype(float)
    light = np.linspace(1.0, 0.55, 320)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 3, drawn.shape)
    photo = np.clip(drawn * light + noise, 0, 255).astype(np.uint8)
    sketch = load_sketch(photo)
    assert sketch[150, 30:290].mean() > 250
    assert 0.01 < (sketch > 0).mean() < 0.07


def test_thin_lines_survive_reduction() -> None:
    page = np.zeros((720, 1280), np.uint8)
    page[500:504] = 255
    page[:, 640:644] = 255
    small = fit_sketch(page, "16:9")
    assert small.shape == (72, 128)
    assert small[50].min() == 255
    assert small[:, 64].min() == 255
    assert (small > 0).mean() < 0.05
    assert load_sketch(_drawing("white", "black"), size="9:16").shape == (128, 72)


def test_a_blank_page_says_so() -> None:
    with pytest.warns(PlayreelWarning, match="blank"):
        assert not load_sketch(Image.new("RGB", (40, 30), "white")).any()
    with pytest.warns(PlayreelWarning, match="blank"):
        assert load_sketch(Image.new("L", (1, 1), 0)).shape == (1, 1)


def test_filled_areas_become_outlines_and_lines_stay() -> None:
    ink = np.zeros((72, 128), np.uint8)
    ink[40:43] = 255  # a line, three pixels wide
    ink[10:30, 40:80] = 255  # an area
    ink[60:, 100:] = 255  # another one, that runs off the page
    thin = outlined(ink)
    assert np.array_equal(thin[40:43], ink[40:43])
    assert not thin[11:29, 41:79].any()
    assert thin[10, 40:80].all() and thin[10:30, 79].all()
    assert thin[60, 100:].all() and thin[60:, 100].all()
    assert not thin[61:, 101:].any()
    assert np.array_equal(outlined(thin), thin)
