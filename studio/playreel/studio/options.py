"""Choices of one call that every film operation takes."""

from __future__ import annotations

import secrets
from typing import TypedDict

from playreel.errors import InputError

MAX_RANDOM_SEED = 2**31


class Sampling(TypedDict, total=False):
    """How tokens are drawn; see `playreel.film.sampling`.

    Keys:
        num_steps: passes in which a drawn frame is painted, 2 by default.
        guidance_scale: how far the prompt is followed, 2.0 by default; 1 is off.
        temperature: 1 draws as the model was trained, less is tamer.
        num_candidates: most stills laid out from words alone to choose from, 24 by default.
        cache: let an engine's steps reuse what hardly changed: faster, a little different. By default where
            the machine is slow with it.
        cards: graphics cards that make the take together, by engines that can; 1 by default.
        draft: with fewer steps, by an engine also smaller; `playreel.Studio.finish` makes the whole of it.
        engine: what does it instead of the studio's own engine; see ``playreel engines``.
        negative_prompt: what is not to be seen; for engines that take it.
    """

    num_steps: int
    guidance_scale: float
    temperature: float
    num_candidates: int
    cache: bool
    cards: int
    draft: bool
    engine: str
    negative_prompt: str


class Joining(Sampling, total=False):
    """What operations that add frames to clips take besides.

    Keys:
        blend: kept frames at each joint that may be melted for a softer seam, 0 by default.
    """

    blend: int


def seed_or_new(seed: int | None) -> int:
    """``seed``, or a fresh one where none was given; the recipe tells which.

    Raises:
        InputError: not a whole number from 0 up.
    """
    if seed is None:
        return secrets.randbelow(MAX_RANDOM_SEED)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(
            f"A seed is a whole number from 0 up, not {seed!r}. Leave it out to draw one."
        )
    return seed
