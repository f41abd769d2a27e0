"""Smart stitching: stretches that were encoded before are copied, only new ones are encoded."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path

import numpy as np

from playreel.board.stitch import Film
from playreel.errors import StorageError
from playreel.media.mux import split_film
from playreel.media.overlay import Card
from playreel.media.write import Picture, encode

_VERSION = 1  # of how stretches are encoded; another number makes them all anew
MAX_CACHE_BYTES = 2 * 2**30

Parts = list[tuple[Path, int]]


def encode_film(
    film: Film,
    picture: Picture,
    cards: Sequence[Card],
    folder: Path,
    *,
    cache: Path | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Parts:
    """The film's H.264 in parts, to be joined by copying.

    Args:
        film: takes on a clock.
        picture: how pixels are enlarged and encoded.
        cards: pictures laid over it.
        folder: for temporary files.
        cache: where encoded stretches are kept; None encodes the whole film.
        on_frame: told the number of frames done so far, copied ones included.

    Returns:
        Files and their numbers of frames, in order.

    Raises:
        MediaError: see `playreel.media.write_video`.
        OSError: the encoder failed.
    """
    if cache is None:
        target = folder / "film.mp4"
        encode(
            target,
            film.frame,
            film.fps,
            picture,
            num_frames=len(film),
            cards=cards,
            on_frame=on_frame,
        )
        return [(target, len(film))]
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot make the folder {cache}: {error.strerror}.") from error
    stretches = film.stretches()
    kept = [cache / f"{_key(film, span, picture, cards)}.mp4" for span in stretches]
    lengths = [stop - start for start, stop in stretches]
    known = {path for path, length in zip(kept, lengths, strict=True) if _is_whole(path)}
    missing = {path: span for path, span in zip(kept, stretches, strict=True) if path not in known}
    copied = len(film) - sum(stop - start for start, stop in missing.values())
    if on_frame is not None and copied:
        on_frame(copied)
    if missing:
        fades = {(s.start, s.start + s.fade) for s in film.segments if s.fade}
        picture = replace(picture, mixes=fades.issuperset(missing.values()))
        told = None if on_frame is None else (lambda done: on_frame(copied + done))
        _encode_missing(film, missing, picture, cards, cache, told)
    _sweep(cache, set(kept))
    return list(zip(kept, lengths, strict=True))


def forget(parts: Parts, cache: Path) -> None:
    """Drops parts from the cache, because they could not be joined."""
    for path, _ in parts:
        if path.parent == cache:
            path.unlink(missing_ok=True)


def _encode_missing(
    film: Film,
    missing: dict[Path, tuple[int, int]],
    picture: Picture,
    cards: Sequence[Card],
    cache: Path,
    on_frame: Callable[[int], None] | None,
) -> None:
    """One run of the encoder over all missing stretches, cut apart afterwards."""
    spans = list(missing.values())
    begins = [0, *accumulate(stop - start for start, stop in spans)]

    def frame(index: int) -> np.ndarray:
        place = bisect_right(begins, index) - 1
        return film.frame(spans[place][0] + index - begins[place])

    moved = [
        part
        for (start, stop), begin in zip(spans, begins, strict=False)
        for card in cards
        if (part := card.within(start, stop, begin)) is not None
    ]
    with tempfile.TemporaryDirectory(prefix=".encoding-", dir=cache) as name:
        work = Path(name)
        encode(
            work / "film.mp4",
            frame,
            film.fps,
            picture,
            num_frames=begins[-1],
            cards=moved,
            key_frames=begins[1:-1],
            on_frame=on_frame,
        )
        cut = [work / path.name for path in missing]
        lengths = [stop - start for start, stop in spans]
        split_film(work / "film.mp4", lengths, cut, film.fps)
        for source, target in zip(cut, missing, strict=True):
            source.replace(target)


def _key(film: Film, span: tuple[int, int], picture: Picture, cards: Sequence[Card]) -> str:
    start, stop = span
    shown = [card for card in cards if card.within(start, stop, 0)]
    document = {
        "version": _VERSION,
        "fps": str(film.fps),
        "size": film.size,
        "picture": asdict(replace(picture, mixes=False)),
        "frames": film.shown_in(start, stop),
        "cards": [
            [card.digest, max(0, card.start - start), min(stop, card.stop) - start]
            for card in shown
        ],
    }
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()[:40]


def _is_whole(path: Path) -> bool:
    try:
        if path.stat().st_size < 1:
            return False
        os.utime(path)  # used now: the sweep takes what was not used for longest
    except OSError:
        return False
    return True


def _sweep(cache: Path, needed: set[Path]) -> None:
    """Keeps the cache below its limit, oldest first, never what this film needs."""
    files = []
    for path in cache.glob("*.mp4"):
        with contextlib.suppress(OSError):
            stat = path.stat()
            files.append((stat.st_mtime, stat.st_size, path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= MAX_CACHE_BYTES:
            return
        if path not in needed:
            path.unlink(missing_ok=True)
            total -= size
