"""Pretrained weights on disk: a folder with ``config.json`` and ``model.safetensors``.

The config says what the weights are (kind, architecture, schema version) and carries the sha256 of
the tensor file, so a truncated or foreign file is refused before a single tensor is used. Pickles
are refused by name and by content and never opened.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from playreel.errors import CheckpointError, StorageError

SCHEMA_VERSION = 2
CONFIG_NAME, WEIGHTS_NAME = "config.json", "model.safetensors"
MAX_CONFIG_BYTES = 8 << 20
LARGEST_FLOAT8, SCALE_SUFFIX = 448.0, ":scale"
PICKLE_SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle")
CONFIG_KEYS = {"schema_version", "kind", "config", "sha256", "training", "calibration"}

M = TypeVar("M", bound=nn.Module)


def _painters_were_told_less(config: dict[str, Any]) -> dict[str, Any]:
    if config.get("kind") != "painter" or not isinstance(config.get("config"), dict):
        return config
    return config | {"config": {"num_actions": 0, "remembers": False} | config["config"]}


#: Version -> function that turns a config.json of that version into one of the next version.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _painters_were_told_less}


def save_pretrained(
    module: nn.Module,
    path: str | Path,
    *,
    training: Mapping[str, Any] | None = None,
    calibration: Mapping[str, Any] | None = None,
    small: bool = False,
) -> Path:
    """Write a module's architecture and weights to a folder.

    Tensors are stored as float16, except those that float16 cannot hold (beyond 65504) and integer
    ones; with ``small``, matrices and filters as float8 under a power of two of their own (arXiv
    2209.05433), in half the room. Each file is written beside its target and renamed over it, the
    config last.

    Args:
        module: has ``config`` (a dataclass) and ``kind`` (a string).
        path: folder; made when missing.
        training: how the weights were made; kept as it is.
        calibration: what was measured afterwards, such as the names of buttons.
        small: halve the room, for a relative error of up to 1/16 in each weight.

    Returns:
        The folder.

    Raises:
        CheckpointError: a weight is NaN or infinite.
        StorageError: the folder cannot be written; what was there before is whole.
    """
    path = Path(path)
    tensors = {name: _packed(name, value) for name, value in module.state_dict().items()}
    if small:
        tensors |= _halved(module.state_dict())
    payload = save_safetensors(tensors, metadata={"format": "pt"})
    config: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": module.kind,
        "config": dataclasses.asdict(module.config),  # type: ignore[call-overload]
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    if training is not None:
        config["training"] = dict(training)
    if calibration is not None:
        config["calibration"] = dict(calibration)
    text = json.dumps(config, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        path.mkdir(parents=True, exist_ok=True)
        _replace_both(path, payload, text.encode())
    except OSError as error:
        raise StorageError(
            f"Could not write the weights to {path} ({error}). What was there before is untouched; "
            "free some space or choose another folder."
        ) from error
    return path


def from_pretrained(
    cls: type[M], path: str | Path, *, device: torch.device | str | None = None
) -> M:
    """Load a module written by `save_pretrained`, in evaluation mode and float32.

    Args:
        cls: class with ``kind`` and ``config_class``.
        path: folder with config.json and model.safetensors.
        device: where the module shall live; the CPU unless told.

    Raises:
        CheckpointError: missing, truncated, foreign, newer, non-finite or pickled weights.
    """
    path = Path(path)
    config = read_config(path)
    kind = cls.kind  # type: ignore[attr-defined]
    if config["kind"] != kind:
        raise CheckpointError(
            f"{path} holds a {config['kind']!r}, but a {kind!r} was asked for. "
            "Point to the folder of the right part."
        )
    module = _built(cls, config["config"], path)
    tensors = _read_weights(path / WEIGHTS_NAME, config["sha256"])
    _fill(module, tensors, path)
    return module.to(device or "cpu").eval()


def read_config(path: str | Path) -> dict[str, Any]:
    """The validated, upgraded ``config.json`` of a folder of weights.

    Raises:
        CheckpointError: it is missing, unreadable, of a newer schema or not ours.
    """
    path = Path(path)
    if path.is_file() or (not path.exists() and path.suffix.lower() in PICKLE_SUFFIXES):
        refuse_pickle(path)
        raise CheckpointError(
            f"{path} is a file; weights are a folder with {CONFIG_NAME} and {WEIGHTS_NAME}."
        )
    if not path.is_dir():
        raise CheckpointError(f"There is no folder {path}. Check the path to the weights.")
    file = path / CONFIG_NAME
    if not file.is_file():
        for found in sorted(path.iterdir()):
            if found.suffix.lower() in PICKLE_SUFFIXES:
                refuse_pickle(found)
        raise CheckpointError(f"{path} has no {CONFIG_NAME}, so it holds no Playreel weights.")
    try:
        if file.stat().st_size > MAX_CONFIG_BYTES:
            raise CheckpointError(
                f"{file} is {file.stat().st_size} bytes, which no Playreel config is. "
                "Point to the right folder."
            )
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{file} cannot be read as JSON ({error}). Copy it again.") from error
    return _checked(_upgraded(config, file), file)


def weights_hash(path: str | Path) -> str:
    """Hash (sha256, hex) of everything that decides what the weights compute and mean.

    Covers kind, architecture, tensors and calibration; not notes on training.
    """
    config = read_config(path)
    named = {key: config.get(key) for key in ("kind", "config", "sha256", "calibration")}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


def refuse_pickle(file: Path) -> None:
    """Raise if a file is a pickle by name or by its first bytes; unpickling can run any code."""
    head = b""
    if file.is_file():
        with file.open("rb") as stream:
            head = stream.read(4)
    by_content = head[:4] == b"PK\x03\x04" or (head[:1] == b"\x80" and head[1:2] in b"\1\2\3\4\5")
    if file.suffix.lower() in PICKLE_SUFFIXES or (len(head) > 1 and by_content):
        raise CheckpointError(
            f"{file} is a pickle, which can run any code when opened. Playreel never loads one: "
            "save the weights as safetensors with `save_pretrained`."
        )


def _packed(name: str, value: Tensor) -> Tensor:
    value = value.detach().cpu()
    if not value.is_floating_point():
        return value.clone().contiguous()
    if not torch.isfinite(value).all():
        count = int((~torch.isfinite(value)).sum())
        raise CheckpointError(
            f"The tensor {name!r} has {count} NaN or infinite values of {value.numel()}. "
            "Go back to a checkpoint from before the training diverged."
        )
    half = value.to(torch.float16)
    kept = half if torch.isfinite(half).all() else value.to(torch.float32)
    return kept.clone().contiguous()


def _halved(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices and filters as float8, each with its scale beside it."""
    found = {}
    for name, value in tensors.items():
        largest = float(value.abs().max()) if value.is_floating_point() and value.ndim > 1 else 0.0
        if largest > 0:
            scale = 2.0 ** math.ceil(math.log2(largest / LARGEST_FLOAT8))
            small = (value.detach().cpu().float() / scale).to(torch.float8_e4m3fn)
            found[name] = small.contiguous()
            found[name + SCALE_SUFFIX] = torch.tensor(scale)
    return found


