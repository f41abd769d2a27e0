"""Splitting and merging in one act, the check before a batch, and the batch itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playreel import Studio
from playreel.board import Board, Planned
from playreel.board.join import joined_again
from playreel.board.planned import PlannedClip, is_placeholder
from playreel.board.preflight import Reference, preflight, references_from
from playreel.errors import InputError, RecipeError
from playreel.media import Clip
from playreel.recipe import Recipe


def _take(seed: int, count: int = 12, size: tuple[int, int] = (72, 128)) -> Clip:
    frames = np.full((count, *size, 3), 20 * seed % 255, np.uint8)
    frames[:, 0, 0, 0] = np.arange(count)
    return Clip(frames, 12, Recipe(operation="play", seed=seed))


def _acts(studio: Studio, since: int) -> list[str]:
    """What can be undone; takes that were made are listed too."""
    return [entry.act for entry in studio.history[since:] if entry.number]


def test_a_split_is_one_act_and_loses_nothing(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "p")
    board = studio.board
    shot = board.add(
        _take(1), dialogue="Look!", description="a ridge", size="LS", scene="2", beat="hook"
    )
    after = board.add(_take(2), fade_s=0.25)
    acts = len(studio.history)
    first, second = board.split(1, 5)
    assert _acts(studio, acts) == ["board.split"]
    assert (first.uid, first.number, second.number, board[after.uid].number) == (shot.uid, 1, 2, 3)
    assert second.uid not in (shot.uid, after.uid)
    assert np.array_equal(first.take.frames, shot.take.frames[:5])
    assert np.array_equal(second.take.frames, shot.take.frames[5:])
    assert (first.dialogue, second.dialogue) == ("Look!", "")
    assert (first.beat, second.beat) == ("hook", "")
    assert (second.size, second.scene, second.description) == ("LS", "2", "a ridge")
    assert shot.take.content_hash in first.versions
    assert shot.take.content_hash in second.versions
    studio.undo()
    assert [s.uid for s in board] == [shot.uid, after.uid]
    assert board[1].take.content_hash == shot.take.content_hash
    for frame in (0, 12, -1, True, 1.5):
        with pytest.raises(InputError, match="1 to 11"):
            board.split(1, frame)


def test_a_merge_joins_takes_words_and_transitions(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "p")
    board = studio.board
    board.add(_take(9))
    one = board.add(_take(1), dialogue="One.", description="a", references=("Fox",), fade_s=0.5)
    two = board.add(_take(2), dialogue="Two.", description="b", fade_s=0.25)
    three = board.add(_take(3), notes="n", references=("Fox", "Owl"), beat="turn")
    film = board.film()
    acts = len(studio.history)
    merged = board.merge(2, 4)
    assert _acts(studio, acts) == ["board.merge"]
    assert (merged.uid, merged.number, len(board)) == (one.uid, 2, 2)
    assert (merged.dialogue, merged.description, merged.notes) == ("One. Two.", "a\nb", "n")
    assert (merged.references, merged.beat, merged.fade_s) == (("Fox", "Owl"), "turn", 0.5)
    assert {s.take.content_hash for s in (one, two, three)} <= set(merged.versions)
    assert len(board.film()) == len(film)
    assert all(np.array_equal(board.film().frame(i), film.frame(i)) for i in range(len(film)))
    again = studio.replay(merged.take.recipe)
    assert again.content_hash == merged.take.content_hash
    trail = [link.clip for link in studio.inspect(merged.take).frame(20).trail]
    assert two.take.content_hash in trail
    studio.undo()
    assert [s.uid for s in board][1:] == [one.uid, two.uid, three.uid]


def test_what_cannot_be_merged_is_said(tmp_path: Path) -> None:
    board = Board()
    board.add(_take(1))
    board.add(_take(2, size=(128, 72)))
    board.add(PlannedClip("3", 2, (72, 128)))
    board.add(PlannedClip("4", 3, (72, 128)))
    with pytest.raises(InputError, match="128x72 and 72x128"):
        board.merge(1, 2)
    with pytest.raises(InputError, match="only planned"):
        board.merge(2, 3)
    with pytest.raises(InputError, match="two shots or more"):
        board.merge(2, 2)
    with pytest.raises(InputError, match="two shots or more"):
        board.merge(3, 1)
    assert len(board) == 4
    merged = board.merge(3, 4)
    assert is_placeholder(merged.take)
    assert merged.take.duration_s == 5
    halves = board.split(3, 24)
    assert [half.take.duration_s for half in halves] == [2, 3]
    assert all(is_placeholder(half.take) for half in halves)
    for options in ({}, {"fades_s": [0], "joints": ["cut"]}, {"fades_s": ["x", 0], "joints": "ab"}):
        with pytest.raises(RecipeError):
            joined_again(Recipe(operation="join", options=options), [_take(1), _take(2)])


def test_the_check_names_every_shot(tmp_path: Path) -> None:
    board = Board(tmp_path / "b")
    board.add(_take(1), references=("Fox", "Owl"))
    board.add(_take(2), references=("fox ", "Lamp"))
    board.add(PlannedClip("3", 2, (72, 128)), description="")
    board.add(_take(4), fade_s=3.0)
    board.add(_take(5))
    next((tmp_path / "b" / "takes").glob(f"{board[5].take.content_hash[:12]}*.mkv")).unlink()
    entries = {
        "FOX": {"kind": "character", "take": "a" * 64},
        "Lamp": {"kind": "prop", "words": "a brass lamp"},
        "": {"kind": "prop"},
        "bad": 7,
        "worse": {"kind": "weapon"},
    }
    known = references_from(entries)
    assert sorted(known) == ["fox", "lamp"]
    faults = preflight(Board(tmp_path / "b").shots, known, lambda take: False)
    assert [(fault.number, fault.code) for fault in faults] == [
        (1, "missing"),
        (1, "unbound"),
        (2, "missing"),
        (3, "no-words"),
        (3, "not-made"),
        (4, "overlap"),
        (5, "lost-take"),
    ]
    assert "“Owl”" in faults[1].words["en"]
    assert "未绑定" in faults[1].words["zh"]
    assert [fault.blocks for fault in faults if fault.code == "not-made"] == [False]
    assert not preflight(
        board.shots[1:2], {"fox": Reference(name="x", words="w"), "lamp": known["lamp"]}
    )


def test_a_batch_refuses_before_the_first_and_goes_on_where_it_stopped(
    tmp_path: Path, bundle
) -> None:
    seen: list[tuple[int, int]] = []
    studio = Studio(tmp_path / "p", bundle=bundle, on_progress=lambda n, of: seen.append((n, of)))
    rows = [
        Planned(
            plan={"description": "a fox runs", "references": ("Fox",), "move": "pan"}, seconds=0.5
        ),
        Planned(plan={"description": "a fox jumps", "references": ("Fox", "Owl")}, seconds=0.5),
        Planned(plan={"description": "a fox sleeps", "episode": "2"}, seconds=0.5),
    ]
    shots = studio.board.take_over(rows, size=(128, 72))
    with pytest.raises(InputError, match=r"2 shots lack.*Shot 1.*“Fox”.*Shot 2.*“Owl”"):
        studio.make()
    assert not studio.takes
    assert not seen
    studio.bind("Fox", words="an orange fox")
    with pytest.raises(InputError, match="1 shots lack"):
        studio.make()
    studio.bind("owl", np.full((128, 72, 3), 90, np.uint8), kind="frame", words="an owl")
    assert {ref.name: ref.kind for ref in studio.references} == {"Fox": "character", "owl": "frame"}
    (first,) = studio.make(shots=[shots[0].uid])
    assert "an orange fox" in first.take.recipe.options["prompt"]
    assert first.take.size == (128, 72)
    assert len(first.take) == 6
    seen.clear()
    made = studio.make()
    assert [shot.uid for shot in made] == [shots[1].uid, shots[2].uid]  # nothing twice
    assert {of for _, of in seen} == {12}
    assert [n for n, _ in seen] == sorted(n for n, _ in seen)
    assert seen[-1] == (12, 12)
    assert (made[0].take.frames[0] == 90).all()  # begins with its first frame, pixel for pixel
    assert studio.board.series.progress == 1
    assert studio.make() == ()
    studio.unbind("OWL")
    assert [fault.code for fault in studio.preflight()] == ["unbound"]
    with pytest.raises(InputError, match="Bound are: Fox"):
        studio.unbind("Bear")
    studio.undo()
    assert not studio.preflight()
    for given in (
        {"name": "x"},
        {"name": " ", "words": "a"},
        {"name": "x", "words": "a", "kind": "z"},
    ):
        with pytest.raises(InputError):
            studio.bind(**given)


def test_a_planned_shot_is_found_by_its_name(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "p")
    (shot,) = studio.board.take_over([Planned(plan={"description": "x"}, seconds=1)])
    assert studio.open(shot.take.content_hash).content_hash == shot.take.content_hash
    assert studio.card("abcd") is None
