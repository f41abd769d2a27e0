"""Parcel: JSON values and pixels from one of our processes to another, through a pipe.

A length in eight bytes, that many bytes of JSON, then the pixels of each array that the JSON names. Reading
one runs nothing.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from playreel.film.engines.request import Known, Request

ARRAYS = "arrays"  # [[shape, type], ...]
TYPES = ("uint8", "bool")
_LENGTH = 8

Arrays = list[NDArray[Any]]


def send(stream: BinaryIO, values: dict[str, Any], arrays: Arrays | None = None) -> None:
    """Writes one parcel.

    Raises:
        OSError: nobody reads any more.
    """
    given = [np.ascontiguousarray(array) for array in arrays or ()]
    kinds = [[list(array.shape), str(array.dtype)] for array in given]
    head = json.dumps({**values, ARRAYS: kinds}).encode()
    stream.write(len(head).to_bytes(_LENGTH, "big") + head)
    for array in given:
        stream.write(memoryview(array.reshape(-1).view(np.uint8)))
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], Arrays] | None:
    """The next parcel, or None where the other side has ended."""
    length = stream.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    try:
        values = json.loads(stream.read(int.from_bytes(length, "big")))
        arrays = [_array(stream, shape, kind) for shape, kind in values.pop(ARRAYS)]
    except (EOFError, ValueError):  # cut off in the middle
        return None
    return values, arrays


def packed_request(request: Request) -> tuple[dict[str, Any], Arrays]:
    """A request as JSON values and arrays."""
    arrays: Arrays = []

    def packed(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {"array": len(arrays) - 1}
        if isinstance(value, Known):
            return {"start": value.start, "frames": packed(value.frames)}
        return [packed(item) for item in value] if isinstance(value, tuple) else value

    return {field.name: packed(getattr(request, field.name)) for field in fields(Request)}, arrays


def unpacked_request(values: dict[str, Any], arrays: Arrays) -> Request:
    """The request that was packed."""

    def array(value: Any) -> Any:
        return None if value is None else arrays[value["array"]]

    request = Request(**{**values, "known": (), "references": (), "size": tuple(values["size"])})
    return replace(
        request,
        known=tuple(Known(start=k["start"], frames=array(k["frames"])) for k in values["known"]),
        source=array(values["source"]),
        region=array(values["region"]),
        references=tuple(array(value) for value in values["references"]),
    )


def _array(stream: BinaryIO, shape: list[int], kind: str) -> NDArray[Any]:
    if kind not in TYPES:
        raise ValueError(f"no pixels: {kind!r:.20}")
    data = stream.read(math.prod(shape))
    if len(data) < math.prod(shape):
        raise EOFError
    return np.frombuffer(data, np.dtype(kind)).reshape(shape)
