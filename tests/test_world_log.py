"""The action log: what is written comes back, what is cut off loads, what is foreign is refused."""

from __future__ import annotations

import json
import resource

import numpy as np
import pytest

from playreel.errors import PlayreelWarning, RecipeError, StorageError
from playreel.recipe import Recipe
from playreel.world.log import MAX_LINE_BYTES, read_log
from playreel.world.recorder import Recorder
from playreel.world.session import ROOT, Session, SessionHeader, step_seed

HASHES = [f"{n:064x}" for n in range(100)]


def make_session(num_frames=2):
    prompt = np.random.default_rng(0).integers(0, 256, (num_frames, 16, 24, 3)).astype(np.uint8)
    header = SessionHeader(
        name="pitch",
        seed=2**64 - 1,
        weights="w" * 64,
        fps="24000/1001",
        prompt=prompt,
        prompt_recipe=Recipe(operation="still", options={"prompt": "a fox, 狐狸"}, seed=3),
        parents=(HASHES[1],),
    )
    session = Session(header)
    for depth in range(1, 6):
        session.add(depth - 1, "right", 0, step_seed(7, depth), HASHES[depth])
    session.add(2, "jump", 7, step_seed(7, 3), HASHES[50])
    session.add(6, "latent:3", 3, 2**64 - 1, HASHES[51])
    return session


@pytest.fixture
def saved(tmp_path):
    return make_session().save(tmp_path / "s.ndjson", cursor=4)


def test_the_tree_and_its_header_come_back(saved):
    session = make_session()
    log = read_log(saved)
    assert list(log.session) == list(session)
    assert log.cursor == 4
    assert log.num_bytes == saved.stat().st_size
    header = log.session.header
    assert np.array_equal(header.prompt, session.header.prompt)
    assert header.prompt_recipe == session.header.prompt_recipe
    assert (header.name, header.seed, header.fps) == ("pitch", 2**64 - 1, "24000/1001")
    assert header.parents == session.header.parents
    assert log.session.path(7) == [0, 1, 2, 6, 7]
    assert log.session.leaves() == [5, 7]
    assert list(Session.load(saved)) == list(session)


def test_one_line_of_plain_json_per_step(saved):
    lines = saved.read_text().splitlines()
    assert json.loads(lines[0])["version"] == 1
    assert json.loads(lines[6]) == {
        "step": 6,
        "from": 2,
        "action": "jump",
        "code": 7,
        "seed": step_seed(7, 3),
        "sha256": HASHES[50],
    }


def test_a_log_cut_anywhere_loads_to_its_last_whole_line(saved, tmp_path):
    data = saved.read_bytes()
    header_end = data.index(b"\n") + 1
    cut = tmp_path / "cut.ndjson"
    for end in range(header_end, len(data), 5):
        cut.write_bytes(data[:end])
        whole = data[:end].count(b"\n") - 1
        if data[:end].endswith(b"\n"):
            log = read_log(cut)
        else:
            with pytest.warns(PlayreelWarning, match="cut off"):
                log = read_log(cut)
        assert len(log.session) == min(whole, 7) + 1
        assert log.num_bytes == data[:end].rindex(b"\n") + 1
    for end in (0, 1, header_end - 1):
        cut.write_bytes(data[:end])
        with pytest.raises(RecipeError, match="header"):
            read_log(cut)


HOSTILE_STEPS = [
    {"step": 2},
    {"step": "1"},
    {"step": True},
    {"from": 1},
    {"from": -1},
    {"from": 0.0},
    {"from": None},
    {"action": 3},
    {"action": "x" * 65},
    {"action": "\ud800"},
    {"code": -1},
    {"code": 10**9},
    {"code": [0]},
    {"seed": 2**64},
    {"seed": -1},
    {"seed": 1.5},
    {"sha256": "abc"},
    {"sha256": 5},
    {"sha256": "A" * 64},
    {"cursor": 9},
    {"cursor": "0"},
]


@pytest.mark.parametrize("change", HOSTILE_STEPS)
def test_foreign_steps_are_refused(saved, change):
    lines = saved.read_bytes().splitlines(keepends=True)
    lines[1] = json.dumps(json.loads(lines[1]) | change).encode() + b"\n"
    saved.write_bytes(b"".join(lines))
    with pytest.raises(RecipeError, match="line 2"):
        read_log(saved)


