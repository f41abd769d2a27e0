"""Variant: weights in fewer bits, named behind an @: ``wan-14b@int8``, ``@nf4`` or ``@FILE.gguf``.

Each is brought by a library that is installed only where it is wanted.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.errors import EngineRefusedError, InputError, MissingExtraError, ModelMissingError

MARK = "@"
GGUF_MAGIC = b"GGUF"
PARTS = ("transformer", "transformer_2", "text_encoder")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A way to keep weights in fewer bits.

    Attributes:
        name: what users type behind the @; of a GGUF file its suffix.
        title: what it is, in a few words.
        library: what it needs; the extra of the same name installs it.
        bytes_per_weight: about, its scales included; of a GGUF file the most that is usual.
        needs_card: whether its library runs on graphics cards only.
    """

    name: str
    title: str
    library: str
    bytes_per_weight: float
    needs_card: bool = False

    def require(self, *, has_card: bool) -> None:
        """Refuses where its library is not installed, or has nothing to run on.

        Raises:
            MissingExtraError: it is not installed.
            EngineRefusedError: it needs a graphics card.
        """
        if importlib.util.find_spec(self.library) is None:
            raise MissingExtraError(
                f"{self.title} needs {self.library}. Install it with: "
                f"pip install 'playreel[{self.library}]', or leave {MARK}{self.name} out."
            )
        if self.needs_card and not has_card:
            raise EngineRefusedError(
                f"{self.title[0].upper()}{self.title[1:]} run on graphics cards only, and none was "
                f"found. Use {MARK}int8, or the weights as they are."
            )


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(name="int8", title="weights in 8 bits", library="torchao", bytes_per_weight=1.05),
        Variant(
            name="nf4",
            title="weights in 4 bits",
            library="bitsandbytes",
            bytes_per_weight=0.6,
            needs_card=True,
        ),
        Variant(
            name="gguf",
            title="a transformer from a GGUF file",
            library="gguf",
            bytes_per_weight=1.1,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A model's name, taken apart.

    Attributes:
        model: the engine, model or folder.
        variant: how its weights are kept, or None as they are published.
        file: of a GGUF variant.
    """

    model: str
    variant: Variant | None = None
    file: Path | None = None

    @property
    def suffix(self) -> str:
        """What stands behind the model's name, without where a file lies."""
        if self.variant is None:
            return ""
        return f"{MARK}{self.variant.name if self.file is None else self.file.name}"

    @property
    def from_anywhere(self) -> str:
        """The same name for a process that stands in another folder."""
        model = str(Path(self.model).absolute()) if Path(self.model).is_dir() else self.model
        return model + (self.suffix if self.file is None else f"{MARK}{self.file.absolute()}")


def named(name: str) -> Named:
    """Takes a name apart; a folder whose own name has an @ stays whole.

    Raises:
        InputError: nothing of that name stands behind the @.
    """
    model, mark, words = name.rpartition(MARK)
    if not mark or not model or Path(name).is_dir():
        return Named(model=name)
    if words.lower().endswith(".gguf"):
        return Named(model=model, variant=VARIANTS["gguf"], file=Path(words))
    if words not in VARIANTS or words == "gguf":
        known = ", ".join(f"{MARK}{name}" for name in VARIANTS if name != "gguf")
        raise InputError(
            f"There is no {MARK}{words[:40]} of {model[:60]!r}. Use one of: {known}, or "
            f"{MARK} and the path of a .gguf file."
        )
    return Named(model=model, variant=VARIANTS[words])


def loading(name: Named, folder: Path, dtype: Any) -> dict[str, Any]:
    """What ``from_pretrained`` is to be told of a variant; nothing of weights as they are published.

    Args:
        name: with a variant.
        folder: of the diffusers pipeline.
        dtype: in which is reckoned.

    Raises:
        ModelMissingError: no GGUF file, or one that does not fit the model.
    """
    if name.variant is None:
        return {}
    if name.file is not None:
        return {"transformer": _from_gguf(name.file, folder, dtype)}
    import diffusers
    import transformers

    from playreel.film.engines.weights import read_index

    parts = [part for part in PARTS if (read_index(folder).get(part) or [None])[0]]
    kinds = {part: transformers if part == "text_encoder" else diffusers for part in parts}
    return {
        "quantization_config": diffusers.PipelineQuantizationConfig(
            quant_mapping={part: _config(name.variant, kind, dtype) for part, kind in kinds.items()}
        )
    }


def _config(variant: Variant, library: Any, dtype: Any) -> Any:
    if variant.name == "int8":
        from torchao.quantization import Int8WeightOnlyConfig

        return library.TorchAoConfig(Int8WeightOnlyConfig())
    return library.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )


def _from_gguf(file: Path, folder: Path, dtype: Any) -> Any:
    import diffusers

    from playreel.film.engines.weights import read_index

    kind = read_index(folder).get("transformer")
    try:
        with file.open("rb") as start:
            is_gguf = start.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError as error:
        raise ModelMissingError(f"Cannot read {file}: {error.strerror}.") from None
    if not is_gguf:
        raise ModelMissingError(f"{file} is no GGUF file, whatever its name says.")
    cls = getattr(diffusers, str((kind or ["", ""])[1]), None)
    if not hasattr(cls, "from_single_file"):
        raise ModelMissingError(f"diffusers reads no GGUF file for the model in {folder}.")
    try:
        return cls.from_single_file(
            str(file),
            config=str(folder),
            subfolder="transformer",
            quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
            torch_dtype=dtype,
            local_files_only=True,
        )
    except Exception as error:  # the file is foreign, and the library has many errors for it
        raise ModelMissingError(
            f"{file} does not fit the model in {folder}: {type(error).__name__}: {str(error)[:300]}. "
            "Use a GGUF file that was made of this very model."
        ) from error
