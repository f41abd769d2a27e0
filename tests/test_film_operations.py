"""Operations: what is kept is kept, lengths are exact, results replay, promises are measured."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from playreel import film
from playreel.errors import InputError, MediaError, PromptError, RecipeError
from playreel.film.director import direct
from playreel.film.region import region_clip
from playreel.media import SIZES, Clip
from playreel.recipe import Recipe

STEPS = {"num_steps": 2}


@pytest.fixture(scope="module")
def model(bundle):
    return bundle.film


def take(num_frames=10, size="16:9", *, seed=0, fps=12, prompt=None) -> Clip:
    """A scrolling random scene."""
    height, width = SIZES[size]
    rng = np.random.default_rng(seed)
    scene = rng.integers(0, 255, (height // 8, width // 4, 3)).repeat(8, 0).repeat(8, 1)
    frames = np.stack([scene[:, 2 * i : 2 * i + width] for i in range(num_frames)])
    recipe = prompt and Recipe(operation="shoot", options={"prompt": prompt})
    return Clip(frames.astype(np.uint8), fps, recipe)


def measured(clip):
    return clip.recipe.options["measured"]


def resolved(clip):
    return clip.recipe.options["resolved"]


# -- extend ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("size", list(SIZES))
def test_extend_keeps_the_clip_on_either_side(model, seconds, size):
    clip = take(size=size)
    added = round(seconds * 12)
    forward = film.extend(model, clip, seconds=seconds, **STEPS)
    assert len(forward) == len(clip) + added
    assert np.array_equal(forward.frames[:10], clip.frames)
    backward = film.extend(model, clip, seconds=seconds, direction="backward", **STEPS)
    assert np.array_equal(backward.frames[added:], clip.frames)
    for out, joint in ((forward, 10), (backward, added)):
        assert out.fps == 12
        assert measured(out)["kept_exact"] == 1.0
        assert measured(out)["joints"] == (joint,)
        assert measured(out)["seam"][0] == pytest.approx(film.seam(out, joint), abs=1e-3)
        assert out.recipe.parents == (clip.content_hash,)
        assert out.recipe.weights == model.weights_hash


def test_extend_depends_on_seed_and_prompt_alone(model):
    clip = take()
    out = film.extend(model, clip, seconds=0.5, prompt="snow", seed=3, **STEPS)
    again = film.extend(model, clip, seconds=0.5, prompt="snow", seed=3, **STEPS)
    assert out == again
    for other in ({"prompt": "snow", "seed": 4}, {"prompt": "rain", "seed": 3}):
        assert film.extend(model, clip, seconds=0.5, **other, **STEPS) != out


def test_extend_of_a_single_frame(model):
    assert len(film.extend(model, take(1), seconds=1, **STEPS)) == 13
    assert len(film.extend(model, take(1), seconds=1, direction="backward", **STEPS)) == 13


def test_words_steer_from_the_first_made_frame_on(model):
    buttons = model.world.buttons
    prompt = "a fox [0s-0.25s: it runs left] [0.25s-0.5s: it jumps right] [0.5s: 站着不动]"
    texts = film.parse_prompt(prompt).schedule(9).texts()
    assert direct(model, texts, neighbours=take().frames) == (
        [buttons["left"]] * 3 + [buttons["jump-right"]] * 3 + [buttons["stay"]] * 3
    )
    left = film.extend(model, take(), seconds=0.5, prompt="it runs left", **STEPS)
    right = film.extend(model, take(), seconds=0.5, prompt="it runs right", **STEPS)
    assert left.content_hash != right.content_hash


def test_no_prompt_takes_the_clips_own(model):
    clip = take(prompt="a fox [0s-1s: runs]")
    out = film.extend(model, clip, seconds=0.5, **STEPS)
    assert out.recipe.options["prompt"] is None
    assert resolved(out)["inherited"] == ("a fox",)
    assert np.array_equal(
        out.frames, film.extend(model, clip, seconds=0.5, prompt="a fox", **STEPS).frames
    )
    on = film.extend(model, out, seconds=0.5, **STEPS)
    assert resolved(on)["inherited"] == ("a fox",)


def test_blend_is_declared_and_bounded(model):
    clip = take()
    out = film.extend(model, clip, seconds=0.5, blend=2, **STEPS)
    assert resolved(out)["blended_frames"] == (8, 9)
    assert np.array_equal(out.frames[:8], clip.frames[:8])
    assert measured(out)["kept_exact"] == 1.0
    assert measured(out)["kept_frames"] == 8
    looped = film.loop(model, clip, seconds=0.5, blend=12, **STEPS)
    assert measured(looped)["kept_frames"] == 0  # half of the clip at either end
    assert len(resolved(looped)["blended_frames"]) == 10
    joined = film.bridge(model, take(1), clip, seconds=0.5, blend=3, **STEPS)
    assert resolved(joined)["blended_frames"] == (7, 8, 9)  # a single frame is never given up


# -- fitting --------------------------------------------------------------------------------------


def test_a_clip_of_another_size_and_rate_is_fitted_and_says_so(model):
    frames = take(24).frames.repeat(3, 1).repeat(3, 2)
    clip = Clip(frames, 24)
    out = film.extend(model, clip, seconds=0.5, **STEPS)
    assert out.frames.shape[1:3] == SIZES["16:9"]
    assert len(out) == 12 + 6
    assert "24 fps" in resolved(out)["fitted"]
    assert "384x216" in resolved(out)["fitted"]
    fitted = film.fit_clip(clip)
    assert np.array_equal(out.frames[:12], fitted.frames)
    assert measured(out)["kept_exact"] == 1.0


def test_a_clip_that_fits_is_not_touched():
    clip = take(size="9:16")
    fitted = film.fit_clip(clip)
    assert fitted.changed == ""
    assert fitted.frames is clip.frames


def test_odd_seconds_are_snapped_and_say_so(model):
    out = film.extend(model, take(), seconds=0.3, **STEPS)
    assert len(out) == 14
    assert "0.3 s became" in resolved(out)["snapped"]


# -- bridge and loop ------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.25, 2.5])
def test_bridge_keeps_both_clips(model, seconds):
    first, last = take(5), take(7, seed=1, size="1:1")
    middle = round(seconds * 12)
    out = film.bridge(model, first, last, seconds=seconds, **STEPS)
    assert len(out) == 5 + middle + 7
    assert np.array_equal(out.frames[:5], first.frames)
    assert np.array_equal(out.frames[5 + middle :], film.fit_clip(last, first.size).frames)
    assert measured(out)["joints"] == (5, 5 + middle)
    assert out.recipe.parents == (first.content_hash, last.content_hash)
    assert "96x96" in resolved(out)["fitted"][1]


def test_bridge_passes_from_one_prompt_to_the_other(model):
    first, last = take(8, prompt="a cave"), take(8, seed=1, prompt="a meadow")
    out = film.bridge(model, first, last, seconds=1 / 3, **STEPS)
    assert resolved(out)["inherited"] == ("a cave", "a meadow")
    assert [row[2] for row in resolved(out)["schedule"]] == ["a cave", "a meadow"]


@pytest.mark.parametrize("num_frames", [1, 3, 20])
@pytest.mark.parametrize("seconds", [0.25, 2.0])
def test_loop_leads_back_without_a_duplicate(model, num_frames, seconds):
    clip = take(num_frames)
    out = film.loop(model, clip, seconds=seconds, **STEPS)
    assert len(out) == num_frames + round(seconds * 12)
    assert np.array_equal(out.frames[:num_frames], clip.frames)
    assert not np.array_equal(out.frames[-1], out.frames[0])
    assert measured(out)["joints"] == (num_frames, len(out))
    assert len(measured(out)["seam"]) == 2


# -- shoot, animate, still ------------------------------------------------------------------------


@pytest.mark.parametrize("size", list(SIZES))
def test_shoot(model, size):
    out = film.shoot(model, "a fox", seconds=1.5, size=size, camera="pan right", **STEPS)
    assert out.frames.shape == (18, *SIZES[size], 3)
    assert out.recipe.options["camera"] == "pan right"
    assert resolved(out)["schedule"] == ((0.0, 1.5, ""),)


def test_sketches_go_to_their_frames(model):
    page = np.full((72, 128), 255, np.uint8)
    page[20:22, 10:100] = 0
    out = film.shoot(model, "a fox", seconds=0.5, sketches={0: page, 0.25: page}, **STEPS)
    assert resolved(out)["sketch_frames"] == (0, 3)
    assert len(out.recipe.parents) == 1  # the same drawing twice
    assert (
        film.shoot(model, sketches={0: page}, seconds=0.5, **STEPS).recipe.options["prompt"] == ""
    )


def test_a_filled_drawing_is_read_as_its_outlines(model):
    page = np.full((360, 640, 3), 255, np.uint8)
    page[200:, :] = 0
    page[60:140, 300:420] = 0
    ink = film.sketch_clip(page, SIZES["16:9"]).frames[0, :, :, 0] > 0
    assert 0.01 < ink.mean() < 0.06
    assert not ink[44:, 5:].any() and not ink[14:26, 63:82].any()


def test_pictures_are_at_their_frames_pixel_for_pixel(model):
    first, last = take(1, seed=1), take(1, seed=2, size="1:1")
    shown = {0.25: first, 0.75: last}
    out = film.shoot(model, "a fox", seconds=1, keyframes=shown, camera="zoom in", **STEPS)
    fitted = [film.picture_clip(c, SIZES["16:9"]) for c in (first, last)]
    assert np.array_equal(out.frames[[3, 9]], np.concatenate([c.frames for c in fitted]))
    assert measured(out)["kept_exact"] == 1.0
    assert measured(out)["joints"] == (3, 4, 9, 10)
    assert out.recipe.parents == tuple(c.content_hash for c in fitted)
    assert len(out) == 12
    same = film.shoot(model, seconds=0.5, keyframes={0: first, 0.5: first}, **STEPS)
    assert np.array_equal(same.frames[0], same.frames[-1])


def test_one_frame_takes_one_condition(model):
    page = np.full((72, 128), 255, np.uint8)
    page[20:22] = 0
    with pytest.raises(InputError, match=r"sketch at 0 s and the key frame at 0.01 s fall on"):
        film.shoot(model, seconds=1, sketches={0: page}, keyframes={0.01: take(1)}, **STEPS)
    with pytest.raises(InputError, match="outside"):
        film.shoot(model, seconds=1, keyframes={2: take(1)}, **STEPS)


def test_sketch_times_are_checked(model):
    page = np.full((72, 128), 255, np.uint8)
    page[20:22] = 0
    with pytest.raises(InputError, match="outside"):
        film.shoot(model, "x", seconds=0.5, sketches={3.0: page}, **STEPS)
    with pytest.raises(InputError, match="same"):
        film.shoot(model, "x", seconds=0.5, sketches={0.0: page, 0.01: page}, **STEPS)


def test_animate_starts_with_the_picture(model):
    picture = take(1, size="9:16")
    out = film.animate(model, picture.frames[0], "it wakes", seconds=1, **STEPS)
    assert len(out) == 12
    assert np.array_equal(out.frames[0], picture.frames[0])
    assert out.recipe.parents == (picture.content_hash,)
    assert np.array_equal(
        film.animate(model, picture, "it wakes", seconds=1, **STEPS).frames, out.frames
    )
    with pytest.raises(InputError, match=r"0\.2"):
        film.animate(model, picture, seconds=0.01)


def test_still(model):
    page = np.full((200, 300), 255, np.uint8)
    page[50:54, 20:200] = 0
    words = film.still(model, "a fox", seed=7, **STEPS)
    assert words.frames.shape == (1, 72, 128, 3)
    assert words == film.still(model, "a fox", seed=7, **STEPS)
    sketched = film.still(model, "a fox", sketch=page, seed=7, **STEPS)
    assert sketched != words
    assert film.still(model, sketch=page, **STEPS).recipe.options["inputs"].keys() == {"sketch"}


def test_still_of_a_picture(model):
    picture = take(1)
    same = film.still(model, image=picture.frames[0], **STEPS)
    assert np.array_equal(same.frames, picture.frames)
    assert measured(same)["kept_exact"] == 1.0
    new = film.still(model, "ink wash", image=picture.frames[0], strength=0.5, **STEPS)
    assert not np.array_equal(new.frames, picture.frames)


@pytest.mark.parametrize(
    ("size", "shape"),
    [("1920x1080", (1080, 1920)), ("2048x2048", (2048, 2048)), ("300x700", (700, 300))],
)
def test_stills_are_enlarged_by_a_whole_factor(model, size, shape):
    out = film.still(model, "a fox", size=size, **STEPS)
    assert out.size == shape and "whole factor" in resolved(out)["snapped"]
    if shape == (1080, 1920):
        assert np.array_equal(out.frames[0, ::15, ::15].repeat(15, 0).repeat(15, 1), out.frames[0])


@pytest.mark.parametrize("size", ["4096x4096", "10x10", "axb", "2049x100"])
def test_impossible_stills_are_refused(model, size):
    with pytest.raises(InputError, match=r"size|pixels"):
        film.still(model, "a fox", size=size, **STEPS)


# -- inpaint --------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_frames", [1, 3])
def test_inpaint_keeps_all_around_the_region(model, num_frames):
    clip = take(num_frames)
    out = film.inpaint(model, clip, "a door", region=(0.25, 0.2, 0.6, 0.9), **STEPS)
    mask = np.zeros((72, 128), bool)
    mask[14:65, 32:77] = True
    assert np.array_equal(out.frames[:, ~mask], clip.frames[:, ~mask])
    assert not np.array_equal(out.frames[0][mask], clip.frames[0][mask])
    assert measured(out)["kept_exact"] == 1.0
    painted = np.zeros((72, 128, 3), np.uint8)
    painted[mask] = 255
    assert film.inpaint(model, clip, "a door", region=painted, **STEPS) == out


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ((0, 0, 1, 1), "all of it"),
        ((0.5, 0.1, 0.5, 0.9), "empty"),
        ((0, 0, 2, 1), "each from 0 to 1"),
        ((0, 0, 1), "left, top, right, bottom"),
        (np.zeros((9, 9, 3), np.uint8), "none of the picture"),
    ],
)
def test_regions_that_are_none_are_refused(model, region, words):
    with pytest.raises(InputError, match=words):
        film.inpaint(model, take(2), "a door", region=region, **STEPS)


def test_a_draft_takes_the_first_step_alone_and_says_so(model):
    draft = film.still(model, "a fox", num_steps=8, draft=True, seed=3)
    assert draft.recipe.options["draft"] is True and draft.recipe.options["num_steps"] == 8
    quick, whole = (film.still(model, "a fox", num_steps=count, seed=3) for count in (1, 8))
    assert np.array_equal(draft.frames, quick.frames)
    assert not np.array_equal(draft.frames, whole.frames)


# -- restyle --------------------------------------------------------------------------------------


def test_restyle_strength_goes_from_the_same_to_the_new(model):
    clip = take(20)
    same = film.restyle(model, clip, "ink wash", strength=0, **STEPS)
    assert np.array_equal(same.frames, clip.frames)
    assert measured(same)["kept_exact"] == 1.0
    shares = []
    for strength in (0.1, 0.4, 0.7, 1.0):
        out = film.restyle(model, clip, "ink wash", strength=strength, **STEPS)
        assert len(out) == 20
        shares.append(resolved(out)["kept_share"])
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.6
    assert not np.array_equal(out.frames[0], clip.frames[0])
    assert shares[-1] < 0.01


def test_the_weaker_a_restyle_the_more_of_the_old_relief_it_has(model):
    clip = take(4)

    def likeness(frames):
        fine = [np.diff(of.astype(float).mean(-1), axis=2).ravel() for of in (frames, clip.frames)]
        return np.corrcoef(fine)[0, 1]

    weak, strong = (
        film.restyle(model, clip, "ink wash", strength=strength, **STEPS) for strength in (0.5, 0.9)
    )
    assert likeness(weak.frames) > likeness(strong.frames) + 0.05
    assert not np.array_equal(weak.frames, clip.frames)


def test_restyle_holds_on_to_lines_below_full_strength(model):
    def sketcher(frames):
        return np.where(frames[..., 0] > 128, 255, 0).astype(np.uint8)

    for strength, used in ((0.5, True), (1.0, False)):
        out = film.restyle(model, take(4), "neon", strength=strength, sketcher=sketcher, **STEPS)
        assert out.recipe.options["lines"] == used


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", [None, "", "  "])
def test_nothing_to_go_by(model, prompt):
    with pytest.raises(PromptError):
        film.still(model, prompt)
    with pytest.raises(PromptError):
        film.shoot(model, prompt)


@pytest.mark.parametrize(
    "options",
    [
        {"seconds": 0},
        {"seconds": float("nan")},
        {"direction": "sideways"},
        {"seed": -1},
        {"seed": 1.5},
        {"num_steps": 0},
        {"guidance_scale": float("inf")},
        {"temperature": -1},
        {"blend": -1},
        {"camera": "barrel roll"},
    ],
)
def test_bad_options_name_the_value(model, options):
    (value,) = options.values()
    with pytest.raises(InputError) as error:
        film.extend(model, take(), **options)
    assert (f"{value:g}" if isinstance(value, float) else str(value)) in str(error.value)


def test_other_bad_input(model):
    with pytest.raises(InputError, match="Clip"):
        film.loop(model, take().frames)
    with pytest.raises(InputError, match="16:9"):
        film.shoot(model, "x", size="4:3")
    with pytest.raises(MediaError):
        film.animate(model, np.zeros((0, 0, 3), np.uint8), "x")
    with pytest.raises(InputError, match="strength"):
        film.restyle(model, take(), "x", strength=1.2)


# -- replay ---------------------------------------------------------------------------------------


def test_every_operation_replays_bit_for_bit(model):
    page = np.full((72, 128), 255, np.uint8)
    page[20:22, 10:100] = 0
    ink = film.sketch_clip(page, SIZES["16:9"])
    marked = region_clip((0, 0, 0.5, 0.5), SIZES["16:9"])
    clip, other, picture = take(prompt="a fox"), take(seed=1), film.picture_clip(take(1).frames[0])
    made = [
        film.still(model, "a fox", sketch=page, seed=5, **STEPS),
        film.still(model, "a fox", image=picture, strength=0.3, seed=5, **STEPS),
        film.shoot(model, "a [0s-0.5s: b]", seconds=1, sketches={0.5: page}, seed=5, **STEPS),
        film.shoot(model, seconds=0.5, keyframes={0: picture, 0.3: picture}, seed=5, **STEPS),
        film.animate(model, take(1, prompt="a fox"), seconds=0.5, seed=5, **STEPS),
        film.extend(model, clip, seconds=1, direction="backward", blend=1, seed=5, **STEPS),
        film.bridge(model, clip, other, seconds=1, blend=2, camera="跟拍", seed=5, **STEPS),
        film.loop(model, clip, seed=5, **STEPS),
        film.restyle(model, clip, "neon", strength=0.5, seed=5, **STEPS),
        film.inpaint(model, clip[:2], "a door", region=marked, seed=5, **STEPS),
    ]
    # Found by pixels alone: what a project folder keeps.
    store = {
        c.content_hash: c.with_recipe(None) for c in (ink, clip, clip[:2], marked, other, picture)
    }
    for out in made:
        recipe = Recipe.from_json(out.recipe.to_json())
        again = film.replay(model, recipe, store.__getitem__)
        assert again == out, out.recipe.operation


def test_replay_refuses_what_it_cannot_repeat(model):
    out = film.shoot(model, "a fox", seconds=0.25, **STEPS)
    store = {}.__getitem__
    with pytest.raises(RecipeError, match="weights"):
        film.replay(model, out.recipe.with_(weights="f" * 64), store)
    with pytest.raises(RecipeError, match="no film operation"):
        film.replay(model, out.recipe.with_(operation="play"), store)
    with pytest.raises(RecipeError, match="sparkle"):
        film.replay(model, out.recipe.with_(options={**out.recipe.options, "sparkle": 1}), store)
    with pytest.raises(RecipeError, match="parents"):
        film.replay(model, out.recipe.with_(operation="loop", options={}), store)


def test_callback_counts_frames_and_may_stop(model):
    def watch(seen):
        return lambda done, total: seen.append((done, total))

    for seen, make in (
        (forward := [], lambda cb: film.extend(model, take(), seconds=0.5, callback=cb, **STEPS)),
        (joined := [], lambda cb: film.loop(model, take(), seconds=0.5, callback=cb, **STEPS)),
        (shot := [], lambda cb: film.shoot(model, "x", seconds=0.5, callback=cb, **STEPS)),
        (new := [], lambda cb: film.restyle(model, take(5), "x", callback=cb, **STEPS)),
    ):
        make(watch(seen))
        totals = {total for _, total in seen}
        assert len(totals) == 1
        assert seen[0][0] == 0
        assert seen[-1][0] in totals
    assert len(forward) == 7
    assert len(joined) == 13  # both ways
    assert len(shot) == 7
    assert len(new) > 2

    class StopError(Exception):
        pass

    def stop(done, total):
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        film.extend(model, take(), seconds=2, callback=stop, **STEPS)


def test_film_loads_no_torch():
    code = "import sys, playreel.film; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