def _whole(tensors: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """The weights that `_halved` may have made smaller."""
    found = {}
    for name, value in tensors.items():
        if name.endswith(SCALE_SUFFIX) and name.removesuffix(SCALE_SUFFIX) in tensors:
            continue
        scale = tensors.get(name + SCALE_SUFFIX)
        num_scales = 0 if scale is None else scale.numel()
        if num_scales != (value.dtype == torch.float8_e4m3fn):
            raise CheckpointError(f"{file}: {name!r} and its scale do not fit. Copy it again.")
        found[name] = value if scale is None else value.float() * scale.float()
    return found


def _replace_both(path: Path, payload: bytes, text: bytes) -> None:
    """Write both files whole beside their targets, then rename: a full disk costs nothing."""
    staged: list[tuple[Path, Path]] = []
    try:
        for name, content in ((WEIGHTS_NAME, payload), (CONFIG_NAME, text)):
            temporary = path / f".{name}.{os.getpid()}.tmp"
            staged.append((temporary, path / name))
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, target in staged:
            temporary.replace(target)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _upgraded(config: object, file: Path) -> dict[str, Any]:
    if not isinstance(config, dict) or type(config.get("schema_version")) is not int:
        raise CheckpointError(f"{file} has no schema_version, so it is no Playreel config.")
    version = config["schema_version"]
    if version > SCHEMA_VERSION:
        raise CheckpointError(
            f"{file} has schema_version {version}, this Playreel reads up to {SCHEMA_VERSION}. "
            "Upgrade with `pip install --upgrade playreel`."
        )
    while version < SCHEMA_VERSION:
        if version not in UPGRADES:
            raise CheckpointError(f"{file} has schema_version {version}, which never existed.")
        config = UPGRADES[version](config)
        version += 1
    return config


def _checked(config: dict[str, Any], file: Path) -> dict[str, Any]:
    missing = {"kind", "config", "sha256"} - config.keys()
    unknown = config.keys() - CONFIG_KEYS
    if missing or unknown:
        raise CheckpointError(f"{file} {_difference(missing, unknown)}. Save the weights again.")
    types = {"kind": str, "config": dict, "sha256": str, "training": dict, "calibration": dict}
    for key, wanted in types.items():
        if key in config and not isinstance(config[key], wanted):
            raise CheckpointError(
                f"{file}: {key} must be a {wanted.__name__}, got {config[key]!r:.80}. "
                "Save the weights again."
            )
    return config


def _built(cls: type[M], values: dict[str, Any], path: Path) -> M:
    config_class = cls.config_class  # type: ignore[attr-defined]
    known = {field.name: field for field in dataclasses.fields(config_class)}
    missing, unknown = known.keys() - values.keys(), values.keys() - known.keys()
    if missing or unknown:
        raise CheckpointError(
            f"The architecture in {path / CONFIG_NAME} {_difference(missing, unknown)}. "
            "It was made for another version of this part."
        )
    try:
        return cls(config_class(**{name: _tuples(value) for name, value in values.items()}))
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"The architecture in {path / CONFIG_NAME} is not valid ({error}). Copy it again."
        ) from error


