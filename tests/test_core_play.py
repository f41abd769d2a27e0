"""The sampler, the world model and the film model, with small random weights of the real classes."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from playreel.core import (
    FilmModel,
    LatentActionModel,
    LatentActionModelConfig,
    MotionModel,
    MotionModelConfig,
    Painter,
    PainterConfig,
    SpacetimeTransformer,
    SpacetimeTransformerConfig,
    TextEncoder,
    TextEncoderConfig,
    VideoTokenizer,
    VideoTokenizerConfig,
    WorldModel,
)
from playreel.core.critic import StillCritic, StillCriticConfig
from playreel.core.frames import to_frames
from playreel.core.fsq import NUM_COARSE
from playreel.core.layout import LayoutAsk, LayoutModel, LayoutModelConfig, draw_layouts
from playreel.core.painter import BACKWARD, FORWARD, moved_page
from playreel.core.quilting import quilt
from playreel.core.restyler import Restyler, RestylerConfig
from playreel.core.sampler import SamplerOptions, fill_frame
from playreel.core.still_painter import StillPainter, StillPainterConfig, paint_layouts
from playreel.core.transformer import Conditions
from playreel.errors import InputError


@pytest.fixture(scope="module")
def world() -> WorldModel:
    torch.manual_seed(0)
    tokenizer = VideoTokenizer(VideoTokenizerConfig(fine_width=16, coarse_width=16)).eval()
    return WorldModel(
        tokenizer=tokenizer,
        lam=LatentActionModel(LatentActionModelConfig(width=16)).eval(),
        motion=MotionModel(MotionModelConfig(widths=(8, 16, 16), num_blocks=1)).eval(),
        dynamics=SpacetimeTransformer(
            SpacetimeTransformerConfig(width=64, head_width=32, num_layers=2)
        ).eval(),
        painter=Painter(PainterConfig(widths=(16, 16, 16), num_blocks=1)).eval(),
        buttons={"stay": 0, "left": 1, "right": 2},
        weights_hash="0" * 64,
    )


@pytest.fixture(scope="module")
def film(world) -> FilmModel:
    torch.manual_seed(1)
    return FilmModel(
        world,
        TextEncoder(TextEncoderConfig(out_width=128)).eval(),
        LayoutModel(LayoutModelConfig(width=32, num_layers=2, num_heads=2, num_colors=64)).eval(),
        StillPainter(StillPainterConfig(widths=(16, 16, 16), num_blocks=1)).eval(),
        Restyler(RestylerConfig(widths=(16, 16, 16), num_blocks=1)).eval(),
    )


def frames(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 72, 128, 3), np.uint8)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_known_tokens_are_untouched_and_all_others_are_filled(world):
    codes = torch.full((9, 16, NUM_COARSE), 3)
    unknown = torch.zeros(9, 16, dtype=torch.bool)
    unknown[:, 12:] = True
    codes[unknown] = 0
    out = fill_frame(
        world.dynamics, codes, unknown, Conditions(), options=SamplerOptions(num_steps=4),
        generator=generator(),
    )  # fmt: skip
    assert out[~unknown].equal(codes[~unknown])
    levels = torch.tensor(world.dynamics.config.levels)
    assert bool((out < levels).all()) and bool((out >= 0).all())


def test_the_seed_decides(world):
    codes, unknown = (
        torch.zeros(9, 16, NUM_COARSE, dtype=torch.long),
        torch.ones(9, 16, dtype=torch.bool),
    )
    options = SamplerOptions(num_steps=3, temperature=1.0)
    draws = [
        fill_frame(
            world.dynamics, codes, unknown, Conditions(), options=options, generator=generator(s)
        )
        for s in (5, 5, 6)
    ]
    assert draws[0].equal(draws[1])
    assert not draws[0].equal(draws[2])


def test_a_frame_is_remembered_alike_alone_or_among_others(world):
    codes = torch.randint(0, 5, (1, 3, 9, 16, NUM_COARSE))
    together = world.dynamics.remember(codes)
    alone = [world.dynamics.remember(codes[:, t : t + 1]) for t in range(3)]
    for layer, pair in enumerate(together):
        for side in (0, 1):
            joined = torch.cat([memory[layer][side] for memory in alone], dim=3)
            assert torch.allclose(pair[side], joined, atol=1e-5)


def test_a_step_depends_on_state_action_and_seed_alone(world):
    state = world.begin(frames(2))
    first, after = world.advance(state, 1, 7)
    world.advance(after, 2, 8)
    again, _ = world.advance(state, 1, 7)
    assert first.dtype == np.uint8 and first.shape == (72, 128, 3)
    assert (first == again).all()
    fresh, _ = world.advance(world.begin(frames(2)), 1, 7)
    assert (first == fresh).all()


def test_a_state_cannot_be_written_to(world):
    state = world.begin(frames(1))
    with pytest.raises(ValueError, match="read-only"):
        state.frames[0] = 0


@pytest.mark.parametrize(
    "bad", [np.zeros((1, 64, 64, 3), np.uint8), np.zeros((0, 72, 128, 3), np.uint8)]
)
def test_frames_of_another_size_are_refused(world, bad):
    with pytest.raises(InputError, match="128x72"):
        world.begin(bad)


def test_an_unknown_latent_action_is_refused(world):
    with pytest.raises(InputError, match="0 to 7"):
        world.advance(world.begin(frames(1)), 8, 0)


def test_the_same_weights_play_in_another_aspect(world):
    tall = world.sized((128, 72))
    assert tall.motion is world.motion
    out, _ = tall.advance(tall.begin(np.zeros((1, 128, 72, 3), np.uint8)), 0, 0)
    assert out.shape == (128, 72, 3)


def test_restyling_takes_a_prompt_a_frame(film):
    clip = frames(3)
    out = film.restyle(clip, ["ink wash", "ink wash", "neon"])
    assert out.shape == clip.shape and out.dtype == np.uint8
    assert (out[:1] == film.restyle(clip[:1], ["ink wash"])).all()
    assert not (out[2] == film.restyle(clip[2:], ["ink wash"])[0]).all()


def test_rolling_forward_and_backward_gives_frames_in_the_order_of_time(film):
    clip = frames(3)
    ahead = film.roll(clip, [1, 2, 0], seed=1)
    assert ahead.shape == (3, 72, 128, 3)
    assert (ahead[:1] == film.roll(clip, [1], seed=1)).all()
    back = film.roll(clip, [1, 2], seed=1, backward=True)
    assert (back[-1:] == film.roll(clip, [1], seed=1, backward=True)).all()


@torch.no_grad()
def test_a_painter_that_is_taught_more_paints_as_before_until_it_learns(world):
    taught = world.painter.taught(num_actions=8, remembers=True)
    before, now, first = (
        torch.rand(2, 3, 72, 128, generator=generator(seed)) * 2 - 1 for seed in range(3)
    )
    codes = torch.tensor([1, 2])
    page = replace(moved_page(world.motion, before, now, codes), first=first)
    old, new = world.painter(page, None, FORWARD), taught(page, None, FORWARD, codes)
    assert old[0].allclose(new[0], atol=1e-5)
    assert new[1][page.trust > 0].sub(0.88).abs().max() < 0.1  # it decides anew what to keep
    taught.action.weight.add_(torch.randn(16, 512, generator=generator()))
    taught.enter.weight.add_(0.1 * torch.randn(taught.enter.weight.shape, generator=generator()))
    heeded = taught(page, None, FORWARD, codes)[0]
    assert not heeded.allclose(taught(page, None, FORWARD, codes.flip(0))[0], atol=1e-3)
    assert not heeded.allclose(taught(page, None, BACKWARD, codes)[0], atol=1e-3)
    forgotten = taught(replace(page, first=None), None, FORWARD, codes)[0]
    assert not heeded.allclose(forgotten, atol=1e-3)


def test_a_world_whose_painter_remembers_plays_the_same_again(world):
    remembering = copy.copy(world)
    remembering.painter = world.painter.taught(num_actions=8, remembers=True).eval()
    with torch.no_grad():
        remembering.painter.enter.weight[:, -12:] = 0.3
    made = []
    for start in (frames(2, 1), frames(2, 1), frames(2, 2)):
        state = remembering.begin(start)
        state = replace(state, frames=frames(2, 5))  # all that differs is what it began with
        made.append(remembering.advance(state, 1, 7)[0])
    assert (made[0] == made[1]).all() and (made[0] != made[2]).any()


def test_a_still_takes_words_and_lines_in_any_aspect(film):
    ink = np.zeros((96, 96), np.uint8)
    ink[40:44] = 255
    still = film.draw(
        "雪山", size=(96, 96), sketch=ink, options=SamplerOptions(num_steps=2), seed=2
    )
    assert still.shape == (96, 96, 3)


class FirstAmong:
    """A critic that knows the pictures of its first round by number, and likes none that come later."""

    def __init__(self, *logits):
        self.logits = torch.tensor(logits)
        self.seen = []

    def __call__(self, pictures, said):
        self.seen.append(pictures[: len(pictures) // 2])  # the others are their mirror images
        if len(self.seen) > 1:
            return torch.zeros(len(pictures), len(said)).index_fill(1, torch.tensor([0]), -99.0)
        return self.logits[:, : len(said)].expand(-1, len(said)).repeat(2, 1)


def choosing_by(film, critic):
    return FilmModel(film.world, film.text, film.layout, film.stills, film.restyler, critic)


CHOICE = {"size": (72, 128), "seed": 4}
FIVE = SamplerOptions(num_steps=2, temperature=1.0, num_candidates=5)


def five_layouts(film, said, chance):
    options = {"guidance_scale": 1.0, "temperature": 1.0, "generator": chance}
    return draw_layouts(film.layout, LayoutAsk(said=said), count=5, size=(72, 128), **options)


def test_of_all_that_is_painted_the_critic_s_favourite_is_taken(film):
    torch.manual_seed(2)
    critic = StillCritic(StillCriticConfig(widths=(8, 8, 8, 8), out_width=8)).eval()
    choosing = choosing_by(film, critic)
    drawn = choosing.draw("a fox", options=FIVE, **CHOICE)
    said, chance = film.text(["a fox"]), generator(4)
    layouts = five_layouts(film, said, chance)
    painted = {"num_steps": 2, "temperature": 1.0, "generator": chance}
    stills = paint_layouts(film.stills, layouts, said, **painted)
    with torch.no_grad():
        favourite = int((critic(stills, said) + critic(stills.flip(-1), said))[:, 0].argmax())
    assert favourite > 0 and (to_frames(stills)[favourite] == drawn).all()
    draft = choosing.draw("a fox", options=replace(FIVE, num_steps=1), **CHOICE)
    alone = paint_layouts(film.stills, layouts[favourite, None], said, **painted | {"num_steps": 1})
    assert (to_frames(alone)[0] == draft).all()  # of the layout that will be painted
    assert (choosing.draw("a fox", **CHOICE) == film.draw("a fox", **CHOICE)).all()  # one alone


class SureLater:
    """A critic that is surer with each look, and of the second picture it is shown above all."""

    def __init__(self, sure_at):
        self.sure_at, self.seen = sure_at, []

    def __call__(self, pictures, said):
        own = pictures[: len(pictures) // 2]  # the others are their mirror images
        self.seen.append(own)
        shown = torch.tensor(0.85 if len(self.seen) < self.sure_at else 0.95).logit()
        logits = torch.zeros(len(own), len(said))
        logits[:, 1] = torch.linspace(0, -1, len(own)).roll(1) + shown + 0.01 * len(self.seen)
        return logits.repeat(2, 1)


@pytest.mark.parametrize(
    ("sure_at", "looks"), [(1, [8]), (2, [8, 8]), (3, [8, 8, 3]), (9, [8, 8, 3, 3])]
)
def test_stills_are_drawn_until_one_shows_what_is_asked_for(film, sure_at, looks):
    critic = SureLater(sure_at)
    options = SamplerOptions(num_steps=2, temperature=1.0, num_candidates=11)
    by = {"contrasts": (("red", "blue"),), "options": options}
    drawn = choosing_by(film, critic).draw("a fox", **by, **CHOICE)
    assert [len(pictures) for pictures in critic.seen] == looks
    assert (to_frames(critic.seen[-1])[1] == drawn).all()


def test_what_sets_words_apart_from_others_counts_more_than_all_they_say(film):
    blue = 0.0, -9.0, 9.0, 9.0, 9.0
    critics = [FirstAmong(*([n, 0.0, blue[n]] for n in range(5))) for _ in range(2)]
    options = replace(FIVE, num_steps=1)
    made = [
        choosing_by(film, critic).draw("a fox", contrasts=by, options=options, **CHOICE)
        for critic, by in zip(critics, ((), (("red", "blue"),)), strict=True)
    ]
    said = film.text(["a fox"])
    layouts = five_layouts(film, said, generator(4))
    for picture, place in zip(made, (4, 1), strict=True):
        painted = paint_layouts(
            film.stills, layouts[place, None], said, num_steps=1, temperature=1.0,
            generator=generator(0),
        )  # fmt: skip
        assert (to_frames(painted)[0] == picture).all()


def test_of_many_things_the_still_is_taken_that_shows_most_of_them(film):
    # The third shows two of three things, the second one alone, but that for certain.
    critic = FirstAmong(
        [0.0] * 7,
        [0, 0, -20.0, 0, 0.5, 0, 0.5],
        [0, 0, -2.0, 0, -2.0, 0, 9.0],
        [0.0] * 7,
        [0.0] * 7,
    )
    by = (("red", "blue"), ("clear", "rain"), ("day", "night"))
    made = choosing_by(film, critic).draw("a fox", contrasts=by, options=FIVE, **CHOICE)
    assert (to_frames(critic.seen[0])[2] == made).all()


def test_what_is_painted_over_is_chosen_in_its_last_look(film):
    critic, last = (FirstAmong([0.0], [9.0], [0.0], [0.0], [0.0]) for _ in range(2))
    plain = choosing_by(film, critic).draw("a fox", options=FIVE, **CHOICE)
    over = {"over": "a fox, ink wash", "contrasts": (("day", "night"),)}
    made = choosing_by(film, last).draw("a fox", **over, options=FIVE, **CHOICE)
    assert (to_frames(critic.seen[0])[1] == plain).all() and (plain != made).any()
    assert (to_frames(last.seen[0])[1] == made).all()


def test_what_lies_outside_a_region_is_kept_to_the_bit(film):
    picture, region = frames(1)[0], np.zeros((72, 128), bool)
    region[20:50, 31:77] = True
    options = SamplerOptions(num_steps=2)
    made = film.draw("a fox", size=(72, 128), around=picture, region=region, options=options)
    assert (made[~region] == picture[~region]).all()
    assert (made[region] != picture[region]).mean() > 0.5


def test_quilting_goes_on_from_what_is_known():
    """Stripes that run out of the picture run on; what was known stays to the bit."""
    stripes = torch.where(torch.arange(72) // 3 % 2 == 0, -1.0, 1.0)
    seen = stripes[:, None].expand(1, 3, 72, 128).contiguous()
    picture, bare = seen.clone(), torch.zeros(1, 1, 72, 128, dtype=torch.bool)
    bare[..., 124:] = True
    picture[..., 124:] = 0.1  # a fog
    tokens = torch.zeros(1, 9, 16, dtype=torch.bool)
    tokens[:, :, -1] = True
    made = quilt(picture, bare, tokens, [seen])
    assert made.equal(seen)
    assert quilt(picture, bare, tokens & False, [seen]).equal(picture)
