"""A studio on open weights: a real folder of a diffusers pipeline, small and with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="open weights need playreel[diffusers]")

from playreel import Studio
from playreel.errors import EngineRefusedError, InputError, ModelMissingError, RecipeError
from playreel.media import Clip
from tiny_pipelines import ltx

pytestmark = pytest.mark.usefixtures("one_thread")

FEW = {"num_steps": 1, "seed": 4}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder as diffusers writes it."""
    folder = tmp_path_factory.mktemp("models") / "tiny-ltx"
    ltx().save_pretrained(folder, safe_serialization=True)
    return folder


@pytest.fixture
def studio(tmp_path: Path, weights: Path) -> Studio:
    return Studio(tmp_path / "pitch", engine=str(weights))


def test_every_verb_works_and_can_be_made_again(studio: Studio, weights: Path) -> None:
    take = studio.shoot("a fox", seconds=5 / 24, size="64x64", **FEW)
    assert take.size == (64, 64) and take.recipe.engine == "ltx:tiny-ltx"
    assert len(take.recipe.weights) == 64
    longer = studio.extend(take, seconds=4 / 24, direction="backward", **FEW)
    assert np.array_equal(longer.frames[4:], take.frames)
    assert list(longer.recipe.options["resolved"]["inherited"]) == ["a fox"]
    moving = studio.animate(take, "it runs", seconds=4 / 24, size="64x64", **FEW)
    again = Studio(studio.path)
    for clip in (take, longer, moving):
        with pytest.raises(RecipeError, match=r"open_engine"):
            again.replay(clip.recipe)
    again.open_engine(weights)
    for clip in (take, longer, moving):
        assert again.replay(clip.recipe) == clip
    assert [kept.operation for kept in again.takes] == ["shoot", "extend", "animate"]


def test_one_call_may_name_another_engine(tmp_path: Path, weights: Path) -> None:
    seen: list[tuple[int, int]] = []
    studio = Studio(tmp_path / "pitch", on_progress=lambda *steps: seen.append(steps))
    still = studio.still("a fox", size="64x64", engine=str(weights), negative_prompt="dull", **FEW)
    assert len(still) == 1 and still.recipe.options["negative_prompt"] == "dull"
    assert seen == [(1, 1)]
    assert np.array_equal(studio.open(studio.takes[-1].content_hash).frames, still.frames)
    assert studio.engine_name == "bundled"


def test_what_an_engine_does_not_take_is_told(studio: Studio) -> None:
    sketch = np.zeros((64, 64, 3), np.uint8)
    take = studio.shoot("a fox", seconds=1 / 24, size="64x64", **FEW)
    with pytest.raises(EngineRefusedError, match=r"cannot do sketches.*Engines that can: bundled"):
        studio.shoot("a fox", sketches={0: sketch}, engine="skyreels")
    with pytest.raises(EngineRefusedError, match=r"cannot do restyle"):
        studio.still("a fox", sketch=sketch, engine="wan-vace")
    with pytest.raises(InputError, match=r"from a drawing, not from both"):
        studio.still("a fox", sketch=sketch, image=take)
    with pytest.raises(InputError, match=r"a drawing and a picture at 0 s"):
        studio.shoot("a fox", sketches={0: sketch}, keyframes={0: take})
    with pytest.raises(
        EngineRefusedError, match=r"cannot do keep-lines.*Engines that can: bundled"
    ):
        studio.restyle(take, "ink", keep_lines=True)
    inked = studio.restyle(take, "ink", strength=0.5, **FEW)
    assert inked.recipe.options["lines"] is False  # nobody asked, and the recipe says so
    assert studio.replay(inked.recipe) == inked
    with pytest.raises(InputError, match=r"temperature"):
        studio.shoot("a fox", temperature=0.5)
    with pytest.raises(EngineRefusedError, match=r"negative_prompt"):
        studio.shoot("a fox", engine="bundled", negative_prompt="dull")
    with pytest.raises(EngineRefusedError, match=r"cannot do keyframes .*Engines that can: .*ltx"):
        studio.shoot("a fox", engine="skyreels", keyframes={0: sketch})
    with pytest.raises(ModelMissingError, match=r"playreel engines wan-1.3b --fetch"):
        studio.shoot("a fox", engine="wan")
    assert [kept.operation for kept in studio.takes] == ["shoot", "restyle"]


def test_a_picture_is_redrawn_as_a_still(studio: Studio) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).repeat(8, 0).repeat(8, 1)
    picture = picture.astype(np.uint8)
    still = studio.still("ink", image=picture, size="64x64", strength=0.5, **FEW)
    assert still.size == (64, 64) and not np.array_equal(still.frames[0], picture)
    assert studio.replay(still.recipe) == still
    same = studio.still(image=picture, size="64x64", strength=0, **FEW)
    assert np.array_equal(same.frames[0], picture)


