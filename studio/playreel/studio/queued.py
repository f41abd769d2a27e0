"""A call of the facade as plain values that can wait in a queue, and back.

Clips become ``{"take": content hash}``. Pictures become ``{"file": name}`` of a copy in the
project, so that the job does what was asked for even when the original has changed since.
"""

from __future__ import annotations

import inspect
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.board.shot import new_uid
from playreel.errors import InputError, MediaError, StorageError
from playreel.film.character import Character
from playreel.media import Clip
from playreel.studio.inputs import FILE, Inputs
from playreel.studio.options import Joining, Sampling, seed_or_new

if TYPE_CHECKING:
    from playreel.studio.facade import Studio

TAKE = "take"
CLIPS = ("clip", "first", "last", "take")
_WORDS_OF = {"transition": ("first", "last")}  # verbs in which these name no clip
PICTURES = ("picture", "image", "sketch", "hero")
MAX_PICTURE_BYTES = 64 << 20
_MORE = {  # what the verbs' keyword arguments of that name may be
    "sampling": list(Sampling.__annotations__),
    "joining": [*Sampling.__annotations__, *Joining.__annotations__],
    "options": [
        *("label", "captions", "music", "voice", "sign", "animatic", "reframe", "language")
    ],
}


def queued_of(
    studio: Studio, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What ``studio.verb(*args, **options)`` would be given, as JSON values.

    A seed and the names of shots are drawn here if none are given, so that a retry makes the same.

    Raises:
        InputError: no such argument, or a clip or file that is not there.
        MediaError: a picture that cannot be read.
    """
    given = _bound(studio, verb, args, options)
    if verb == "sequence":  # a shot that cannot be made is told now, not when its turn comes
        studio.check_sequence(given["shots"], given.get("character"))
    queued: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name in CLIPS and name not in _WORDS_OF.get(verb, ()):
            queued[name] = {TAKE: studio.keep(studio.open(value)).content_hash}
        elif name == "character":
            stills = [_picture(studio, still) for still in value.stills]
            queued[name] = {"words": value.words, "stills": stills}
        elif name == "shots" and verb == "sequence":
            queued[name] = [dict(shot) for shot in value]
        elif name in PICTURES or (name == "region" and not isinstance(value, list | tuple)):
            queued[name] = _picture(studio, value)
        elif name == "references":
            queued[name] = [_picture(studio, still) for still in value]
        elif name in ("sketches", "keyframes"):
            queued[name] = [[float(at), _picture(studio, page)] for at, page in value.items()]
        elif name in ("path", "folder") or (
            name == "music" and isinstance(value, str | os.PathLike)
        ):
            queued[name] = str(Path(value).absolute())
        else:
            queued[name] = value
    if verb not in ("export", "export_series"):
        if verb not in ("make", "finish"):  # whose shots draw their own; whose recipe has one
            queued["seed"] = seed_or_new(given.get("seed"))
        engine = queued.get("engine", studio.engine_name)
        if engine != "bundled" and verb != "finish":  # a folder is found from anywhere
            from playreel.film.engines.variant import named

            queued["engine"] = named(engine).from_anywhere
    if verb == "sequence" and queued.get("on_board", True):
        queued.setdefault("uids", [new_uid() for _ in queued["shots"]])  # resumed, it doubles none
    queued["weights"] = studio.weights
    return queued


def given_of(project: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that ``options`` stand for.

    Raises:
        InputError: a file that is not among the project's inputs.
    """
    given: dict[str, Any] = {}
    for name, value in options.items():
        if name == "weights":
            continue
        if name in ("sketches", "keyframes"):
            given[name] = {at: _opened(project, page) for at, page in value}
        elif name == "references":
            given[name] = tuple(_opened(project, still) for still in value)
        elif name == "character":
            stills = tuple(_opened(project, still) for still in value["stills"])
            given[name] = Character(words=value["words"], stills=stills)
        else:
            given[name] = _opened(project, value)
    return given


def input_path(project: Path, value: Mapping[str, Any]) -> Path:
    """Where a copied picture lies.

    Raises:
        InputError: its name is none that `queued_of` gives, or it is gone.
    """
    return Inputs(project).path(str(value[FILE]))


def _bound(
    studio: Studio, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]
) -> dict[str, Any]:
    signature = inspect.signature(getattr(studio, verb))
    try:
        bound = signature.bind(*args, **options)
    except TypeError as error:
        raise InputError(f"{verb} cannot be queued like that: {error}.") from None
    given = dict(bound.arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = given.pop(name, {})
            unknown = set(extra) - set(_words(studio, verb))
            if unknown:
                raise InputError(
                    f"{verb} has no option {', '.join(sorted(unknown))}. It takes: "
                    f"{', '.join(_words(studio, verb))}."
                )
            given |= extra
    if "on_frame" in given:
        raise InputError("A queued export tells its progress itself; leave on_frame out.")
    return given


def _words(studio: Studio, verb: str) -> list[str]:
    """Names of the options of a verb."""
    words = []
    for name, parameter in inspect.signature(getattr(studio, verb)).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            words += _MORE[name]
        else:
            words.append(name)
    return words


def _picture(studio: Studio, value: Any) -> dict[str, str]:
    if isinstance(value, Clip):
        return {TAKE: studio.keep(value).content_hash}
    if isinstance(value, str) and not Path(value).suffix:
        return {TAKE: studio.open(value).content_hash}
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        try:
            if path.stat().st_size > MAX_PICTURE_BYTES:
                raise MediaError(f"{path} is larger than {MAX_PICTURE_BYTES >> 20} MiB.")
            data = path.read_bytes()
        except OSError as error:
            raise MediaError(f"Cannot read {path}: {error.strerror}.") from error
        return {FILE: Inputs(studio.path).keep(data, path.suffix.lower()[:8])}
    return {FILE: Inputs(studio.path).keep(_png(value), ".png")}


def _png(value: Any) -> bytes:
    from PIL import Image

    try:
        image = value if isinstance(value, Image.Image) else Image.fromarray(value)
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
    except (TypeError, ValueError, AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise StorageError(f"Cannot keep the picture: {error.strerror}.") from error
        raise MediaError(
            f"A picture is a path, a PIL image, a uint8 array or a Clip, not {type(value).__name__} "
            f"({error})."
        ) from None
    return buffer.getvalue()


def _opened(project: Path, value: Any) -> Any:
    if isinstance(value, Mapping) and FILE in value:
        return input_path(project, value)
    if isinstance(value, Mapping) and TAKE in value:
        from playreel.project import ProjectFolder

        return ProjectFolder(project).media.open(str(value[TAKE]))
    return value
