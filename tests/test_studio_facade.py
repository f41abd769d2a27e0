from __future__ import annotations

import gc
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from playreel import Clip, Recipe, Studio
from playreel.errors import InputError, MediaError, PromptError, RecipeError, UnknownActionError
from playreel.film import still as film_still
from playreel.recipe import register_replayer

PROMPT = "a fox in the snow"
QUICK = {"num_steps": 2}


@pytest.fixture
def studio(tmp_path: Path, bundle) -> Studio:
    return Studio(tmp_path / "pitch", bundle=bundle)


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    page = Image.new("RGB", (640, 360), "white")
    draw = ImageDraw.Draw(page)
    draw.line((0, 300, 640, 280), fill="black", width=6)
    draw.ellipse((300, 200, 360, 280), outline="black", width=5)
    page.save(tmp_path / "level.png")
    return tmp_path / "level.png"


@pytest.fixture
def take(studio: Studio) -> Clip:
    world = studio.world(studio.still(PROMPT, seed=1, **QUICK), seed=2)
    world.play("right*6 jump*3")
    return world.capture()


def test_every_take_is_on_disk_when_it_is_returned(studio: Studio, sketch: Path) -> None:
    still = studio.still(PROMPT, sketch=sketch, seed=1, **QUICK)
    assert studio.project.media.open(still.content_hash) == still
    assert studio.takes[-1].operation == "still"
    assert Studio(studio.path).open("last") == still


def test_sketches_are_kept_too(studio: Studio, sketch: Path) -> None:
    still = studio.still(PROMPT, sketch=sketch, seed=1, **QUICK)
    (drawing,) = still.recipe.parents
    ink = studio.project.media.open(drawing).frames
    assert set(np.unique(ink)) == {0, 255}
    assert [take.operation for take in studio.takes] == ["still"]  # inputs are no takes


def test_seeds_are_drawn_and_told(studio: Studio) -> None:
    seeds = {studio.still(PROMPT, **QUICK).recipe.seed for _ in range(3)}
    assert len(seeds) == 3
    with pytest.raises(InputError, match="seed"):
        studio.still(PROMPT, seed=-1)
    with pytest.raises(InputError, match="seed"):
        studio.still(PROMPT, seed="7")


def test_the_same_seed_gives_the_same_still(studio: Studio) -> None:
    assert studio.still(PROMPT, seed=3, **QUICK) == studio.still(PROMPT, seed=3, **QUICK)


def test_a_world_plays_rewinds_forks_and_captures(studio: Studio) -> None:
    world = studio.world(studio.still(PROMPT, seed=1, **QUICK), seed=2)
    assert world.actions[0] == "stay"
    frame = world.step("right")
    assert frame.shape == (72, 128, 3)
    assert frame.dtype == np.uint8
    assert world.play("right*8 jump right*4").shape == (13, 72, 128, 3)
    world.rewind(4)
    route = world.fork(at=6)
    route.play("left*3")
    clip = route.capture(0, 10)
    assert len(clip) == 10
    assert studio.open("last") == clip
    assert np.array_equal(clip.frames[:7], world.capture(0, 7).frames)
    assert len(world.branches()) == 2
    assert world.branches()[0].capture(0, 3).recipe.operation == "capture"
    with pytest.raises(UnknownActionError, match="right"):
        world.step("fly")


def test_a_world_starts_from_words_or_a_clip_but_not_both(studio: Studio, take: Clip) -> None:
    world = studio.world(prompt=PROMPT, seed=5)
    assert studio.takes[-1].operation == "still"
    assert np.array_equal(world.frame, studio.open("last").frames[0])
    assert np.array_equal(studio.world(take).frame, take.frames[-1])
    with pytest.raises(InputError, match="only one"):
        studio.world(take, prompt=PROMPT)
    with pytest.raises(InputError, match="one of them"):
        studio.world()


