"""What a film's recipe says so that each of its frames can be traced, also far from its project."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from playreel.board.stitch import Film, Segment
from playreel.media.clip import Clip
from playreel.media.stored import StoredClip
from playreel.recipe import Recipe

MAX_ANCESTRY_BYTES = 150_000  # of the 256 KiB that a recipe may take
MAX_TEXT = 2_000
_LEFT_OUT = ("measured", "ancestry", "segments")  # of the options of an ancestor
_KEPT_RESOLVED = ("kept", "blended_frames", "inherited")


def film_lineage(film: Film) -> dict[str, Any]:
    """``segments`` and ``ancestry`` of a film, as recipe options.

    A segment tells the film's frames that show a take, and which of its frames they show. The
    ancestry holds, by content hash, how the takes and all they go back to were made, as far as that
    is known and there is room for it: the nearest first, without embedded pictures.
    """
    return {
        "segments": segment_entries(film),
        "ancestry": _ancestry([segment.take for segment in film.segments]),
    }


def segment_entries(film: Film) -> list[dict[str, Any]]:
    """What each segment shows of which take, as recipe options."""
    return [_segment(segment) for segment in film.segments]


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "take": segment.take.content_hash,
        "start": segment.start,
        "num_frames": len(segment.indices),
        "fade": segment.fade,
        "frames": runs_of(segment.indices),
    }


def runs_of(indices: np.ndarray) -> list[list[int]]:
    """int64 [n] as runs ``[first, step, count, held]``: count frames, each shown held times."""
    values = [int(value) for value in indices]
    shown: list[list[int]] = []  # [frame, times]
    for value in values:
        if shown and shown[-1][0] == value:
            shown[-1][1] += 1
        else:
            shown.append([value, 1])
    runs: list[list[int]] = []
    for value, held in shown:
        last = runs[-1] if runs else None
        if last and last[3] == held and last[2] == 1:
            last[1], last[2] = value - last[0], 2
        elif last and last[3] == held and value == last[0] + last[1] * last[2]:
            last[2] += 1
        else:
            runs.append([value, 0, 1, held])
    return runs


def frame_in_runs(runs: Any, index: int) -> int | None:
    """What `runs_of` tells of one frame; None if the runs, which may be foreign, do not say."""
    try:
        for first, step, count, held in runs:
            if any(type(n) is not int for n in (first, step, count, held)) or count * held <= 0:
                return None
            if index < count * held:
                return first + step * (index // held)
            index -= count * held
    except (TypeError, ValueError):
        return None
    return None


def _ancestry(takes: list[Clip]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    size = 0
    queue: deque[Clip] = deque(takes)
    while queue:
        clip = queue.popleft()
        recipe = clip.recipe
        if clip.content_hash in known or recipe is None:
            continue
        told = {
            "operation": recipe.operation,
            "num_frames": len(clip),
            "fps": str(clip.fps),
            "seed": recipe.seed,
            "engine": recipe.engine,
            "weights": recipe.weights,
            "parents": list(recipe.parents),
            "actions": list(recipe.actions),
            "options": _options(recipe),
        }
        size += len(json.dumps(told, ensure_ascii=False).encode()) + len(clip.content_hash) + 8
        if size > MAX_ANCESTRY_BYTES:
            break
        known[clip.content_hash] = told
        if isinstance(clip, StoredClip):
            parents = [clip.parent(content_hash) for content_hash in recipe.parents]
            queue.extend(parent for parent in parents if parent is not None)
    return known


def _options(recipe: Recipe) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in recipe.options.items():
        if name in _LEFT_OUT or (isinstance(value, str) and len(value) > MAX_TEXT):
            continue
        if name == "resolved" and isinstance(value, Mapping):
            value = {key: value[key] for key in _KEPT_RESOLVED if key in value}
        options[name] = _plain(value)
    return options


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
