"""How a clip was made: enough to make it again, bit for bit.

A recipe is plain data. It travels inside the files Playreel writes, so what comes back from a file
is treated as foreign: it is bounded in size and depth, every type is checked, and nothing in it is
ever executed. Replaying goes through functions that the running program registered itself.
"""

from __future__ import annotations

import hashlib
import json
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from reprlib import repr as short
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.errors import RecipeError

if TYPE_CHECKING:
    from playreel.media.clip import Clip

SCHEMA_VERSION = 1
MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
_INT_LIMIT = 2**64

Replayer = Callable[["Recipe"], "Clip"]
_replayers: dict[str, Replayer] = {}
_upgrades: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def content_hash(frames: np.ndarray, fps: Fraction) -> str:
    """Names a clip by what it shows: SHA-256 over shape, rate and pixels.

    Args:
        frames: uint8 [time, height, width, 3].
        fps: frames per second.

    Returns:
        64 hexadecimal digits. The recipe is not part of it: equal pixels have equal names.
    """
    digest = clip_digest(frames.shape, fps)
    for frame in frames:
        digest.update(np.ascontiguousarray(frame).data)
    return digest.hexdigest()


def clip_digest(shape: Sequence[int], fps: Fraction) -> Any:
    """What `content_hash` begins with, to be updated with each frame's pixels in turn.

    Args:
        shape: (time, height, width, 3).
        fps: frames per second.
    """
    fps = Fraction(fps)
    words = "x".join(str(n) for n in shape)
    return hashlib.sha256(f"playreel clip {words} @{fps.numerator}/{fps.denominator}\n".encode())


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that made a clip.

    Attributes:
        operation: the verb, such as ``"still"``, ``"play"`` or ``"extend"``.
        options: the call's choices, as JSON values; frozen on the way in.
        seed: the seed of the draw, or None where nothing was drawn.
        engine: what computed it, such as ``"bundled"``.
        weights: hash of the weights, or ``""`` where none were used.
        parents: content hashes of the clips and stills this one was made from.
        actions: the buttons pressed, one for each frame played.
        schema_version: the version of this layout.
    """

    operation: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    engine: str = ""
    weights: str = ""
    parents: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if not isinstance(self.operation, str) or not self.operation:
            raise RecipeError(
                f"A recipe's operation must be a word, not {short(self.operation)}. "
                "Give the verb that made the clip, such as 'still'."
            )
        _text("operation", self.operation)
        if self.seed is not None:
            object.__setattr__(self, "seed", _integer("seed", self.seed))
        if _integer("schema_version", self.schema_version) != SCHEMA_VERSION:
            raise RecipeError(
                f"Recipe has schema_version {self.schema_version}, this Playreel writes "
                f"{SCHEMA_VERSION}. Read it with Recipe.from_json, which upgrades older recipes."
            )
        for name in ("engine", "weights"):
            object.__setattr__(self, name, _text(name, getattr(self, name)))
        for name in ("parents", "actions"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if not isinstance(self.options, Mapping):
            raise RecipeError(f"A recipe's options must be a mapping, not {short(self.options)}.")
        object.__setattr__(self, "options", _freeze(self.options, "options", depth=1))

    def __hash__(self) -> int:
        return hash(_dump(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (_dump(self),)

    @property
    def recipe_hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The canonical text: sorted keys, no spaces, UTF-8, no NaN.

        Raises:
            RecipeError: the text would exceed 256 KiB, so no file could be read back.
        """
        text = _dump(self)
        size = len(text.encode())
        if size > MAX_BYTES:
            raise RecipeError(
                f"This recipe takes {size} bytes, more than the {MAX_BYTES} a file may carry. "
                "Capture a shorter stretch, or shorten the prompt."
            )
        return text

    @classmethod
    def from_json(cls, text: str | bytes) -> Recipe:
        """Reads a recipe from foreign text.

        Args:
            text: JSON, at most 256 KiB and 16 levels deep. Older schema versions are upgraded.

        Raises:
            RecipeError: too large, too deep, malformed, unknown keys, wrong types or too new.
        """
        return _load(_bounded(text))

    def replay(self) -> Clip:
        """Makes the clip again, with the function registered for this operation.

        Raises:
            RecipeError: nothing registered can replay this operation.
        """
        replayer = _replayers.get(self.operation) or _replayers.get("")
        if replayer is None:
            known = ", ".join(sorted(_replayers)) or "none"
            raise RecipeError(
                f"Nothing here can replay the operation {self.operation!r} (known: {known}). "
                "Open the project first with playreel.Studio(folder), then replay."
            )
        return replayer(self)

    def with_(self, **changes: Any) -> Recipe:
        """A copy with some fields changed."""
        return replace(self, **changes)


