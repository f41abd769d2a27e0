"""Asking a language model: what it is asked, and what of its answer can be used.

The model is asked for additions only, aspect by aspect, so that it cannot rewrite the script. What it
answers is foreign: bounded in size, checked, and cut to the lexicon where that is closed.
"""

from __future__ import annotations

import json
from typing import Any

from playreel.film.expander import Added, Opened
from playreel.film.lexicon import ASPECTS, Lexicon, language_of

MAX_WORDS_CHARS = 200


def question(lexicon: Lexicon, prompt: str, opened: Opened) -> str:
    """What a model is asked: a few words for each aspect that a prompt leaves open, as JSON."""
    language = "Chinese" if language_of(prompt) == "zh" else "English"
    lines = [
        "You help to describe a film shot. Reply with one JSON object and nothing else.",
        f"For each of these keys give a few words in {language} that add what the description leaves "
        f"open, without repeating or changing anything it says: {', '.join(opened.aspects)}.",
        *(f"{aspect}: {ASPECTS[aspect][0]}." for aspect in opened.aspects),
    ]
    if lexicon.is_closed:
        code = language_of(prompt)
        lines.append("Use only these words:")
        lines += [
            f"{aspect}: " + " | ".join(ways[code][0] for ways in lexicon.values[aspect].values())
            for aspect in opened.aspects
        ]
    return "\n".join([*lines, f"Description: {json.dumps(prompt, ensure_ascii=False)}"])


def object_in(text: str) -> dict[str, Any]:
    """The JSON object in an answer.

    Raises:
        ValueError: there is none.
    """
    start, stop = text.index("{"), text.rindex("}") + 1
    found = json.loads(text[start:stop])
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def additions(
    answer: dict[str, Any], lexicon: Lexicon, opened: Opened, language: str
) -> tuple[tuple[Added, ...], list[str]]:
    """What of an answer is added to a prompt, and notes on what is not."""
    added, notes = [], []
    for aspect in opened.aspects:
        words = answer.get(aspect)
        if not isinstance(words, str):
            continue
        words = " ".join(words.translate(_HARMLESS).split())[:MAX_WORDS_CHARS].strip(" ,.;，。；")
        if not words:
            continue
        if lexicon.is_closed:
            values = lexicon.found(words, aspect)
            if not values:
                notes.append(f"left out, the model was not taught it: {words}")
                continue
            words = lexicon.said(aspect, values[0], language, 0)
        added.append(Added(aspect=aspect, words=words))
    return tuple(added), notes


# No brackets: they would be read as times. No control characters.
_HARMLESS = {code: " " for code in (*range(32), 127, *map(ord, "[]【】［］〔〕"))}
