"""Training on somebody else's videos: what is told apart, and what is measured at the end."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from playreel.core import load_bundle
from playreel.core.pixel_lam import PixelActionModel
from playreel.errors import TrainingError
from playreel.training.cli import add_arguments, run_train
from playreel.training.evaluation.sets import folder_clips
from playreel.training.redrawing import redraw_gain
from playreel.training.stages import Workshop, shares
from playreel.training.video_files import find_sources, fingerprint
from playreel.training.videos import VideoFolder


def walk(folder: Path, num_frames: int, seed: int) -> None:
    """Numbered pictures of a dot that walks at random before a wall."""
    rng = np.random.default_rng(seed)
    wall = np.random.default_rng(0).integers(40, 120, (24, 24, 3)).repeat(4, 0).repeat(4, 1)
    place, way = np.array([40, 40]), np.array([0, 3])
    folder.mkdir(parents=True)
    for index in range(num_frames):
        if rng.random() < 0.3:
            way = np.array([(0, 3), (0, -3), (3, 0), (-3, 0)][int(rng.integers(4))])
        way = -way if not ((place + way >= 4) & (place + way <= 84)).all() else way
        place = place + way
        frame = wall.astype(np.uint8).copy()
        frame[place[0] : place[0] + 8, place[1] : place[1] + 8] = (250, 230, 60)
        Image.fromarray(frame).save(folder / f"{index}.png")


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("game")
    walk(root / "seen" / "a", 90, 1)
    walk(root / "other" / "b", 90, 2)
    return root


def test_a_fingerprint_follows_footage_to_another_place(game, tmp_path):
    (source,) = find_sources(game / "seen")
    shutil.copytree(game / "seen" / "a", tmp_path / "elsewhere" / "z")
    (copy,) = find_sources(tmp_path / "elsewhere")
    (other,) = find_sources(game / "other")
    assert fingerprint(copy) == fingerprint(source) != fingerprint(other)


def test_videos_that_nobody_trained_on_are_measured_whole(game):
    folder = VideoFolder(game / "other")
    seen = VideoFolder(game / "seen").fingerprints
    (held,) = folder.clips("held-out")

    def starts(trained: list[str]) -> int:
        clips = folder_clips(folder, 30, 14, seed=0, trained=trained)
        inside = [
            any(np.array_equal(held[i : i + 14], clip.frames) for i in range(len(held) - 13))
            for clip in clips
        ]
        return sum(inside)

    assert starts(folder.fingerprints) == starts([]) == 30
    assert starts(seen) < 15


def test_videos_take_the_action_model_that_sees_single_pixels(game, tmp_path):
    folder = VideoFolder(game / "seen")
    workshop = Workshop(out=tmp_path, footage=folder)
    task = workshop.task("lam")
    assert isinstance(task.modules["lam"], PixelActionModel)
    assert task.batch(0).shape == (32, 3, *folder.size, 3)
    plan = shares("world", workshop)
    assert sum(plan.values()) == pytest.approx(1)
    assert plan["lam"] + plan["motion"] > 0.5


@pytest.mark.weights
def test_videos_begin_with_a_painter_that_can_learn_to_paint(game, tmp_path):
    workshop = Workshop(out=tmp_path, footage=VideoFolder(game / "seen"))
    painter = workshop.task("painter").painter
    bundled = load_bundle("bundled").part("painter")
    assert (
        painter.config.num_actions == load_bundle("bundled").part("lam").config.num_actions
        and not painter.config.remembers
    )
    learned, begun = bundled.out[1], painter.out[1]
    assert torch.equal(learned.weight[:-4], begun.weight[:-4])
    assert begun.weight[-4:].abs().max() < 0.1 and not begun.bias[-4:].any()  # of what to keep
    assert all(weight.requires_grad for weight in painter.parameters())


def test_videos_too_short_for_a_world_are_refused_before_minutes_are_spent(tmp_path):
    walk(tmp_path / "in" / "short", 9, 3)
    words = ["world", "--footage", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    with pytest.raises(TrainingError, match=r"has 10 frames; the longest has 9"):
        run_train(parse(*words))
    assert not (tmp_path / "out" / "plan.json").exists()


@pytest.mark.weights
def test_redrawing_is_weighed_against_copying(game):
    world = load_bundle("bundled").world
    folder = VideoFolder(game / "seen")

    class Counted:
        drawn = 0

        def sample_window(self, rng, length):
            self.drawn += 1
            return folder.sample_window(rng, length)

    source = Counted()
    gain = redraw_gain(world, source, most_seconds=0.0)
    assert np.isfinite(gain) and world.redraw
    assert source.drawn == 2
    state = world.sized(folder.size).begin(folder.clips("train")[0][:4])
    still = world.sized(folder.size)
    still.redraw = False
    frame, _ = still.advance(state, 0, seed=1)
    again, _ = still.advance(state, 0, seed=2)
    # What is only moved leaves nothing to chance.
    assert np.array_equal(frame, again)
    assert world.redraw


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(1500)
def test_minutes_of_training_make_a_strange_game_playable(tmp_path):
    """The whole command on a game that the bundled weights have never seen."""

    from playreel.training.evaluation.report import evaluate

    for index in range(3):
        walk(tmp_path / "game" / str(index), 300, 10 + index)
    walk(tmp_path / "held" / "0", 200, 99)
    out = tmp_path / "out"
    words = ["world", "--footage", str(tmp_path / "game"), "--out", str(out), "--minutes", "8"]
    result = run_train(parse(*words))
    assert result["status"] == "finished"
    figures = evaluate(out, footage=tmp_path / "held", only="world")["world"]
    assert figures["delta_psnr"] > 0.5
