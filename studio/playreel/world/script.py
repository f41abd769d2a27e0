"""Scripts of buttons, such as ``"right*8 jump right*4"``.

script = entry {separator entry};  entry = button ["*" count];  separator = spaces or commas
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from playreel.errors import InputError

MAX_STEPS = 4096  # steps one call of `play` may take; 5.7 minutes at 12 frames per second
MAX_CHARACTERS = 65_536

_SEPARATORS = re.compile(r"[\s,，]+")
_JOINTS = re.compile(r" ?([*+:]) ?")


def parse_script(
    script: str | Iterable[str], resolve: Callable[[str], tuple[str, int]]
) -> list[str]:
    """Reads a whole script before anything is played, so that a mistake plays nothing.

    Args:
        script: the text, or a sequence of such entries.
        resolve: finds a button, as `ActionSet.resolve`.

    Returns:
        One canonical button name for each step.

    Raises:
        InputError: empty, too long, or a count that is no whole number from 1 up.
        UnknownActionError: an entry names no button.
    """
    actions: list[str] = []
    for entry in _entries(script):
        name, star, count = entry.partition("*")
        if star and not name:
            raise InputError(f"{entry!r} counts no button. Write for example right*8.")
        actions_of_entry = _count(entry, count) if star else 1
        if len(actions) + actions_of_entry > MAX_STEPS:
            raise InputError(
                f"This script takes more than {MAX_STEPS} steps (at {entry[:40]!r}). "
                "Play it in several calls."
            )
        actions += [resolve(name)[0]] * actions_of_entry
    if not actions:
        raise InputError(
            f"The script {str(script)[:40]!r} presses no button. Write for example 'right*8 jump'."
        )
    return actions


def _entries(script: str | Iterable[str]) -> list[str]:
    if isinstance(script, str):
        texts = [script]
    elif isinstance(script, Iterable) and not isinstance(script, bytes):
        texts = list(script)
    else:
        raise InputError(
            f"A script is text such as 'right*8 jump', not {type(script).__name__} {script!r}."
        )
    entries: list[str] = []
    for text in texts:
        if not isinstance(text, str):
            raise InputError(f"A script holds names of buttons, not {text!r}.")
        if len(text) > MAX_CHARACTERS:
            raise InputError(
                f"A script may take {MAX_CHARACTERS} characters; this one has {len(text)}. "
                "Write repeats as right*8."
            )
        tidy = _JOINTS.sub(r"\1", _SEPARATORS.sub(" ", text.replace("×", "*")))  # "right * 8"
        entries += tidy.split()
    return entries


def _count(entry: str, count: str) -> int:
    if not count.isascii() or not count.isdigit() or len(count) > 9 or int(count) == 0:
        raise InputError(
            f"In {entry[:40]!r} the count must be a whole number from 1 to {MAX_STEPS}. "
            "Write for example right*8."
        )
    number = int(count)
    if number > MAX_STEPS:
        raise InputError(
            f"In {entry[:40]!r} the count is more than the {MAX_STEPS} steps one call may take. "
            "Play it in several calls."
        )
    return number
