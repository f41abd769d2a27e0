"""Verbs that are made of others: transitions, several starts, drafts made whole, sequences of shots."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from playreel import Studio
from playreel.cli import main
from playreel.core import Bundle
from playreel.errors import EngineRefusedError, InputError, PromptError, RecipeError
from playreel.film.character import Character
from playreel.media import Clip

FEW = {"num_steps": 2, "seed": 4}


@pytest.fixture
def studio(tmp_path: Path, bundle: Bundle) -> Studio:
    return Studio(tmp_path / "pitch", bundle=bundle)


def picture(seed: int = 0) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 16, 3))
    return blocks.repeat(8, 0).repeat(8, 1).astype(np.uint8)


def test_one_prompt_becomes_another(studio: Studio) -> None:
    clip = studio.transition("a cave", "a meadow", seconds=1, **FEW)
    assert len(clip) == 12
    assert list(clip.recipe.options["resolved"]["inherited"]) == ["a cave", "a meadow"]
    assert [take.operation for take in studio.takes] == ["shoot", "shoot", "bridge"]
    assert studio.replay(clip.recipe) == clip


def test_several_starts_have_one_ending(studio: Studio) -> None:
    ending = Clip(np.stack([picture()] * 3), 12)
    ways = studio.starts(ending, prompts=["a cave", "a meadow"], seconds=0.25, **FEW)
    assert all(np.array_equal(way.frames[-3:], ending.frames) for way in ways)
    assert ways[0] != ways[1]
    again = studio.starts("last", count=2, seconds=0.25, **FEW)
    assert [len(way) for way in again] == [9, 9]  # of the same ending, not of each other
    with pytest.raises(InputError, match="1 to 12"):
        studio.starts(ending, count=0)


def test_a_draft_is_finished_by_its_own_recipe(studio: Studio) -> None:
    draft = studio.still("a fox", draft=True, num_steps=8, seed=3)
    final = studio.finish(draft)
    assert final == studio.still("a fox", num_steps=8, seed=3)
    assert "draft" not in final.recipe.options
    with pytest.raises(RecipeError, match="no draft"):
        studio.finish(final)


SHOTS = [
    {"description": "it runs [0s-0.1s: left]", "seconds": 0.25, "size": "CU", "camera": "pan left"},
    {"description": "it sleeps", "seconds": 0.25},
]


def test_a_character_leads_every_shot(studio: Studio) -> None:
    character = Character(words="an orange fox")
    clips = studio.sequence(SHOTS, character=character, **FEW)
    prompts = [clip.recipe.options["prompt"] for clip in clips]
    assert prompts == [
        "close-up, an orange fox, it runs [0s-0.1s: left]",
        "an orange fox, it sleeps",
    ]
    assert [shot.size for shot in studio.board] == ["CU", ""]
    assert [shot.description for shot in studio.board][1] == "it sleeps"
    assert clips[0].recipe.seed + 1 == clips[1].recipe.seed


def test_shots_that_are_on_the_board_by_their_names_are_not_put_there_again(studio: Studio) -> None:
    for _ in range(2):
        studio.sequence(SHOTS, uids=["shot-a", "shot-b"], **FEW)
    assert [shot.uid for shot in studio.board] == ["shot-a", "shot-b"]
    for names in (["shot-c"], ["shot-c", "shot-c"], ["shot-c", "a b"], "ab", ["", "x" * 101]):
        with pytest.raises(InputError, match="uid"):
            studio.sequence(SHOTS, uids=names, **FEW)
    assert len(studio.board) == 2


def test_a_characters_picture_starts_every_shot(studio: Studio) -> None:
    character = Character(words="an orange fox", stills=(picture(),))
    clips = studio.sequence(SHOTS, character=character, on_board=False, **FEW)
    operations = [take.operation for take in studio.takes]
    assert operations == ["still", "animate"] * 2 and len(studio.board) == 0
    for clip in clips:
        start = studio.open(clip.recipe.parents[0])
        assert np.array_equal(start.frames[0], clip.frames[0])
        assert start.recipe.options["inputs"]["image"] == Clip(picture()[None]).content_hash


def test_what_cannot_be_held_is_refused_before_anything_is_made(studio: Studio) -> None:
    two = Character(words="a fox", stills=(picture(), picture(1)))
    with pytest.raises(EngineRefusedError, match=r"one picture .* not 2.*wan-vace"):
        studio.sequence(SHOTS, character=two)
    with pytest.raises(EngineRefusedError, match=r"wan-vace"):
        studio.shoot("a fox", references=[picture()])
    for shot, words in (
        ({"description": ""}, "Shot 2: The prompt is empty"),
        ({"description": "x", "seconds": -1}, "Shot 2: seconds must be more than zero"),
        ({"description": "x", "size": "huge"}, "Shot 2: Unknown shot size"),
        ({"description": "x", "lens": 50}, "Shot 2: it has lens"),
        ({"description": "[0s-1s: x] [0s-2s: y]"}, "Shot 2: .*overlaps"),
    ):
        with pytest.raises((InputError, PromptError), match=words):
            studio.sequence([SHOTS[0], shot])
    with pytest.raises(InputError, match="one shot at least"):
        studio.sequence([])
    with pytest.raises(InputError, match="words without times"):
        Character(words="[0s-1s: a fox]")
    assert studio.takes == ()


def test_the_commands(tmp_path: Path, bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    common = [
        "--project",
        str(tmp_path / "p"),
        "--weights",
        str(bundle.path),
        "--steps",
        "8",
        "--json",
    ]

    def told() -> dict:
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    file = tmp_path / "shots.json"
    file.write_text(json.dumps(SHOTS[1:]))
    assert main(["sequence", str(file), "--character", "a fox", "--draft", *common]) == 0
    (made,) = told()["takes"]
    assert main(["finish", "last", *common[:4], "--json"]) == 0
    assert told()["num_frames"] == made["num_frames"]
    assert main(["inpaint", "last", "a door", "--region", "0,0,0.5,0.5", *common]) == 0
    assert told()["measured"]["kept_exact"] == 1.0
    for wrong in (
        ["sequence", str(tmp_path / "none.json")],
        ["sequence", str(file), "--picture", "x.png"],
        ["inpaint", "last", "a door", "--region", "a,b"],
        ["starts", "last", "--out", "x.mp4"],
    ):
        assert main([*wrong, *common]) == 2
    capsys.readouterr()
