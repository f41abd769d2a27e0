from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from playreel.core import load_bundle
from playreel.errors import InputError, TrainingError
from playreel.footage.spec import BUTTONS, COLOURLESS_STYLES, is_held_out
from playreel.footage.vocabulary import VOCABULARY
from playreel.media import Clip
from playreel.training.calibration import assign, calibrate
from playreel.training.evaluation import report, run_eval, schooled
from playreel.training.evaluation.bench import (
    bench_footage,
    bench_tokenizer,
    bench_world,
    peak_rss_mib,
)
from playreel.training.evaluation.classifier import CLIP_FRAMES
from playreel.training.evaluation.measure import PSNR_CAP, gradient_energy, psnr
from playreel.training.evaluation.parallax import free_runs, parallax
from playreel.training.evaluation.players import SimulatorPlayer
from playreel.training.evaluation.presses import BUTTONS_TRIED, clean_presses
from playreel.training.evaluation.prompts import ATTRIBUTES, camera_prompts, still_prompts
from playreel.training.evaluation.sets import CONTEXT, DOMAINS, play_clip, play_clips, still_frames
from playreel.training.evaluation.world_figures import agree, delta_psnr, obey, sharpness

PERFECT = SimulatorPlayer(BUTTONS)
FEW = report.Counts(
    still_episodes=1, agree_clips=1, delta_clips=1, presses=1, rollouts=1, rollout_frames=3, runs=1,
    stills=2, takes=1, kept_clips=1, judge_episodes=8,
)  # fmt: skip


class Frozen(SimulatorPlayer):
    """Shows the last frame for ever, whatever is pressed."""

    def roll(self, clip, actions, *, seed=0):
        return np.repeat(clip.context[-1:], len(actions), 0)


class Deaf(SimulatorPlayer):
    """A faithful simulator that presses what it likes."""

    def roll(self, clip, actions, *, seed=0):
        rng = np.random.default_rng(seed)
        return super().roll(clip, rng.integers(0, len(clip.names), len(actions)))


class Blurring(SimulatorPlayer):
    """Obeys, and loses what is fine a little more each frame."""

    def roll(self, clip, actions, *, seed=0):
        frames = super().roll(clip, actions).astype(float)
        for index in range(1, len(frames)):
            for axis in (1, 2):
                later = frames[index:]
                later[:] = (later + np.roll(later, 1, axis) + np.roll(later, -1, axis)) / 3
        return frames.astype(np.uint8)


@pytest.fixture(scope="module")
def presses():
    return [press for school in ("narrow", "world") for press in clean_presses(school, 5, seed=11)]


@pytest.fixture(scope="module")
def clips():
    return [clip for school in ("narrow", "world") for clip in play_clips(school, 4, 14, seed=3)]


# --- footage ---


@pytest.mark.parametrize("school", ["narrow", "world", "arm"])
def test_clips_are_held_out_and_go_on_as_the_simulator_says(school):
    clip = play_clip(school, np.random.default_rng(5), 12)
    seed = clip.simulator.look.seed if school == "arm" else clip.simulator.spec.seed
    assert is_held_out(seed)
    truth = SimulatorPlayer(clip.names).roll(clip, clip.future_buttons)
    assert np.array_equal(truth, clip.future)
    taught = play_clip(school, np.random.default_rng(5), CONTEXT, held_out=False).simulator
    assert not is_held_out(taught.look.seed if school == "arm" else taught.spec.seed)


# --- the detector ---


def test_the_detector_reads_true_footage(presses):
    assert len(presses) == 2 * 5 * len(BUTTONS_TRIED)
    right = [press.reads(press.truth) == press.button for press in presses]
    assert np.mean(right) >= 0.95


def test_the_detector_does_not_believe_a_hero_that_vanished(presses):
    press = next(press for press in presses if press.button == "stay")
    gone = press.truth.copy()
    middle = gone.shape[2] // 2
    gone[:, :, middle - 10 : middle + 10] = gone[:, :, :1]
    assert press.reads(gone) == "other"


# --- figures: known players give known figures ---