HOSTILE_HEADERS = [
    {"schema": "other"},
    {"version": 2},
    {"version": "1"},
    {"size": [72]},
    {"size": [10**9, 10**9]},
    {"size": [0, 24]},
    {"size": [16, 12]},
    {"size": "x"},
    {"prompt": ""},
    {"prompt": "!!"},
    {"prompt": "AAAA"},
    {"prompt": None},
    {"sha256": "0" * 64},
    {"parents": "x"},
    {"parents": [3]},
    {"parents": ["x"] * 65},
    {"fps": "0"},
    {"fps": "1/0"},
    {"fps": 12},
    {"fps": "1e9"},
    {"seed": -1},
    {"weights": 3},
    {"session": "x" * 65},
    {"prompt_recipe": "{"},
    {"prompt_recipe": 3},
    {"name": None},
]


@pytest.mark.parametrize("change", HOSTILE_HEADERS)
def test_foreign_headers_are_refused(saved, change):
    lines = saved.read_bytes().splitlines(keepends=True)
    lines[0] = json.dumps(json.loads(lines[0]) | change).encode() + b"\n"
    saved.write_bytes(b"".join(lines))
    with pytest.raises(RecipeError):
        read_log(saved)


@pytest.mark.parametrize(
    "line", [b"[" * 2000, b"{", b"\xff\xfe", b"3", b"[]", b'"x"', b"", b"x" * (MAX_LINE_BYTES + 1)]
)
def test_damage_in_the_middle_is_named(saved, line):
    lines = saved.read_bytes().splitlines(keepends=True)
    lines[3] = line + b"\n"
    saved.write_bytes(b"".join(lines))
    with pytest.raises(RecipeError, match="line 4"):
        read_log(saved)


def test_other_files_are_refused(tmp_path):
    for name, data in {"empty": b"", "binary": bytes(range(256)) * 9, "text": b"hello\n"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RecipeError):
            read_log(tmp_path / name)
    with pytest.raises(RecipeError, match="Check the path"):
        read_log(tmp_path / "missing")
    with pytest.raises(RecipeError):
        read_log(tmp_path)


def test_the_recorder_appends_and_resumes(tmp_path):
    path = tmp_path / "new" / "s.ndjson"
    session = make_session()
    recorder = Recorder(session, path)
    recorder.update(7)
    before = path.read_bytes()
    session.add(7, "stay", 5, 1, HASHES[60])
    recorder.update(8)
    recorder.update(3)
    recorder.update(3)
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 2
    log = read_log(path)
    assert list(log.session) == list(session)
    assert log.cursor == 3

    path.write_bytes(after + b'{"step":9,"fr')  # a crash while writing
    again = Recorder(session, path)
    session.add(8, "left", 2, 2, HASHES[61])
    again.update(9)
    assert path.read_bytes().startswith(after)
    assert list(read_log(path).session) == list(session)


def test_the_recorder_never_writes_over_another_session(tmp_path):
    path = make_session().save(tmp_path / "s.ndjson")
    before = path.read_bytes()
    with pytest.raises(RecipeError, match="another session"):
        Recorder(make_session(), path)
    (tmp_path / "notes.txt").write_text("mine\n")
    with pytest.raises(RecipeError):
        Recorder(make_session(), tmp_path / "notes.txt")
    assert path.read_bytes() == before
    assert (tmp_path / "notes.txt").read_text() == "mine\n"


def test_a_full_disk_leaves_the_log_whole_and_is_made_good(tmp_path):
    """A file size limit is what a full disk looks like to write()."""
    import signal

    session = make_session()
    path = tmp_path / "s.ndjson"
    recorder = Recorder(session, path)
    recorder.update(7)
    size = path.stat().st_size
    for n in range(20):
        session.add(len(session) - 1, "right", 0, n, HASHES[n])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300, limits[1]))
        with pytest.raises(StorageError, match="free some space"):
            recorder.update(27)
        with pytest.raises(StorageError):
            session.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    with pytest.warns(PlayreelWarning):
        assert len(read_log(path).session) == 10  # two more fitted whole
    recorder.update(27)
    assert list(read_log(path).session) == list(session)
    assert read_log(path).cursor == 27
    assert read_log(path).session[ROOT].depth == 0
