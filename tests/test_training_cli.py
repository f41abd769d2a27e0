"""`playreel train`: its arguments, its plan, its folders, from footage and from nothing."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel.core.checkpoint import from_pretrained
from playreel.core.tokenizer import VideoTokenizer
from playreel.errors import TrainingError
from playreel.training.cli import add_arguments, publish, run_train
from playreel.training.stages import ARM_SHARES, SHARES, Workshop, shares

STUDIO = Path(__file__).resolve().parents[1] / "studio"


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


def test_arguments_need_no_torch():
    code = (
        "import argparse, sys; from playreel.training.cli import add_arguments;"
        "add_arguments(argparse.ArgumentParser()); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(STUDIO)})


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> Path:
    """Forty numbered pictures of a scrolling level."""
    videos = tmp_path_factory.mktemp("videos")
    (videos / "frames").mkdir()
    rng = np.random.default_rng(0)
    level = rng.integers(0, 255, (20, 100, 3)).astype(np.uint8).repeat(8, 0).repeat(4, 1)
    for t in range(60):
        Image.fromarray(level[:, 3 * t : 3 * t + 160]).save(videos / "frames" / f"{t}.png")
    return videos


def test_the_shares_of_every_goal_fill_the_time(tmp_path):
    for goal, plan in SHARES.items():
        assert sum(plan.values()) == pytest.approx(1), goal
        fitted = shares(goal, Workshop(out=tmp_path, footage=object()))
        assert next(iter(fitted)) == "tokenizer" and sum(fitted.values()) == pytest.approx(1)


def test_trains_a_tokenizer_that_loads_and_goes_on(tmp_path, footage):
    out = tmp_path / "mine"
    words = ("tokenizer", "--footage", footage, "--out", out, "--num-workers", 0)
    result = run_train(parse(*words, "--max-steps", 1))
    assert result["status"] == "finished"
    assert result["stages"]["tokenizer"]["steps"] == 1
    assert result["footage"]["train_frames"] + result["footage"]["held_out_frames"] >= 60
    assert isinstance(from_pretrained(VideoTokenizer, out / "tokenizer"), VideoTokenizer)
    with pytest.raises(TrainingError, match="--resume"):
        run_train(parse(*words, "--max-steps", 2))
    result = run_train(parse("tokenizer", "--out", out, "--max-steps", 2, "--resume"))
    assert result["stages"]["tokenizer"]["steps"] == 2
    assert result["footage"]["path"] == str(footage)
    json.dumps(result)
    with pytest.raises(TrainingError, match="'tokenizer', not of 'world'"):
        run_train(parse("world", "--out", out, "--resume"))
    with pytest.raises(TrainingError, match="learns from"):
        run_train(parse(*words, "--resume", "--footage", tmp_path))


def test_footage_that_is_not_there_leaves_nothing_behind(tmp_path):
    with pytest.raises(TrainingError, match="no folder"):
        run_train(parse("world", "--footage", tmp_path / "nowhere", "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    with pytest.raises(TrainingError, match="positive"):
        run_train(parse("world", "--minutes", -1, "--out", tmp_path / "out"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="file"):
        run_train(parse("tokenizer", "--max-steps", 1, "--out", tmp_path / "file" / "deep"))


def test_the_arm_is_a_world_of_its_own(tmp_path):
    """Its parts come from one command, know their buttons by name and load by their folder."""
    from playreel.core import load_bundle
    from playreel.footage.arm import ARM_BUTTONS

    out = tmp_path / "arm"
    words = ("world", "--domain", "arm", "--out", out, "--num-workers", 0, "--max-steps", 1)
    result = run_train(parse(*words))
    assert result["status"] == "finished" and list(result["stages"]) == list(ARM_SHARES)
    bundle = load_bundle(out)
    assert tuple(bundle.buttons) == ARM_BUTTONS and bundle.info["domain"] == "arm"
    assert bundle.world.painter.config.remembers and bundle.world.things is None
    frame, _ = bundle.world.advance(bundle.world.begin(np.zeros((1, 72, 128, 3), np.uint8)), 0, 0)
    assert frame.shape == (72, 128, 3)
    with pytest.raises(TrainingError, match="world"):
        run_train(parse("film", "--domain", "arm", "--out", tmp_path / "film"))


def test_publishing_replaces_a_part_as_a_whole(tmp_path):
    result, out = tmp_path / "result", tmp_path / "out"
    (result / "part").mkdir(parents=True)
    (result / "part" / "new").write_text("new")
    (result / "bundle.json").write_text("{}")
    (out / "part").mkdir(parents=True)
    (out / "part" / "old").write_text("old")
    publish(result, out)
    assert [p.name for p in (out / "part").iterdir()] == ["new"]
    assert sorted(p.name for p in out.iterdir()) == ["bundle.json", "part"]


def test_footage_goes_into_the_batches_at_its_own_size(footage, tmp_path):
    from playreel.training.tokenizer_task import TokenizerTask
    from playreel.training.videos import VideoFolder

    folder = VideoFolder(footage, cache=tmp_path / "cache")
    batch = TokenizerTask(source=folder, batch_size=4).batch(3)
    assert batch.shape == (4, 2, *folder.size, 3) and batch.dtype == np.uint8
    assert len(list((tmp_path / "cache").iterdir())) == 1
