"""Every operation of every diffusers family, on pipelines with few and random weights.

What is native must give what a plain call of the pipeline gives; what is kept must be kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

import torch
from PIL import Image

from playreel.core.watch import watching
from playreel.errors import (
    EngineMemoryError,
    EngineOutputError,
    EngineRefusedError,
    InputError,
    PromptError,
)
from playreel.film.engines import OPERATIONS, Rung, families
from playreel.film.engines.ladder import lay_out
from playreel.film.engines.latents import LatentStore
from playreel.film.engines.request import Request
from tiny_engines import FEW, FPS, SIDE, engine, made, moving
from tiny_pipelines import MAKERS

pytestmark = pytest.mark.usefixtures("one_thread")

QUICK = {"ltx"}  # the others go through the same code and take longer
SLOW_FAMILIES = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in MAKERS
]


# What of the source is where in the result: (frames in all, first kept frame, kept frames).
KEPT = {
    "animate": (6, 0, 1),
    "extend-forward": (18, 0, 10),
    "extend-backward": (18, 8, 10),
    "bridge": (25, 0, 10),
    "loop": (15, 0, 10),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", SLOW_FAMILIES)
def test_each_operation_is_done_or_refused_as_the_table_says(name: str, operation: str) -> None:
    family = engine(name).family
    if not family.can(operation):
        with pytest.raises(EngineRefusedError, match="Engines that can: "):
            made(name, operation)
        return
    clip = made(name, operation)
    recipe = clip.recipe
    assert recipe is not None and recipe.engine == name
    assert clip.size == (SIDE, SIDE)
    if operation in KEPT:
        total, first, count = KEPT[operation]
        assert len(clip) == total
        kept = moving().frames[:count]
        assert np.array_equal(clip.frames[first : first + count], kept)
        assert recipe.options["measured"]["kept_exact"] == 1.0
    if operation == "bridge":
        assert np.array_equal(clip.frames[-10:], moving(seed=1).frames)
        assert len(recipe.options["measured"]["seam"]) == 2
    if operation == "keyframes":
        assert np.array_equal(clip.frames[0], moving().frames[0])
        assert np.array_equal(clip.frames[8], moving(seed=1).frames[0])
    if operation == "inpaint":
        assert np.array_equal(clip.frames[:, :, :16], moving().frames[:, :, :16])
        assert not np.array_equal(clip.frames[:, :, 16:], moving().frames[:, :, 16:])
        assert recipe.options["measured"]["kept_exact"] == 1.0
    if operation.startswith("extend"):
        assert clip.fps == FPS
    if operation == "timed-prompts":
        assert list(recipe.options["resolved"]["prompt"]) == ["a fox, red", "a fox, blue"]
    if operation == "camera":
        assert list(recipe.options["resolved"]["prompt"]) == ["a fox, crane up"]
    made_frames = np.concatenate([clip.frames[:1], clip.frames[-5:]])
    assert made_frames.std() > 1  # nothing black is passed off as a result


# -- the same as diffusers itself ------------------------------------------------------------------


def plain(name: str, pipeline_class: str | None = None, **given: Any) -> np.ndarray:
    """What the pipeline itself gives."""
    import diffusers

    pipeline = engine(name).driver.pipeline
    if pipeline_class is not None:
        parts = {**pipeline.config, **pipeline.components}
        made = getattr(diffusers, pipeline_class)
        taken = inspect.signature(made.__init__).parameters
        pipeline = made(**{key: part for key, part in parts.items() if key in taken})
        pipeline.set_progress_bar_config(disable=True)
    result = pipeline(
        height=SIDE,
        width=SIDE,
        num_inference_steps=2,
        generator=torch.Generator("cpu").manual_seed(5),
        output_type="np",
        **given,
    )
    return (result.frames[0] * 255).round().astype(np.uint8)


def pictures(frames: np.ndarray) -> list[Image.Image]:
    return [Image.fromarray(frame) for frame in frames]


def options(name: str) -> dict[str, Any]:
    if name == "hunyuan-1.5":
        return {}  # a part of the pipeline
    return {"guidance_scale": engine(name).driver.guidance_scale}


@pytest.mark.parametrize("name", SLOW_FAMILIES)
def test_a_take_from_words_is_the_pipelines_own(name: str) -> None:
    if not engine(name).family.can("shoot"):
        pytest.skip("it makes no takes from words")
    more: dict[str, Any] = {"frame_rate": 24.0} if name in ("ltx", "ltx-2") else {}
    if name == "skyreels":
        more = {"base_num_frames": 9, "fps": 24}
    its = engine(name).shoot("a fox", seconds=9 / engine(name).family.grid.fps, **FEW)
    theirs = plain(name, prompt="a fox", num_frames=9, **options(name), **more)
    assert np.array_equal(its.frames, theirs)


def test_ltx_goes_on_as_its_pipeline_does() -> None:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    clip = moving(9)
    its = engine("ltx").extend(clip, seconds=8 / FPS, prompt="on", match_colour=False, **FEW)
    condition = LTXVideoCondition(video=pictures(clip.frames), frame_index=0)
    theirs = plain(
        "ltx", prompt="on", num_frames=17, conditions=[condition], frame_rate=24.0,
        image_cond_noise_scale=0.0, **options("ltx"),
    )  # fmt: skip
    assert np.array_equal(its.frames[9:], theirs[9:])


def test_ltx_leads_up_and_bridges_as_its_pipeline_does() -> None:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    clip, other = moving(9), moving(9, seed=1)
    soft: dict[str, Any] = {"hard_lock": False, "match_colour": False, "prompt": "on"}
    last = LTXVideoCondition(video=pictures(other.frames), frame_index=8)
    back = engine("ltx").extend(other, seconds=8 / FPS, direction="backward", **soft, **FEW)
    theirs = plain(
        "ltx", prompt="on", num_frames=17, conditions=[last], frame_rate=24.0,
        image_cond_noise_scale=0.0, **options("ltx"),
    )  # fmt: skip
    assert np.array_equal(back.frames[:8], theirs[:8])
    between = engine("ltx").bridge(clip, other, seconds=15 / FPS, **soft, **FEW)
    ends = [
        LTXVideoCondition(video=pictures(clip.frames), frame_index=0),
        LTXVideoCondition(video=pictures(other.frames), frame_index=24),
    ]
    theirs = plain(
        "ltx", prompt="on", num_frames=33, conditions=ends, frame_rate=24.0,
        image_cond_noise_scale=0.0, **options("ltx"),
    )  # fmt: skip
    assert np.array_equal(between.frames[9:-9], theirs[9:-9])


def test_ltx_animates_as_its_pipeline_does() -> None:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    clip = moving(1)
    its = engine("ltx").animate(clip, "it runs", seconds=9 / 24, match_colour=False, **FEW)
    condition = LTXVideoCondition(image=pictures(clip.frames)[0], frame_index=0)
    theirs = plain(
        "ltx", prompt="it runs", num_frames=9, conditions=[condition], frame_rate=24.0,
        **options("ltx"),
    )  # fmt: skip
    assert np.array_equal(its.frames[1:], theirs[1:])


@pytest.mark.slow
def test_ltx_2_goes_on_and_leads_up_as_its_pipeline_does() -> None:
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    clip = moving(9)
    its = engine("ltx-2").extend(clip, seconds=8 / FPS, prompt="on", match_colour=False, **FEW)
    given = {"prompt": "on", "num_frames": 17, "frame_rate": 24.0, **options("ltx-2")}
    condition = LTX2VideoCondition(frames=pictures(clip.frames), index=0)
    theirs = plain("ltx-2", conditions=[condition], **given)
    assert np.array_equal(its.frames[9:], theirs[9:])
    soft: dict[str, Any] = {"hard_lock": False, "match_colour": False, "prompt": "on"}
    back = engine("ltx-2").extend(moving(8), seconds=9 / FPS, direction="backward", **soft, **FEW)
    condition = LTX2VideoCondition(frames=pictures(moving(8).frames), index=2)
    theirs = plain("ltx-2", conditions=[condition], **given)
    assert np.array_equal(back.frames[:9], theirs[:9])


@pytest.mark.slow
@pytest.mark.parametrize("sections", [1, 2])
def test_framepack_animates_and_bridges_as_its_pipeline_does(sections: int) -> None:
    clip, other = moving(1), moving(1, seed=1)
    its = engine("framepack")
    count = 36 * sections + 1
    moved = its.animate(clip, "it runs", seconds=count / 30, match_colour=False, **FEW)
    given = {"image": pictures(clip.frames)[0], "num_frames": 33 * sections}
    theirs = plain("framepack", prompt="it runs", **given, **options("framepack"))
    assert theirs.shape == (count, SIDE, SIDE, 3)
    assert np.array_equal(moved.frames[1:], theirs[1:])
    soft: dict[str, Any] = {"match_colour": False, "prompt": "on"}
    joined = its.bridge(clip, other, seconds=(count - 2) / FPS, **soft, **FEW)
    last = pictures(other.frames)[0]
    theirs = plain("framepack", prompt="on", last_image=last, **given, **options("framepack"))
    assert np.array_equal(joined.frames[1:-1], theirs[1:-1])


EXACT: dict[str, Any] = {"match_colour": False, "hard_lock": False}


@pytest.mark.slow
def test_wan_image_animates_and_bridges_as_its_pipeline_does() -> None:
    clip, other = moving(1), moving(4, seed=1)
    its = engine("wan-image").animate(clip, "it runs", seconds=9 / 16, **EXACT, **FEW)
    first, last = pictures(clip.frames)[0], pictures(other.frames)[-1]
    theirs = plain("wan-image", image=first, prompt="it runs", num_frames=9, **options("wan-image"))
    assert np.array_equal(its.frames[1:], theirs[1:])
    its = engine("wan-image").bridge(clip, other, seconds=8 / FPS, prompt="on", **EXACT, **FEW)
    theirs = plain(
        "wan-image", image=first, last_image=last, prompt="on", num_frames=13,
        **options("wan-image"),
    )  # fmt: skip
    assert np.array_equal(its.frames[1:9], theirs[1:9])


@pytest.mark.slow
def test_vace_bridges_as_its_pipeline_does() -> None:
    clip, other = moving(5), moving(4, seed=1)
    its = engine("wan-vace").bridge(clip, other, seconds=8 / FPS, prompt="on", **EXACT, **FEW)
    known = np.full((17, SIDE, SIDE, 3), 128, np.uint8)
    known[:5], known[13:] = clip.frames, other.frames
    mask = np.full((17, SIDE, SIDE, 3), 255, np.uint8)
    mask[:5] = mask[13:] = 0
    theirs = plain(
        "wan-vace", video=pictures(known), mask=pictures(mask), prompt="on", num_frames=17,
        **options("wan-vace"),
    )  # fmt: skip
    assert np.array_equal(its.frames[5:13], theirs[5:13])


@pytest.mark.slow
def test_vace_inpaints_and_takes_references_as_its_pipeline_does() -> None:
    clip, other = moving(9), moving(1, seed=1)
    its = engine("wan-vace").inpaint(clip, "a door", region=(0.5, 0, 1, 1), **EXACT, **FEW)
    grey = clip.frames.copy()
    grey[:, :, 16:] = 128
    mask = np.zeros((9, SIDE, SIDE, 3), np.uint8)
    mask[:, :, 16:] = 255
    given = {"num_frames": 9, **options("wan-vace")}
    theirs = plain("wan-vace", video=pictures(grey), mask=pictures(mask), prompt="a door", **given)
    assert np.array_equal(its.frames[:, :, 16:], theirs[:, :, 16:])
    its = engine("wan-vace").shoot("a fox", seconds=9 / 16, references=[other], **FEW)
    theirs = plain("wan-vace", reference_images=pictures(other.frames), prompt="a fox", **given)
    assert np.array_equal(its.frames, theirs)


@pytest.mark.slow
def test_skyreels_goes_on_as_its_pipeline_does() -> None:
    clip = moving(5)
    its = engine("skyreels").extend(clip, seconds=8 / FPS, prompt="on", **EXACT, **FEW)
    torch.manual_seed(5)
    theirs = plain(
        "skyreels", "SkyReelsV2DiffusionForcingVideoToVideoPipeline", video=pictures(clip.frames),
        prompt="on", num_frames=13, base_num_frames=13, overlap_history=5, addnoise_condition=20,
        fps=24, **options("skyreels"),
    )  # fmt: skip
    assert np.array_equal(its.frames[5:], theirs[10:])  # it gives the clip, its own copy, the rest


@pytest.mark.parametrize(
    ("name", "pipeline"),
    [
        pytest.param("wan", "WanVideoToVideoPipeline", marks=pytest.mark.slow),
        pytest.param("cogvideox", "CogVideoXVideoToVideoPipeline", marks=pytest.mark.slow),
    ],
)
def test_a_restyle_is_the_pipelines_own(name: str, pipeline: str) -> None:
    clip = moving(9)
    its = engine(name).restyle(clip, "ink", strength=0.5, **FEW)
    theirs = plain(
        name, pipeline, video=pictures(clip.frames), prompt="ink", strength=0.5, **options(name)
    )
    assert np.array_equal(its.frames, theirs)


# -- what holds for all ----------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["shoot", "restyle"])
def test_the_same_seed_gives_the_same_frames(operation: str) -> None:
    assert made("ltx", operation) == made("ltx", operation)
    assert made("ltx", operation) != made("ltx", operation, seed=6)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        pytest.param("cogvideox", "extend-forward", marks=pytest.mark.slow),
        pytest.param("cogvideox", "extend-backward", marks=pytest.mark.slow),
        pytest.param("wan", "extend-forward", marks=pytest.mark.slow),
        pytest.param("wan", "extend-backward", marks=pytest.mark.slow),
        pytest.param("hunyuan", "bridge", marks=pytest.mark.slow),
        pytest.param("hunyuan-1.5", "bridge", marks=pytest.mark.slow),
        pytest.param("hunyuan", "inpaint", marks=pytest.mark.slow),
        pytest.param("wan", "inpaint", marks=pytest.mark.slow),
        pytest.param("ltx-2", "extend-backward", marks=pytest.mark.slow),
    ],
)
def test_a_lock_ends_on_the_very_latents_of_the_clip(
    name: str, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playreel.film.engines.lock import LatentLock

    seen = []
    call = LatentLock.__call__

    def spy(self: LatentLock, scheduler: Any, index: int, latents: torch.Tensor) -> torch.Tensor:
        held = call(self, scheduler, index, latents)
        own = held[:, : self._clean.shape[1]]  # tokens of conditions may follow
        mask = self._mask.expand(own.shape)
        seen.append((index, torch.equal(own[mask], self._clean[mask].to(own)), mask.float().mean()))
        return held

    monkeypatch.setattr(LatentLock, "__call__", spy)
    made(name, operation)
    last = max(index for index, *_ in seen)
    assert last == 1
    for index, is_clean, share in seen:
        assert is_clean == (index == last)
        assert 0 < share < 1


def test_progress_counts_every_step_and_stops_when_told() -> None:
    told: list[tuple[int, int]] = []
    made("ltx", "timed-prompts", callback=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        made("ltx", "shoot", callback=stop)
    assert made("ltx", "shoot") == made("ltx", "shoot")  # and nothing of it stays


@pytest.mark.parametrize("name", SLOW_FAMILIES)
def test_whoever_watches_sees_a_small_picture_after_each_step(name: str) -> None:
    operation = "shoot" if engine(name).family.can("shoot") else "animate"
    seen: list[np.ndarray] = []
    unseen = made(name, operation)
    with watching(seen.append):
        clip = made(name, operation)
    assert len(seen) == 2
    assert all(frame.dtype == np.uint8 and frame.ndim == 3 for frame in seen)
    assert clip == unseen  # looking changes nothing


def test_what_is_no_number_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    its = engine("ltx")
    transformer = its.driver.pipeline.transformer
    real = transformer.forward

    def broken(*args: Any, **kwargs: Any) -> Any:
        out = real(*args, **kwargs)
        return (torch.full_like(out[0], float("nan")), *out[1:])

    monkeypatch.setattr(transformer, "forward", broken)
    with pytest.raises(EngineOutputError, match=r"not numbers.*Nothing was saved"):
        made("ltx", "shoot")


def test_running_out_of_memory_says_what_to_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    monkeypatch.setattr(engine("ltx").driver.pipeline.transformer, "forward", full)
    with pytest.raises(EngineMemoryError, match=r"9 frames of 32x32.*Lower one of these: size"):
        made("ltx", "shoot")


def test_decoding_that_runs_out_of_memory_is_done_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    before = made("ltx", "shoot")
    vae = engine("ltx").driver.pipeline.vae
    real, tries = vae.decode, []

    def tight(*args: Any, **kwargs: Any) -> Any:
        tries.append(vae.use_tiling)
        if not vae.use_tiling:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(*args, **kwargs)

    monkeypatch.setattr(vae, "decode", tight)
    try:
        clip = made("ltx", "shoot")
    finally:
        vae.disable_tiling()
    assert tries == [False, True]
    assert len(clip) == len(before)


@pytest.mark.parametrize("name", ["wan", "cogvideox"])
def test_decoding_goes_piece_by_piece_and_gives_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playreel.film.engines import driver

    its = engine(name).driver
    shape = (1, 16, 4, 4, 4) if name == "wan" else (1, 4, 4, 4, 4)
    latents = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    seen: list[int] = []
    pictures_of = driver._pictures

    def spy(frames: torch.Tensor) -> np.ndarray:
        seen.append(frames.shape[2])
        return pictures_of(frames)

    monkeypatch.setattr(driver, "_pictures", spy)
    request = Request(
        prompt="", num_frames=13, size=(32, 32), fps=16.0, seed=0, num_steps=1, guidance_scale=1.0
    )
    with torch.no_grad():
        whole = pictures_of(its.decode(latents, request))
        streamed = np.concatenate(list(its._decoded(latents, request)))
    assert np.array_equal(whole, streamed)
    assert len(seen) > 1 and max(seen) <= 9 and sum(seen) == len(whole)


def test_what_was_denoised_is_not_denoised_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = made("ltx", "shoot")
    driver = engine("ltx").driver
    monkeypatch.setattr(driver, "latents", LatentStore(tmp_path / "latents", "weights"))
    real = driver.pipeline.vae.decode

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("the power went")

    monkeypatch.setattr(driver.pipeline.vae, "decode", broken)
    with pytest.raises(RuntimeError, match="power"):
        made("ltx", "shoot")
    (kept,) = (tmp_path / "latents").iterdir()
    monkeypatch.setattr(driver.pipeline.vae, "decode", real)
    steps: list[int] = []
    assert made("ltx", "shoot", callback=lambda done, total: steps.append(done)) == before
    assert steps == [] and not kept.exists()
    kept.write_bytes(b"cut short")
    assert made("ltx", "shoot") == before


@pytest.mark.slow
@pytest.mark.parametrize("rung", [Rung.PARTS, Rung.EIGHT, Rung.GROUPS, Rung.LEAVES])
@pytest.mark.parametrize("name", ["ltx", "wan"])
def test_weights_may_come_in_piece_by_piece(name: str, rung: Rung) -> None:
    """The same on this processor as with a card: the pieces come from memory and go back there."""
    whole = engine(name)
    pipeline = MAKERS[name]().to(torch.bfloat16)
    lay_out(pipeline, rung, device="cpu")
    clip = whole.family.open(pipeline=pipeline).shoot(
        "a fox", seconds=5 / whole.family.grid.fps, **FEW
    )
    assert len(clip) == 5 and clip.frames.std() > 1


def test_colours_that_drift_are_brought_back() -> None:
    from playreel.film.engines.colour import correction

    true = moving().frames
    off = np.clip(true * 0.9 + 12, 0, 255).astype(np.uint8)
    back = correction(true, off).apply(off)
    assert np.abs(back.astype(int) - true).mean() < 1.5 < np.abs(off.astype(int) - true).mean()


def test_a_blend_is_declared_and_all_else_is_kept() -> None:
    clip = moving()
    longer = engine("ltx").extend(clip, seconds=8 / FPS, blend=3, **FEW)
    resolved = longer.recipe.options["resolved"]
    assert list(resolved["blended_frames"]) == [7, 8, 9]
    assert np.array_equal(longer.frames[:7], clip.frames[:7])
    assert not np.array_equal(longer.frames[7:10], clip.frames[7:])


@pytest.mark.slow
def test_what_was_snapped_is_told() -> None:
    resolved = made("cogvideox", "bridge").recipe.options["resolved"]
    assert "8n+1 frames" in resolved["snapped"] and "3 times as fast" in resolved["snapped"]


@pytest.mark.slow
def test_takes_longer_than_a_run_go_on_from_themselves() -> None:
    clip = engine("ltx").shoot("a fox", seconds=70 / 24, **FEW)
    assert len(clip) == 70
    assert "made in 3 runs" in clip.recipe.options["resolved"]["snapped"]
    backward = engine("ltx").extend(moving(), seconds=40 / FPS, direction="backward", **FEW)
    assert np.array_equal(backward.frames[40:], moving().frames)
    bridged = engine("ltx").bridge(moving(), moving(seed=1), seconds=60 / FPS, **FEW)
    assert len(bridged) == 80 and np.array_equal(bridged.frames[-10:], moving(seed=1).frames)


def test_key_frames_of_a_long_take_lead_from_one_to_the_next() -> None:
    shown = [moving(1, seed=seed) for seed in range(3)]
    at = [0, 29, 45]
    clip = engine("ltx").shoot(
        "a fox [0s-1s: red] [1s-2s: blue]", seconds=2,
        keyframes={index / 24: picture for index, picture in zip(at, shown, strict=True)}, **FEW,
    )  # fmt: skip
    assert len(clip) == 48  # more than a run, and two prompts
    for index, picture in zip(at, shown, strict=True):  # at the very frame, not the eighth nearest
        assert np.array_equal(clip.frames[index], picture.frames[0])
    kept = clip.recipe.options["resolved"]["kept"]
    assert [part[1] for part in kept] == at
    assert list(clip.recipe.parents) == [picture.content_hash for picture in shown]
    with pytest.raises(InputError, match="Two key frames fall on frame 29"):
        engine("ltx").shoot("a fox", seconds=2, keyframes={1.2: moving(), 1.21: moving()})
    with pytest.raises(EngineRefusedError, match="need the first frame"):
        engine("wan-image").shoot("a fox", seconds=1, keyframes={0.5: moving()})


def test_a_draft_is_smaller_and_quicker_and_its_clip_keeps_its_size() -> None:
    told: list[int] = []
    given = {"seed": 5, "num_steps": 8, "callback": lambda done, total: told.append(total)}
    draft = engine("ltx").shoot("a fox", seconds=5 / 24, draft=True, **given)
    assert draft.size == (SIDE // 2, SIDE // 2) and set(told) == {4}
    longer = engine("ltx").extend(moving(), seconds=5 / 24, draft=True, **given)
    assert longer.size == moving().size and longer.recipe.options["draft"] is True


def test_only_references_that_are_heeded_are_taken() -> None:
    with pytest.raises(EngineRefusedError, match=r"an engine that takes them: wan-vace"):
        engine("ltx").shoot("a fox", references=[moving()])


def test_strength_nought_gives_the_clip_back() -> None:
    clip = moving()
    assert np.array_equal(engine("ltx").restyle(clip, "ink", strength=0).frames, clip.frames)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda e: e.shoot("", seconds=1), PromptError, "empty"),
        (lambda e: e.shoot("a", seconds=-1), InputError, "seconds"),
        (lambda e: e.shoot("a", size="7x"), InputError, "size"),
        (lambda e: e.shoot("a", num_steps=0), InputError, "num_steps"),
        (lambda e: e.shoot("a", strange=1), InputError, "no option strange"),
        (lambda e: e.shoot("a", seconds=1, keyframes={9: moving()}), InputError, "outside"),
        (
            lambda e: e.shoot("a", seconds=1, keyframes={0.30: moving(), 0.33: moving()}),
            InputError,
            "Two key frames",
        ),
        (lambda e: e.extend(moving(), direction="up"), InputError, "direction"),
        (lambda e: e.inpaint(moving(), "a", region=(0, 0, 1, 1)), InputError, "all of it"),
        (lambda e: e.inpaint(moving(), "a", region=(0.5, 0, 0.2, 1)), InputError, "empty"),
        (lambda e: e.inpaint(moving(), "a", region=(0, 0, 9, 1)), InputError, "each from 0 to 1"),
        (lambda e: e.inpaint(moving(), "", region=(0, 0, 0.5, 1)), PromptError, "empty"),
        (lambda e: e.restyle(moving(), "ink", strength=2), InputError, "strength"),
    ],
)
def test_bad_input_is_told(call: Callable[[Any], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(engine("ltx"))


def test_every_family_of_the_table_is_tested() -> None:
    assert set(MAKERS) == {name for name, family in families().items() if family.cards}
