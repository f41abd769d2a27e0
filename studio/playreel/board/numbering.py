"""Numbers as they are shown: three styles, all from the order, none of them stored."""

from __future__ import annotations

from collections.abc import Sequence

from playreel.board.shot import Shot
from playreel.errors import InputError

STYLES = ("1A", "1-1", "010")


def shown_numbers(shots: Sequence[Shot], style: str = "1-1") -> tuple[str, ...]:
    """Numbers of all shots.

    Args:
        shots: in order.
        style: ``1A`` counts scenes and letters shots; ``1-1`` counts both; ``010`` counts shots in
            tens, so that 015 can be put between.

    Raises:
        InputError: another style.
    """
    if style not in STYLES:
        raise InputError(f"Unknown numbering {style!r}. Use one of: {', '.join(STYLES)}.")
    if style == "010":
        return tuple(f"{10 * number:03d}" for number in range(1, len(shots) + 1))
    numbers, scene, place, last = [], 0, 0, None
    for shot in shots:
        key = (shot.episode, shot.scene)
        if key != last:
            scene, place, last = scene + 1, 0, key
        place += 1
        numbers.append(f"{scene}{_letters(place)}" if style == "1A" else f"{scene}-{place}")
    return tuple(numbers)


def _letters(place: int) -> str:
    """1 is A, 26 is Z, 27 is AA."""
    text = ""
    while place:
        place, digit = divmod(place - 1, 26)
        text = chr(65 + digit) + text
    return text