def test_a_session_is_written_as_it_is_played_and_goes_on(studio: Studio, bundle) -> None:
    world = studio.world(prompt=PROMPT, seed=5, name="ridge")
    world.play("right*5")
    name = world.session.header.session_id
    assert studio.sessions == (name,)
    twin = Studio(studio.path, bundle=bundle).open_world("last")
    assert twin.name == "ridge"
    assert twin.cursor == 5
    assert np.array_equal(twin.frame, world.frame)
    twin.step("left")
    assert studio.open_world(name[:6]).cursor == 6
    for bad in ("", "zzz"):
        with pytest.raises(InputError, match="sessions"):
            studio.open_world(bad)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_extend_keeps_the_take(studio: Studio, take: Clip, direction: str) -> None:
    longer = studio.extend(take, seconds=1, direction=direction, seed=1, **QUICK)
    kept = longer.frames[: len(take)] if direction == "forward" else longer.frames[-len(take) :]
    assert len(longer) == len(take) + 12
    assert np.array_equal(kept, take.frames)
    assert longer.recipe.parents == (take.content_hash,)


def test_bridge_loop_restyle_shoot_animate(studio: Studio, take: Clip) -> None:
    loop = studio.loop(take, seconds=0.5, seed=1, **QUICK)
    assert len(loop) == len(take) + 6
    bridge = studio.bridge(take, loop, seconds=0.5, seed=1, **QUICK)
    assert len(bridge) == len(take) + 6 + len(loop)
    styled = studio.restyle(take, "ink wash", strength=0.5, seed=1, **QUICK)
    assert len(styled) == len(take)
    shot = studio.shoot("a cave [0s-0.5s: dark]", seconds=1, camera="pan right", seed=1, **QUICK)
    assert len(shot) == 12
    moving = studio.animate(studio.still(PROMPT, seed=1, **QUICK), seconds=0.5, seed=1, **QUICK)
    assert len(moving) == 6
    made = [studio.project.media.open(c.content_hash) for c in (loop, bridge, styled, shot, moving)]
    assert made == [loop, bridge, styled, shot, moving]


def test_takes_may_be_named(studio: Studio, take: Clip, tmp_path: Path) -> None:
    by_clip = studio.extend(take, seconds=0.5, seed=1, **QUICK)
    assert studio.extend(take.content_hash[:10], seconds=0.5, seed=1, **QUICK) == by_clip
    file = take.save(tmp_path / "elsewhere.mkv")
    assert studio.extend(file, seconds=0.5, seed=1, **QUICK) == by_clip
    assert studio.extend(str(file), seconds=0.5, seed=1, **QUICK) == by_clip
    with pytest.raises(InputError, match="no take"):
        studio.extend("0000000000", seconds=0.5)
    with pytest.raises(MediaError):
        studio.extend(tmp_path / "missing.mp4", seconds=0.5)


def test_what_was_played_goes_on_with_the_words_it_began_with(studio: Studio, take: Clip) -> None:
    longer = studio.extend(take[2:8], seconds=0.5, seed=1, **QUICK)
    assert longer.recipe.options["resolved"]["inherited"] == (PROMPT,)
    joined = studio.bridge(take, longer, seconds=0.5, seed=1, **QUICK)
    assert joined.recipe.options["resolved"]["inherited"] == (PROMPT, PROMPT)
    other = studio.extend(take, seconds=0.5, prompt="rain", seed=1, **QUICK)
    assert other.recipe.options["prompt"] == "rain"


def test_recipes_replay_bit_for_bit(studio: Studio, take: Clip, sketch: Path, bundle) -> None:
    still = studio.still(PROMPT, sketch=sketch, seed=4, **QUICK)
    made = [
        still,
        take,
        studio.keep(take[1:5]),
        studio.extend(take, seconds=0.5, seed=1, **QUICK),
        studio.extend(take, seconds=0.5, direction="backward", blend=1, seed=1, **QUICK),
        studio.loop(take, seconds=0.5, seed=1, **QUICK),
        studio.bridge(take, still, seconds=0.5, seed=1, **QUICK),
        studio.restyle(take, "ink wash", strength=0.5, seed=1, **QUICK),
        studio.shoot(PROMPT, seconds=0.5, sketches={0: sketch}, seed=1, **QUICK),
        studio.animate(still, seconds=0.5, seed=1, **QUICK),
    ]
    later = Studio(studio.path, bundle=bundle)
    for clip in made:
        again = later.replay(Recipe.from_json(clip.recipe.to_json()))
        assert again.content_hash == clip.content_hash, clip.recipe.operation
        assert clip.recipe.replay() == again


