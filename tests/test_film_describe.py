"""Captions of clips: what happens, when, in words that can be used as a prompt again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playreel import Studio
from playreel.errors import InputError
from playreel.film.prompt import parse_prompt
from playreel.footage.platformer import PlatformerWorld
from playreel.footage.spec import BUTTONS, EpisodeSpec
from playreel.media import Clip


def filmed(presses: str, seed: int = 20) -> Clip:
    """True footage: ``"right*12 stay*12"`` played in the simulator."""
    world = PlatformerWorld(EpisodeSpec(seed=seed))
    frames = [world.reset()]
    for entry in presses.split():
        name, _, count = entry.partition("*")
        frames += [world.step(BUTTONS.index(name)) for _ in range(int(count or 1))]
    return Clip(np.stack(frames))


@pytest.mark.weights
def test_what_was_played_is_read_back(tmp_path: Path) -> None:
    right = total = 0
    studio = Studio(tmp_path / "pitch")
    for seed in (20, 30, 40):
        clip = filmed("right*18 stay*12 left*18", seed)
        true = ["right"] * 19 + ["stay"] * 12 + ["left"] * 18
        for start_s, end_s, name in studio.describe(clip).spans:
            first, last = round(start_s * 12), round(end_s * 12)
            right += sum(wanted == name for wanted in true[first:last])
        total += len(true)
    assert right / total > 0.6  # by chance it would be a sixth


def test_a_caption_is_a_prompt_in_the_clips_language(tmp_path: Path, bundle) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    clip = studio.shoot("一只狐狸", seconds=1, seed=1, num_steps=1)
    caption = studio.describe(clip)
    parsed = parse_prompt(caption.text)
    assert parsed.base == "一只狐狸"
    assert len(parsed.timed) == len(caption.spans)
    assert all(not timed.text.isascii() for timed in parsed.timed)
    assert [s for s, *_ in caption.spans] == sorted(s for s, *_ in caption.spans)
    english = studio.describe(clip, language="en")
    assert english.spans == caption.spans and str(english) == english.text
    with pytest.raises(InputError, match="'fr'"):
        studio.describe(clip, language="fr")


def test_a_still_says_what_it_was_asked_for(tmp_path: Path, bundle) -> None:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    still = studio.still("a fox", seed=1, num_steps=1)
    assert studio.describe(still).text == "a fox"
    assert studio.describe(Clip(np.zeros((1, 72, 128, 3), np.uint8))).text == ""
