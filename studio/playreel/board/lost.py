"""Takes whose media is gone: found out, named, and a card in their place in everything that is written."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from playreel.board.planned import placeholder
from playreel.board.shot import Shot
from playreel.errors import MediaError, PlayreelWarning
from playreel.media.clip import Clip

_SECONDS = 2  # of a take whose length is gone with it
_FPS = Fraction(12)
_SIZE = (72, 128)


def lost(take: Clip, *, whole: bool = True) -> MediaError | None:
    """Why a take cannot be shown, or None.

    Args:
        take: of a shot.
        whole: read its frames; else only whether its file is there and its length is known, which
            costs nothing for a thousand shots.
    """
    try:
        if whole or take.is_missing:
            _ = take.frames
        _ = len(take), take.fps
    except MediaError as error:
        return error
    return None


def with_cards(shots: Sequence[Shot], *, whole: bool = True, tell: bool = True) -> list[Shot]:
    """The shots, with a card for each whose take is gone: as long as the take, where that is known.

    Args:
        shots: of a board.
        whole: as in `lost`.
        tell: name each in a warning.
    """
    reasons = [lost(shot.take, whole=whole) for shot in shots]
    if not any(reasons):
        return list(shots)
    there = (shot.take for shot in shots if lost(shot.take) is None)
    size = next((take.size for take in there), _SIZE)
    shown = []
    for shot, reason in zip(shots, reasons, strict=True):
        if reason is None:
            shown.append(shot)
            continue
        if tell:
            warnings.warn(
                f"Shot {shot.number} ({shot.uid}) shows a card instead of its take: {reason}",
                PlayreelWarning,
                stacklevel=3,
            )
        shown.append(replace(shot, take=_card(shot, size)))
    return shown


def is_lost_card(take: Clip) -> bool:
    """Whether a take is a card of `with_cards`."""
    return take.recipe is not None and "lost" in take.recipe.options


def _card(shot: Shot, size: tuple[int, int]) -> Clip:
    try:
        count, fps = len(shot.take), shot.take.fps
    except MediaError:
        count, fps = int(_SECONDS * _FPS), _FPS
    return placeholder(f"{shot.number}", count, fps, size, lost=shot.take.content_hash)
