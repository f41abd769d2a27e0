"""Weights on disk: whole, cut short, missing, foreign. Nothing is loaded and nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playreel.cli import main
from playreel.errors import InputError, ModelMissingError
from playreel.film.engines import families, open_engine, registry
from playreel.film.engines.store import fetch_model, find_card, find_model
from playreel.film.engines.weights import check_whole, family_of_folder, faults, weights_hash


def tensors(path: Path, size: int = 64) -> None:
    """A safetensors file with one tensor of bytes."""
    header = json.dumps({"x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(size))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder like a pipeline's."""
    folder = tmp_path / "model"
    for part in ("transformer", "vae", "scheduler", "tokenizer"):
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text("{}")
    index = {
        "_class_name": "LTXPipeline",
        "transformer": ["diffusers", "T"],
        "vae": ["diffusers", "V"],
        "scheduler": ["diffusers", "S"],
        "tokenizer": ["transformers", "K"],
        "image_encoder": [None, None],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    tensors(folder / "vae" / "diffusion_pytorch_model.safetensors")
    names = [f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    for name in names:
        tensors(folder / "transformer" / name)
    (folder / "transformer" / "diffusion_pytorch_model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": names[0], "b": names[1]}})
    )
    return folder


def test_a_whole_model_has_no_faults(model: Path) -> None:
    assert faults(model) == []
    check_whole(model)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda m: next(m.glob("transformer/*00002-of*")).unlink(), "00002-of-00002.safetensors is missing"),
        (
            lambda m: (f := next(m.glob("vae/*.safetensors"))).write_bytes(f.read_bytes()[:-7]),
            r"cut short \(\d+ of \d+ bytes\)",
        ),
        (lambda m: next(m.glob("vae/*.safetensors")).write_bytes(b"\xff" * 4), "cut short"),
        (lambda m: next(m.glob("vae/*.safetensors")).write_bytes(b"\xff" * 99), "cut short"),
        (
            lambda m: next(m.glob("vae/*.safetensors")).write_bytes(bytes([3, *[0] * 7]) + b"[1]"),
            "damaged",
        ),
        (lambda m: next(m.glob("vae/*.safetensors")).rename(m / "vae" / "model.bin"), "pickles only"),
        (lambda m: next(m.glob("vae/*.safetensors")).unlink(), "vae/has no weights"),
        (lambda m: (m / "vae" / "config.json").unlink(), "config.json is missing"),
        (lambda m: (m / "tokenizer").rename(m / "other"), "tokenizer is missing"),
        (lambda m: next(m.glob("transformer/*.index.json")).write_text("{"), "cannot be read"),
        (lambda m: (m / "model_index.json").write_text("[]"), "names no pipeline"),
        (lambda m: (m / "model_index.json").unlink(), "holds no model"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(model: Path, spoil: Any, words: str) -> None:
    spoil(model)
    with pytest.raises(ModelMissingError, match=words):
        check_whole(model)


def test_a_folder_names_no_library_of_its_own(model: Path) -> None:
    index = json.loads((model / "model_index.json").read_text())
    (model / "model_index.json").write_text(json.dumps(index | {"vae": ["os", "system"]}))
    with pytest.raises(ModelMissingError, match=r"vae is of 'os'"):
        check_whole(model)


def test_a_folder_is_opened_by_the_family_of_its_pipeline(model: Path) -> None:
    assert family_of_folder(model, families()).name == "ltx"
    index = json.loads((model / "model_index.json").read_text())
    (model / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(ModelMissingError, match=r"'FluxPipeline'.*WanPipeline"):
        open_engine(str(model))


def test_the_hash_is_of_the_contents_and_is_kept(model: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = weights_hash(model, cache=cache)
    assert first == weights_hash(model) == weights_hash(model, cache=cache)
    assert len(json.loads((cache / "weights.json").read_text())) >= 7
    next(model.glob("vae/*.safetensors")).write_bytes(b"other")
    assert weights_hash(model, cache=cache) != first
    (cache / "weights.json").write_text("{broken")
    assert weights_hash(model, cache=cache) == weights_hash(model)


def test_a_model_that_is_not_here_says_how_to_get_it() -> None:
    _, card = find_card("ltx")
    assert card.name == "ltx-2b"
    with pytest.raises(ModelMissingError) as told:
        find_model(card)
    for words in ("playreel engines ltx-2b --fetch", "GB", card.licence, "revenue"):
        assert words in str(told.value)
    with pytest.raises(InputError, match=r"ltx-2b, ltx-13b"):
        find_card("sora")


def test_the_licence_comes_before_the_first_byte(model: Path) -> None:
    _, card = find_card("ltx-2b")
    asked: list[tuple[str, Any]] = []

    def fetch(repository: str, **options: Any) -> str:
        asked.append((repository, options["allow_patterns"]))
        return str(model)

    with pytest.raises(InputError, match=r"LTXV Open Weights License.*13\.4 GB.*--accept-licence"):
        fetch_model(card, accept_licence=False, fetch=fetch)
    assert asked == []
    assert fetch_model(card, accept_licence=True, fetch=fetch) == model
    assert asked[0][0] == card.repository
    assert not any(pattern.endswith((".bin", ".py", ".pt", "*")) for pattern in asked[0][1])


def test_a_download_that_breaks_off_is_told(model: Path) -> None:
    _, card = find_card("ltx-2b")

    def cut(repository: str, **options: Any) -> str:
        raise OSError("connection reset")

    with pytest.raises(ModelMissingError, match=r"connection reset.*goes on from there"):
        fetch_model(card, accept_licence=True, fetch=cut)
    next(model.glob("vae/*.safetensors")).unlink()
    with pytest.raises(ModelMissingError, match=r"not whole"):
        fetch_model(card, accept_licence=True, fetch=lambda *a, **k: str(model))


def test_the_shared_cache_is_listed_checked_and_cleared(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("huggingface_hub")
    from huggingface_hub import constants

    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    _, card = find_card("ltx-2b")
    home = cache / f"models--{card.repository.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("a" * 40)
    (home / "snapshots").mkdir()
    (home / "blobs").mkdir()
    model.rename(home / "snapshots" / ("a" * 40))
    assert find_model(card).name == "a" * 40
    assert main(["engines", "--models", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out.splitlines()[-1])["models"]
    assert listed["model"] == "ltx-2b" and listed["bytes"] > 200 and listed["faults"] == []
    assert main(["engines", "ltx-2b", "--delete"]) == 0
    assert "deleted" in capsys.readouterr().out
    with pytest.raises(ModelMissingError):
        find_model(card)


def test_the_command_asks_for_the_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines", "wan-1.3b", "--fetch"]) != 0
    assert "Apache-2.0" in capsys.readouterr().err
    assert main(["engines", "--fetch"]) != 0


@pytest.mark.parametrize("name", ["sora", "/nowhere/at/all", ""])
def test_unknown_engines_are_told(name: str) -> None:
    with pytest.raises(InputError, match=r"ltx-2b"):
        open_engine(name)


def test_built_in_engines_come_by_entry_points_of_the_same_group() -> None:
    assert all(
        point.group == registry.GROUP == "playreel.film.engines" for point in registry.BUILT_IN
    )
