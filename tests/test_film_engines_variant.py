"""Weights in fewer bits, named behind an @: by libraries that are there, or refused in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

import torch

from playreel.errors import (
    EngineMemoryError,
    EngineRefusedError,
    InputError,
    MissingExtraError,
    ModelMissingError,
)
from playreel.film.engines import (
    Machine,
    Rung,
    choose_ladder,
    find_family,
    layout_words,
    open_engine,
    variant,
)
from playreel.film.engines.store import find_card
from playreel.film.engines.variant import VARIANTS, named
from playreel.media import Clip
from tiny_engines import FEW
from tiny_pipelines import ltx

GIB = 2**30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny pipeline on disk."""
    path = tmp_path_factory.mktemp("models") / "tiny"
    ltx().save_pretrained(path)
    return path


def shot(name: str) -> Clip:
    its: Any = open_engine(name)
    return its.shoot("a fox", seconds=9 / 24, size=(64, 64), **FEW)


def test_fewer_bits_give_nearly_the_same_take(folder: Path) -> None:
    pytest.importorskip("torchao")
    whole, small = shot(str(folder)), shot(f"{folder}@int8")
    assert small.recipe.engine == "ltx:tiny@int8"
    assert VARIANTS["int8"].title in small.recipe.options["resolved"]["layout"]
    apart = np.abs(whole.frames.astype(int) - small.frames).mean()
    assert 0 < apart < 40, apart


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_4_bits_without_a_card_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variant.importlib.util, "find_spec", lambda library: object())
    with pytest.raises(EngineRefusedError, match=r"graphics cards only.*@int8"):
        open_engine(f"{folder}@nf4")


def gguf_of(folder: Path, file: Path) -> Path:
    """The folder's transformer as a GGUF file, its largest weights in 8 bits."""
    import gguf
    from safetensors.numpy import load_file

    writer = gguf.GGUFWriter(file, "ltxv")
    for name, tensor in load_file(next((folder / "transformer").glob("*.safetensors"))).items():
        if name.endswith(".weight") and tensor.ndim == 2 and tensor.shape[1] % 32 == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
            data = gguf.quants.quantize(tensor.astype(np.float32), kind)
            writer.add_tensor(name, data, raw_dtype=kind)
        else:
            writer.add_tensor(name, tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def test_a_gguf_file_takes_the_place_of_the_transformer(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    file = gguf_of(folder, tmp_path / "tiny-Q8_0.gguf")
    whole, small = shot(str(folder)), shot(f"{folder}@{file}")
    assert small.recipe.engine == "ltx:tiny@tiny-Q8_0.gguf"  # not where it lies
    assert small.recipe.weights != whole.recipe.weights
    assert 0 < np.abs(whole.frames.astype(int) - small.frames).mean() < 20
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(40))
    lie = tmp_path / "lie.gguf"
    lie.write_bytes(b"PK" + bytes(40))
    for path, words in (
        (broken, "does not fit the model"),
        (lie, "is no GGUF file"),
        (tmp_path / "none.gguf", "Cannot read"),
    ):
        with pytest.raises(ModelMissingError, match=words):
            open_engine(f"{folder}@{path}")


@pytest.mark.parametrize("name", VARIANTS)
def test_a_library_that_is_missing_is_named_with_its_command(
    folder: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variant.importlib.util, "find_spec", lambda library: None)
    asked = tmp_path / "x.gguf" if name == "gguf" else name
    with pytest.raises(
        MissingExtraError, match=rf"pip install 'playreel\[{VARIANTS[name].library}"
    ):
        open_engine(f"{folder}@{asked}")


def test_names_are_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert named("wan-14b").variant is None
    assert named("wan-14b@int8").model == "wan-14b"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a@b").mkdir()
    assert named("a@b").model == "a@b" and named("a@b@nf4").model == "a@b"
    assert named("a@b@nf4").from_anywhere == f"{tmp_path / 'a@b'}@nf4"
    assert named("ltx@x/y.gguf").from_anywhere == f"ltx@{tmp_path / 'x/y.gguf'}"
    assert named("ltx@x/y.gguf").suffix == "@y.gguf"
    for name in ("ltx@int3", "ltx@", "ltx@gguf"):
        with pytest.raises(InputError, match=r"@int8, @nf4"):
            named(name)


def test_the_ladder_knows_8_bits_and_says_what_would_be_faster() -> None:
    family, card = find_family("wan"), find_card("wan-14b")[1]
    half = Machine(vram_bytes=24 * GIB, ram_bytes=64 * GIB, num_cards=2)
    words = layout_words(family, card, half)
    assert "8 bits" in words and "24.0 GiB" in words and "unless cards=2 is asked for" in words
    small = Machine(vram_bytes=14 * GIB, ram_bytes=64 * GIB)
    words = layout_words(family, card, small)
    assert "group by group" in words and "first block" in words
    assert "wan-14b@nf4, with playreel[bitsandbytes]" in words
    assert choose_ladder(card, half).rung is Rung.EIGHT
    with pytest.raises(EngineMemoryError):  # it would have to come in piece by piece
        choose_ladder(card, replace(small, ram_bytes=GIB), in_fewer_bits=True)