def test_a_queued_call_remembers_its_engine(studio: Studio, weights: Path) -> None:
    from playreel.studio.queued import given_of, queued_of

    picture = Clip(np.zeros((1, 64, 64, 3), np.uint8))
    queued = queued_of(studio, "shoot", ("a fox",), {"seconds": 1, "keyframes": {0.5: picture}})
    assert queued["engine"] == str(weights)
    given = given_of(studio.path, queued)
    assert given["engine"] == str(weights)
    assert np.array_equal(given["keyframes"][0.5].frames, picture.frames)
    with pytest.raises(InputError, match=r"no option strange"):
        queued_of(studio, "shoot", ("a fox",), {"strange": 1})


def test_weights_that_are_cut_short_are_not_opened(weights: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "cut"
    shutil.copytree(weights, copy)
    file = next((copy / "transformer").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelMissingError, match=r"transformer/.* is cut short"):
        Studio(tmp_path / "pitch").shoot("a fox", engine=str(copy))


def test_other_weights_do_not_pass_for_those_of_a_recipe(studio: Studio) -> None:
    take = studio.shoot("a fox", seconds=1 / 24, size="64x64", **FEW)
    for recipe in (
        take.recipe.with_(weights="0" * 64),
        take.recipe.with_(weights="0" * 64, engine=studio.engine_name),
    ):
        with pytest.raises(RecipeError, match=r"open_engine"):
            studio.replay(recipe)  # not even where the recipe names the folder itself


def test_a_video_model_is_steered_as_a_world(studio: Studio) -> None:
    take = studio.shoot("a fox", seconds=2 / 24, size="64x64", **FEW)
    world = studio.steer(take, seconds=2 / 24, seed=1, num_steps=1)
    world.play("right closer")
    assert world.frames.shape == (6, 64, 64, 3)
    clip = world.capture()
    assert clip.recipe.engine == "ltx:tiny-ltx" and len(clip.recipe.weights) == 64
    assert studio.replay(clip.recipe) == clip


def test_a_job_is_reckoned_before_anything_is_loaded(studio: Studio, weights: Path) -> None:
    short = studio.jobs.estimate("shoot", "a fox", seconds=1, size="64x64", num_steps=4)
    long = studio.jobs.estimate("shoot", "a fox", seconds=3, size="128x128", num_steps=4)
    assert studio._opened is None
    assert 0 < short.seconds < long.seconds and 0 < short.disk_bytes < long.disk_bytes
    draft = studio.jobs.estimate("shoot", "a fox", seconds=1, size="64x64", draft=True)
    assert draft.seconds < studio.jobs.estimate("shoot", "a fox", seconds=1, size="64x64").seconds
    large = studio.jobs.estimate("shoot", "a fox", seconds=4, engine="wan-14b")
    assert large.memory_bytes > 40e9 and any("memory" in words for words in large.warnings)
    clip = Clip(np.zeros((8, 64, 64, 3), np.uint8), 24)
    for verb, options in (("extend", {}), ("restyle", {"prompt": "ink"}), ("loop", {})):
        assert studio.jobs.estimate(verb, clip, **options).seconds > 0
    with pytest.raises(InputError, match="size"):
        studio.jobs.estimate("shoot", "a fox", size="9x9")


def test_after_running_out_of_memory_a_retry_opens_the_model_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from playreel.errors import EngineMemoryError
    from playreel.jobs.failure import explain

    engine = studio.open_engine(studio.engine_name)

    def full(*args: object, **options: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(engine.driver.pipeline.transformer, "forward", full)
    with pytest.raises(EngineMemoryError, match="Lower one of these: size") as told:
        studio.shoot("a fox", seconds=1 / 24, size="64x64", **FEW)
    failure = explain(told.value)
    assert failure.code == "engine-memory" and "Retry" in failure.next_step
    assert studio.takes == ()
    assert len(studio.shoot("a fox", seconds=1 / 24, size="64x64", **FEW)) == 1


@pytest.mark.weights
def test_drawings_are_painted_and_become_key_frames(studio: Studio) -> None:
    page = np.full((72, 128, 3), 255, np.uint8)
    page[40:44] = page[40:, 60:64] = 0
    take = studio.shoot(
        "a cave", seconds=9 / 24, size="64x64", sketches={0: page, 8 / 24: page[:, ::-1]}, **FEW
    )
    assert [kept.operation for kept in studio.takes] == ["still", "still"] * 2 + ["shoot"]
    resolved = take.recipe.options["resolved"]
    assert [part[1] for part in resolved["kept"]] == [0, 8]
    shown = [studio.open(parent) for parent in take.recipe.parents]
    assert [clip.recipe.engine for clip in shown] == ["ltx:tiny-ltx"] * 2
    for clip, at in zip(shown, (0, 8), strict=True):
        assert np.array_equal(take.frames[at], clip.frames[0])
        painting = studio.open(clip.recipe.parents[0])
        assert painting.recipe.engine == "bundled" and painting.recipe.options["inputs"]
    assert studio.replay(take.recipe) == take
    still = studio.still("a cave", sketch=page, size="64x64", **FEW)
    assert still.size == (64, 64) and still.recipe.options["strength"] == 0.6
