"""Weights on disk: what is written comes back, what is not ours is refused by name."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from playreel.core import Painter, PainterConfig
from playreel.core.checkpoint import (
    SCHEMA_VERSION,
    UPGRADES,
    from_pretrained,
    read_config,
    save_pretrained,
    weights_hash,
)
from playreel.errors import CheckpointError, StorageError


@dataclass(frozen=True, kw_only=True)
class LadderConfig:
    """Architecture of a `Ladder`."""

    widths: tuple[int, ...] = (3, 5, 2)


class Ladder(nn.Module):
    """A small net with a buffer of integers."""

    config_class = LadderConfig
    kind = "ladder"

    def __init__(self, config: LadderConfig | None = None) -> None:
        super().__init__()
        self.config = config or LadderConfig()
        pairs = zip(self.config.widths[:-1], self.config.widths[1:], strict=True)
        self.rungs = nn.Sequential(*(nn.Linear(a, b) for a, b in pairs))
        self.register_buffer("count", torch.tensor(7_000_000_000))


class Snake(Ladder):
    """Another kind."""

    kind = "snake"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return save_pretrained(Ladder(), tmp_path / "ladder", training={"minutes": 3})


def edit(path: Path, **changes: object) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | changes))


def test_round_trip(saved: Path) -> None:
    torch.manual_seed(0)
    source, back = Ladder(), from_pretrained(Ladder, saved)
    assert back.config == source.config
    assert not back.training
    for name, value in source.state_dict().items():
        assert back.state_dict()[name].dtype == value.dtype
        assert torch.allclose(back.state_dict()[name].double(), value.double(), atol=1e-3), name
    assert back.count == 7_000_000_000
    assert read_config(saved)["training"] == {"minutes": 3}
    assert sorted(p.name for p in saved.iterdir()) == ["config.json", "model.safetensors"]


def test_saving_what_was_loaded_changes_no_byte(saved: Path, tmp_path: Path) -> None:
    again = save_pretrained(from_pretrained(Ladder, saved), tmp_path / "again")
    assert (again / "model.safetensors").read_bytes() == (saved / "model.safetensors").read_bytes()


def test_weights_are_stored_in_half_unless_half_cannot_hold_them(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    ladder = Ladder()
    with torch.no_grad():
        ladder.rungs[0].bias.fill_(1e6)
    save_pretrained(ladder, tmp_path)
    stored = load_file(tmp_path / "model.safetensors")
    assert stored["rungs.0.weight"].dtype == torch.float16
    assert stored["rungs.0.bias"].dtype == torch.float32
    assert from_pretrained(Ladder, tmp_path).rungs[0].bias[0] == 1e6


def test_weights_may_be_kept_in_half_the_room(tmp_path: Path) -> None:
    torch.manual_seed(0)
    ladder = Ladder(LadderConfig(widths=(64, 128, 64)))
    with torch.no_grad():
        ladder.rungs[0].weight *= 1e-3  # each tensor has a scale of its own
        ladder.rungs[0].weight[0] = 0
    usual = save_pretrained(ladder, tmp_path / "usual")
    small = save_pretrained(ladder, tmp_path / "small", small=True)
    size, half = ((path / "model.safetensors").stat().st_size for path in (usual, small))
    assert half < 0.55 * size
    loaded = from_pretrained(Ladder, small)
    for name, value in ladder.state_dict().items():
        largest = float(value.abs().max())
        assert torch.allclose(loaded.state_dict()[name], value, rtol=1 / 15, atol=largest / 2**14)
    again = save_pretrained(loaded, tmp_path / "again", small=True)
    assert (again / "model.safetensors").read_bytes() == (small / "model.safetensors").read_bytes()


def test_weights_in_half_the_room_without_their_scale_are_refused(tmp_path: Path) -> None:
    path = save_pretrained(Ladder(), tmp_path / "ladder", small=True)
    tensors = load_file(path / "model.safetensors")
    del tensors["rungs.0.weight:scale"]
    save_file(tensors, path / "model.safetensors")
    edit(path, sha256=hashlib.sha256((path / "model.safetensors").read_bytes()).hexdigest())
    with pytest.raises(CheckpointError, match="scale"):
        from_pretrained(Ladder, path)


def test_weights_hash_covers_tensors_and_calibration_but_not_notes(tmp_path: Path) -> None:
    ladder = Ladder()
    first = weights_hash(save_pretrained(ladder, tmp_path / "a", training={"minutes": 1}))
    assert first == weights_hash(save_pretrained(ladder, tmp_path / "b", training={"minutes": 2}))
    named = save_pretrained(ladder, tmp_path / "c", calibration={"left": 3})
    assert weights_hash(named) != first
    with torch.no_grad():
        ladder.rungs[0].weight.add_(1)
    assert weights_hash(save_pretrained(ladder, tmp_path / "d")) != first


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_neither_saved_nor_loaded(
    saved: Path, value: float
) -> None:
    import hashlib

    from safetensors.torch import load_file, save_file

    ladder = Ladder()
    with torch.no_grad():
        ladder.rungs[1].weight[0, 0] = value
    before = (saved / "model.safetensors").read_bytes()
    with pytest.raises(CheckpointError, match=r"rungs\.1\.weight"):
        save_pretrained(ladder, saved)
    assert (saved / "model.safetensors").read_bytes() == before

    tensors = load_file(saved / "model.safetensors")
    tensors["rungs.0.bias"][1] = value
    save_file(tensors, saved / "model.safetensors")
    digest = hashlib.sha256((saved / "model.safetensors").read_bytes()).hexdigest()
    edit(saved, sha256=digest)
    with pytest.raises(CheckpointError, match=r"rungs\.0\.bias"):
        from_pretrained(Ladder, saved)


def test_truncated_and_swapped_files_are_refused(saved: Path, tmp_path: Path) -> None:
    file = saved / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="truncated"):
        from_pretrained(Ladder, saved)
    other = save_pretrained(Ladder(), tmp_path / "other")
    file.write_bytes((other / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="sha256"):
        from_pretrained(Ladder, saved)
    file.unlink()
    with pytest.raises(CheckpointError, match="missing"):
        from_pretrained(Ladder, saved)


def test_another_kind_is_refused(saved: Path) -> None:
    with pytest.raises(CheckpointError, match=r"ladder.*snake"):
        from_pretrained(Snake, saved)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema_version": SCHEMA_VERSION + 1}, "upgrade"),
        ({"schema_version": -3}, "never existed"),
        ({"schema_version": "1"}, "schema_version"),
        ({"schema_version": True}, "schema_version"),
        ({"colour": "red"}, "colour"),
        ({"config": {"widths": [3, 5, 2], "depth": 9}}, "depth"),
        ({"config": {}}, "widths"),
        ({"config": {"widths": "wide"}}, "not valid"),
        ({"config": [3]}, "config must be"),
        ({"config": {"widths": [3, 6, 2]}}, "shape"),
        ({"config": {"widths": [3, 5, 2, 1]}}, r"rungs\.2"),
        ({"sha256": 5}, "sha256"),
    ],
)
def test_a_config_that_is_not_ours_is_refused(
    saved: Path, changes: dict[str, object], said: str
) -> None:
    edit(saved, **changes)
    with pytest.raises(CheckpointError, match=said):
        from_pretrained(Ladder, saved)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, "\x00\x01"])
def test_a_config_that_is_no_json_object_is_refused(saved: Path, text: str) -> None:
    (saved / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        from_pretrained(Ladder, saved)


def test_older_schemas_are_upgraded(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def widths_were_called_sizes(config: dict) -> dict:
        return config | {"config": {"widths": config["config"]["sizes"]}}

    monkeypatch.setitem(UPGRADES, SCHEMA_VERSION - 1, widths_were_called_sizes)
    edit(saved, schema_version=SCHEMA_VERSION - 1, config={"sizes": [3, 5, 2]})
    assert from_pretrained(Ladder, saved).config.widths == (3, 5, 2)


def test_painters_from_before_they_were_told_actions_still_load(tmp_path: Path) -> None:
    painter = Painter(PainterConfig(widths=(16, 16, 16), num_blocks=1))
    save_pretrained(painter, tmp_path / "painter")
    values = json.loads((tmp_path / "painter" / "config.json").read_text())["config"]
    del values["num_actions"], values["remembers"]
    edit(tmp_path / "painter", schema_version=1, config=values)
    assert from_pretrained(Painter, tmp_path / "painter").config == painter.config


class Boom:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple:
        return (Path.touch, (Path(Boom.marker),))

    marker = ""


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model.ckpt", "pytorch_model.bin"])
def test_a_pickle_is_refused_and_never_loaded(tmp_path: Path, name: str) -> None:
    Boom.marker = str(tmp_path / "boom")
    (tmp_path / name).write_bytes(pickle.dumps(Boom()))
    for path in (tmp_path, tmp_path / name):  # the folder, and the file itself
        with pytest.raises(CheckpointError, match="pickle"):
            from_pretrained(Ladder, path)
    assert not Path(Boom.marker).exists()


def test_a_pickle_under_the_name_of_safetensors_is_refused(saved: Path) -> None:
    Boom.marker = str(saved / "boom")
    for protocol in (2, 4, 5):
        (saved / "model.safetensors").write_bytes(pickle.dumps(Boom(), protocol=protocol))
        with pytest.raises(CheckpointError, match="pickle"):
            from_pretrained(Ladder, saved)
    # What torch.save writes is a zip around a pickle.
    torch.save({"weight": torch.ones(2)}, saved / "model.safetensors")
    with pytest.raises(CheckpointError, match="pickle"):
        from_pretrained(Ladder, saved)
    assert not Path(Boom.marker).exists()


def test_no_such_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no folder"):
        from_pretrained(Ladder, tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        from_pretrained(Ladder, tmp_path)


def test_a_full_disk_leaves_the_old_weights(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    import os

    before = {p.name: p.read_bytes() for p in saved.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        save_pretrained(Ladder(), saved)
    assert {p.name: p.read_bytes() for p in saved.iterdir()} == before