def test_recipes_that_cannot_be_replayed_here_say_why(
    studio: Studio, take: Clip, tmp_path: Path, bundle
) -> None:
    longer = studio.extend(take, seconds=0.5, seed=1, **QUICK)
    elsewhere = Studio(tmp_path / "other", bundle=bundle)
    with pytest.raises(RecipeError, match="does not have"):
        elsewhere.replay(longer.recipe)
    with pytest.raises(RecipeError, match="weights"):
        studio.replay(longer.recipe.with_(weights="f" * 64))
    with pytest.raises(RecipeError, match="cannot make"):
        studio.replay(Recipe(operation="paint"))
    for options in ({}, {"start": 0, "stop": 99, "step": 1}, {"start": 0, "stop": 2, "step": 0}):
        cut = Recipe(operation="cut", options=options, parents=(take.content_hash,))
        with pytest.raises(RecipeError):
            studio.replay(cut)


def test_the_replayer_does_not_keep_a_studio_alive(tmp_path: Path, bundle) -> None:
    import weakref

    studio = Studio(tmp_path / "pitch", bundle=bundle)
    ref = weakref.ref(studio)
    del studio
    gc.collect()
    assert ref() is None
    register_replayer(lambda recipe: film_still(bundle.film, "x"), "still")


def test_board_and_export(studio: Studio, take: Clip, bundle, tmp_path: Path) -> None:
    shot = studio.board.add(take, size="LS", dialogue="Hello?")
    assert shot.uid
    studio.board.add(studio.loop(take, seconds=0.5, seed=1, **QUICK))
    later = Studio(studio.path, bundle=bundle)
    assert [s.uid for s in later.board.shots] == [s.uid for s in studio.board.shots]
    assert later.board.shots[0].take == take
    path = later.export(tmp_path / "film.gif")
    assert len(Clip.open(path)) == 2 * len(take) + 6


def test_the_board_shares_the_files_of_the_takes(studio: Studio, take: Clip) -> None:
    before = {path.name for path in (studio.path / "takes").iterdir()}
    studio.board.add(take)
    assert {path.name for path in (studio.path / "takes").iterdir()} == before


def test_bad_input_makes_nothing(studio: Studio, take: Clip, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture", encoding="utf-8")
    before = len(studio.takes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call, error in [
            (lambda: studio.still(""), PromptError),
            (lambda: studio.still(PROMPT, size="4:3"), InputError),
            (lambda: studio.still(PROMPT, sketch=tmp_path / "text.png"), MediaError),
            (lambda: studio.extend(take, seconds=float("nan")), InputError),
            (lambda: studio.extend(take, direction="up"), InputError),
            (lambda: studio.restyle(take, "ink wash", strength=2), InputError),
            (lambda: studio.shoot(PROMPT, camera="somersault"), PromptError),
        ]:
            with pytest.raises(error):
                call()
    assert len(studio.takes) == before


def test_unknown_options_are_named(studio: Studio) -> None:
    with pytest.raises(TypeError, match="brightness"):
        studio.still(PROMPT, brightness=3)


def test_progress_is_told(tmp_path: Path, bundle, take: Clip) -> None:
    told: list[tuple[int, int]] = []
    studio = Studio(
        tmp_path / "other",
        bundle=bundle,
        on_progress=lambda done, total: told.append((done, total)),
    )
    studio.extend(take, seconds=1, seed=1, **QUICK)
    assert told[-1][0] == told[-1][1] > 1


def test_a_bridge_between_shots_is_made_once(studio: Studio, take: Clip, tmp_path: Path) -> None:
    studio.board.add(take)
    studio.board.add(take, transition="bridge", fade_s=0.5)
    made = len(studio.takes)
    first = studio.export(tmp_path / "a.gif", label=False)
    again = studio.export(tmp_path / "b.gif", label=False)
    assert len(studio.takes) == made + 1
    assert studio.takes[-1].operation == "bridge"
    assert len(Clip.open(first)) == 2 * len(take) + 6
    assert np.array_equal(Clip.open(first).frames, Clip.open(again).frames)
