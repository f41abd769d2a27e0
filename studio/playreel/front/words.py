"""What the pages say, in English and Chinese; from static/words.json, which the scripts read too."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "static" / "words.json"


@cache
def words() -> dict[str, list[str]]:
    """English and Chinese by key."""
    return dict(json.loads(WORDS.read_text(encoding="utf-8")))


def translations() -> dict[str, dict[str, str]]:
    """By language, as Gradio takes them."""
    english = {key: pair[0] for key, pair in words().items()}
    chinese = {key: pair[1] for key, pair in words().items()}
    return {"en": english, "zh": chinese, "zh-CN": chinese, "zh-TW": chinese}
