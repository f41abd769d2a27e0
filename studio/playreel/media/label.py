"""Saying that a film was made by a model: a visible mark, and tags that programs read.

GB 45438-2025 asks for both: type of at least 5 % of the shorter side for at least two seconds, and
an ``AIGC`` entry with seven keys in the file's metadata; Art. 50 of the EU AI Act for a mark that
machines can read.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction

from playreel.media.caption import mark_picture
from playreel.media.overlay import Card
from playreel.recipe import Recipe

MARK_TEXT = "AI 生成 · AI generated"
MARK_SECONDS = 3
MARK_SHARE = Fraction(1, 20)  # of the shorter side, the least that is allowed
PRODUCER = "Playreel"
AIGC = "AIGC"


def mark_card(size: tuple[int, int], fps: Fraction, num_frames: int, left: int, top: int) -> Card:
    """The visible mark over the first seconds of a film.

    Args:
        size: (height, width) of the film.
        fps: frames per second.
        num_frames: length; a shorter film is marked throughout.
        left: where the mark begins.
        top: its upper edge.
    """
    # the glyphs fill about nine tenths of the type size
    size_px = math.ceil(min(size) * MARK_SHARE / Fraction(9, 10))
    stop = min(num_frames, math.ceil(MARK_SECONDS * fps))
    return Card(0, stop, mark_picture(MARK_TEXT, size_px), left, top)


def aigc_tags(recipe: Recipe | None, name: str) -> dict[str, str]:
    """The ``AIGC`` tag of a file.

    Args:
        recipe: how it was made; footage from elsewhere (None) is not called generated.
        name: what names the content, such as its hash.

    Returns:
        One tag, or none.
    """
    if recipe is None:
        return {}
    entry = {
        "Label": "1",
        "ContentProducer": PRODUCER,
        "ProduceID": name[:32],
        "ReservedCode1": "",
        "ContentPropagator": PRODUCER,
        "PropagateID": name[:32],
        "ReservedCode2": "",
    }
    return {AIGC: json.dumps(entry, ensure_ascii=False)}
