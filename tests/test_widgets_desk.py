"""The film desk's and the board's doors to what the studio can do, without a browser."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from playreel import Studio
from playreel.media import Clip
from playreel.recipe import Recipe
from playreel_widgets.host import Host
from waiting import until
from widget_tab import Tab

TABLE = b"""episode,scene,size,description,dialogue,seconds
1,1,LS,a fox on a ridge,Who is there?,2
1,1,CU,the fox turns,,1
2,1,MS,a cave at night,,2
"""


@pytest.fixture
def studio(bundle, tmp_path) -> Iterator[Studio]:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    yield studio
    studio.jobs.stop_worker()


@pytest.fixture
def tab(studio) -> Tab:
    return Tab(Host.of(studio))


def clip(seed: int = 0, frames: int = 6) -> Clip:
    blocks = np.random.default_rng(seed).integers(0, 256, (frames, 9, 16, 3), np.uint8)
    return Clip(blocks.repeat(8, 1).repeat(8, 2), 12, Recipe(operation="capture"))


def value(tab: Tab, verb: str, **args):
    content, _ = tab.ask(verb, **args)
    assert content["ok"], content["error"]
    return content["value"]


def test_the_engines_are_told_with_what_each_verb_asks_of_them(studio, tab) -> None:
    told = value(tab, "engines")
    assert told["own"] == "bundled"
    engines = {engine["name"]: engine for engine in told["engines"]}
    assert engines["bundled"]["here"] and engines["bundled"]["library"]
    for operations in told["verbs"].values():
        for operation in operations:
            for engine in engines.values():
                ability = engine["operations"][operation]
                assert ability["level"] in ("native", "emulated", "refused") and ability["how"]
    assert engines["framepack"]["operations"]["shoot"]["level"] == "refused"
    assert told["cameras"][0][0] == "static"
    layout = value(tab, "layout", engine="ltx-2b")
    assert layout[0]["model"] == "ltx-2b" and layout[0]["why"]


@pytest.mark.parametrize(
    ("verb", "args", "says"),
    [
        ("shoot", {"prompt": "a fox", "engine": "no-such"}, "no-such"),
        ("shoot", {"prompt": "a fox", "engine": "/etc/passwd"}, "/etc/passwd"),
        ("shoot", {"prompt": "a fox", "engine": "x" * 400}, "no engine"),
        ("shoot", {"prompt": "a fox", "steps": 2.5}, "whole number"),
        ("inpaint", {"take": "last", "prompt": "x", "region": [0, 0, 2, 1]}, "0 to 1"),
        ("inpaint", {"take": "last", "prompt": "x", "region": "all"}, "4 numbers"),
        ("sequence", {"shots": "many"}, "list of at most"),
        ("sequence", {"shots": [{"description": "x"}, {"size": "CU"}]}, "Shot 2"),
        ("sequence", {"shots": []}, "one shot at least"),
        ("starts", {"take": "last", "count": 99}, "1 to 12"),
        ("finish", {"take": "last"}, "no draft"),
        ("layout", {"engine": "no-such"}, "no-such"),
        ("remember", {"name": "", "character": "a fox"}, ""),
        ("describe", {"take": "0000"}, "no take"),
        ("board-split", {"uid": "shot-gone", "frame": 1}, "no shot"),
        ("board-merge", {"uid": "a", "last": "b"}, "no shot"),
        ("board-retake", {"uid": "shot-gone"}, "no shot"),
        ("board-update", {"uid": "x", "changes": {"framing": "north"}}, "no shot"),
        ("board-import", {"name": "x.exe"}, ".fountain"),
        ("export", {"name": "film.mp4", "captions": "loud"}, "Captions are"),
    ],
)
def test_bad_requests_are_refused_in_words(studio, tab, verb, args, says) -> None:
    studio.keep(clip())
    content, _ = tab.ask(verb, **args)
    late = content["ok"]  # refused when its turn came
    error = tab.wait_task(content["value"]["uid"], 200)["error"] if late else content["error"]
    assert says in error["message"] and error["code"] != "fault"


def test_a_part_of_a_take_is_made_anew(studio, tab) -> None:
    take = studio.keep(clip())
    args = {"take": take.content_hash, "prompt": "a tree", "region": [0.5, 0.2, 0.9, 0.8]}
    answer = value(tab, "inpaint", **args, seed=1, steps=1)
    ended = tab.wait_task(answer["uid"], 120)
    assert ended["state"] == "done", ended
    made = studio.open(ended["result"])
    assert np.array_equal(made.frames[:, :, :32], take.frames[:, :, :32])
    assert made.recipe.options["prompt"] == "a tree"


def test_what_is_directed_makes_several_takes(studio, tab) -> None:
    few = {"steps": 1, "seed": 1}
    take = studio.keep(clip(frames=3)).content_hash
    answer = value(tab, "starts", take=take, seconds=0.25, prompt="a cave\n\na meadow", **few)
    ended = tab.wait_task(answer["uid"], 200)
    assert ended["state"] == "done", ended
    ways = [studio.open(name) for name in ended["takes"]]
    assert [way.recipe.options["prompt"] for way in ways] == ["a cave", "a meadow"]
    assert all(np.array_equal(way.frames[-3:], studio.open(take).frames) for way in ways)
    made = [c["value"]["hash"] for c, _ in list(tab.heard) if c.get("event") == "made"]
    assert set(ended["takes"]) <= set(made)  # each of them is told

    still = studio.still("a fox", seed=1, num_steps=1).content_hash
    shots = [
        {"description": "it runs", "seconds": 0.25, "size": "CU", "camera": "pan left"},
        {"description": "it jumps", "seconds": 0.25, "size": "", "camera": ""},
    ]
    answer = value(tab, "sequence", shots=shots, character="an orange fox", picture=still, **few)
    ended = tab.wait_task(answer["uid"], 200)
    assert ended["state"] == "done", ended
    board = value(tab, "board")
    assert [shot["take"] for shot in board] == ended["takes"]
    assert [shot["size"] for shot in board] == ["CU", ""]
    assert (
        studio.open(ended["takes"][0])
        .recipe.options["prompt"]
        .startswith("close-up, an orange fox")
    )

    answer = value(
        tab, "transition", prompt="a cave", becomes="a meadow", seconds=1, draft=True, **few
    )
    ended = tab.wait_task(answer["uid"], 200)
    assert ended["state"] == "done" and ended["label"] == "a cave → a meadow"
    assert len(studio.open(ended["result"])) == 12


def test_a_draft_is_finished_from_the_shelf(studio, tab) -> None:
    answer = value(tab, "shoot", prompt="a fox", seconds=0.25, draft=True, steps=8, seed=1)
    draft = tab.wait_task(answer["uid"], 200)["result"]
    assert value(tab, "recipe", take=draft)["recipe"]["options"]["draft"]
    answer = value(tab, "finish", take=draft)
    whole = tab.wait_task(answer["uid"], 200)
    assert whole["state"] == "done" and whole["result"] != draft
    assert "draft" not in value(tab, "recipe", take=whole["result"])["recipe"]["options"]


def test_a_prompt_is_expanded_and_nothing_is_lost_of_it(tab) -> None:
    told = value(tab, "expand", prompt="a fox")
    assert told["text"].startswith("a fox") and told["added"] == len(told["lines"]) > 0


def test_a_take_is_described_in_both_languages(studio, tab) -> None:
    still = studio.still("an orange fox in a meadow", seed=1, num_steps=1)
    world = studio.world(still, seed=1)
    world.play("right*4")
    take = world.capture(0, 5).content_hash
    assert "fox" in value(tab, "describe", take=take)["text"]
    assert value(tab, "describe", take=take, language="zh")["text"]


def test_character_cards_are_kept_in_the_project(studio, tab) -> None:
    still = studio.still("a fox", seed=1, num_steps=1).content_hash
    value(tab, "remember", name="Rusty", character="an orange fox", picture=still)
    (card,) = value(tab, "characters")
    assert card == {"name": "Rusty", "words": "an orange fox", "take": still}
    assert studio.references[0].kind == "character"


def test_a_shot_is_split_joined_framed_and_undone(studio, tab) -> None:
    value(tab, "board-add", take=studio.keep(clip(frames=8)).content_hash)
    (shot,) = value(tab, "board")
    first, second = value(tab, "board-split", uid=shot["uid"], frame=3)
    assert [s["frames"] for s in value(tab, "board")] == [3, 5]
    assert value(tab, "board-merge", uid=first, last=second) == first
    assert [s["frames"] for s in value(tab, "board")] == [8]
    keys = value(tab, "board-framing", uid=first)
    value(tab, "board-update", uid=first, changes={"framing": "0:0.2,0.5 7:0.8,0.5"})
    (framed,) = value(tab, "board")
    assert keys and framed["framing"] == "0:0.2,0.5 7:0.8,0.5"
    value(
        tab, "board-update", uid=first, changes={"references": "Rusty， the cave", "beat": "hook"}
    )
    (told,) = value(tab, "board")
    assert told["references"] == ["Rusty", "the cave"] and told["beat"] == "hook"
    for _ in range(4):
        value(tab, "board-undo")
    assert value(tab, "board") == [shot]


def test_a_series_is_taken_over_looked_at_and_made(studio, tab) -> None:
    content, _ = tab.ask("board-import", [TABLE], name="episodes.csv")
    assert content["ok"] and content["value"] == 3
    shots = value(tab, "board")
    assert [shot["made"] for shot in shots] == [False] * 3
    assert [shot["episode"] for shot in shots] == ["1", "1", "2"]
    series = value(tab, "series")
    assert [(e["name"], e["shots"], e["made"]) for e in series["episodes"]] == [
        ("1", 2, 0),
        ("2", 1, 0),
    ]
    assert series["pacing"] and set(series["pacing"][0]["words"]) == {"en", "zh"}
    # A card has a picture before its take is made.
    _, sent = tab.ask("poster", take=shots[0]["take"])
    assert sent[0].startswith(b"\x89PNG")
    answer = value(tab, "board-make", uid=shots[1]["uid"])
    assert tab.wait_task(answer["uid"], 120)["state"] == "done"
    end = time.monotonic() + 30
    while [shot["made"] for shot in value(tab, "board")] != [False, True, False]:
        assert time.monotonic() < end
    told = [content for content, _ in tab.heard if content.get("event") == "board"]
    assert [shot["made"] for shot in told[-1]["value"]] == [False, True, False]
    # A lost file makes a card, and not an end of the board.
    made = value(tab, "board")[1]
    studio.path_of(made["take"]).unlink()
    again = Tab(Host(Studio(studio.path, bundle=studio.bundle)))
    lost = value(again, "board")[1]
    assert lost["take"] == made["take"]


def test_a_shot_is_made_again_and_its_old_version_chosen(studio, tab) -> None:
    still = studio.still("a fox", seed=1, num_steps=1)
    take = studio.animate(still, seconds=0.5, seed=1, num_steps=1)
    value(tab, "board-add", take=take.content_hash)
    (shot,) = value(tab, "board")
    answer = value(tab, "board-retake", uid=shot["uid"], seed=5)
    ended = tab.wait_task(answer["uid"], 120)
    assert ended["state"] == "done", ended
    (now,) = value(tab, "board")
    assert now["take"] == ended["result"] != shot["take"] and shot["take"] in now["versions"]
    value(tab, "board-update", uid=shot["uid"], changes={"take": shot["take"]})
    assert value(tab, "board")[0]["take"] == shot["take"]


def test_a_film_an_episode_is_cut_with_captions(studio, tab) -> None:
    for episode in ("1", "2"):
        uid = value(tab, "board-add", take=studio.keep(clip(int(episode))).content_hash)
        changes = {"episode": episode, "dialogue": "雪 snow"}
        value(tab, "board-update", uid=uid, changes=changes)
    answer = value(tab, "export", series=True, preset="vertical-1080p", captions="files")
    ended = tab.wait_task(answer["uid"], 200)
    assert ended["state"] == "done", ended
    films = sorted(path.name for path in (studio.path / "films").iterdir())
    assert {"ep-001.mp4", "ep-002.mp4"} <= set(films)
    assert any(name.endswith(".srt") for name in films)


def test_what_another_process_does_is_seen(studio, tab) -> None:
    value(tab, "hello")
    code = (
        "import sys, numpy as np; from playreel import Clip, Studio; "
        "from playreel.recipe import Recipe; studio = Studio(sys.argv[1]); "
        "take = studio.keep(Clip(np.zeros((2, 8, 8, 3), np.uint8), 12, Recipe(operation='capture'))); "
        "studio.board.add(take, dialogue='from elsewhere')"
    )
    subprocess.run([sys.executable, "-c", code, str(studio.path)], check=True)

    def told(event: str) -> list:
        return [c["value"] for c, _ in list(tab.heard) if c.get("event") == event]

    until(lambda: told("made") and told("board"))
    assert told("board")[-1][0]["dialogue"] == "from elsewhere"
    assert told("made")[-1]["hash"] == told("board")[-1][0]["take"]
    count = len(told("board"))
    value(tab, "board-update", uid=told("board")[-1][0]["uid"], changes={"size": "LS"})
    until(lambda: told("board")[-1][0]["size"] == "LS")
    time.sleep(3)  # two looks: one's own change is told once
    assert len(told("board")) == count + 1