def _tuples(value: object) -> object:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _read_weights(file: Path, sha256: str) -> dict[str, Tensor]:
    if not file.is_file():
        raise CheckpointError(f"{file} is missing. Copy the folder of weights again.")
    try:
        refuse_pickle(file)
        payload = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read ({error}).") from error
    found = hashlib.sha256(payload).hexdigest()
    if found != sha256:
        raise CheckpointError(
            f"{file} is truncated or not the file that was saved: sha256 {found[:12]}, "
            f"{CONFIG_NAME} says {sha256[:12]}. Copy it again."
        )
    try:
        return _whole(load_safetensors(payload), file)
    except (SafetensorError, ValueError) as error:
        raise CheckpointError(f"{file} is not a safetensors file ({error}).") from error


def _fill(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    target = module.state_dict()
    missing, unknown = target.keys() - tensors.keys(), tensors.keys() - target.keys()
    if missing or unknown:
        raise CheckpointError(
            f"{path / WEIGHTS_NAME} {_difference(missing, unknown)}. "
            "It was made for another architecture."
        )
    for name, tensor in tensors.items():
        if tensor.shape != target[name].shape:
            raise CheckpointError(
                f"{path / WEIGHTS_NAME}: {name!r} has shape {tuple(tensor.shape)}, "
                f"the architecture wants {tuple(target[name].shape)}."
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise CheckpointError(
                f"{path / WEIGHTS_NAME}: {name!r} has NaN or infinite values. "
                "Use weights from before the training diverged."
            )
        with torch.no_grad():
            target[name].copy_(tensor)


def _difference(missing: set[str], unknown: set[str]) -> str:
    said = [
        f"{word} {', '.join(sorted(map(repr, names))[:6])}"
        + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        for word, names in (("lacks", missing), ("has unknown", unknown))
        if names
    ]
    return " and ".join(said)
