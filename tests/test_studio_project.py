from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playreel.errors import InputError, MediaError, StorageError
from playreel.media import Clip
from playreel.project import ProjectFolder
from playreel.recipe import Recipe


def clip(value: int, num_frames: int = 3, operation: str = "shoot") -> Clip:
    frames = np.full((num_frames, 16, 24, 3), value, np.uint8)
    return Clip(frames, 12, Recipe(operation=operation, options={"prompt": f"scene {value}"}))


def test_a_project_is_readable_text(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "pitch")
    folder.media.add(clip(1))
    document = json.loads((tmp_path / "pitch" / "project.json").read_text(encoding="utf-8"))
    assert document == {"schema_version": 2, "name": "pitch"}
    (line,) = (tmp_path / "pitch" / "takes.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["text"] == "scene 1"


def test_takes_come_back_identical_with_their_recipe(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "pitch")
    made = [clip(1), clip(2, num_frames=1, operation="still")]
    for one in made:
        folder.media.add(one)
    again = ProjectFolder(tmp_path / "pitch")
    assert [take.content_hash for take in again.media] == [one.content_hash for one in made]
    for one in made:
        assert again.media.open(one.content_hash[:8]) == one
        assert again.media.recipe(one.content_hash) == one.recipe
    assert {Path(take.file).suffix for take in again.media} == {".mkv", ".png"}


def test_a_take_is_written_once(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    first = folder.media.add(clip(1))
    file = tmp_path / first.file
    stamp = file.stat().st_mtime_ns
    assert folder.media.add(clip(1)) == first
    assert file.stat().st_mtime_ns == stamp
    assert len(list(folder.media)) == 1


def test_a_lost_file_is_written_again(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    file = tmp_path / folder.media.add(clip(1)).file
    file.unlink()
    with pytest.raises(MediaError, match="missing"):
        folder.media.open(clip(1).content_hash)
    folder.media.add(clip(1))
    assert folder.media.open(clip(1).content_hash) == clip(1)
    assert len(list(folder.media)) == 1


def test_a_changed_file_is_not_passed_off_as_the_take(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    take = folder.media.add(clip(1, num_frames=1))
    clip(9, num_frames=1).save(tmp_path / take.file)
    with pytest.raises(MediaError, match="changed"):
        folder.media.open(take.content_hash)


def test_names_of_takes(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    with pytest.raises(InputError, match="no take"):
        folder.media.find("last")
    folder.media.add(clip(1))
    folder.media.add(clip(2))
    folder.media.add(Clip(np.zeros((1, 8, 8, 3), np.uint8)))  # brought in, not made
    assert folder.media.find("last").content_hash == clip(2).content_hash
    assert folder.media.find(clip(1).content_hash[:6].upper()).text == "scene 1"
    for bad in ("", "abc", "zzzzzz", "../../etc", "f" * 100_000):
        with pytest.raises(InputError) as caught:
            folder.media.find(bad)
        assert len(str(caught.value)) < 600


def test_a_line_cut_short_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    folder.media.add(clip(1))
    with (tmp_path / "takes.ndjson").open("a", encoding="utf-8") as index:
        index.write('{"content_hash": "12')
    assert [take.text for take in folder.media] == ["scene 1"]
    folder.media.add(clip(2))
    assert [take.text for take in folder.media] == ["scene 1", "scene 2"]


def test_captured_takes_tell_their_buttons(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    recipe = Recipe(operation="capture", actions=("right", "right", "jump"))
    take = folder.media.add(clip(1).with_recipe(recipe))
    assert take.text == "right*2 jump"


def test_two_processes_may_add_to_one_project(tmp_path: Path) -> None:
    ProjectFolder(tmp_path)
    program = (
        "import sys, numpy as np\n"
        "from playreel.media import Clip\n"
        "from playreel.project import ProjectFolder\n"
        "folder = ProjectFolder(sys.argv[1])\n"
        "for value in range(int(sys.argv[2]), int(sys.argv[2]) + 6):\n"
        "    folder.media.add(Clip(np.full((1, 8, 8, 3), value, np.uint8)))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(first)])
        for first in (0, 100)
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    assert len(list(ProjectFolder(tmp_path).media)) == 12


def test_folders_that_are_no_project_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="is a file"):
        ProjectFolder(tmp_path / "file")
    with pytest.raises(InputError, match="other things"):
        ProjectFolder(tmp_path / "photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "not a Playreel project"),
        ('{"schema_version": true}', "not a Playreel project"),
        ('{"schema_version": 99}', "newer"),
    ],
)
def test_a_damaged_project_file_is_told_on_opening(tmp_path: Path, text: str, word: str) -> None:
    ProjectFolder(tmp_path)
    (tmp_path / "project.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        ProjectFolder(tmp_path)
    assert (tmp_path / "project.json").read_text(encoding="utf-8") == text


def test_entries_of_others_are_kept(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    folder.update(title="Fox")
    folder.update(episode=3)
    assert folder.read()["title"] == "Fox"
    assert folder.read()["episode"] == 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_without_permission_is_a_storage_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        ProjectFolder(tmp_path / "pitch")
