"""Weights on disk: whether a model's folder is whole, and what its files add up to."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import ModelMissingError

if TYPE_CHECKING:
    from playreel.film.engines.family import Family

LIBRARIES = ("diffusers", "transformers")
_LIBRARIES = " and ".join(LIBRARIES)
_OF_DIFFUSERS = (
    "ltx2",
)  # folders of diffusers' own pipelines, by which it names what they alone use
MAX_HEADER = 100 << 20  # as safetensors itself allows
_INDEX = ".safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_WEIGHTLESS = ("scheduler", "tokenizer", "feature_extractor", "image_processor", "processor")


def read_index(folder: Path) -> dict[str, Any]:
    """What a model's folder says of itself, ``model_index.json``.

    Raises:
        ModelMissingError: there is none, or it is no JSON object.
    """
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelMissingError(
            f"{folder} holds no model: it has no model_index.json. Give the folder of a diffusers "
            "pipeline, or the name of a model that playreel engines lists."
        ) from None
    except (OSError, ValueError) as error:
        raise ModelMissingError(f"{folder}/model_index.json cannot be read: {error}.") from None
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise ModelMissingError(f"{folder}/model_index.json names no pipeline.")
    return index


def family_of_folder(folder: Path, families: dict[str, Family]) -> Family:
    """The family that runs the pipeline in a folder.

    Raises:
        ModelMissingError: no family knows such a pipeline.
    """
    name = read_index(folder)["_class_name"]
    for family in families.values():
        if name in family.made_by or name in family.also_opens:
            return family
    known = sorted({cls for f in families.values() for cls in (*f.made_by, *f.also_opens)})
    raise ModelMissingError(
        f"{folder} holds a {name[:80]!r}, which no engine here drives. They drive: "
        f"{', '.join(known)}."
    )


def faults(folder: Path) -> list[str]:
    """What is missing or cut short in a model's folder, in words; empty when it is whole.

    Only sizes are compared with what each file says of itself: nothing is loaded.
    """
    found: list[str] = []
    for name, entry in read_index(folder).items():
        if name.startswith("_") or not isinstance(entry, list) or entry[:1] == [None]:
            continue
        part = folder / name
        if entry[0] not in (*LIBRARIES, *_OF_DIFFUSERS):  # naming a library would have it imported
            found.append(f"{name} is of {str(entry[0])[:40]!r}, and only {_LIBRARIES} are opened")
        elif not part.is_dir():
            found.append(f"{name} is missing")
        elif not name.startswith(_WEIGHTLESS):
            found += [f"{name}/{fault}" for fault in _faults_of_part(part)]
    return found


def check_whole(folder: Path, how_to_get: str = "") -> None:
    """Refuses a model that is not whole.

    Raises:
        ModelMissingError: files are missing or cut short, or are pickles.
    """
    found = faults(folder)
    if found:
        more = f" and {len(found) - 4} more" if len(found) > 4 else ""
        raise ModelMissingError(
            f"The model in {folder} is not whole: {'; '.join(found[:4])}{more}. "
            f"{how_to_get or 'Fetch it again; what is whole is not fetched twice.'}"
        )


def num_bytes(folder: Path) -> int:
    """Size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def weights_hash(folder: Path, *, cache: Path | None = None, more: Sequence[Path] = ()) -> str:
    """SHA-256 over the names and contents of a model's weights and configurations.

    Args:
        folder: a diffusers pipeline.
        cache: a folder in which hashes are kept; a file is read again only when its size or time of
            change differs.
        more: files that are not in the folder.
    """
    known = _Known(cache)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json") and path.is_file():
            digest.update(f"{path.relative_to(folder).as_posix()} {known.hash_of(path)}\n".encode())
    for path in more:
        digest.update(f"{known.hash_of(path)}\n".encode())
    known.save()
    return digest.hexdigest()


class _Known:
    """Hashes of large files that were read before."""

    def __init__(self, cache: Path | None) -> None:
        self._file = None if cache is None else cache / "weights.json"
        self._hashes: dict[str, str] = {}
        self._is_new = False
        if self._file is not None:
            try:
                self._hashes = json.loads(self._file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                self._hashes = {}

    def hash_of(self, path: Path) -> str:
        stat = path.stat()
        key = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        if key not in self._hashes:
            with path.open("rb") as file:
                self._hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
            self._is_new = True
        return self._hashes[key]

    def save(self) -> None:
        if self._file is None or not self._is_new:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(self._hashes), encoding="utf-8")
            draft.replace(self._file)
        except OSError:
            return  # hashed anew the next time


def _faults_of_part(part: Path) -> list[str]:
    files = [path for path in part.iterdir() if path.is_file()]
    tensors = [path for path in files if path.name.endswith(".safetensors")]
    indices = [path for path in files if path.name.endswith(_INDEX)]
    if not (part / "config.json").is_file():
        return ["config.json is missing"]
    wanted: set[str] = set()
    for index in indices:
        try:
            wanted |= set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return [f"{index.name} cannot be read"]
    found = [f"{name} is missing" for name in sorted(wanted - {path.name for path in tensors})]
    if not tensors and not indices:
        if any(path.suffix in _PICKLES for path in files):
            return ["has weights as pickles only, which may run code: a safetensors copy is needed"]
        return ["has no weights"]
    return found + [fault for path in sorted(tensors) if (fault := _fault_of_file(path))]


def _fault_of_file(path: Path) -> str:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > MAX_HEADER or 8 + length > size:
            return f"{path.name} is cut short ({size} bytes)"
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for key, entry in header.items() if key[:2] != "__"]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return f"{path.name} is damaged"
    whole = 8 + length + max(ends, default=0)
    return "" if size == whole else f"{path.name} is cut short ({size} of {whole} bytes)"