def register_replayer(replayer: Replayer, *operations: str) -> None:
    """Says which function makes a clip again from its recipe.

    Args:
        replayer: takes the recipe, returns the clip.
        operations: the operations it answers for; none means every one without its own. The last
            registration wins, so that opening another project takes over.
    """
    for operation in operations or ("",):
        _replayers[operation] = replayer


def register_upgrade(
    from_version: int,
) -> Callable[
    [Callable[[dict[str, Any]], dict[str, Any]]], Callable[[dict[str, Any]], dict[str, Any]]
]:
    """Decorates a function that turns a raw recipe of ``from_version`` into the next version."""

    def register(
        upgrade: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        if from_version in _upgrades:
            raise RecipeError(f"Schema version {from_version} already has an upgrade function.")
        _upgrades[from_version] = upgrade
        return upgrade

    return register


def _dump(recipe: Recipe) -> str:
    document = {f.name: getattr(recipe, f.name) for f in fields(Recipe)}
    return json.dumps(
        document,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=dict,  # mapping proxies
    )


def _load(text: str) -> Recipe:
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecipeError:
        raise
    except (ValueError, RecursionError) as error:
        raise RecipeError(
            f"This is not a recipe: {error}. It starts with {text[:40]!r}; give a "
            ".recipe.json file that Playreel wrote."
        ) from None
    if not isinstance(document, dict):
        raise RecipeError(f"A recipe is a JSON object, not {type(document).__name__}.")
    return Recipe(**_upgraded(document))


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    version = _integer("schema_version", document.get("schema_version", 0))
    if version > SCHEMA_VERSION:
        raise RecipeError(
            f"This recipe has schema_version {version}, newer than the {SCHEMA_VERSION} known "
            "here. Upgrade with: pip install -U playreel"
        )
    while version < SCHEMA_VERSION:
        upgrade = _upgrades.get(version)
        if upgrade is None:
            raise RecipeError(
                f"No way to read recipes of schema_version {version}. The keys seen are "
                f"{short(sorted(document))}; check that this is a Playreel recipe."
            )
        document = upgrade(dict(document))
        version = _integer("schema_version", document["schema_version"])
    unknown = sorted(set(document) - {f.name for f in fields(Recipe)})
    if unknown:
        raise RecipeError(f"A recipe has no field {short(unknown[0])}. Remove it and read again.")
    if "operation" not in document:
        raise RecipeError("This recipe names no operation. Check that Playreel wrote it.")
    return document


def _bounded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        if len(text) > MAX_BYTES:
            raise RecipeError(f"A recipe may take {MAX_BYTES} bytes; this one has {len(text)}.")
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RecipeError(f"A recipe must be UTF-8 text: {error}.") from None
    if not isinstance(text, str):
        raise RecipeError(f"A recipe is read from text, not from {type(text).__name__}.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise RecipeError(f"A recipe may take {MAX_BYTES} bytes; this one has {size}.")
    depth = deepest = 0
    in_string = escaped = False
    for char in text:  # before json.loads, which recurses
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise RecipeError(
            f"A recipe may be {MAX_DEPTH} levels deep; this one has {deepest}. "
            "Check that Playreel wrote it."
        )
    return text


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise RecipeError(f"The key {short(key)} stands twice in this recipe. Keep one.")
        document[key] = value
    return document


def _no_constant(name: str) -> None:
    raise RecipeError(f"A recipe may not hold {name}; use a finite number.")


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise RecipeError(f"A recipe's {name} must be a whole number, not {short(value)}.")
    number = int(value)
    if abs(number) > _INT_LIMIT:
        raise RecipeError(f"A recipe's {name} must fit 64 bits; it has {number.bit_length()}.")
    return number


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise RecipeError(f"A recipe's {name} must be text, not {short(value)}.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise RecipeError(f"A recipe's {name} holds a broken character: {short(value)}.") from None
    return str(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise RecipeError(f"A recipe's {name} must be a list of texts, not {short(value)}.")
    return tuple(_text(name, item) for item in value)


def _freeze(value: Any, name: str, depth: int) -> Any:
    if depth >= MAX_DEPTH and isinstance(value, Mapping | list | tuple):
        raise RecipeError(f"A recipe may be {MAX_DEPTH} levels deep; {name} goes deeper.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, numbers.Integral):
        return _integer(name, value)
    if isinstance(value, numbers.Real) and not isinstance(value, Fraction):
        number = float(value)
        if not math.isfinite(number):
            raise RecipeError(f"A recipe's {name} must be finite, not {number}.")
        return number
    if isinstance(value, Mapping):
        frozen = {
            _text(f"{name} key", key): _freeze(item, f"{name}.{key}", depth + 1)
            for key, item in value.items()
        }
        return MappingProxyType(frozen)
    if isinstance(value, list | tuple):
        return tuple(_freeze(item, name, depth + 1) for item in value)
    raise RecipeError(
        f"A recipe's {name} must be a JSON value, not {type(value).__name__}. "
        "Store a path, a name or a content hash instead."
    )