def test_a_perfect_player_obeys_and_one_that_stands_still_only_stays(presses):
    perfect = obey(PERFECT, presses)
    assert perfect["obey"] == perfect["obey_detector"] >= 0.95
    frozen = obey(Frozen(BUTTONS), presses)
    assert frozen["obey_stay"] == 1.0
    assert frozen["obey_left"] == frozen["obey_right"] == frozen["obey_jump"] == 0.0
    assert obey(SimulatorPlayer(()), presses)["obey"] == 0.0


def test_delta_psnr_has_its_floor_and_its_ceiling(clips):
    perfect = delta_psnr(PERFECT, clips)
    assert perfect["psnr"] == perfect["psnr_10"] == PSNR_CAP
    assert perfect["delta_psnr"] == pytest.approx(perfect["delta_psnr_ceiling"], abs=5)
    assert perfect["delta_psnr"] > 8 > 5 > perfect["delta_psnr_floor"]
    frozen = delta_psnr(Frozen(BUTTONS), clips)
    assert frozen["delta_psnr"] == frozen["delta_psnr_floor"] == 0.0
    assert frozen["delta_psnr_ceiling"] == perfect["delta_psnr_ceiling"]
    assert delta_psnr(Deaf(BUTTONS), clips)["delta_psnr"] == 0.0


def test_agreement_is_of_codes_and_not_of_their_numbers(clips):
    class Renumbered(SimulatorPlayer):
        def read(self, clip):
            return (clip.buttons * 5 + 2) % 8

    figures = agree(Renumbered(BUTTONS), clips, num_actions=8)
    assert figures["agree"] == 1.0
    assert figures["agree_named"] < 0.5  # its own names are wrong
    assert 1 / 6 <= figures["agree_chance"] < 0.6

    class Hash(SimulatorPlayer):
        def read(self, clip):
            return clip.frames[1:, ::7, ::7].astype(int).sum((1, 2, 3)) % 8

    assert agree(Hash(BUTTONS), clips, num_actions=8)["agree"] < 0.6


def test_sharpness_of_a_simulator_is_about_one_and_of_a_blur_far_less():
    clips = play_clips("world", 8, CONTEXT + 40, seed=6)
    sharp = sharpness(PERFECT, clips)
    assert sharp["sharpness_40"] == sharp["sharpness_40_simulator"] == pytest.approx(1.0, abs=0.25)
    assert sharpness(Blurring(BUTTONS), clips[:2])["sharpness_40"] < 0.3


def test_parallax_is_the_painted_one_and_of_a_flat_picture_one():
    class Flat(SimulatorPlayer):
        """Moves the whole picture as one."""

        def roll(self, clip, actions, *, seed=0):
            last = clip.context[-1]
            return np.stack([np.roll(last, -4 * (i + 1), 1) for i in range(len(actions))])

    runs = free_runs("narrow", 4, seed=2)
    assert len(runs) == 4
    assert parallax(PERFECT, runs)["parallax"] == pytest.approx(0.25, abs=0.03)
    assert parallax(Flat(BUTTONS), runs)["parallax"] > 0.5
    assert parallax(Frozen(BUTTONS), runs)["parallax"] == 0.0


def test_psnr_is_capped_and_falls_with_noise():
    frames = next(iter(still_frames("narrow", 1, seed=0)))
    assert (psnr(frames, frames) == PSNR_CAP).all()
    off = np.where(frames > 127, frames - 16, frames + 16).astype(np.uint8)
    assert psnr(off, frames) == pytest.approx(24.05, abs=0.01)
    assert gradient_energy(np.full((8, 8, 3), 90, np.uint8)) == 0.0


# --- calibration ---


