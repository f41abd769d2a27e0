"""Deltas: what one act changed in a document, small and reversible."""

from __future__ import annotations

from typing import Any

from playreel.errors import InputError
from playreel.project.documents import Blocks

Delta = dict[str, Any]


def difference(before: Blocks, after: Blocks) -> Delta:
    """The delta that leads from one state to another; empty if they are the same.

    ``set`` holds ``[key, [value before], [value after]]``, the lists empty where there was none;
    ``order`` the stretch of keys that stands otherwise: ``[start, keys before, keys after]``.
    """
    delta: Delta = {}
    changed = [
        [key, [before[key]] if key in before else [], [after[key]] if key in after else []]
        for key in dict.fromkeys([*before, *after])
        if (key in before) != (key in after) or before[key] != after[key]
    ]
    if changed:
        delta["set"] = changed
    old, new = list(before), list(after)
    if old != new:
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        stop = 0
        while stop < min(len(old), len(new)) - start and old[-1 - stop] == new[-1 - stop]:
            stop += 1
        delta["order"] = [start, old[start : len(old) - stop], new[start : len(new) - stop]]
    return delta


def apply(delta: Delta, blocks: Blocks) -> Blocks:
    """The state after the act.

    Raises:
        InputError: the delta does not belong to this state.
    """
    return _apply(delta, blocks, back=False)


def revert(delta: Delta, blocks: Blocks) -> Blocks:
    """The state before the act.

    Raises:
        InputError: the delta does not belong to this state.
    """
    return _apply(delta, blocks, back=True)


def _apply(delta: Delta, blocks: Blocks, *, back: bool) -> Blocks:
    try:
        values = dict(blocks)
        for key, before, after in delta.get("set", ()):
            value = before if back else after
            if value:
                values[key] = value[0]
            else:
                values.pop(key, None)
        order = list(blocks)
        if "order" in delta:
            start, old, new = delta["order"]
            leaving, coming = (new, old) if back else (old, new)
            if order[start : start + len(leaving)] != leaving:
                raise ValueError("the keys stand otherwise")
            order[start : start + len(leaving)] = coming
        return {key: values[key] for key in order}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"An entry of the history does not fit what it changed: {error}."
        ) from None
