from __future__ import annotations

import csv
import io
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from playreel.errors import InputError
from playreel.project import ProjectFolder
from playreel.project.reviews import COMMENTS

TAKE, OTHER = "ab" * 32, "cd" * 32
STROKE = {"color": "#e8973a", "width": 0.01, "points": [[0.1, 0.2], [0.5, 0.75]]}


@pytest.fixture
def project(tmp_path):
    return ProjectFolder(tmp_path / "pitch")


def test_comments_keep_frames_shot_drawing_and_author(project) -> None:
    said = project.reviews.comment(
        "lower horizon\n地平线低一点", take=TAKE, shot="shot-1", start=3, stop=9, author="Ann",
        role="reviewer", drawing=[STROKE],
    )  # fmt: skip
    (again,) = ProjectFolder(project.path).reviews.comments(shot="shot-1")
    assert again == said
    assert (again.start, again.stop, again.drawing[0]["points"][1]) == (3, 9, [0.5, 0.75])
    assert project.reviews.comments(take=OTHER) == ()


def test_what_is_resolved_can_be_opened_again(project) -> None:
    said = project.reviews.comment("x", take=TAKE, start=0)
    assert project.reviews.resolve(said.uid, author="Ed").resolved
    assert not project.reviews.resolve(said.uid, on=False).resolved
    assert project.reviews.resolve(said.uid).resolved
    with pytest.raises(InputError, match="c-none"):
        project.reviews.resolve("c-none")


def test_the_latest_word_on_a_version_counts(project) -> None:
    project.reviews.approve("shot-1", TAKE, author="Ann")
    project.reviews.approve("shot-1", OTHER, author="Bo")
    assert project.reviews.approvals()["shot-1"].take == OTHER
    project.reviews.approve("shot-1", OTHER, on=False)
    assert project.reviews.approvals() == {}


def test_two_files_merge_to_the_same_in_any_order(tmp_path) -> None:
    first, second = ProjectFolder(tmp_path / "a"), ProjectFolder(tmp_path / "b")
    shared = first.reviews.comment("both know this", take=TAKE, start=0)
    second.reviews.merge(first.reviews.document())
    first.reviews.comment("from a", take=TAKE, start=1)
    second.reviews.comment("from b", take=TAKE, start=2)
    first.reviews.resolve(shared.uid)
    documents = first.reviews.document(), second.reviews.document()
    results = []
    for name, order in (("x", documents), ("y", documents[::-1])):
        project = ProjectFolder(tmp_path / name)
        for document in (*order, *order):  # twice changes nothing
            project.reviews.merge(document)
        results.append(sorted(map(str, project.reviews.comments())))
    assert results[0] == results[1]
    assert len(results[0]) == 3


def test_of_two_who_did_not_know_of_each_other_the_careful_one_counts(tmp_path) -> None:
    first, second = ProjectFolder(tmp_path / "a"), ProjectFolder(tmp_path / "b")
    said = first.reviews.comment("x", take=TAKE, start=0)
    first.reviews.approve("shot-1", TAKE)
    second.reviews.merge(first.reviews.document())
    first.reviews.resolve(said.uid)  # step 1 here ...
    second.reviews.resolve(said.uid, on=False)  # ... and step 1 there
    for one, other in ((first, second), (second, first)):
        one.reviews.merge(other.reviews.document())
    assert not first.reviews.comments()[0].resolved
    assert not second.reviews.comments()[0].resolved


def test_git_merges_what_two_people_said(tmp_path, project) -> None:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
            cwd=project.path, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    git("init", "-q", "-b", "main")
    project.reviews.comment("before", take=TAKE, start=0)
    git("add", "-A")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "ann")
    project.reviews.comment("by ann", take=TAKE, start=1)
    git("commit", "-qam", "ann")
    git("checkout", "-q", "main")
    project.reviews.comment("by bo", take=TAKE, start=2)
    git("commit", "-qam", "bo")
    git("merge", "-q", "ann", "-m", "both")
    texts = [c.text for c in ProjectFolder(project.path).reviews.comments()]
    assert sorted(texts) == ["before", "by ann", "by bo"]


def test_many_writers_lose_nothing(project) -> None:
    folders = [ProjectFolder(project.path) for _ in range(3)]

    def say(number: int) -> None:
        folders[number % 3].reviews.comment(f"n{number}", take=TAKE, start=number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(say, range(30)))
    texts = {c.text for c in project.reviews.comments()}
    assert texts == {f"n{number}" for number in range(30)}


def test_a_broken_line_spoils_no_other(project) -> None:
    project.reviews.comment("good", take=TAKE, start=0)
    path = project.path / COMMENTS
    with path.open("ab") as file:
        file.write(b'{"kind": "comment", "uid": "../x"}\n[1]\n{"kind"')
    project.reviews.comment("still good", take=TAKE, start=1)
    texts = [c.text for c in ProjectFolder(project.path).reviews.comments()]
    assert texts == ["good", "still good"]


BAD = [
    {"kind": "comment"},
    {"kind": "comment", "uid": "c-1", "take": TAKE, "start": 5, "stop": 5, "text": "x"},
    {"kind": "comment", "uid": "c-1", "take": TAKE, "start": 0, "stop": 1, "text": " "},
    {"kind": "comment", "uid": "c-1", "take": "../etc", "start": 0, "stop": 1, "text": "x"},
    {"kind": "comment", "uid": "c-1", "take": TAKE, "start": 0, "stop": 1, "text": "x" * 4001},
    {"kind": "comment", "uid": "c-1", "take": TAKE, "start": True, "stop": 1, "text": "x"},
    {"kind": "resolve", "uid": "e-1", "comment": "c-1", "on": "yes", "step": 1},
    {"kind": "run", "uid": "e-1"},
    *(
        {"kind": "comment", "uid": "c", "take": TAKE, "start": 0, "stop": 1, "drawing": drawing}
        for drawing in (
            "x",
            [{"color": "red", "width": 0.1, "points": [[0, 0]]}],
            [{"color": "#ffffff", "width": 0.1, "points": [[0, float("nan")]]}],
            [{"color": "#ffffff", "width": 9, "points": [[0, 0]]}],
            [{"color": "#ffffff", "width": 0.1, "points": [[0, 0]] * 6001}],
        )
    ),
    "text",
]


@pytest.mark.parametrize("event", BAD)
def test_a_file_with_one_bad_event_is_refused_whole(project, event) -> None:
    good = {"kind": "comment", "uid": "c-9", "take": TAKE, "start": 0, "stop": 1, "text": "x"}
    with pytest.raises(InputError):
        project.reviews.merge(
            {"format": "playreel-comments", "version": 1, "events": [good, event]}
        )
    assert len(project.reviews) == 0


@pytest.mark.parametrize("document", [None, [], {"format": "x"}, {"format": "playreel-comments"}])
def test_what_is_no_file_of_comments_is_told(project, document) -> None:
    with pytest.raises(InputError):
        project.reviews.merge(document)


def test_a_spreadsheet_takes_no_comment_for_a_formula(project) -> None:
    project.reviews.comment("=cmd()", take=TAKE, start=0, author="@me", drawing=[STROKE])
    (row,) = csv.DictReader(io.StringIO(project.reviews.table()))
    assert (row["text"], row["author"], row["strokes"]) == ("'=cmd()", "'@me", "1")
    assert json.loads(json.dumps(project.reviews.document()))["events"][0]["text"] == "=cmd()"