@pytest.mark.parametrize("domain", list(DOMAINS))
def test_calibration_finds_the_buttons(domain, monkeypatch):
    planted = np.random.default_rng(4).permutation(8)[: len(DOMAINS[domain])]
    played = []

    def remember(*args, **options):
        played.append(play_clip(*args, **options))
        return played[-1]

    monkeypatch.setattr("playreel.training.calibration.play_clip", remember)

    class Oracle:
        """Reads the true buttons under other numbers, one in five wrongly, and the first never."""

        config = SimpleNamespace(num_actions=8)

        def infer_frames(self, frames):
            rng = np.random.default_rng(len(played))
            codes = planted[played[-1].buttons]
            wrong = rng.random(len(codes)) < 0.2
            wrong[0] = True
            return np.where(wrong, rng.integers(0, 8, len(codes)), codes)

    buttons = calibrate(Oracle(), domain=domain, num_episodes=8, num_frames=30)
    assert list(buttons) == list(DOMAINS[domain])
    assert list(buttons.values()) == planted.tolist()


def test_assignment_is_the_best_of_all():
    rng = np.random.default_rng(0)
    for shape in ((2, 4), (4, 4), (3, 6)):
        counts = rng.integers(0, 20, shape)
        rows = np.arange(shape[0])
        found = assign(counts)
        assert len(set(found)) == shape[0]
        best = max(
            counts[rows, list(p)].sum() for p in itertools.permutations(range(shape[1]), shape[0])
        )
        assert counts[rows, found].sum() == best


def test_calibration_explains_what_it_cannot_do():
    with pytest.raises(TrainingError, match=r"'boat'.*platformer, arm"):
        calibrate(SimpleNamespace(), domain="boat")
    with pytest.raises(TrainingError, match=r"6 buttons .* 4 latent actions"):
        assign(np.ones((6, 4), int))


# --- prompts and their judge ---


def test_prompts_ask_for_every_value_equally_often_in_both_languages():
    prompts = still_prompts(48, seed=1)
    for name in ("theme", "weather", "style"):
        asked = [prompt.wanted[name] for prompt in prompts]
        assert {asked.count(value) for value in ATTRIBUTES[name]} == {48 // len(ATTRIBUTES[name])}
    for index, prompt in enumerate(prompts):
        lang = ("en", "zh")[index % 2]
        assert prompt.text.isascii() == (lang == "en"), prompt.text
        assert ("hero_color" in prompt.wanted) == (prompt.wanted["style"] not in COLOURLESS_STYLES)
        words = VOCABULARY["style"][prompt.wanted["style"]][lang]
        assert any(word.removesuffix("风").removesuffix("画") in prompt.text for word in words)
    moves = [prompt.wanted["camera"] for prompt in camera_prompts(14, seed=1)]
    assert {moves.count(move) for move in ATTRIBUTES["camera"]} == {2}


def test_the_judge_is_taught_once_from_true_footage_and_kept(monkeypatch, tmp_path):
    lessons = schooled.Lessons(num_episodes=4, num_rounds=1, num_epochs=1)
    monkeypatch.setattr(schooled, "FULL", lessons)
    monkeypatch.setattr(schooled, "SHIPPED", tmp_path / "none")
    said: list[str] = []
    first = schooled.judge(lessons, say=said.append)
    again = schooled.judge(lessons, say=said.append)
    assert len(said) == 1
    frames = next(iter(still_frames("narrow", 1, seed=0)))
    assert first.read_still(frames[0]).keys() | {"camera"} == ATTRIBUTES.keys()
    assert again.read_still(frames[0]) == first.read_still(frames[0])
    assert again.read_camera(np.repeat(frames[:1], CLIP_FRAMES, 0)) in ATTRIBUTES["camera"]
    assert schooled.accuracy(again, 2).keys() == ATTRIBUTES.keys()


@pytest.mark.weights
def test_the_judge_that_is_shipped_can_be_trusted():
    said: list[str] = []
    accuracy = schooled.accuracy(schooled.judge(say=said.append), 40)
    assert not said
    assert min(accuracy.values()) > 0.7
    assert np.mean(list(accuracy.values())) > 0.88


# --- the whole ---


def test_everything_is_measured_on_small_random_weights(bundle, monkeypatch):
    lessons = schooled.Lessons(num_episodes=4, num_rounds=1, num_epochs=1)
    monkeypatch.setattr(schooled, "FULL", lessons)
    evaluation = report.Evaluation(bundle, counts=FEW)
    tokenizer, world, film = evaluation.tokenizer(), evaluation.world(), evaluation.film()
    assert {"psnr", "psnr_narrow", "psnr_world", "psnr_film", "psnr_arm"} == tokenizer.keys()
    assert 0 < tokenizer["psnr"] < PSNR_CAP
    wanted = {"delta_psnr", "delta_psnr_floor", "delta_psnr_ceiling", "delta_psnr_10", "agree"}
    wanted |= {"agree_chance", "agree_named", "obey", "obey_detector", "parallax"}
    wanted |= {f"obey_{button}" for button in BUTTONS_TRIED}
    assert wanted | {"sharpness_3", "sharpness_3_simulator", "by_school"} <= world.keys()
    assert world["by_school"].keys() == {"narrow", "world"}
    assert film["kept_exact"] == 1.0
    assert {"accuracy", "accuracy_theme", "accuracy_camera"} <= film["judge"].keys()
    assert 0 <= film["prompt_acc"] <= 1
    assert np.isfinite([film["seam"], film["drift_colour"], film["drift_sharpness"]]).all()


def arguments(bundle, **options) -> argparse.Namespace:
    options = {"weights": str(bundle.path), "footage": None, "only": None, "quick": True} | options
    return argparse.Namespace(**options)


def test_run_eval_gives_one_part_with_its_settings(bundle, monkeypatch):
    monkeypatch.setattr(report, "QUICK_COUNTS", FEW)
    document = run_eval(arguments(bundle, only="tokenizer"))
    assert document.keys() == {"tokenizer", "settings"}
    assert document["settings"]["weights_hash"] == bundle.weights_hash
    assert document["settings"]["counts"]["still_episodes"] == 1
    again = run_eval(arguments(bundle, only="tokenizer"))
    assert again["tokenizer"] == document["tokenizer"]


def test_anybodys_videos_can_be_measured(bundle, monkeypatch, tmp_path: Path):
    monkeypatch.setattr(report, "QUICK_COUNTS", FEW)
    for index in range(2):
        clip = play_clip("narrow", np.random.default_rng(index), 80)
        Clip(frames=clip.frames, fps=12).save(tmp_path / f"{index}.gif")
    document = run_eval(arguments(bundle, footage=tmp_path))
    assert document.keys() == {"tokenizer", "world", "footage", "settings"}
    assert document["world"].keys() >= {"delta_psnr", "delta_psnr_floor", "delta_psnr_10"}
    assert "delta_psnr_ceiling" not in document["world"]  # nobody knows a video's simulator
    assert document["footage"]["held_out_frames"] >= 20


def test_what_cannot_be_measured_is_explained(bundle, tmp_path: Path):
    with pytest.raises(InputError, match=r"'sound'.*tokenizer, world, film"):
        run_eval(arguments(bundle, only="sound"))
    with pytest.raises(InputError, match="captions"):
        run_eval(arguments(bundle, only="film", footage=tmp_path))
    with pytest.raises(TrainingError, match="No footage"):
        run_eval(arguments(bundle, footage=tmp_path))


def test_the_bench_times_the_real_thing(bundle):
    world = bench_world(bundle.world, 4)
    assert world["fps"] > 0
    assert world["step_ms_p95"] >= world["step_ms"] > 0
    assert bench_tokenizer(bundle.world.tokenizer, 2)["decode_ms"] > 0
    assert bench_footage(1, 60)["frames_per_s"] > 100
    assert peak_rss_mib() is None or 50 < peak_rss_mib() < 2**16


@pytest.mark.weights
@pytest.mark.slow
def test_the_bundled_world_is_far_from_chance():
    evaluation = report.Evaluation(load_bundle("bundled"), counts=report.QUICK_COUNTS)
    figures = evaluation.school("narrow")
    assert figures["agree_named"] == figures["agree"] > figures["agree_chance"] + 0.2
    assert figures["delta_psnr"] > 1.0
    assert figures["obey"] > 0.7
    assert min(figures[f"obey_{button}"] for button in BUTTONS_TRIED) > 0.5
